//! Runs of addresses of one family, as a certificate writes them: an address, a block, or first and last.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The addresses from one to another, both included; `10.0.0.0/24`, `10.0.0.1` or `10.0.0.1-10.0.0.9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Run {
    first: IpAddr,
    last: IpAddr,
}

impl Run {
    /// From one to another of the same family; none if they are not, or the other comes first.
    pub fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// One address.
    pub const fn one(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// The lowest.
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// Whether an address is one of them. (IPv4 sorts before IPv6, so that the family needs no look.)
    pub fn has(self, address: IpAddr) -> bool {
        self.first <= address && address <= self.last
    }

    /// How many there are, less one: to compare runs by.
    pub fn size(self) -> u128 {
        number(self.last) - number(self.first)
    }

    /// The address behind the last, if there is one.
    pub fn after(self) -> Option<IpAddr> {
        match self.last {
            IpAddr::V4(a) => a.to_bits().checked_add(1).map(|n| Ipv4Addr::from_bits(n).into()),
            IpAddr::V6(a) => a.to_bits().checked_add(1).map(|n| Ipv6Addr::from_bits(n).into()),
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => a.to_bits().into(),
        IpAddr::V6(a) => a.to_bits(),
    }
}

/// The address whose last bits, from `prefix` on, are all ones; none if `first` has one there.
fn last_of(first: IpAddr, prefix: u32) -> Option<IpAddr> {
    match first {
        IpAddr::V4(a) if prefix <= 32 => {
            let hosts = u32::MAX.checked_shr(prefix).unwrap_or(0);
            (a.to_bits() & hosts == 0).then(|| Ipv4Addr::from_bits(a.to_bits() | hosts).into())
        }
        IpAddr::V6(a) if prefix <= 128 => {
            let hosts = u128::MAX.checked_shr(prefix).unwrap_or(0);
            (a.to_bits() & hosts == 0).then(|| Ipv6Addr::from_bits(a.to_bits() | hosts).into())
        }
        _ => None,
    }
}

impl FromStr for Run {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address, no block and no run of addresses");
        let address = |text: &str| text.parse::<IpAddr>().map_err(|_| wrong());
        if let Some((first, prefix)) = text.split_once('/') {
            let (first, prefix) = (address(first)?, prefix.parse().map_err(|_| wrong())?);
            let last = last_of(first, prefix).ok_or_else(wrong)?;
            return Self::new(first, last).ok_or_else(wrong);
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Self::new(address(first)?, address(last)?).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Run {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = if self.first.is_ipv4() { 32 } else { 128 };
        let prefix = bits - (128 - self.size().leading_zeros());
        match last_of(self.first, prefix) {
            _ if self.first == self.last => self.first.fmt(f),
            Some(last) if last == self.last => write!(f, "{}/{prefix}", self.first),
            _ => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl From<Run> for String {
    fn from(run: Run) -> Self {
        run.to_string()
    }
}
