//! Guards, compiled: what each lets in and out, and whom its rules name.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::space::{Addresses, Direction, Family, GroupId, GroupRule, HeaderBox, PacketSet, Peer, Rests};
use crate::world::{ExternalId, Fact, Group, Guard, World};

use super::runs::Runs;
use super::stance::Stance;

/// Who is at the other end, for rules that name somebody.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other<'a> {
    /// Someone who carries groups that count.
    Carrier(&'a BTreeSet<GroupId>),
    /// Someone outside.
    External(ExternalId),
    /// Someone whose groups do not count.
    Nobody,
}

/// One direction of a guard.
#[derive(Clone, Debug, Default)]
struct Side {
    /// What rules with addresses let through.
    blocks: PacketSet,
    /// The addresses that they name.
    peers: Runs,
    /// What rules that name a group let through to or from it.
    named: BTreeMap<GroupId, PacketSet>,
}

/// A guard.
#[derive(Clone, Debug)]
pub(super) struct Wall {
    is_open: bool,
    /// The groups that it is made of.
    pub(super) groups: BTreeSet<GroupId>,
    ingress: Side,
    egress: Side,
}

/// What walls are told apart by.
pub(super) type WallKey = Option<BTreeSet<GroupId>>;

pub(super) fn key(guard: &Guard, stance: &Stance) -> WallKey {
    match guard {
        Guard::Open => None,
        Guard::Groups(groups) => Some(groups.iter().filter(|g| stance.lets(&g.when)).map(|g| g.is).collect()),
    }
}

/// The groups that stand for each external.
pub(super) fn outsiders(world: &World) -> BTreeMap<ExternalId, Vec<GroupId>> {
    let mut all: BTreeMap<ExternalId, Vec<GroupId>> = BTreeMap::new();
    for (number, group) in (0..).zip(&world.groups) {
        if let Group::External(external) = group {
            all.entry(*external).or_default().push(GroupId(number));
        }
    }
    all
}

pub(super) fn rule_boxes(rule: &GroupRule, direction: Direction) -> Vec<HeaderBox> {
    let all = Family::BOTH.map(Addresses::all);
    let peers = match &rule.peer {
        Peer::Addresses(addresses) => addresses.as_slice(),
        Peer::Group(_) => &all,
    };
    let rests = Rests::on(rule.id);
    let boxed = |peer: &Addresses| {
        let anyone = Addresses::all(peer.family());
        match direction {
            Direction::In => HeaderBox::new(rule.traffic, *peer, anyone, rests.clone()),
            Direction::Out => HeaderBox::new(rule.traffic, anyone, *peer, rests.clone()),
        }
    };
    peers.iter().filter_map(boxed).collect()
}

impl Side {
    fn new(rules: &[&GroupRule], direction: Direction, stance: &Stance) -> Self {
        let (mut blocks, mut peers) = (Vec::new(), Vec::new());
        let mut named: BTreeMap<GroupId, Vec<HeaderBox>> = BTreeMap::new();
        for rule in rules {
            let boxes = rule_boxes(rule, direction);
            match &rule.peer {
                Peer::Addresses(addresses) => {
                    blocks.extend(boxes);
                    peers.extend_from_slice(addresses);
                }
                Peer::Group(group) => named.entry(*group).or_default().extend(boxes),
            }
        }
        let union = |mut boxes: Vec<HeaderBox>| {
            boxes.sort_by_cached_key(|b| Reverse(b.count()));
            stance.union(boxes)
        };
        Self {
            blocks: union(blocks),
            peers: Runs::of(peers),
            named: named.into_iter().map(|(group, boxes)| (group, union(boxes))).collect(),
        }
    }
}

impl Wall {
    pub(super) fn new(world: &World, key: &WallKey, stance: &Stance) -> Self {
        let groups = key.clone().unwrap_or_default();
        let (mut ins, mut outs) = (Vec::new(), Vec::new());
        let mut carried = BTreeSet::new();
        for id in groups {
            match world.groups.get(id.0 as usize) {
                Some(Group::Security { ingress, egress }) => {
                    let there = |f: &&Fact<GroupRule>| stance.lets(&f.when);
                    ins.extend(ingress.iter().filter(there).map(|f| &f.is));
                    outs.extend(egress.iter().filter(there).map(|f| &f.is));
                    carried.insert(id);
                }
                Some(Group::External(_)) => {}
                None => {
                    carried.insert(id);
                }
            }
        }
        Self {
            is_open: key.is_none(),
            groups: carried,
            ingress: Side::new(&ins, Direction::In, stance),
            egress: Side::new(&outs, Direction::Out, stance),
        }
    }

    const fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::In => &self.ingress,
            Direction::Out => &self.egress,
        }
    }

    /// Boxes with addresses in one direction.
    pub(super) fn size(&self, direction: Direction) -> usize {
        self.side(direction).blocks.boxes().len()
    }

    /// Whether rules with addresses may let something through from or to these.
    pub(super) fn knows(&self, direction: Direction, peers: &Runs) -> bool {
        self.is_open || self.side(direction).peers.overlaps(peers)
    }

    /// The groups that its rules name.
    pub(super) fn names(&self, direction: Direction) -> impl Iterator<Item = GroupId> {
        self.side(direction).named.keys().copied()
    }

    /// Whether one of its rules names one of these.
    pub(super) fn names_one(&self, direction: Direction, groups: &BTreeSet<GroupId>) -> bool {
        let named = &self.side(direction).named;
        !named.is_empty() && groups.iter().any(|g| named.contains_key(g))
    }

    /// What of some packets passes.
    pub(super) fn pass(
        &self,
        packets: &PacketSet,
        direction: Direction,
        other: Other<'_>,
        outsiders: &BTreeMap<ExternalId, Vec<GroupId>>,
        stance: &Stance,
    ) -> PacketSet {
        if self.is_open {
            return packets.clone();
        }
        let side = self.side(direction);
        let mut passed = stance.meet(packets, &side.blocks);
        if side.named.is_empty() {
            return passed;
        }
        let mut also = |group: &GroupId| {
            if let Some(set) = side.named.get(group) {
                passed = passed.union(&stance.meet(packets, set));
            }
        };
        match other {
            Other::Carrier(groups) => groups.iter().for_each(&mut also),
            Other::External(id) => outsiders.get(&id).into_iter().flatten().for_each(&mut also),
            Other::Nobody => {}
        }
        passed
    }
}
