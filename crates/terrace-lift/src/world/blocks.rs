//! Blocks of addresses: as written, and what stands for those that are not told.
//!
//! The block of a network that nobody has told is one of 100.64.0.0/10 (or of 2600:1f00::/24), which no design
//! uses: rules that name all addresses match it, and a rule that names some block matches it perhaps.

use std::net::{IpAddr, Ipv6Addr};

use terrace_aws::inventory::Told;
use terrace_aws::{Part, Text};
use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::{AddressBlock, Addresses, Family};
use terrace_proof::world::{Unknowns, When};

use super::lifting::Lifting;

/// What a text that should be a block is.
pub(super) enum Block {
    /// This one.
    Is(AddressBlock),
    /// Something that is not told.
    Unknown(Unknowns),
}

/// A block as written; bits behind the prefix are let go as AWS does, an address alone is a block of one.
pub(super) fn parse(text: &str) -> Option<AddressBlock> {
    let text = text.trim();
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let prefix = match prefix {
        Some(digits) => Some(digits.parse::<u8>().ok()?),
        None => None,
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            let prefix = prefix.unwrap_or(32);
            (prefix <= 32).then(|| Ipv4Block::around(address, prefix).into())
        }
        IpAddr::V6(address) => {
            let prefix = prefix.unwrap_or(128);
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix.into())?).unwrap_or(0);
            Ipv6Block::new(Ipv6Addr::from_bits(address.to_bits() & mask), prefix).ok().map(Into::into)
        }
    }
}

/// All of both families.
pub(super) fn everywhere() -> Vec<Addresses> {
    Family::BOTH.map(Addresses::all).to_vec()
}

/// All of both families, as blocks.
pub(super) const EVERYWHERE: [AddressBlock; 2] =
    [AddressBlock::V4(Ipv4Block::ALL), AddressBlock::V6(Ipv6Block::ALL)];

pub(super) fn holds(outer: AddressBlock, inner: AddressBlock) -> bool {
    match (outer, inner) {
        (AddressBlock::V4(outer), AddressBlock::V4(inner)) => outer.contains(inner),
        (AddressBlock::V6(outer), AddressBlock::V6(inner)) => outer.contains(inner),
        _ => false,
    }
}

pub(super) fn overlap(a: AddressBlock, b: AddressBlock) -> bool {
    holds(a, b) || holds(b, a)
}

/// What interfaces of a subnet may have: AWS keeps the first four addresses and the last ("Subnet CIDR blocks").
pub(super) fn usable(block: AddressBlock) -> Addresses {
    let all = Addresses::from(block);
    let inner = match (all.first(), all.last()) {
        (IpAddr::V4(first), IpAddr::V4(last)) if block.prefix() <= 28 => Addresses::between(
            IpAddr::V4((first.to_bits().saturating_add(4)).into()),
            IpAddr::V4((last.to_bits().saturating_sub(1)).into()),
        ),
        (IpAddr::V6(first), IpAddr::V6(last)) if block.prefix() <= 124 => Addresses::between(
            IpAddr::V6((first.to_bits().saturating_add(4)).into()),
            IpAddr::V6((last.to_bits().saturating_sub(1)).into()),
        ),
        _ => None,
    };
    inner.unwrap_or(all)
}

/// The part number `index` of a block, `more` bits longer (at most a subnet of 16 addresses).
fn part(block: AddressBlock, index: u32) -> Option<AddressBlock> {
    match block {
        AddressBlock::V4(block) => {
            let prefix = block.prefix().saturating_add(8).min(28);
            block.subnet(prefix, index).map(Into::into)
        }
        AddressBlock::V6(block) => {
            let prefix = if block.prefix() < 64 { 64 } else { 124 };
            block.subnet(prefix, index.into()).map(Into::into)
        }
    }
}

impl Lifting<'_> {
    /// What a text that should be a block is.
    pub(super) fn block(&mut self, text: &Text) -> Block {
        if let Some(literal) = text.literal() {
            return match parse(literal) {
                Some(block) => Block::Is(block),
                None => Block::Unknown(Unknowns::from([self.unknown(format!("the block \"{literal}\""))])),
            };
        }
        if let Some(block) = self.symbols.get(text).or_else(|| self.symbols.get(&text.forgotten())) {
            return Block::Is(*block);
        }
        if let Some(block) = self.of_item(text) {
            return Block::Is(block);
        }
        let references: Vec<_> = text.references().cloned().collect();
        Block::Unknown(self.unknowns(&references))
    }

    /// `aws_vpc.main.cidr_block` and the like.
    fn of_item(&self, text: &Text) -> Option<AddressBlock> {
        let reference = match text.parts() {
            [Part::Reference(reference)] => reference,
            [Part::Opaque(of)] if of.len() == 1 => of.first()?,
            _ => return None,
        };
        let family = match reference.attribute() {
            "cidr_block" => Family::V4,
            "ipv6_cidr_block" => Family::V6,
            _ => return None,
        };
        let item = reference.item()?;
        let world = &self.out.world;
        let blocks = if let Some(id) = self.networks.get(item) {
            &world.networks.get(usize::try_from(id.0).ok()?)?.blocks
        } else {
            let id = self.subnets.get(item)?;
            &world.subnets.get(usize::try_from(id.0).ok()?)?.blocks
        };
        blocks.iter().find(|b| b.family() == family).copied()
    }

    /// A block that stands for one that is not told.
    pub(super) fn stand_in(&mut self, family: Family, unknowns: Unknowns) -> AddressBlock {
        let taken = self.stand_ins.iter().filter(|(b, _)| b.family() == family).count();
        let index = u32::try_from(taken).unwrap_or(0);
        let block = match family {
            Family::V4 => {
                // Sixty-four of them, and then the first again.
                let second = 64_u8.saturating_add(u8::try_from(index % 64).unwrap_or(0));
                AddressBlock::V4(Ipv4Block::around(std::net::Ipv4Addr::new(100, second, 0, 0), 16))
            }
            Family::V6 => {
                let third = u128::from(index % 0xffff) << 80;
                let bits = 0x2600_1f00_0000_0000_0000_0000_0000_0000_u128 | third;
                Ipv6Block::new(Ipv6Addr::from_bits(bits), 56)
                    .map_or(AddressBlock::V6(Ipv6Block::ALL), AddressBlock::V6)
            }
        };
        self.stand_ins.push((block, unknowns));
        block
    }

    /// The block that an argument gives, or one that stands for it and for every text like it.
    pub(super) fn network_block(&mut self, told: Told<Text>, family: Family) -> Option<AddressBlock> {
        let text = match told {
            Told::Nothing => return None,
            Told::Is(text) => text,
            Told::Unknown(of) => Text::opaque(of),
        };
        match self.block(&text) {
            Block::Is(block) => Some(block),
            Block::Unknown(unknowns) => {
                let block = self.stand_in(family, unknowns);
                self.symbols.insert(text, block);
                Some(block)
            }
        }
    }

    /// A part of a network's block that overlaps none of `taken`, for a subnet whose block is not told.
    pub(super) fn carve(
        &mut self,
        network: &[AddressBlock],
        family: Family,
        taken: &[AddressBlock],
        unknowns: Unknowns,
    ) -> Option<AddressBlock> {
        let whole = network.iter().copied().find(|b| b.family() == family)?;
        let free = (0..4096).map_while(|index| part(whole, index));
        let block = free.into_iter().find(|b| !taken.iter().any(|t| overlap(*t, *b))).unwrap_or(whole);
        self.stand_ins.push((block, unknowns));
        Some(block)
    }

    /// What a rule that names a block matches: it, and perhaps what stands for blocks that are not told.
    pub(super) fn matching(&self, block: AddressBlock) -> Vec<(AddressBlock, When)> {
        let mut all = vec![(block, When::Always)];
        // The very text that a stand-in stands for names it, and no other.
        let is_stand_in = self.stand_ins.iter().any(|(b, _)| holds(*b, block));
        if block.prefix() == 0 || is_stand_in {
            return all;
        }
        let alike = |other: AddressBlock| other.family() == block.family();
        for (other, unknowns) in
            self.stand_ins.iter().filter(|(other, _)| alike(*other) && !holds(block, *other))
        {
            let within = |(outer, _): &(AddressBlock, Unknowns)| outer != other && holds(*outer, *other);
            if !self.stand_ins.iter().any(within) && !all.iter().any(|(known, _)| known == other) {
                all.push((*other, When::Perhaps(unknowns.clone())));
            }
        }
        all
    }
}
