//! Who converses with whom in one design, by names.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::UnknownName;
use terrace_lift::world::{ExternalKind, Lifted, Provenance, SiteKind};
use terrace_proof::reach::{Bounds, Claim, Link, Must, Reach, TOO_MUCH, Through, UNMODELLED, Verdict, tcp};
use terrace_proof::space::{Addresses, PacketSet};
use terrace_proof::world::{Party, UnknownId, internet};

use super::Passage;
use super::slot::{Outside, Slot, Slots};

/// Who opens connections, and to whom.
pub(super) type Pair = (String, String);

/// One design, and all conversations of it: surely, and at most.
pub(super) struct Side<'a> {
    pub(super) lifted: &'a Lifted,
    bounds: &'a Bounds<'a>,
    pub(super) links: BTreeMap<Pair, (Slots, Slots)>,
    parties: BTreeMap<String, Party>,
    /// What its rules say, wherever they stand.
    says: BTreeSet<(String, String)>,
}

/// What something depends on that has no name here.
const UNNAMED: &str = "something that is not told";

/// More runs of addresses than this are told by their number.
const RUNS: usize = 4;

impl<'a> Side<'a> {
    pub(super) fn of(lifted: &'a Lifted, bounds: &'a Bounds<'a>) -> Self {
        let mut side = Self {
            lifted,
            bounds,
            links: BTreeMap::new(),
            parties: BTreeMap::new(),
            says: lifted.rules.iter().map(said).collect(),
        };
        for party in bounds.most.parties() {
            side.parties.insert(side.name(party), party);
        }
        let (least, most) = (side.conversations(&bounds.least), side.conversations(&bounds.most));
        let pairs: BTreeSet<Pair> = least.keys().chain(most.keys()).cloned().collect();
        for pair in pairs {
            let of = |all: &BTreeMap<Pair, Vec<Slot>>| Slots::of(all.get(&pair).cloned().unwrap_or_default());
            side.links.insert(pair.clone(), (of(&least), of(&most)));
        }
        side
    }

    fn name(&self, party: Party) -> String {
        match party {
            Party::External(id) => self.lifted.external(id).unwrap_or("someone outside").to_owned(),
            Party::Site(id) => self
                .lifted
                .site(id)
                .map_or_else(|| "something".to_owned(), |site| site.item.name().to_owned()),
        }
    }

    fn conversations(&self, reach: &Reach<'_>) -> BTreeMap<Pair, Vec<Slot>> {
        let mut all: BTreeMap<Pair, Vec<Slot>> = BTreeMap::new();
        for link in reach.links().filter(|link| !self.is_itself(link) && !self.is_answering(link.from)) {
            let slots = self.slots(&link);
            if !slots.is_empty() {
                all.entry((self.name(link.from), self.name(link.to))).or_default().extend(slots);
            }
        }
        all
    }

    /// Whether one thing speaks with itself; of what is there by number, one speaks with another.
    fn is_itself(&self, link: &Link) -> bool {
        let Party::Site(site) = link.to else { return false };
        let many = [SiteKind::Machines, SiteKind::Service, SiteKind::Task, SiteKind::Function];
        link.from == link.to && self.lifted.site(site).is_some_and(|site| !many.contains(&site.kind))
    }

    fn kind(&self, party: Party) -> Option<&ExternalKind> {
        let Party::External(id) = party else { return None };
        self.lifted.external_kinds.get(usize::try_from(id.0).ok()?)
    }

    /// Whether somebody outside answers and does not ask.
    fn is_answering(&self, party: Party) -> bool {
        self.kind(party) == Some(&ExternalKind::Service)
    }

    /// What of a link is listened on there.
    fn slots(&self, link: &Link) -> BTreeSet<Slot> {
        // A service of AWS is known by its name, whatever its addresses are.
        let counts =
            |party| matches!(self.kind(party), Some(ExternalKind::Internet | ExternalKind::Beyond(_)));
        let outside = match (counts(link.from), counts(link.to)) {
            (true, _) => Outside::From,
            (_, true) => Outside::To,
            _ => Outside::Nobody,
        };
        let wanted = self.bounds.wanted(&claim(link.from, link.to, None));
        let mut all = BTreeSet::new();
        for way in &link.ways {
            let flow = way.conversation.of(&wanted);
            // Only where addresses count is it worth to have each box with its own.
            if outside == Outside::Nobody {
                all.extend(flow.boxes().iter().map(|one| Slot::of(one, outside)));
            } else {
                all.extend(flow.packets().boxes().iter().map(|one| Slot::of(one, outside)));
            }
        }
        all
    }

    /// What of a pair's conversations is told together: what rests on the same rules.
    pub(super) fn passages(
        &self,
        other: &Self,
        pair: &Pair,
        slots: &Slots,
        (is_sure, left): (bool, &mut usize),
    ) -> Vec<Passage> {
        let mut together: BTreeMap<(Vec<String>, Vec<String>), Vec<&Slot>> = BTreeMap::new();
        for slot in slots.iter() {
            let on = match (is_sure, *left) {
                (true, _) => Vec::new(),
                (false, 0) => vec![UNNAMED.to_owned()],
                (false, more) => {
                    *left = more - 1;
                    self.depends(other, pair, slot)
                }
            };
            together.entry((on, self.rules(other, slot))).or_default().push(slot);
        }
        let there = |name: &String| other.parties.contains_key(name);
        let new = !(there(&pair.0) && there(&pair.1));
        together
            .into_iter()
            .map(|((depends_on, by), slots)| Passage {
                from: pair.0.clone(),
                to: pair.1.clone(),
                on: services(&slots),
                addresses: addresses(&slots),
                depends_on,
                by,
                new,
            })
            .collect()
    }

    /// The rules that something rests on: those that are not on the other side, or else those of groups.
    fn rules(&self, other: &Self, slot: &Slot) -> Vec<String> {
        let all: Vec<&Provenance> =
            slot.rests.rules().iter().filter_map(|rule| self.lifted.rule(*rule)).collect();
        let mut named: Vec<&Provenance> =
            all.iter().copied().filter(|rule| !other.says.contains(&said(rule))).collect();
        if named.is_empty() {
            named = all.into_iter().filter(|rule| rule.says.starts_with("ingress")).collect();
        }
        let mut words: Vec<(usize, String)> =
            named.into_iter().map(|rule| (weight(rule), format!("{}: {}", rule.item, rule.says))).collect();
        words.sort();
        words.dedup();
        words.into_iter().map(|(_, words)| words).collect()
    }

    /// On what it depends that something passes, here or there.
    fn depends(&self, other: &Self, pair: &Pair, slot: &Slot) -> Vec<String> {
        let mut all = self.unknowns(pair, slot);
        all.extend(other.unknowns(pair, slot));
        if all.is_empty() {
            all.insert(UNNAMED.to_owned());
        }
        all.into_iter().collect()
    }

    fn unknowns(&self, pair: &Pair, slot: &Slot) -> BTreeSet<String> {
        let (Some(from), Some(to)) = (self.parties.get(&pair.0), self.parties.get(&pair.1)) else {
            return BTreeSet::new();
        };
        match self.bounds.decide(&claim(*from, *to, slot.tcp())) {
            Verdict::Depends { on, .. } => on.into_iter().map(|unknown| self.unknown(unknown)).collect(),
            Verdict::Proved(_) | Verdict::Violated(_) => BTreeSet::new(),
        }
    }

    fn unknown(&self, id: UnknownId) -> String {
        match id {
            UNMODELLED => "a way over something that is not modelled".to_owned(),
            TOO_MUCH => "rules that are too many to decide on".to_owned(),
            id => self.lifted.unknown(id).map_or_else(
                || "something that is not told".to_owned(),
                |name: &UnknownName| name.to_string(),
            ),
        }
    }
}

fn claim(from: Party, to: Party, port: Option<u16>) -> Claim {
    let traffic = port.map(tcp).into_iter().collect();
    Claim { from, to, traffic, through: Through::Nobody, must: Must::NotReach }
}

/// What people look at first: what a group lets in, then what it lets out, then where routes lead.
fn weight(rule: &Provenance) -> usize {
    const ORDER: [&str; 5] = ["ingress", "egress", "in ", "out ", "route"];
    let local = rule.says.contains("the local route");
    let at = ORDER.iter().position(|word| rule.says.starts_with(word)).unwrap_or(ORDER.len());
    if local { ORDER.len() + 1 } else { at }
}

fn said(rule: &Provenance) -> (String, String) {
    (rule.item.name().to_owned(), rule.says.clone())
}

fn services(slots: &[&Slot]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut sorted = slots.to_vec();
    sorted.sort();
    for slot in sorted {
        let word = slot.service();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// The addresses outside: nothing where that is the whole internet.
fn addresses(slots: &[&Slot]) -> String {
    let runs: Vec<Addresses> = slots.iter().filter_map(|slot| slot.addresses()).collect();
    let (four, six) = (of_family(&runs, true), of_family(&runs, false));
    match (four, six) {
        (None, None) => String::new(),
        (Some((four, true)), Some((six, true))) => {
            let odd: Vec<String> = [four, six].into_iter().filter(|word| word.contains("but")).collect();
            odd.join(", ")
        }
        (four, six) => {
            [four, six].into_iter().flatten().map(|(words, _)| words).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The addresses of one family in words, and whether they are nearly all of the internet's; none if there are none.
fn of_family(runs: &[Addresses], four: bool) -> Option<(String, bool)> {
    let own = |run: &&Addresses| run.first().is_ipv4() == four;
    let name = if four { "any address of IPv4" } else { "any address of IPv6" };
    let mut mine: Vec<Addresses> = runs.iter().filter(own).copied().collect();
    mine.sort();
    mine.dedup();
    let [first, ..] = mine.as_slice() else { return None };
    let all = PacketSet::between(&mine, &[*first]);
    let whole: Vec<Addresses> = internet().iter().filter(own).copied().collect();
    let whole = PacketSet::between(&whole, &[*first]);
    let missing = whole.difference(&all).canonical();
    let listed = |set: &PacketSet| {
        let boxes = set.boxes();
        let mut words: Vec<String> = boxes.iter().take(RUNS).map(|one| one.sources().to_string()).collect();
        if boxes.len() > RUNS {
            words.push(format!("{} more", boxes.len() - RUNS));
        }
        words.join(", ")
    };
    Some(if missing.is_empty() {
        (name.to_owned(), true)
    } else if missing.boxes().len() <= RUNS {
        (format!("{name} but {}", listed(&missing)), true)
    } else {
        (listed(&all.canonical()), false)
    })
}
