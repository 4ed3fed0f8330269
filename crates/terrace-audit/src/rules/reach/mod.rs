//! Rules on who reaches whom, one file each.

pub(super) mod admin_ports;
pub(super) mod cdn_bypassed;
pub(super) mod data_way_out;
pub(super) mod dead_rules;
pub(super) mod exposed;
pub(super) mod path_broken;
pub(super) mod tier_skipped;

use terrace_aws::inventory::{Item, Place};
use terrace_proof::reach::Link;

use crate::passage::Passage;
use crate::{Finding, Severity, Subject};

/// A finding about a site, by the passage that is the witness. The fix belongs to the last rule that lets it in.
fn finding(
    subject: &Subject<'_>,
    site: &Item,
    passage: Passage,
    severity: Severity,
    message: String,
) -> Finding {
    let fix = fix(subject, &passage);
    let place: Option<Place> = passage.hops.last().and_then(|hop| hop.by.last()?.place.clone());
    let mut finding = Finding::about(site, "", message, fix).weighing(severity).by_way_of(passage.hops);
    finding.place = finding.place.or(place);
    finding.certainty = passage.certainty;
    finding
}

/// The smallest fix: one of the rules that it rests on, a group's ingress rather than another.
fn fix(subject: &Subject<'_>, passage: &Passage) -> String {
    let rules = passage.rests.rules().iter().filter_map(|rule| subject.lifted.rule(*rule));
    let rank = |path: &str, says: &str| {
        if says.starts_with("ingress") {
            0
        } else if says.starts_with("egress") {
            1
        } else if path.starts_with("route") {
            2
        } else {
            3
        }
    };
    let best = rules.min_by_key(|rule| rank(&rule.path, &rule.says));
    match best {
        Some(rule) if rule.path.is_empty() => {
            format!("narrow or remove `{}`: {}", rule.item, rule.says)
        }
        Some(rule) => format!("narrow or remove `{}` of `{}`: {}", rule.path, rule.item, rule.says),
        None => "take one of the things away that it rests on".to_owned(),
    }
}

/// What a link can be used for, in words: `tcp 22, tcp 80-443`.
pub(crate) fn services(link: &Link) -> String {
    let mut words: Vec<String> = Vec::new();
    for ((first, last), ports) in link.services() {
        let ports = match (ports.first(), ports.last()) {
            (0 | 1, u16::MAX) => String::new(),
            (first, last) if first == last => format!(" {first}"),
            (first, last) => format!(" {first}-{last}"),
        };
        let word = match (first, last) {
            (0, u8::MAX) => return "every port and protocol".to_owned(),
            (6, 6) => format!("tcp{ports}"),
            (17, 17) => format!("udp{ports}"),
            (1, 1) => "icmp".to_owned(),
            (58, 58) => "icmpv6".to_owned(),
            (one, other) if one == other => format!("protocol {one}"),
            _ => "other protocols".to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > 6 {
        let more = words.len() - 5;
        words.truncate(5);
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// Whether a link comes from a few known addresses only: less than a /8 of IPv4, less than a /32 of IPv6.
fn from_few(link: &Link) -> bool {
    let count = |way: &terrace_proof::reach::Way| {
        way.conversation.sources().as_slice().iter().all(|run| match run.family() {
            terrace_proof::space::Family::V4 => run.count() <= 1 << 16,
            terrace_proof::space::Family::V6 => run.count() <= 1 << 80,
        })
    };
    link.ways.iter().all(count)
}
