//! Runs of addresses of one family.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use terrace_net::{Ipv4Block, Ipv6Block};

use super::span::Span;

/// Which Internet Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4 (RFC 791).
    V4,
    /// IPv6 (RFC 8200).
    V6,
}

impl Family {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address. An IPv4 address mapped into IPv6 is one of IPv6.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// The bits of an address: 32 or 128.
    pub const fn bits(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    pub(super) const fn span(self) -> Span {
        match self {
            Self::V4 => Span::between(0, 0xffff_ffff),
            Self::V6 => Span::between(0, u128::MAX),
        }
    }

    /// The address of a number; for IPv4 of its lowest 32 bits.
    pub(super) const fn address(self, number: u128) -> IpAddr {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "an address of IPv4 has 32 bits")]
            Self::V4 => IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
            Self::V6 => IpAddr::V6(Ipv6Addr::from_bits(number)),
        }
    }
}

pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A block of either family: what rules and routes are written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressBlock {
    /// Of IPv4.
    V4(Ipv4Block),
    /// Of IPv6.
    V6(Ipv6Block),
}

impl AddressBlock {
    /// The prefix length.
    pub const fn prefix(self) -> u8 {
        match self {
            Self::V4(block) => block.prefix(),
            Self::V6(block) => block.prefix(),
        }
    }

    /// Its family.
    pub const fn family(self) -> Family {
        match self {
            Self::V4(_) => Family::V4,
            Self::V6(_) => Family::V6,
        }
    }
}

impl From<Ipv4Block> for AddressBlock {
    fn from(block: Ipv4Block) -> Self {
        Self::V4(block)
    }
}

impl From<Ipv6Block> for AddressBlock {
    fn from(block: Ipv6Block) -> Self {
        Self::V6(block)
    }
}

impl fmt::Display for AddressBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(block) => block.fmt(f),
            Self::V6(block) => block.fmt(f),
        }
    }
}

/// The addresses from one to another of the same family, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    family: Family,
    span: Span,
}

impl Addresses {
    /// All of a family.
    pub const fn all(family: Family) -> Self {
        Self { family, span: family.span() }
    }

    /// From the one to the other, in whichever order; `None` if their families differ.
    pub fn between(a: IpAddr, b: IpAddr) -> Option<Self> {
        let family = Family::of(a);
        (family == Family::of(b)).then(|| Self { family, span: Span::between(number(a), number(b)) })
    }

    pub(super) const fn of(family: Family, span: Span) -> Self {
        Self { family, span }
    }

    pub(super) const fn span(self) -> Span {
        self.span
    }

    /// Their family.
    pub const fn family(self) -> Family {
        self.family
    }

    /// The lowest.
    pub const fn first(self) -> IpAddr {
        self.family.address(self.span.first())
    }

    /// The highest.
    pub const fn last(self) -> IpAddr {
        self.family.address(self.span.last())
    }

    /// Whether an address is among them.
    pub fn contains(self, address: IpAddr) -> bool {
        self.family == Family::of(address) && self.span.contains(number(address))
    }

    /// How many; `u128::MAX` for all of IPv6, of which there is one more.
    pub const fn count(self) -> u128 {
        self.span.count()
    }
}

impl From<IpAddr> for Addresses {
    fn from(address: IpAddr) -> Self {
        Self { family: Family::of(address), span: Span::one(number(address)) }
    }
}

impl From<AddressBlock> for Addresses {
    fn from(block: AddressBlock) -> Self {
        let (first, last) = match block {
            AddressBlock::V4(block) => (block.first().to_bits().into(), block.last().to_bits().into()),
            AddressBlock::V6(block) => (block.first().to_bits(), block.last().to_bits()),
        };
        Self { family: block.family(), span: Span::between(first, last) }
    }
}

impl From<Ipv4Block> for Addresses {
    fn from(block: Ipv4Block) -> Self {
        AddressBlock::from(block).into()
    }
}

impl From<Ipv6Block> for Addresses {
    fn from(block: Ipv6Block) -> Self {
        AddressBlock::from(block).into()
    }
}

/// As a block where they are one, else as `first-last`.
impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differ = self.span.first() ^ self.span.last();
        let is_block =
            differ.checked_add(1).is_none_or(u128::is_power_of_two) && self.span.first() & differ == 0;
        if is_block {
            write!(f, "{}/{}", self.first(), self.family.bits().saturating_sub(differ.count_ones()))
        } else {
            write!(f, "{}-{}", self.first(), self.last())
        }
    }
}
