//! A block of IPv6 addresses in CIDR form (RFC 4291, section 2.3).

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::BlockError;

/// A network address and a prefix length from 0 to 128; no bit behind the prefix is set.
///
/// Blocks are ordered by address, a larger one before those in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv6Block {
    network: Ipv6Addr,
    prefix: u8,
}

fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0)
}

impl Ipv6Block {
    /// All addresses there are.
    pub const ALL: Self = Self { network: Ipv6Addr::UNSPECIFIED, prefix: 0 };

    /// A block, unless the prefix is longer than 128 or a bit behind it is set.
    pub fn new(network: Ipv6Addr, prefix: u8) -> Result<Self, BlockError> {
        if prefix > 128 {
            return Err(BlockError::Prefix { most: 128 });
        }
        let meant = Self { network: Ipv6Addr::from_bits(network.to_bits() & mask(prefix)), prefix };
        if meant.network == network {
            Ok(meant)
        } else {
            Err(BlockError::HostBits { meant: meant.to_string() })
        }
    }

    /// The prefix length.
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// The first address, which names the network.
    pub const fn first(self) -> Ipv6Addr {
        self.network
    }

    /// The last address.
    pub fn last(self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.network.to_bits() | !mask(self.prefix))
    }

    /// Whether an address is in it.
    pub fn contains_address(self, address: Ipv6Addr) -> bool {
        address.to_bits() & mask(self.prefix) == self.network.to_bits()
    }

    /// Whether every address of `other` is in it.
    pub fn contains(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains_address(other.network)
    }

    /// Whether an address is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The block number `index`, from 0, of those of prefix length `prefix` that it is made of.
    ///
    /// `None` if that prefix is shorter than its own or longer than 128, or if there are not so many.
    pub fn subnet(self, prefix: u8, index: u64) -> Option<Self> {
        if prefix < self.prefix || prefix > 128 {
            return None;
        }
        let more = u32::from(prefix - self.prefix);
        // A shift by all 64 bits or more leaves nothing of an index.
        if index.checked_shr(more).unwrap_or(0) != 0 {
            return None;
        }
        let offset = u128::from(index).checked_shl(u32::from(128 - prefix)).unwrap_or(0);
        Some(Self { network: Ipv6Addr::from_bits(self.network.to_bits() | offset), prefix })
    }
}

impl FromStr for Ipv6Block {
    type Err = BlockError;

    fn from_str(text: &str) -> Result<Self, BlockError> {
        let form = BlockError::Form { example: "2001:db8::/56" };
        let Some((network, prefix)) = text.split_once('/') else { return Err(form) };
        let Ok(network) = network.parse() else { return Err(form) };
        Self::new(network, crate::block::prefix(prefix, 128).ok_or(form)?)
    }
}

impl fmt::Display for Ipv6Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}
