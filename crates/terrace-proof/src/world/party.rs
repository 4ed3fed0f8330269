//! Who can talk and be talked to.

use crate::space::{Addresses, Traffic};

use super::network::ids;
use super::{Guard, SubnetId, When};

ids! {
    /// Someone outside, by its place in the world's list.
    ExternalId
    /// Someone inside.
    SiteId
    /// An interface.
    InterfaceId
}

impl ExternalId {
    /// Anyone on the internet.
    pub const INTERNET: Self = Self(0);
}

/// Someone that a question can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Outside.
    External(ExternalId),
    /// Inside.
    Site(SiteId),
}

/// Someone outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// Its addresses.
    pub addresses: Vec<Addresses>,
    /// Whether it comes in by internet gateways, and is reached by them.
    pub on_internet: bool,
}

/// Someone inside, as a person names it: a group of machines, a database, a load balancer. To reach one is to reach any
/// of its interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// What it listens on; none: that is not told, and anything may be.
    pub listens: Option<Vec<Traffic>>,
}

/// An interface, or any number of interfaces that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Whose.
    pub site: SiteId,
    /// Where.
    pub subnet: SubnetId,
    /// What stands before it.
    pub guard: Guard,
    /// Its own addresses: one each, or what they are among.
    pub addresses: Vec<Addresses>,
    /// A public address of IPv4.
    pub public: Option<When>,
    /// Whether it is there.
    pub when: When,
}

impl External {
    /// Anyone on the internet: every address that is not special (RFC 6890 and the registries of special-purpose addresses).
    pub fn internet() -> Self {
        Self { addresses: internet(), on_internet: true }
    }
}

/// Public addresses: of IPv4 those that no registry sets apart, of IPv6 2000::/3.
pub fn internet() -> Vec<Addresses> {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    // First and last of each run between 0/8, 10/8, 100.64/10, 127/8, 169.254/16, 172.16/12, 192.168/16 and 224/3.
    const RUNS: [([u8; 4], [u8; 4]); 7] = [
        ([1, 0, 0, 0], [9, 255, 255, 255]),
        ([11, 0, 0, 0], [100, 63, 255, 255]),
        ([100, 128, 0, 0], [126, 255, 255, 255]),
        ([128, 0, 0, 0], [169, 253, 255, 255]),
        ([169, 255, 0, 0], [172, 15, 255, 255]),
        ([172, 32, 0, 0], [192, 167, 255, 255]),
        ([192, 169, 0, 0], [223, 255, 255, 255]),
    ];
    let four = |[a, b, c, d]: [u8; 4]| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    let mut all: Vec<Addresses> =
        RUNS.iter().filter_map(|(first, last)| Addresses::between(four(*first), four(*last))).collect();
    let first = IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0));
    let last = IpAddr::V6(Ipv6Addr::from_bits(0x3fff_ffff_ffff_ffff_ffff_ffff_ffff_ffff));
    all.extend(Addresses::between(first, last));
    all
}
