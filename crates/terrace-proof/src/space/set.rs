//! Sets of packets: union, intersection, difference and the questions about them.

use super::address::{Addresses, Family};
use super::canonical;
use super::header::HeaderBox;
use super::packet::Packet;
use super::rests::{Rests, RuleId};
use super::traffic::Traffic;

/// Which way a rule looks, seen from the interface or the subnet that it guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// What comes in: rules name the source.
    In,
    /// What goes out: rules name the destination.
    Out,
}

/// A set of packets as disjoint boxes.
///
/// Two lists of boxes can be one set; [`PacketSet::same_packets`] tells, which is why there is no `==`.
#[derive(Clone, Debug, Default)]
pub struct PacketSet {
    boxes: Vec<HeaderBox>,
}

impl PacketSet {
    /// No packet.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Every packet of both families.
    pub fn everything() -> Self {
        Self { boxes: Family::BOTH.map(HeaderBox::everything).to_vec() }
    }

    /// The packets of all boxes; what two boxes hold rests on the earlier one.
    pub fn of(boxes: impl IntoIterator<Item = HeaderBox>) -> Self {
        let mut set = Self::nothing();
        for next in boxes {
            set.add(next);
        }
        set
    }

    /// What a rule speaks of: its traffic to or from addresses, the other end being anyone's.
    pub fn rule(id: RuleId, traffic: Traffic, direction: Direction, peers: &[Addresses]) -> Self {
        Self::of(rule_boxes(id, traffic, direction, peers))
    }

    /// All traffic from some addresses to some others, resting on nothing.
    pub fn between(sources: &[Addresses], destinations: &[Addresses]) -> Self {
        Self::of(sources.iter().flat_map(|from| {
            destinations.iter().filter_map(|to| HeaderBox::new(Traffic::All, *from, *to, Rests::default()))
        }))
    }

    /// Boxes that are known to be disjoint.
    pub(super) fn disjoint(boxes: Vec<HeaderBox>) -> Self {
        Self { boxes }
    }

    /// The boxes: disjoint, in a fixed order.
    pub fn boxes(&self) -> &[HeaderBox] {
        &self.boxes
    }

    fn add(&mut self, next: HeaderBox) {
        let new = remainder(next, &self.boxes);
        self.boxes.extend(new);
    }

    /// The packets of either; what both hold rests on what it rests on here.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut boxes = self.boxes.clone();
        boxes.extend(other.boxes.iter().flat_map(|b| remainder(b.clone(), &self.boxes)));
        Self { boxes }
    }

    /// The packets of both, resting on what they rest on in either.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let boxes = self.boxes.iter().flat_map(|a| other.boxes.iter().filter_map(|b| a.meet(b)));
        Self { boxes: boxes.collect() }
    }

    /// The packets that `other` does not hold.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { boxes: self.boxes.iter().flat_map(|b| remainder(b.clone(), &other.boxes)).collect() }
    }

    /// The packets of a universe that are not here, resting on what they rest on there.
    #[must_use]
    pub fn complement(&self, universe: &Self) -> Self {
        universe.difference(self)
    }

    /// Whether there is no packet.
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// Whether every packet is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.boxes.iter().all(|b| remainder(b.clone(), &other.boxes).is_empty())
    }

    /// Whether a packet is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.boxes.iter().any(|a| other.boxes.iter().any(|b| a.overlaps(b)))
    }

    /// Whether both hold the same packets, whatever they rest on.
    pub fn same_packets(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }

    /// Whether a packet is in it.
    pub fn contains(&self, packet: &Packet) -> bool {
        self.box_of(packet).is_some()
    }

    /// The box that holds a packet.
    pub fn box_of(&self, packet: &Packet) -> Option<&HeaderBox> {
        self.boxes.iter().find(|b| b.contains(packet))
    }

    /// One of its packets: of TCP where there is one, else of the first box.
    pub fn witness(&self) -> Option<Packet> {
        let packets = || self.boxes.iter().map(HeaderBox::witness);
        packets().find(|p| p.protocol == 6).or_else(|| packets().next())
    }

    /// How many packets; `u128::MAX` where there are more. Protocols without ports count with all of them.
    pub fn count(&self) -> u128 {
        self.boxes.iter().fold(0, |sum, b| sum.saturating_add(b.count()))
    }

    /// Every rule that a box rests on.
    pub fn rests(&self) -> Rests {
        self.boxes.iter().flat_map(|b| b.rests.rules().iter().copied()).collect()
    }

    /// The same packets resting on one more rule.
    #[must_use]
    pub fn resting_on(&self, rule: RuleId) -> Self {
        let also = Rests::on(rule);
        let boxes = self.boxes.iter().map(|b| HeaderBox { rests: b.rests.and(&also), ..b.clone() });
        Self { boxes: boxes.collect() }
    }

    /// The same packets, resting on nothing.
    #[must_use]
    pub fn bare(&self) -> Self {
        let boxes = self.boxes.iter().map(|b| HeaderBox { rests: Rests::default(), ..b.clone() });
        Self { boxes: boxes.collect() }
    }

    /// The same in fewer boxes: those that touch and rest on the same become one, until none do.
    #[must_use]
    pub fn simplified(&self) -> Self {
        Self { boxes: canonical::merged(self.boxes.clone()) }
    }

    /// The same in the one way that depends on nothing but which packet rests on what: equal sets that rest on the
    /// same have equal boxes. Takes longer than [`PacketSet::simplified`]: up to the fifth power of the boxes.
    #[must_use]
    pub fn canonical(&self) -> Self {
        Self { boxes: canonical::slabs(&self.boxes) }
    }
}

pub(super) fn rule_boxes(
    id: RuleId,
    traffic: Traffic,
    direction: Direction,
    peers: &[Addresses],
) -> impl Iterator<Item = HeaderBox> {
    let rests = Rests::on(id);
    peers.iter().filter_map(move |peer| {
        let anyone = Addresses::all(peer.family());
        match direction {
            Direction::In => HeaderBox::new(traffic, *peer, anyone, rests.clone()),
            Direction::Out => HeaderBox::new(traffic, anyone, *peer, rests.clone()),
        }
    })
}

/// The packets of a box that are in none of the others.
pub(super) fn remainder(whole: HeaderBox, others: &[HeaderBox]) -> Vec<HeaderBox> {
    let mut left = vec![whole];
    let mut next = Vec::new();
    for other in others {
        if !left.iter().any(|b| b.overlaps(other)) {
            continue;
        }
        for part in left.drain(..) {
            part.without(other, &mut next);
        }
        std::mem::swap(&mut left, &mut next);
        if left.is_empty() {
            break;
        }
    }
    left
}
