//! One packet's header: a point of the space.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::traffic::{ICMP, ICMPV6};

/// A packet's header. Both addresses are of one family, or no set holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    /// IANA's number of the protocol.
    pub protocol: u8,
    /// The source port; ICMP's type; without a meaning for a protocol that has no ports.
    pub source_port: u16,
    /// The destination port; ICMP's code; without a meaning for a protocol that has no ports.
    pub destination_port: u16,
    /// Whence.
    pub source: IpAddr,
    /// Whereto.
    pub destination: IpAddr,
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.protocol {
            6 => "tcp",
            17 => "udp",
            ICMP | ICMPV6 => {
                let name = if self.protocol == ICMP { "icmp" } else { "icmpv6" };
                let (kind, code) = (self.source_port, self.destination_port);
                return write!(f, "{name} type {kind} code {code} {} -> {}", self.source, self.destination);
            }
            other => return write!(f, "protocol {other} {} -> {}", self.source, self.destination),
        };
        let from = SocketAddr::new(self.source, self.source_port);
        write!(f, "{name} {from} -> {}", SocketAddr::new(self.destination, self.destination_port))
    }
}
