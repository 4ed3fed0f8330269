//! Runs of ports, and the protocols that have them.

use std::fmt;
use std::str::FromStr;

use crate::{Port, PortError};

/// Ports from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: Port,
    last: Port,
}

/// Why something is no range of ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortRangeError {
    /// The bounds are the wrong way round.
    #[error("a range of ports ends where it begins, or later")]
    Backwards,
    /// A bound is no port.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl PortRange {
    /// From `first` to `last`, unless that comes earlier.
    pub fn new(first: Port, last: Port) -> Result<Self, PortRangeError> {
        if first <= last { Ok(Self { first, last }) } else { Err(PortRangeError::Backwards) }
    }

    /// The lowest.
    pub const fn first(self) -> Port {
        self.first
    }

    /// The highest.
    pub const fn last(self) -> Port {
        self.last
    }

    /// Whether a port is in it.
    pub fn contains(self, port: Port) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl From<Port> for PortRange {
    fn from(port: Port) -> Self {
        Self { first: port, last: port }
    }
}

impl FromStr for PortRange {
    type Err = PortRangeError;

    fn from_str(text: &str) -> Result<Self, PortRangeError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Self::new(first.parse()?, last.parse()?)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

/// What a packet carries (IANA's protocol numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP, 6.
    Tcp,
    /// UDP, 17.
    Udp,
    /// ICMP for IPv4, 1.
    Icmp,
    /// Every protocol.
    All,
    /// Another one, by its number. [`Protocol::numbered`] never makes one that has a name here.
    Number(u8),
}

impl Protocol {
    /// The protocol of this number.
    pub const fn numbered(number: u8) -> Self {
        match number {
            1 => Self::Icmp,
            6 => Self::Tcp,
            17 => Self::Udp,
            other => Self::Number(other),
        }
    }

    /// Its number; `None` for every protocol.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Tcp => Some(6),
            Self::Udp => Some(17),
            Self::Icmp => Some(1),
            Self::All => None,
            Self::Number(number) => Some(number),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Icmp => f.write_str("icmp"),
            Self::All => f.write_str("all"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_print_as_they_are_written() {
        for text in ["443", "1024-65535", "1-2"] {
            assert_eq!(text.parse::<PortRange>().unwrap().to_string(), text);
        }
        for text in ["", "-", "0", "5-4", "1-", "-1", "1-2-3", "0-9", "1-65536", " 1"] {
            assert!(text.parse::<PortRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn protocols_keep_their_numbers() {
        for number in 0..=u8::MAX {
            assert_eq!(Protocol::numbered(number).number(), Some(number));
        }
        assert_eq!(Protocol::numbered(6), Protocol::Tcp);
        assert_eq!((Protocol::All.number(), Protocol::Number(50).to_string()), (None, "50".to_owned()));
    }
}
