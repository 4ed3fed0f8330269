//! What a conversation is on, apart from who has it: protocols, ports, and the addresses of the end that is outside.

use terrace_proof::space::{Addresses, Family, HeaderBox, Rests};

/// Protocols, destination ports, addresses outside (0 to 0 where nobody is).
type Sides = [(u128, u128); 3];

/// A box of those, and the rules that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    family: Option<Family>,
    sides: Sides,
    pub(super) rests: Rests,
}

/// Which end is outside, so that its addresses count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    From,
    To,
    Nobody,
}

/// Disjoint boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slots(Vec<Slot>);

impl Slot {
    pub(super) fn of(of: &HeaderBox, outside: Outside) -> Self {
        let (first, last) = of.protocols();
        let ports = of.destination_ports();
        let run = |run: Addresses| (number(run.first()), number(run.last()));
        let (family, addresses) = match outside {
            Outside::From => (Some(of.family()), run(of.sources())),
            Outside::To => (Some(of.family()), run(of.destinations())),
            Outside::Nobody => (None, (0, 0)),
        };
        let sides = [(first.into(), last.into()), (ports.first().into(), ports.last().into()), addresses];
        Self { family, sides, rests: of.rests().clone() }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.family == other.family
            && self.sides.iter().zip(other.sides).all(|(a, b)| a.0 <= b.1 && b.0 <= a.1)
    }

    /// Its parts that are not in another one.
    fn without(self, other: &Self, out: &mut Vec<Self>) {
        if !self.overlaps(other) {
            return out.push(self);
        }
        let mut left = self;
        for at in 0..left.sides.len() {
            let (Some(mine), Some(theirs)) = (left.sides.get(at).copied(), other.sides.get(at).copied())
            else {
                return;
            };
            let mut part = |side| {
                let mut one = left.clone();
                one.sides.iter_mut().skip(at).take(1).for_each(|known| *known = side);
                out.push(one);
            };
            if mine.0 < theirs.0 {
                part((mine.0, theirs.0 - 1));
            }
            if mine.1 > theirs.1 {
                part((theirs.1 + 1, mine.1));
            }
            let common = (mine.0.max(theirs.0), mine.1.min(theirs.1));
            left.sides.iter_mut().skip(at).take(1).for_each(|known| *known = common);
        }
    }

    /// The first TCP port, if it is TCP.
    pub(super) fn tcp(&self) -> Option<u16> {
        let [protocols, ports, _] = self.sides;
        (protocols == (6, 6)).then(|| u16::try_from(ports.0).ok()).flatten()
    }

    /// Protocol and ports, as people say it.
    pub(super) fn service(&self) -> String {
        let [(first, last), (from, to), _] = self.sides;
        let ports = match (from, to) {
            (0 | 1, 65535) => String::new(),
            (from, to) if from == to => format!(" {from}"),
            (from, to) => format!(" {from}-{to}"),
        };
        match (first, last) {
            (0, 255) => "every port and protocol".to_owned(),
            (6, 6) => format!("tcp{ports}"),
            (17, 17) => format!("udp{ports}"),
            (1, 1) => "icmp".to_owned(),
            (58, 58) => "icmpv6".to_owned(),
            (one, other) if one == other => format!("protocol {one}"),
            _ => "other protocols".to_owned(),
        }
    }

    /// The addresses outside.
    pub(super) fn addresses(&self) -> Option<Addresses> {
        let [_, _, (first, last)] = self.sides;
        Addresses::between(address(self.family?, first), address(self.family?, last))
    }
}

impl Slots {
    /// Of boxes that may overlap; what two hold rests on the earlier.
    pub(super) fn of(all: impl IntoIterator<Item = Slot>) -> Self {
        all.into_iter().fold(Self::default(), |known, one| {
            let new = Self(vec![one]).without(&known);
            known.and(&new)
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.0.iter()
    }

    /// What another one does not hold.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for hole in &other.0 {
            let mut next = Vec::with_capacity(left.len());
            left.into_iter().for_each(|one| one.without(hole, &mut next));
            left = next;
        }
        Self(left)
    }

    /// What either holds.
    pub(super) fn and(mut self, other: &Self) -> Self {
        let new = other.without(&self);
        self.0.extend(new.0);
        self
    }
}

fn number(address: std::net::IpAddr) -> u128 {
    match address {
        std::net::IpAddr::V4(address) => address.to_bits().into(),
        std::net::IpAddr::V6(address) => address.to_bits(),
    }
}

fn address(family: Family, number: u128) -> std::net::IpAddr {
    match family {
        Family::V4 => std::net::Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX)).into(),
        Family::V6 => std::net::Ipv6Addr::from_bits(number).into(),
    }
}
