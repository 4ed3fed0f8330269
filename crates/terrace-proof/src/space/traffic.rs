//! What a rule says of protocol and ports, and the sides that this gives a box.
//!
//! Sources: Amazon EC2 API, `IpPermission` and `NetworkAclEntry` (protocol -1 takes every port, whatever range is
//! written; so does every protocol other than TCP, UDP and ICMP); RFC 792 and RFC 4443 for ICMP's types and codes.

use terrace_net::{Port, PortRange, Protocol};

use super::address::Family;
use super::span::Span;

/// Ports from 0 to 65535, from one to another, both included.
///
/// Unlike a [`PortRange`] it may hold port 0, which rules name (`0-65535`) and nobody listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortSpan {
    first: u16,
    last: u16,
}

impl PortSpan {
    /// All ports.
    pub const ALL: Self = Self { first: 0, last: u16::MAX };

    /// From `first` to `last`; `None` if that comes earlier.
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    pub(super) const fn span(self) -> Span {
        Span::between(self.first as u128, self.last as u128)
    }

    /// The lowest.
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The highest.
    pub const fn last(self) -> u16 {
        self.last
    }
}

impl From<PortRange> for PortSpan {
    fn from(range: PortRange) -> Self {
        Self { first: range.first().get(), last: range.last().get() }
    }
}

impl From<Port> for PortSpan {
    fn from(port: Port) -> Self {
        Self { first: port.get(), last: port.get() }
    }
}

/// A protocol that has ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP, 6.
    Tcp,
    /// UDP, 17.
    Udp,
}

/// What a rule lets through or stops: protocol and ports, or types and codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Traffic {
    /// Every protocol and port.
    All,
    /// All of one protocol, by its number.
    Protocol(u8),
    /// To ports of a protocol that has them.
    Ports(Transport, PortSpan),
    /// ICMP of a family, 1 or 58; `None` where the rule says -1. A code without a type means nothing.
    Icmp {
        /// Of which family.
        family: Family,
        /// The type.
        kind: Option<u8>,
        /// The code.
        code: Option<u8>,
    },
}

/// ICMP's number.
pub(super) const ICMP: u8 = 1;
/// ICMP's number for IPv6.
pub(super) const ICMPV6: u8 = 58;

impl Traffic {
    /// Ports of a protocol; all of a protocol that has none.
    pub const fn of(protocol: Protocol, ports: PortSpan) -> Self {
        match protocol {
            Protocol::All => Self::All,
            Protocol::Tcp => Self::Ports(Transport::Tcp, ports),
            Protocol::Udp => Self::Ports(Transport::Udp, ports),
            Protocol::Icmp => Self::Protocol(ICMP),
            Protocol::Number(number) => Self::Protocol(number),
        }
    }

    /// The sides for protocol, source port and destination port. ICMP's type stands in the source port's place,
    /// its code in the destination port's.
    pub(super) fn sides(self) -> [Span; 3] {
        let any = Span::WORD;
        match self {
            Self::All => [Span::BYTE, any, any],
            Self::Protocol(number) => [Span::one(number.into()), any, any],
            Self::Ports(transport, ports) => {
                let number = match transport {
                    Transport::Tcp => 6,
                    Transport::Udp => 17,
                };
                [Span::one(number), any, ports.span()]
            }
            Self::Icmp { family, kind, code } => {
                let number = match family {
                    Family::V4 => ICMP,
                    Family::V6 => ICMPV6,
                };
                let code = kind.and(code);
                [Span::one(number.into()), kind.map_or(any, byte), code.map_or(any, byte)]
            }
        }
    }
}

/// A type or code in a port's place. The last one stands for all numbers that are none, so that all 256 together
/// are what "every port" is.
pub(super) fn byte(number: u8) -> Span {
    let first = u128::from(number);
    if number == u8::MAX { Span::between(first, Span::WORD.last()) } else { Span::one(first) }
}
