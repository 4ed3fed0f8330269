//! Blocks against a dumber implementation: first and last address as plain numbers.

#![expect(clippy::unwrap_used, reason = "a strategy makes only values that are right")]

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use terrace_net::{BlockError, Ipv4Block, Ipv6Block};

/// A range of numbers, both ends included.
type Range = (u128, u128);

fn within(inner: Range, outer: Range) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

fn meet(a: Range, b: Range) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

fn range4(block: Ipv4Block) -> Range {
    (block.first().to_bits().into(), block.last().to_bits().into())
}

fn range6(block: Ipv6Block) -> Range {
    (block.first().to_bits(), block.last().to_bits())
}

/// The block of `length` bits of prefix around an address of `width` bits, by division.
fn around(address: u128, length: u8, width: u8) -> Range {
    match 1_u128.checked_shl((width - length).into()) {
        Some(size) => (address / size * size, address / size * size + (size - 1)),
        None => (0, u128::MAX),
    }
}

/// Addresses near each other, so that blocks often touch, and any others.
fn address4() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 0x0a00_0000..0x0a00_0400_u32, (u32::MAX - 64)..=u32::MAX]
}

fn address6() -> impl Strategy<Value = u128> {
    prop_oneof![any::<u128>(), 0..1024_u128, (u128::MAX - 64)..=u128::MAX]
}

fn block4() -> impl Strategy<Value = Ipv4Block> {
    (address4(), 0..=32_u8).prop_map(|(address, prefix)| {
        let first = around(address.into(), prefix, 32).0;
        Ipv4Block::new(Ipv4Addr::from_bits(first.try_into().unwrap()), prefix).unwrap()
    })
}

fn block6() -> impl Strategy<Value = Ipv6Block> {
    (address6(), 0..=128_u8).prop_map(|(address, prefix)| {
        Ipv6Block::new(Ipv6Addr::from_bits(around(address, prefix, 128).0), prefix).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn an_ipv4_block_is_a_range(a in block4(), b in block4(), address in address4()) {
        let (range, at) = (range4(a), u128::from(address));
        prop_assert_eq!(range, around(range.0, a.prefix(), 32));
        prop_assert_eq!(u128::from(a.size()), range.1 - range.0 + 1);
        prop_assert_eq!(a.contains_address(Ipv4Addr::from_bits(address)), within((at, at), range));
        prop_assert_eq!(a.contains(b), within(range4(b), range));
        prop_assert_eq!(a.overlaps(b), meet(range, range4(b)));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
        prop_assert_eq!(Ipv4Block::around(Ipv4Addr::from_bits(address), a.prefix()).contains(a), a.contains_address(Ipv4Addr::from_bits(address)));
    }

    #[test]
    fn an_ipv6_block_is_a_range(a in block6(), b in block6(), address in address6()) {
        let range = range6(a);
        prop_assert_eq!(range, around(range.0, a.prefix(), 128));
        prop_assert_eq!(a.contains_address(Ipv6Addr::from_bits(address)), within((address, address), range));
        prop_assert_eq!(a.contains(b), within(range6(b), range));
        prop_assert_eq!(a.overlaps(b), meet(range, range6(b)));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
    }

    #[test]
    fn host_bits_are_refused_with_the_block_that_was_meant(address in address4(), prefix in 0..=40_u8) {
        match Ipv4Block::new(Ipv4Addr::from_bits(address), prefix) {
            Ok(block) => prop_assert_eq!(range4(block), around(address.into(), prefix, 32)),
            Err(BlockError::HostBits { meant }) => {
                let meant: Ipv4Block = meant.parse().unwrap();
                prop_assert!(meant.contains_address(Ipv4Addr::from_bits(address)) && meant.prefix() == prefix);
                prop_assert_ne!(meant.first().to_bits(), address);
            }
            Err(error) => prop_assert_eq!((prefix > 32, error), (true, BlockError::Prefix { most: 32 })),
        }
    }

    #[test]
    fn ipv4_subnets_are_the_parts_in_order(block in block4(), prefix in 0..=34_u8, index in prop_oneof![0..40_u32, any::<u32>()]) {
        let whole = range4(block);
        let subnet = block.subnet(prefix, index);
        if prefix < block.prefix() || prefix > 32 {
            prop_assert_eq!(subnet, None);
        } else {
            let size = 1_u128 << (32 - prefix);
            let first = whole.0 + u128::from(index) * size;
            let expected = (first <= whole.1).then_some((first, first + size - 1));
            prop_assert_eq!(subnet.map(range4), expected);
        }
    }

    #[test]
    fn ipv6_subnets_are_the_parts_in_order(block in block6(), prefix in 0..=130_u8, index in prop_oneof![0..40_u64, any::<u64>()]) {
        let whole = range6(block);
        let subnet = block.subnet(prefix, index);
        if prefix < block.prefix() || prefix > 128 {
            prop_assert_eq!(subnet, None);
        } else {
            // The whole of IPv6 has more addresses than a number here holds: of it there is one part, or smaller ones.
            let first = match 1_u128.checked_shl((128 - prefix).into()) {
                Some(size) => u128::from(index).checked_mul(size).and_then(|offset| whole.0.checked_add(offset)),
                None => (index == 0).then_some(0),
            };
            let expected = first.filter(|first| *first <= whole.1).map(|first| around(first, prefix, 128));
            prop_assert_eq!(subnet.map(range6), expected);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[0-9a-f.:/ +-]{0,24}") {
        let _ = text.parse::<Ipv4Block>();
        let _ = text.parse::<Ipv6Block>();
    }
}

#[test]
fn texts_are_read_as_people_write_them() {
    for text in ["10.0.0.0/16", "0.0.0.0/0", "192.0.2.1/32"] {
        assert_eq!(text.parse::<Ipv4Block>().unwrap().to_string(), text);
    }
    for text in ["::/0", "2001:db8::/56", "::1/128"] {
        assert_eq!(text.parse::<Ipv6Block>().unwrap().to_string(), text);
    }
    for text in ["", "10.0.0.0", "10.0.0/16", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/016", "10.0.0.0/+8"] {
        assert!(text.parse::<Ipv4Block>().is_err(), "{text}");
    }
    for text in ["", "::", "10.0.0.0/16", "::/129", "::1/64", "::/00"] {
        assert!(text.parse::<Ipv6Block>().is_err(), "{text}");
    }
    let error = "10.0.4.0/16".parse::<Ipv4Block>().unwrap_err().to_string();
    assert_eq!(error, "the address is not the first of its block, which is `10.0.0.0/16`");
}
