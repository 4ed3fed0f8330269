//! What passes between two classes of interfaces: a set of packets, and the addresses of both ends.
//!
//! Apart, because two classes of a thousand scattered addresses each would be a million boxes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::space::{Addresses, HeaderBox, Packet, PacketSet, PortSpan, Rests, RuleId};

use super::runs::Runs;

/// Addresses for documentation (RFC 5737, RFC 3849).
const LIKED: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9)),
];

/// Packets of some boxes that go from one of some addresses to one of others.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// In each box a source and a destination of those below.
    set: Arc<PacketSet>,
    from: Runs,
    to: Runs,
}

impl Flow {
    pub(super) fn new(set: &Arc<PacketSet>, from: &Runs, to: &Runs) -> Self {
        let there = |b: &&HeaderBox| from.meets(b.sources()) && to.meets(b.destinations());
        let set = if set.boxes().iter().all(|b| there(&b)) {
            Arc::clone(set)
        } else {
            Arc::new(PacketSet::of(set.boxes().iter().filter(there).cloned()))
        };
        Self { set, from: from.clone(), to: to.clone() }
    }

    /// Whether nothing passes.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Disjoint boxes; each holds packets of the flow, and may hold others, of addresses between those of the ends.
    pub fn boxes(&self) -> &[HeaderBox] {
        self.set.boxes()
    }

    /// Addresses that the flow may come from.
    pub const fn from(&self) -> &Runs {
        &self.from
    }

    /// Addresses that it may go to.
    pub const fn to(&self) -> &Runs {
        &self.to
    }

    /// Whether a packet is of the flow.
    pub fn contains(&self, packet: &Packet) -> bool {
        self.box_of(packet).is_some()
    }

    /// The box that holds a packet of the flow.
    pub fn box_of(&self, packet: &Packet) -> Option<&HeaderBox> {
        let there = self.from.contains(packet.source) && self.to.contains(packet.destination);
        self.set.boxes().iter().filter(|_| there).find(|b| b.contains(packet))
    }

    /// The packets. As many boxes as there are boxes, runs of sources and runs of destinations, multiplied.
    pub fn packets(&self) -> PacketSet {
        let ends = PacketSet::between(self.from.as_slice(), self.to.as_slice());
        self.set.intersection(&ends)
    }

    /// The packets that are also in a set.
    #[must_use]
    pub fn of(&self, wanted: &PacketSet) -> Self {
        Self::new(&Arc::new(self.set.intersection(wanted)), &self.from, &self.to)
    }

    /// One of its packets, and what it rests on: of TCP where there is one.
    pub fn witness(&self) -> Option<(Packet, Rests)> {
        let is_tcp = |b: &HeaderBox| b.protocols().0 <= 6 && 6 <= b.protocols().1;
        let is_known = |b: &HeaderBox| LIKED.iter().any(|address| b.sources().contains(*address));
        // The last of those that are best, asked from the end: the first.
        let found = self.set.boxes().iter().rev().max_by_key(|b| (is_tcp(b), is_known(b)))?;
        // A run with the addresses that a box's witness likes, where there is one.
        let one = |runs: &Runs, within: Addresses| {
            let liked = |run: &Addresses| LIKED.iter().any(|address| run.contains(*address));
            runs.within(within).find(liked).or_else(|| runs.within(within).next())
        };
        let from = one(&self.from, found.sources())?;
        let to = one(&self.to, found.destinations())?;
        let packet =
            PacketSet::of([found.clone()]).intersection(&PacketSet::between(&[from], &[to])).witness()?;
        Some((packet, found.rests().clone()))
    }

    /// Every rule that a box rests on.
    pub fn rests(&self) -> Rests {
        self.set.boxes().iter().flat_map(|b| b.rests().rules().iter().copied()).collect()
    }

    /// Whether something of it rests on a rule.
    pub fn rests_on(&self, rule: RuleId) -> bool {
        self.set.boxes().iter().any(|b| b.rests().contains(rule))
    }

    /// The protocols, first and last, and the destination ports that occur.
    pub fn services(&self) -> Vec<((u8, u8), PortSpan)> {
        self.set.services()
    }

    /// The addresses that it comes from.
    pub fn sources(&self) -> Runs {
        Runs::of(self.set.boxes().iter().flat_map(|b| self.from.within(b.sources())))
    }
}
