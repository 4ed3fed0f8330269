//! The paths that are meant, drawn hop by hop.

use std::collections::BTreeSet;

use terrace_proof::world::{ExternalId, Party, SiteId};

use crate::Subject;
use crate::tiers::Tier;

/// As many as a person would read.
const MOST: usize = 24;

/// One line for each way from the internet over what is meant to where it ends: `internet ─tcp 443→ aws_lb.public ─tcp 8080→ …`.
pub(crate) fn drawn(subject: &Subject<'_>) -> Vec<String> {
    let internet = Party::External(ExternalId::INTERNET);
    let mut lines = Vec::new();
    let edges = subject.sites().filter(|(site, _)| subject.tiers.is_public(*site));
    for (edge, _) in edges {
        let Some(label) = label(subject, internet, Party::Site(edge)) else { continue };
        let line = format!("internet {label} {}", subject.shown(Party::Site(edge)));
        follow(subject, edge, line, &mut BTreeSet::from([edge]), &mut lines);
    }
    lines.truncate(MOST);
    lines
}

fn label(subject: &Subject<'_>, from: Party, to: Party) -> Option<String> {
    let link = subject.links.get(&(from, to))?;
    let services = crate::rules::services(subject, link);
    if services.is_empty() { None } else { Some(format!("─{services}→")) }
}

fn follow(
    subject: &Subject<'_>,
    at: SiteId,
    line: String,
    seen: &mut BTreeSet<SiteId>,
    lines: &mut Vec<String>,
) {
    if lines.len() >= MOST {
        return;
    }
    let mut ended = true;
    for (next, tier) in subject.sites() {
        let tiered = matches!(tier, Tier::Web | Tier::App | Tier::Data) || subject.tiers.is_door(next);
        let sideways = tier == subject.tiers.of(at) && !subject.tiers.is_door(at);
        if !tiered || sideways || seen.contains(&next) || !subject.tiers.meant(at, next) {
            continue;
        }
        let Some(label) = label(subject, Party::Site(at), Party::Site(next)) else { continue };
        ended = false;
        seen.insert(next);
        let line = format!("{line} {label} {}", subject.shown(Party::Site(next)));
        follow(subject, next, line, seen, lines);
        seen.remove(&next);
    }
    if ended {
        lines.push(line);
    }
}
