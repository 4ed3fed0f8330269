//! A block of IPv4 addresses in CIDR form (RFC 4632).

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use crate::BlockError;

/// A network address and a prefix length from 0 to 32; no bit behind the prefix is set.
///
/// Blocks are ordered by address, a larger one before those in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv4Block {
    network: Ipv4Addr,
    prefix: u8,
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0)
}

impl Ipv4Block {
    /// All addresses there are.
    pub const ALL: Self = Self { network: Ipv4Addr::UNSPECIFIED, prefix: 0 };

    /// A block, unless the prefix is longer than 32 or a bit behind it is set.
    pub fn new(network: Ipv4Addr, prefix: u8) -> Result<Self, BlockError> {
        if prefix > 32 {
            return Err(BlockError::Prefix { most: 32 });
        }
        let meant = Self::around(network, prefix);
        if meant.network == network {
            Ok(meant)
        } else {
            Err(BlockError::HostBits { meant: meant.to_string() })
        }
    }

    /// The block of this prefix length (32 where it is longer) that holds an address.
    pub fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = prefix.min(32);
        Self { network: Ipv4Addr::from_bits(address.to_bits() & mask(prefix)), prefix }
    }

    /// The prefix length.
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// The first address, which names the network.
    pub const fn first(self) -> Ipv4Addr {
        self.network
    }

    /// The last address.
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.network.to_bits() | !mask(self.prefix))
    }

    /// How many addresses it has.
    pub fn size(self) -> u64 {
        1 << 32_u8.saturating_sub(self.prefix)
    }

    /// Whether an address is in it.
    pub fn contains_address(self, address: Ipv4Addr) -> bool {
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
    /// `None` if that prefix is shorter than its own or longer than 32, or if there are not so many.
    pub fn subnet(self, prefix: u8, index: u32) -> Option<Self> {
        if prefix < self.prefix || prefix > 32 {
            return None;
        }
        let count = 1_u64 << (prefix - self.prefix);
        let step = 1_u64 << (32 - prefix);
        let offset = (u64::from(index) < count).then(|| u64::from(index) * step)?;
        let network = u64::from(self.network.to_bits()) + offset;
        Some(Self { network: Ipv4Addr::from_bits(u32::try_from(network).ok()?), prefix })
    }
}

impl FromStr for Ipv4Block {
    type Err = BlockError;

    fn from_str(text: &str) -> Result<Self, BlockError> {
        let form = BlockError::Form { example: "10.0.0.0/16" };
        let Some((network, prefix)) = text.split_once('/') else { return Err(form) };
        let Ok(network) = network.parse() else { return Err(form) };
        Self::new(network, crate::block::prefix(prefix, 32).ok_or(form)?)
    }
}

impl fmt::Display for Ipv4Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}
