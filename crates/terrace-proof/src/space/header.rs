//! Boxes: packets of one family whose five numbers each lie in an interval.

use std::fmt;

use super::address::{Addresses, Family, number};
use super::packet::Packet;
use super::rests::Rests;
use super::span::Span;
use super::traffic::{ICMP, ICMPV6, PortSpan, Traffic};

/// Protocol, source port, destination port, source, destination.
pub(super) type Sides = [Span; 5];

/// A box of packets, never empty, and the rules that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderBox {
    pub(super) family: Family,
    pub(super) sides: Sides,
    pub(super) rests: Rests,
}

/// Sides with another one at a place.
pub(super) fn with(mut sides: Sides, at: usize, span: Span) -> Sides {
    if let Some(side) = sides.get_mut(at) {
        *side = span;
    }
    sides
}

impl HeaderBox {
    /// A box of a rule's traffic; `None` if the families of the addresses differ.
    pub fn new(traffic: Traffic, source: Addresses, destination: Addresses, rests: Rests) -> Option<Self> {
        let [protocol, from, to] = traffic.sides();
        let sides = [protocol, from, to, source.span(), destination.span()];
        let family = source.family();
        (family == destination.family()).then_some(Self { family, sides, rests })
    }

    /// All packets of a family, resting on nothing.
    pub(super) fn everything(family: Family) -> Self {
        let addresses = family.span();
        let sides = [Span::BYTE, Span::WORD, Span::WORD, addresses, addresses];
        Self { family, sides, rests: Rests::default() }
    }

    /// Its family.
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The first and the last protocol's number.
    pub const fn protocols(&self) -> (u8, u8) {
        let [protocol, ..] = self.sides;
        (narrow(protocol.first()) as u8, narrow(protocol.last()) as u8)
    }

    /// The source ports; ICMP's types, of which 255 reaches up to 65535.
    pub fn source_ports(&self) -> PortSpan {
        let [_, side, ..] = self.sides;
        PortSpan::new(narrow(side.first()), narrow(side.last())).unwrap_or(PortSpan::ALL)
    }

    /// The destination ports; ICMP's codes, of which 255 reaches up to 65535.
    pub fn destination_ports(&self) -> PortSpan {
        let [_, _, side, ..] = self.sides;
        PortSpan::new(narrow(side.first()), narrow(side.last())).unwrap_or(PortSpan::ALL)
    }

    /// The sources.
    pub const fn sources(&self) -> Addresses {
        let [_, _, _, side, _] = self.sides;
        Addresses::of(self.family, side)
    }

    /// The destinations.
    pub const fn destinations(&self) -> Addresses {
        let [_, _, _, _, side] = self.sides;
        Addresses::of(self.family, side)
    }

    /// The rules that it rests on.
    pub const fn rests(&self) -> &Rests {
        &self.rests
    }

    /// Whether a packet is in it.
    pub fn contains(&self, packet: &Packet) -> bool {
        let point = [
            u128::from(packet.protocol),
            packet.source_port.into(),
            packet.destination_port.into(),
            number(packet.source),
            number(packet.destination),
        ];
        self.family == Family::of(packet.source)
            && self.family == Family::of(packet.destination)
            && self.sides.iter().zip(point).all(|(side, n)| side.contains(n))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        // Ports and addresses tell more boxes apart than protocols do.
        self.family == other.family
            && self.sides.iter().rev().zip(other.sides.iter().rev()).all(|(a, b)| a.overlaps(*b))
    }

    /// Whether every packet of `other` is in it.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.family == other.family && self.sides.iter().zip(&other.sides).all(|(a, b)| a.holds(*b))
    }

    /// The packets of both, resting on what both rest on.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        if !self.overlaps(other) {
            return None;
        }
        let mut sides = self.sides;
        for (side, theirs) in sides.iter_mut().zip(other.sides) {
            *side = side.meet(theirs)?;
        }
        Some(Self { family: self.family, sides, rests: self.rests.and(&other.rests) })
    }

    /// Puts its packets that are not in `other` into `out`: up to ten disjoint boxes.
    pub(super) fn without(&self, other: &Self, out: &mut Vec<Self>) {
        if !self.overlaps(other) {
            out.push(self.clone());
            return;
        }
        let mut left = self.sides;
        for (at, (mine, theirs)) in self.sides.iter().zip(other.sides).enumerate() {
            for part in [mine.below(theirs), mine.above(theirs)].into_iter().flatten() {
                let sides = with(left, at, part);
                out.push(Self { family: self.family, sides, rests: self.rests.clone() });
            }
            if let Some(common) = mine.meet(theirs) {
                left = with(left, at, common);
            }
        }
    }

    /// Both as one box, if they differ in one side only, touch there, and rest on the same.
    pub(super) fn joined(&self, next: &Self, at: usize) -> Option<Self> {
        let alike = self.family == next.family && self.rests == next.rests;
        let touching = self.sides.get(at)?.joined(*next.sides.get(at)?)?;
        let sides = with(self.sides, at, touching);
        (alike && sides == with(next.sides, at, touching)).then(|| Self { sides, ..self.clone() })
    }

    /// How many packets; `u128::MAX` where there are more.
    pub fn count(&self) -> u128 {
        self.sides.iter().fold(1, |product, side| product.saturating_mul(side.count()))
    }

    /// One of its packets: with the numbers that a reader expects, where it has them.
    pub fn witness(&self) -> Packet {
        let [protocol, from, to, source, destination] = self.sides;
        // Addresses for documentation (RFC 5737, RFC 3849) stand for the internet.
        let (outside, inside): (&[u128], &[u128]) = match self.family {
            Family::V4 => (&[0xc633_6407], &[0xcb00_7107]),
            Family::V6 => {
                (&[0x2001_0db8_0000_0000_0000_0000_0000_0007], &[0x2001_0db8_0000_0000_0000_0000_0000_0009])
            }
        };
        let protocol = narrow(protocol.prefer(&[6, 17])) as u8;
        let (from, to) = match protocol {
            ICMP => (from.prefer(&[8]), to.first()),
            ICMPV6 => (from.prefer(&[128]), to.first()),
            6 | 17 => (from.prefer(&[49_152, 1024]), to.prefer(&[443, 1])),
            _ => (from.first(), to.first()),
        };
        Packet {
            protocol,
            source_port: narrow(from),
            destination_port: narrow(to),
            source: self.family.address(source.prefer(outside)),
            destination: self.family.address(destination.prefer(inside)),
        }
    }
}

/// A side's number as a port: sides of ports end at 65535, those of protocols at 255.
#[expect(clippy::cast_possible_truncation, reason = "the sides are made of ports and protocols")]
const fn narrow(number: u128) -> u16 {
    number as u16
}

/// Such as `tcp 10.0.0.0/24:0-65535 -> 10.0.1.0/24:5432-5432`.
impl fmt::Display for HeaderBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocols() {
            (6, 6) => f.write_str("tcp")?,
            (17, 17) => f.write_str("udp")?,
            (0, u8::MAX) => f.write_str("all")?,
            (one, other) if one == other => write!(f, "protocol {one}")?,
            (first, last) => write!(f, "protocols {first}-{last}")?,
        }
        let (from, to) = (self.source_ports(), self.destination_ports());
        write!(f, " {}:{}-{}", self.sources(), from.first(), from.last())?;
        write!(f, " -> {}:{}-{}", self.destinations(), to.first(), to.last())
    }
}
