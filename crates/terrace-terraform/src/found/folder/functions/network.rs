//! Blocks of addresses, IPv4 and IPv6.

use std::net::IpAddr;

use super::super::convert;
use super::super::val::Val;
use super::super::world::{Known, Stop};
use super::Args;

/// A block: the address as a number, the length of its prefix, and that of an address (32 or 128).
#[derive(Clone, Copy)]
struct Block {
    base: u128,
    prefix: u32,
    bits: u32,
}

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    Some(match args.name {
        "cidrsubnet" => subnet(args),
        "cidrsubnets" => subnets(args),
        "cidrhost" => host(args),
        "cidrnetmask" => mask(args),
        _ => return None,
    })
}

fn ones(bits: u32) -> u128 {
    if bits == 0 { 0 } else { u128::MAX >> (128 - bits.min(128)) }
}

impl Block {
    fn parse(text: &str) -> Known<Self> {
        let wrong = || Stop::Wrong(format!("`{text}` is no block of addresses"));
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let (base, bits) = match address.parse().map_err(|_| wrong())? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= bits).ok_or_else(wrong)?;
        Ok(Self { base: base & !ones(bits - prefix), prefix, bits })
    }

    fn address(self, at: u128) -> Known<String> {
        if self.bits == 32 {
            let at = u32::try_from(at).map_err(|_| Stop::wrong("there is no such address"))?;
            return Ok(std::net::Ipv4Addr::from_bits(at).to_string());
        }
        Ok(std::net::Ipv6Addr::from_bits(at).to_string())
    }

    fn show(self) -> Known {
        Ok(Val::text(format!("{}/{}", self.address(self.base)?, self.prefix)))
    }

    fn inner(self, more: i64, number: u128) -> Known<Self> {
        let more = u32::try_from(more).map_err(|_| Stop::wrong("a prefix only grows"))?;
        let prefix = self.prefix.saturating_add(more);
        if prefix > self.bits {
            return Err(Stop::wrong("the prefix would be longer than an address"));
        }
        if number > ones(more) {
            return Err(Stop::wrong("the block has fewer parts"));
        }
        let base = if prefix == 0 { 0 } else { number.checked_shl(self.bits - prefix).unwrap_or(0) };
        Ok(Self { base: self.base | base, prefix, bits: self.bits })
    }
}

fn subnet(args: Args<'_>) -> Known {
    let block = Block::parse(&args.text(0)?)?;
    let number = u128::try_from(args.whole(2)?).map_err(|_| Stop::wrong("a number is not negative"))?;
    block.inner(args.whole(1)?, number)?.show()
}

/// One after another, each at the next place where it fits.
fn subnets(args: Args<'_>) -> Known {
    let block = Block::parse(&args.text(0)?)?;
    let end = block.base | ones(block.bits - block.prefix);
    let mut next = Some(block.base);
    let mut all = Vec::new();
    for more in args.all.get(1..).unwrap_or_default() {
        let inner = block.inner(convert::whole(more)?, 0)?;
        let size = ones(block.bits - inner.prefix);
        let full = || Stop::wrong("not enough addresses are left");
        let base = next.and_then(|next| next.checked_add(size)).ok_or_else(full)? & !size;
        if base > end || base | size > end {
            return Err(full());
        }
        all.push(Block { base, ..inner }.show()?);
        next = (base | size).checked_add(1);
    }
    Ok(Val::list(all))
}

fn host(args: Args<'_>) -> Known {
    let block = Block::parse(&args.text(0)?)?;
    let number = args.whole(1)?;
    let size = ones(block.bits - block.prefix);
    let at = if number >= 0 {
        u128::from(number.unsigned_abs())
    } else {
        let back = u128::from(number.unsigned_abs());
        size.checked_sub(back - 1).ok_or_else(|| Stop::wrong("the block has fewer addresses"))?
    };
    if at > size {
        return Err(Stop::wrong("the block has fewer addresses"));
    }
    Ok(Val::text(block.address(block.base | at)?))
}

fn mask(args: Args<'_>) -> Known {
    let block = Block::parse(&args.text(0)?)?;
    if block.bits != 32 {
        return Err(Stop::wrong("only IPv4 has masks"));
    }
    Ok(Val::text(block.address(ones(32) & !ones(32 - block.prefix))?))
}
