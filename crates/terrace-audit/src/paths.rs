//! The paths that are meant, hop by hop, from the internet to where they end.

use std::collections::BTreeSet;

use terrace_proof::world::{ExternalId, Party, SiteId};

use crate::Subject;
use crate::report::Leg;
use crate::tiers::Tier;

/// As many as a person would read.
const MOST: usize = 24;

/// Every way from the internet over what is meant to where it ends; the first leg is the internet itself.
pub(crate) fn drawn(subject: &Subject<'_>) -> Vec<Vec<Leg>> {
    let internet = Party::External(ExternalId::INTERNET);
    let mut paths = Vec::new();
    let edges = subject.sites().filter(|(site, _)| subject.tiers.is_public(*site));
    for (edge, _) in edges {
        let Some(leg) = leg(subject, internet, Party::Site(edge)) else { continue };
        let start = Leg { on: String::new(), to: subject.shown(internet) };
        follow(subject, edge, vec![start, leg], &mut BTreeSet::from([edge]), &mut paths);
    }
    paths.truncate(MOST);
    paths
}

fn leg(subject: &Subject<'_>, from: Party, to: Party) -> Option<Leg> {
    let link = subject.links.get(&(from, to))?;
    let on = crate::rules::services(subject, link);
    if on.is_empty() { None } else { Some(Leg { on, to: subject.shown(to) }) }
}

fn follow(
    subject: &Subject<'_>,
    at: SiteId,
    path: Vec<Leg>,
    seen: &mut BTreeSet<SiteId>,
    paths: &mut Vec<Vec<Leg>>,
) {
    if paths.len() >= MOST {
        return;
    }
    let mut ended = true;
    for (next, tier) in subject.sites() {
        let tiered = matches!(tier, Tier::Web | Tier::App | Tier::Data) || subject.tiers.is_door(next);
        let sideways = tier == subject.tiers.of(at) && !subject.tiers.is_door(at);
        if !tiered || sideways || seen.contains(&next) || !subject.tiers.meant(at, next) {
            continue;
        }
        let Some(leg) = leg(subject, Party::Site(at), Party::Site(next)) else { continue };
        ended = false;
        seen.insert(next);
        let longer = path.iter().cloned().chain([leg]).collect();
        follow(subject, next, longer, seen, paths);
        seen.remove(&next);
    }
    if ended {
        paths.push(path);
    }
}
