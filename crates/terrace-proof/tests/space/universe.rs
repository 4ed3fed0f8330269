//! Points that stand for all packets: each axis is cut where a rule of the strategies can begin or end, and one
//! number stands for each piece. Sets of rules are told by comparing numbers, without boxes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use terrace_proof::space::*;

/// A range of numbers, both ends included.
pub(crate) type Range = (u128, u128);

const PORT: u128 = 65_535;

/// A plain rule: what it matches, as ranges.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) family: Family,
    pub(crate) traffic: Traffic,
    /// Source ports, for TCP and UDP only.
    pub(crate) from: (u16, u16),
    pub(crate) source: Range,
    pub(crate) destination: Range,
}

pub(crate) fn top(family: Family) -> u128 {
    if family == Family::V4 { u32::MAX.into() } else { u128::MAX }
}

pub(crate) fn address(family: Family, number: u128) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::from_bits(number.try_into().unwrap()).into(),
        Family::V6 => Ipv6Addr::from_bits(number).into(),
    }
}

pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => a.to_bits().into(),
        IpAddr::V6(a) => a.to_bits(),
    }
}

pub(crate) fn addresses(family: Family, range: Range) -> Addresses {
    Addresses::between(address(family, range.0), address(family, range.1)).unwrap()
}

fn within(n: impl Into<u128>, range: (impl Into<u128>, impl Into<u128>)) -> bool {
    let n = n.into();
    range.0.into() <= n && n <= range.1.into()
}

/// What a rule's traffic matches, without regard to addresses.
pub(crate) fn speaks_of(traffic: Traffic, packet: &Packet) -> bool {
    match traffic {
        Traffic::All => true,
        Traffic::Protocol(number) => packet.protocol == number,
        Traffic::Ports(transport, ports) => {
            packet.protocol == if transport == Transport::Tcp { 6 } else { 17 }
                && within(packet.destination_port, (ports.first(), ports.last()))
        }
        Traffic::Icmp { family, kind, code } => {
            packet.protocol == if family == Family::V4 { 1 } else { 58 }
                && kind.is_none_or(|k| packet.source_port.min(255) == u16::from(k))
                && kind.and(code).is_none_or(|c| packet.destination_port.min(255) == u16::from(c))
        }
    }
}

impl Spec {
    pub(crate) fn matches(&self, packet: &Packet) -> bool {
        Family::of(packet.source) == self.family
            && speaks_of(self.traffic, packet)
            && (!matches!(self.traffic, Traffic::Ports(..)) || within(packet.source_port, self.from))
            && within(number(packet.source), self.source)
            && within(number(packet.destination), self.destination)
    }

    /// The same as a set. Source ports are had from the answers to what goes to these ports.
    pub(crate) fn set(&self, id: u32) -> PacketSet {
        let [source, destination] = [self.source, self.destination].map(|r| addresses(self.family, r));
        let rests = Rests::on(RuleId(id));
        let there = PacketSet::of(HeaderBox::new(self.traffic, source, destination, rests));
        let Traffic::Ports(transport, _) = self.traffic else { return there };
        let ports = Traffic::Ports(transport, PortSpan::new(self.from.0, self.from.1).unwrap());
        let back = HeaderBox::new(ports, destination, source, Rests::default());
        there.intersection(&PacketSet::of(back).replies())
    }
}

pub(crate) fn union_of(specs: &[Spec]) -> PacketSet {
    specs.iter().zip(0..).fold(PacketSet::nothing(), |all, (spec, id)| all.union(&spec.set(id)))
}

/// Pieces of an axis from where each begins: its first number, and how many it stands for.
fn pieces(starts: &[u128], top: u128) -> Vec<(u128, u128)> {
    let next = starts.iter().skip(1).copied().map(Some).chain([None]);
    starts.iter().zip(next).map(|(s, n)| (*s, n.map_or((top - s).saturating_add(1), |n| n - s))).collect()
}

/// Every point of a universe, with the number of packets that it stands for.
pub(crate) fn points(protocols: &[u128], ports: &[u128]) -> Vec<(Packet, u128)> {
    let (protocols, ports) = (pieces(protocols, 255), pieces(ports, PORT));
    let mut out = Vec::new();
    for family in Family::BOTH {
        let ends = pieces(&[0, 1, 5, top(family)], top(family));
        for (protocol, p) in &protocols {
            for ((from, f), (to, t)) in ports.iter().flat_map(|f| ports.iter().map(move |t| (f, t))) {
                for ((source, s), (destination, d)) in
                    ends.iter().flat_map(|s| ends.iter().map(move |d| (s, d)))
                {
                    let packet = Packet {
                        protocol: u8::try_from(*protocol).unwrap(),
                        source_port: u16::try_from(*from).unwrap(),
                        destination_port: u16::try_from(*to).unwrap(),
                        source: address(family, *source),
                        destination: address(family, *destination),
                    };
                    let weight = [f, t, s, d].into_iter().fold(*p, |all, n| all.saturating_mul(*n));
                    out.push((packet, weight));
                }
            }
        }
    }
    out
}

/// Where the protocols and ports of [`specs`] begin, and one past where they end.
pub(crate) fn plain_points() -> Vec<(Packet, u128)> {
    points(&[0, 1, 6, 7, 17, 18, 255], &[0, 1, 5, 65_534, PORT])
}

/// Types of ICMP that ask, that answer, and that do neither.
pub(crate) const KINDS: &[u8] = &[0, 8, 13, 14, 128, 129, 255];

/// The same with ICMP's types and codes, and those that are answers.
pub(crate) fn icmp_points() -> Vec<(Packet, u128)> {
    points(&[0, 1, 2, 6, 7, 58, 59], &[0, 1, 8, 9, 13, 14, 15, 128, 129, 130, 255, PORT])
}

fn port_range() -> impl Strategy<Value = (u16, u16)> {
    prop::sample::select(vec![
        (0, 0),
        (0, u16::MAX),
        (1, 4),
        (1, u16::MAX),
        (5, 65_533),
        (u16::MAX, u16::MAX),
        (0, 4),
    ])
}

pub(crate) fn address_range(family: Family) -> impl Strategy<Value = Range> {
    let top = top(family);
    prop::sample::select(vec![(0, 0), (0, top), (1, 4), (0, 4), (1, top), (top, top), (5, top - 1)])
}

fn transport() -> impl Strategy<Value = Transport> {
    prop::sample::select(vec![Transport::Tcp, Transport::Udp])
}

pub(crate) fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(Family::BOTH.to_vec())
}

pub(crate) fn plain_traffic() -> BoxedStrategy<Traffic> {
    prop_oneof![
        1 => Just(Traffic::All),
        1 => prop::sample::select(vec![0, 6, 17, 255]).prop_map(Traffic::Protocol),
        4 => (transport(), port_range())
            .prop_map(|(t, (a, b))| Traffic::Ports(t, PortSpan::new(a, b).unwrap())),
    ]
    .boxed()
}

/// ICMP of these types and all its codes or 0, and what is near it.
pub(crate) fn icmp_traffic(kinds: &'static [u8]) -> BoxedStrategy<Traffic> {
    let icmp = (family(), prop::option::of(prop::sample::select(kinds)), any::<bool>());
    prop_oneof![
        1 => Just(Traffic::All),
        1 => prop::sample::select(vec![1, 6, 58]).prop_map(Traffic::Protocol),
        1 => port_range().prop_map(|(a, b)| Traffic::Ports(Transport::Tcp, PortSpan::new(a, b).unwrap())),
        3 => icmp.prop_map(|(family, kind, zero)| Traffic::Icmp { family, kind, code: zero.then_some(0) }),
    ]
    .boxed()
}

pub(crate) fn specs(traffic: BoxedStrategy<Traffic>, most: usize) -> impl Strategy<Value = Vec<Spec>> {
    let one = family().prop_flat_map(move |family| {
        (traffic.clone(), port_range(), address_range(family), address_range(family)).prop_map(
            move |(traffic, from, source, destination)| Spec { family, traffic, from, source, destination },
        )
    });
    prop::collection::vec(one, 0..=most)
}

/// The answer to a packet, after RFC 792 and RFC 4443.
pub(crate) fn answer(packet: &Packet) -> Option<Packet> {
    let (source, destination) = (packet.destination, packet.source);
    let turned = |source_port, destination_port| Packet {
        source_port,
        destination_port,
        source,
        destination,
        ..*packet
    };
    match (packet.protocol, packet.source_port) {
        (1, 8) => Some(turned(0, packet.destination_port)),
        (1, kind @ (13 | 15 | 17)) => Some(turned(kind + 1, packet.destination_port)),
        (58, 128) => Some(turned(129, packet.destination_port)),
        (1 | 58, _) => None,
        _ => Some(turned(packet.destination_port, packet.source_port)),
    }
}
