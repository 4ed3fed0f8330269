//! Who is what: the edge, the page's tier, the application's, the data's.
//!
//! Told by what stands before whom (load balancers and distributions), by who keeps data, by who opens connections to
//! those, and by names where that is not enough. A person's word ([`Corrections`]) comes before all of it.

mod infer;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use terrace_proof::world::SiteId;

pub use infer::infer;

/// What a site is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// What the public meets: a distribution, an internet-facing load balancer.
    Edge,
    /// Serves the page.
    Web,
    /// The application: the API, workers.
    App,
    /// Keeps what has to be kept.
    Data,
    /// A way in for people: a bastion, a VPN.
    Admin,
    /// Serves the others and is no tier: endpoints, load balancers inside, gateways.
    Support,
}

impl Tier {
    /// All.
    pub const ALL: [Self; 6] = [Self::Edge, Self::Web, Self::App, Self::Data, Self::Admin, Self::Support];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Web => "web",
            Self::App => "app",
            Self::Data => "data",
            Self::Admin => "admin",
            Self::Support => "support",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|tier| tier.word() == word);
        known.ok_or_else(|| format!("`{word}` is no tier: {}", Self::ALL.map(Self::word).join(", ")))
    }
}

/// What a person says of tiers, by resource.
pub type Corrections = BTreeMap<String, Tier>;

/// A site's tier, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Its tier.
    pub tier: Tier,
    /// Why, in a few words.
    pub why: String,
}

/// Every site's tier, and for load balancers whose door they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tiers {
    assigned: BTreeMap<SiteId, Assigned>,
    /// Load balancers, distributions and proxies: whom they send to.
    doors: BTreeMap<SiteId, BTreeSet<SiteId>>,
    /// Which sites the public is meant to reach.
    public: BTreeSet<SiteId>,
    /// Corrections that name nothing in the design.
    strangers: Vec<String>,
}

impl Tiers {
    /// A site's tier.
    pub fn of(&self, site: SiteId) -> Tier {
        self.assigned.get(&site).map_or(Tier::Support, |assigned| assigned.tier)
    }

    /// A site's tier and why.
    pub fn why(&self, site: SiteId) -> Option<&Assigned> {
        self.assigned.get(&site)
    }

    /// The sites of a tier.
    pub fn all(&self, tier: Tier) -> impl Iterator<Item = SiteId> {
        self.assigned.iter().filter(move |(_, assigned)| assigned.tier == tier).map(|(site, _)| *site)
    }

    /// Whom a load balancer, a distribution or a proxy sends to.
    pub fn behind(&self, door: SiteId) -> impl Iterator<Item = SiteId> {
        self.doors.get(&door).into_iter().flatten().copied()
    }

    /// The load balancers, distributions and proxies that send to a site.
    pub fn doors(&self, site: SiteId) -> impl Iterator<Item = SiteId> {
        self.doors.iter().filter(move |(_, to)| to.contains(&site)).map(|(door, _)| *door)
    }

    /// Whether it passes connections on and does nothing else.
    pub fn is_door(&self, site: SiteId) -> bool {
        self.doors.contains_key(&site)
    }

    /// Whether the public is meant to reach it.
    pub fn is_public(&self, site: SiteId) -> bool {
        self.public.contains(&site)
    }

    /// Corrections that name nothing in the design.
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// Whether `from` is meant to open connections to `to`.
    pub fn meant(&self, from: SiteId, to: SiteId) -> bool {
        let (opener, opened) = (self.of(from), self.of(to));
        if self.doors.get(&from).is_some_and(|behind| behind.contains(&to)) {
            // What the public meets is no door to data, however it is written.
            return opened != Tier::Data || !matches!(opener, Tier::Edge | Tier::Web);
        }
        if opener == Tier::Admin {
            return true;
        }
        if self.is_door(to) {
            // A door inside is met by who comes before those behind it, or by their own tier.
            return !self.is_public(to)
                && self.behind(to).any(|inner| self.meant_tiers(opener, self.of(inner)));
        }
        match opened {
            // Who stands behind a door is met through it.
            Tier::Web | Tier::App if self.doors(to).next().is_some() => {
                opener == opened && opener != Tier::Web
            }
            _ => self.meant_tiers(opener, opened),
        }
    }

    fn meant_tiers(&self, from: Tier, to: Tier) -> bool {
        matches!(
            (from, to),
            (_, Tier::Support | Tier::Edge)
                | (Tier::Web, Tier::App)
                | (Tier::App, Tier::App | Tier::Data)
                | (Tier::Data, Tier::Data)
        )
    }
}
