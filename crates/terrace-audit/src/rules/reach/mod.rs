//! Rules on who reaches whom, one file each.

pub(super) mod admin_ports;
pub(super) mod cdn_bypassed;
pub(super) mod data_way_out;
pub(super) mod dead_rules;
pub(super) mod exposed;
pub(super) mod path_broken;
pub(super) mod tier_skipped;
mod world_open;

use terrace_aws::inventory::Item;
use terrace_lift::world::Provenance;
use terrace_proof::reach::{Claim, Link, Must, Through};
use terrace_proof::space::{Addresses, PacketSet};
use terrace_proof::world::internet;

use crate::passage::Passage;
use crate::{Certainty, Finding, Severity, Subject};

/// A finding about a site, by the passage that is the witness; its place is where the fix belongs.
fn finding(
    subject: &Subject<'_>,
    site: &Item,
    passage: Passage,
    severity: Severity,
    message: String,
) -> Finding {
    let blamed = blamed(subject, &passage);
    let fix = match blamed {
        Some(rule) if is_unwritten(subject, rule) => {
            format!("write `egress` rules into `{}`: it has none, and AWS lets everything out", rule.item)
        }
        Some(rule) if rule.path.is_empty() => format!("narrow or remove `{}`: {}", rule.item, rule.says),
        Some(rule) => format!("narrow or remove `{}` of `{}`: {}", rule.path, rule.item, rule.says),
        None => "take one of the things away that it rests on".to_owned(),
    };
    let message = match passage.certainty {
        Certainty::Sure => message,
        Certainty::Depends(_) => format!("it may be that {message}"),
    };
    let place = blamed.and_then(|rule| rule.place.clone());
    let mut finding = Finding::about(site, "", message, fix).weighing(severity).by_way_of(passage.hops);
    finding.place = place.or(finding.place);
    finding.certainty = passage.certainty;
    finding
}

/// Whether a rule is AWS's own, where a template writes none: it stands where the group does.
fn is_unwritten(subject: &Subject<'_>, rule: &Provenance) -> bool {
    let item = subject.inventory.get(&rule.item);
    let whole = item.and_then(|item| item.place(""));
    rule.path.starts_with("egress[0]")
        && rule.place.as_ref().is_some_and(|place| place.line.is_some() && Some(place) == whole)
}

/// The rule whose removal is the smallest fix: a group's ingress rather than its egress, that rather than a route.
fn blamed<'s>(subject: &'s Subject<'_>, passage: &Passage) -> Option<&'s Provenance> {
    let rules = passage.rests.rules().iter().filter_map(|rule| subject.lifted.rule(*rule));
    let order = ["ingress", "egress", "in ", "out ", "route"];
    rules.min_by_key(|rule| order.iter().position(|word| rule.says.starts_with(word)).unwrap_or(order.len()))
}

/// Whether some of these addresses are on the internet.
fn public(addresses: Addresses) -> bool {
    internet().iter().any(|run| {
        let apart = run.last() < addresses.first() || addresses.last() < run.first();
        run.family() == addresses.family() && !apart
    })
}

/// What of a link is listened on there.
fn heard(subject: &Subject<'_>, link: &Link) -> PacketSet {
    let (from, to, through, must) = (link.from, link.to, Through::Nobody, Must::NotReach);
    let wanted = subject.bounds.wanted(&Claim { from, to, traffic: Vec::new(), through, must });
    PacketSet::of(link.ways.iter().flat_map(|way| way.conversation.of(&wanted).boxes().to_vec()))
}

/// What a link can be used for, of what is listened on there, in words: `tcp 22, tcp 80-443`.
pub(crate) fn services(subject: &Subject<'_>, link: &Link) -> String {
    let mut words: Vec<String> = Vec::new();
    for ((first, last), ports) in heard(subject, link).services() {
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

/// Whether some packets of a link come from a few known addresses only: less than a /8 of IPv4, less than a /32 of IPv6.
fn from_few(link: &Link, of: &PacketSet) -> bool {
    let count = |way: &terrace_proof::reach::Way| {
        way.conversation.of(of).sources().as_slice().iter().all(|run| match run.family() {
            terrace_proof::space::Family::V4 => run.count() <= 1 << 16,
            terrace_proof::space::Family::V6 => run.count() <= 1 << 80,
        })
    };
    link.ways.iter().all(count)
}
