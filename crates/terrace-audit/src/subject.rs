//! What rules look at: a design, and what was decided of it.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Item};
use terrace_lift::{estate, world::Lifted};
use terrace_proof::reach::{Bounds, Link};
use terrace_proof::world::{Party, SiteId};

use crate::tiers::{Tier, Tiers};

/// Every link that there may be, by who opens connections, and to whom.
pub type Links = BTreeMap<(Party, Party), Link>;

/// A design and what was decided of it, once for all rules.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The design as found.
    pub inventory: &'a Inventory,
    /// Its network, and what everything in it is called.
    pub lifted: &'a Lifted,
    /// Who surely reaches whom, and who may.
    pub bounds: &'a Bounds<'a>,
    /// All links that there may be that are answered, or that data can leave by.
    pub links: &'a Links,
    /// Who is what.
    pub tiers: &'a Tiers,
    /// Who may do what.
    pub estate: &'a estate::Lifted,
}

impl Subject<'_> {
    /// The item that a site is.
    pub fn item_of(&self, site: SiteId) -> Option<&Item> {
        self.inventory.get(&self.lifted.site(site)?.item)
    }

    /// Every site with its tier.
    pub fn sites(&self) -> impl Iterator<Item = (SiteId, Tier)> {
        let all = (0..self.lifted.sites.len()).filter_map(|at| u32::try_from(at).ok().map(SiteId));
        all.map(|site| (site, self.tiers.of(site)))
    }
}
