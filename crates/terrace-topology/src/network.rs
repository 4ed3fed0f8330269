//! The network that a system lives in: its block of addresses, and the part of each tier in each zone.

use std::collections::{BTreeMap, BTreeSet};

use terrace_net::Ipv4Block;

use crate::Zones;

/// The tiers that have addresses of their own, in every zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// What the public meets; the only one with a way in from outside.
    Public,
    /// The page.
    Web,
    /// The services.
    App,
    /// The database.
    Data,
}

impl Tier {
    /// All of them, from the outside in.
    pub const ALL: [Self; 4] = [Self::Public, Self::Web, Self::App, Self::Data];

    /// What it is called: `public`, `web`, `app`, `data`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Web => "web",
            Self::App => "app",
            Self::Data => "data",
        }
    }

    /// How many bits a derived block has more than the network, and the number of the first zone's.
    const fn cut(self) -> (u8, u32) {
        match self {
            Self::Public => (8, 0),
            Self::Data => (8, 8),
            Self::Web => (4, 1),
            Self::App => (4, 4),
        }
    }
}

/// The block of a system, and what is written of its tiers' blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// All its addresses. 16 to 20 bits of prefix leave room for every derived block.
    pub block: Ipv4Block,
    /// The blocks written for a tier, one a zone, in the zones' order.
    pub subnets: BTreeMap<Tier, Vec<Ipv4Block>>,
}

impl Network {
    /// The block of a tier in each zone: as written, else cut out of the network's block.
    ///
    /// Cut out of a prefix `p`, the public tier has the blocks 0, 1, 2 and the data tier 8, 9, 10 of prefix
    /// `p + 8`; the web tier has the blocks 1, 2, 3 and the app tier 4, 5, 6 of prefix `p + 4`. The larger
    /// block 0 of `p + 4` holds the smaller ones, so none overlaps another. Where the network's block is too
    /// small to be cut so, there are none.
    pub fn blocks(&self, tier: Tier, zones: Zones) -> Vec<Ipv4Block> {
        if let Some(written) = self.subnets.get(&tier) {
            return written.clone();
        }
        let (more, first) = tier.cut();
        (0..u32::from(zones.count()))
            .filter_map(|zone| self.block.subnet(self.block.prefix() + more, first + zone))
            .collect()
    }
}

/// The letters of the zones to use, in their order: two or three that differ, `a` to `z`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneLetters(Vec<char>);

/// Why letters do not choose zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two or three zones are chosen, each by a lower-case letter of its own, such as `a`")]
pub struct ZoneLettersError;

impl ZoneLetters {
    /// The zones of these letters.
    pub fn new(letters: &[char]) -> Result<Self, ZoneLettersError> {
        let distinct: BTreeSet<char> = letters.iter().copied().collect();
        let fits = (2..=3).contains(&letters.len())
            && distinct.len() == letters.len()
            && letters.iter().all(char::is_ascii_lowercase);
        if fits { Ok(Self(letters.to_vec())) } else { Err(ZoneLettersError) }
    }

    /// The letters, in order.
    pub fn letters(&self) -> &[char] {
        &self.0
    }

    /// How many.
    pub fn zones(&self) -> Zones {
        if self.0.len() == 3 { Zones::Three } else { Zones::Two }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(block: &str) -> Network {
        Network { block: block.parse().unwrap(), subnets: BTreeMap::new() }
    }

    #[test]
    fn derived_blocks_are_those_that_people_expect() {
        let text = |tier| -> Vec<String> {
            let blocks = network("10.0.0.0/16").blocks(tier, Zones::Three);
            blocks.iter().map(ToString::to_string).collect()
        };
        assert_eq!(text(Tier::Public), ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(text(Tier::Web), ["10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20"]);
        assert_eq!(text(Tier::App), ["10.0.64.0/20", "10.0.80.0/20", "10.0.96.0/20"]);
        assert_eq!(text(Tier::Data), ["10.0.8.0/24", "10.0.9.0/24", "10.0.10.0/24"]);
    }

    #[test]
    fn derived_blocks_lie_in_the_network_and_never_overlap() {
        for prefix in 16..=20 {
            let network = network(&format!("172.16.0.0/{prefix}"));
            let all: Vec<Ipv4Block> =
                Tier::ALL.iter().flat_map(|tier| network.blocks(*tier, Zones::Three)).collect();
            assert_eq!(all.len(), 12);
            for (index, block) in all.iter().enumerate() {
                assert!(network.block.contains(*block));
                assert!(all[..index].iter().all(|other| !other.overlaps(*block)), "{block}");
            }
        }
    }

    #[test]
    fn what_is_written_is_not_derived() {
        let mut network = network("10.0.0.0/16");
        let own = vec!["10.0.200.0/24".parse().unwrap(), "10.0.201.0/24".parse().unwrap()];
        network.subnets.insert(Tier::Data, own.clone());
        assert_eq!(network.blocks(Tier::Data, Zones::Two), own);
        assert_eq!(network.blocks(Tier::Web, Zones::Two).len(), 2);
    }

    #[test]
    fn letters_of_zones_differ() {
        for bad in ["", "a", "aa", "abcd", "A1", "äb"] {
            assert!(ZoneLetters::new(&bad.chars().collect::<Vec<_>>()).is_err(), "{bad}");
        }
        assert_eq!(ZoneLetters::new(&['c', 'a', 'b']).unwrap().zones(), Zones::Three);
    }
}
