//! `Fn::Cidr`: a block cut into smaller ones.

use std::net::IpAddr;

use crate::datum::{Content, Datum};
use crate::node::{At, Node};
use crate::scope::Scope;

/// A list of blocks, or what it would be made of.
pub(crate) fn cidr(scope: &Scope<'_>, argument: &Node, at: At) -> Datum {
    let arguments: Vec<Datum> = argument.items().iter().map(|node| scope.evaluate(node)).collect();
    let all = Datum::new(at.line, Content::List(arguments.clone()));
    let number = |index: usize| {
        arguments.get(index).and_then(Datum::literal).and_then(|text| text.parse::<u32>().ok())
    };
    let block = arguments.first().and_then(Datum::literal).and_then(|text| block(&text));
    let (Some(block), Some(count)) = (block, number(1)) else {
        return scope.unknown_of(&all, "the function Fn::Cidr", at);
    };
    match parts(block, count, number(2)) {
        Some(parts) => {
            let parts = parts.into_iter().map(|part| Datum::text(at.line, part));
            Datum::new(at.line, Content::List(parts.collect()))
        }
        None => {
            scope.pass_over("Fn::Cidr", "asks for more blocks than there are", at);
            scope.unknown_of(&all, "the function Fn::Cidr", at)
        }
    }
}

/// An address and a prefix length; what stands behind the prefix is cut off.
fn block(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = text.trim().split_once('/')?;
    let (address, prefix): (IpAddr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, prefix))
}

/// `count` blocks with `host` bits each, from the start of the block.
fn parts((block, length): (IpAddr, u32), count: u32, host: Option<u32>) -> Option<Vec<String>> {
    let (width, start) = match block {
        IpAddr::V4(address) => (32, u128::from(u32::from(address))),
        IpAddr::V6(address) => (128, u128::from(address)),
    };
    let behind = u128::MAX.checked_shr(128 - (width - length)).unwrap_or_default();
    let start = start & !behind;
    let host = host.unwrap_or(8);
    let prefix = u32::checked_sub(width, host)?;
    let room = prefix.checked_sub(length)?;
    if count == 0 || count > 256 || (room < 32 && count > 1 << room) {
        return None;
    }
    let mut all = Vec::new();
    for index in 0..count {
        let address = start.checked_add(u128::from(index).checked_shl(host)?)?;
        let address = match block {
            IpAddr::V4(_) => IpAddr::V4(u32::try_from(address).ok()?.into()),
            IpAddr::V6(_) => IpAddr::V6(address.into()),
        };
        all.push(format!("{address}/{prefix}"));
    }
    Some(all)
}
