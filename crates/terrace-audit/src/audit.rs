//! The audit: a design is lifted, decided on, and looked at by every rule.

use terrace_aws::inventory::{Inventory, Unread};
use terrace_proof::reach::Bounds;
use terrace_proof::world::{Party, SiteId};

use crate::report::{Accepted, Report, Source, TierLine};
use crate::tiers::{self, Corrections, Tier};
use crate::{Findings, Links, Subject, rules};

/// What a person says beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Tiers by resource.
    pub tiers: Corrections,
    /// Findings that are accepted.
    pub accepted: Accepted,
}

/// Decides on a design and looks at it with every rule.
pub fn audit(inventory: &Inventory, settings: &Settings, source: Source) -> Report {
    with_subject(inventory, settings, |subject| {
        let mut report = Report::of(source);
        report.tiers = tier_lines(subject);
        report.paths = crate::paths::drawn(subject);
        report.strangers = subject.tiers.strangers().to_vec();
        for rule in rules::ALL {
            let mut findings = Findings::default();
            (rule.check)(subject, &mut findings);
            report.add(rule, findings, &settings.accepted);
        }
        report.unread = inventory.unread().to_vec();
        report.unread.extend(subject.estate.unread.iter().cloned());
        report.unread.extend(subject.lifted.unmodelled.iter().map(unmodelled));
        report.openers = subject.lifted.unmodelled.iter().filter(|of| of.opens).map(unmodelled).collect();
        report.assumed.clone_from(&subject.lifted.assumptions);
        report.sort();
        report
    })
}

/// Decides on a design, and hands everything to one who asks.
pub(crate) fn with_subject<T>(
    inventory: &Inventory,
    settings: &Settings,
    ask: impl FnOnce(&Subject<'_>) -> T,
) -> T {
    let lifted = terrace_lift::world::lift(inventory);
    let estate = terrace_lift::estate::lift(inventory);
    let bounds = Bounds::of(&lifted.world);
    let tiers = tiers::infer(&lifted, &bounds.most, &settings.tiers);
    let links: Links = bounds.most.links().map(|link| ((link.from, link.to), link)).collect();
    ask(&Subject {
        inventory,
        lifted: &lifted,
        bounds: &bounds,
        links: &links,
        tiers: &tiers,
        estate: &estate,
    })
}

/// Parts of a design that are not here or not modelled and may lead somebody to somebody, by name.
pub(crate) fn missing(subject: &Subject<'_>) -> Vec<String> {
    let parts = subject.inventory.unread().iter().filter(|unread| unread.is_part());
    let openers = subject.lifted.unmodelled.iter().filter(|of| of.opens);
    let mut all: Vec<String> = parts.map(|unread| unread.what.clone()).collect();
    all.extend(openers.map(|of| of.item.name().to_owned()));
    all.sort();
    all.dedup();
    all
}

fn unmodelled(of: &terrace_lift::world::Unmodelled) -> Unread {
    Unread::detail(of.item.name(), format!("is not modelled: {}", of.what), of.place.clone())
}

fn tier_lines(subject: &Subject<'_>) -> Vec<TierLine> {
    let mut lines = Vec::new();
    for tier in Tier::ALL.into_iter().filter(|tier| *tier != Tier::Support) {
        let sites: Vec<SiteId> = subject.tiers.all(tier).collect();
        for site in sites {
            let why = subject.tiers.why(site).map(|assigned| assigned.why.clone()).unwrap_or_default();
            lines.push(TierLine {
                tier: tier.word().to_owned(),
                site: subject.shown(Party::Site(site)),
                why,
            });
        }
    }
    lines
}
