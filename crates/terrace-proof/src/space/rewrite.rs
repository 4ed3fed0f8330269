//! What becomes of packets that are sent on under other addresses or ports: translation, and load balancers that are
//! proxies.
//!
//! Sources: RFC 3022 (a NAT puts its own address and a port of its choice in the source's place); Amazon VPC User
//! Guide, "NAT gateways" and "Internet gateways" (one-to-one for public addresses).

use super::address::{Addresses, Family};
use super::header::HeaderBox;
use super::rests::Rests;
use super::set::PacketSet;
use super::span::Span;
use super::traffic::PortSpan;

/// What is put in the place of what; `None` leaves it. Where a range is given, each of it may come.
///
/// Ports are replaced in TCP and UDP alone; ICMP's types and codes stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// The source's address.
    pub source: Option<Addresses>,
    /// The source's port.
    pub source_port: Option<PortSpan>,
    /// The destination's address.
    pub destination: Option<Addresses>,
    /// The destination's port.
    pub destination_port: Option<PortSpan>,
}

const TCP: Span = Span::one(6);
const UDP: Span = Span::one(17);

impl Rewrite {
    fn family(&self) -> Option<Family> {
        self.source.or(self.destination).map(Addresses::family)
    }

    /// A box's image, in as many parts as it has protocols with and without ports.
    fn boxes(&self, whole: &HeaderBox, out: &mut Vec<HeaderBox>) {
        let [protocol, from, to, source, destination] = whole.sides;
        let addressed = |given: Option<Addresses>, kept| given.map_or(kept, Addresses::span);
        let source = addressed(self.source, source);
        let destination = addressed(self.destination, destination);
        let ported = |given: Option<PortSpan>, kept: Span| given.map_or(kept, PortSpan::span);
        let numbers = [ported(self.source_port, from), ported(self.destination_port, to)];
        let mut put = |protocol: Option<Span>, [from, to]: [Span; 2]| {
            if let Some(protocol) = protocol {
                out.push(HeaderBox { sides: [protocol, from, to, source, destination], ..whole.clone() });
            }
        };
        if numbers == [from, to] {
            put(Some(protocol), numbers);
            return;
        }
        put(protocol.below(TCP), [from, to]);
        put(protocol.meet(TCP), numbers);
        put(protocol.above(TCP).and_then(|s| s.below(UDP)), [from, to]);
        put(protocol.meet(UDP), numbers);
        put(protocol.above(UDP), [from, to]);
    }
}

impl PacketSet {
    /// The packets that these become. Those of another family than the new addresses do not get through.
    #[must_use]
    pub fn rewritten(&self, rewrite: &Rewrite) -> Self {
        let is_whole = rewrite.source.zip(rewrite.destination).is_none_or(|(a, b)| a.family() == b.family());
        let mut boxes = Vec::new();
        for b in self.boxes() {
            if is_whole && rewrite.family().is_none_or(|family| family == b.family) {
                rewrite.boxes(b, &mut boxes);
            }
        }
        Self::of(boxes).simplified()
    }

    /// The protocols, first and last, and the destination ports that occur, whatever the rest: what a reader calls a
    /// service. In order; what touches is one.
    pub fn services(&self) -> Vec<((u8, u8), PortSpan)> {
        let shadow = |b: &HeaderBox| {
            let [.., source, destination] = HeaderBox::everything(Family::V4).sides;
            let [protocol, _, to, ..] = b.sides;
            let sides = [protocol, Span::WORD, to, source, destination];
            HeaderBox { family: Family::V4, sides, rests: Rests::default() }
        };
        let flat = Self::of(self.boxes().iter().map(shadow)).canonical();
        flat.boxes().iter().map(|b| (b.protocols(), b.destination_ports())).collect()
    }
}
