//! Route tables against asking each route for each destination.

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::*;

use crate::universe::number;

const V4: u32 = 0xffff_fff0;
const V6: u128 = u128::MAX - 15;

/// Blocks among the last 16 addresses of a family, and all of it.
fn block() -> impl Strategy<Value = AddressBlock> {
    (any::<bool>(), 0..16_u8, prop_oneof![Just(0_u8), 1..=4_u8, 1..=4_u8]).prop_map(|(v4, at, bits)| {
        let start = u32::from(at) >> (4 - bits) << (4 - bits);
        match (v4, bits) {
            (true, 0) => Ipv4Block::ALL.into(),
            (false, 0) => Ipv6Block::ALL.into(),
            (true, bits) => Ipv4Block::new(Ipv4Addr::from_bits(V4 + start), 28 + bits).unwrap().into(),
            (false, bits) => {
                Ipv6Block::new(Ipv6Addr::from_bits(V6 + u128::from(start)), 124 + bits).unwrap().into()
            }
        }
    })
}

fn routes() -> impl Strategy<Value = Vec<Route<u8>>> {
    let origin =
        prop::sample::select(vec![Origin::Local, Origin::Static, Origin::PrefixList, Origin::Propagated]);
    prop::collection::vec((block(), origin, 0..3_u8), 0..12).prop_map(|routes| {
        let route = |(id, (to, origin, target))| Route { id: RuleId(id), to, origin, target };
        (0..).zip(routes).map(route).collect()
    })
}

fn ends(block: AddressBlock) -> (IpAddr, IpAddr) {
    match block {
        AddressBlock::V4(b) => (b.first().into(), b.last().into()),
        AddressBlock::V6(b) => (b.first().into(), b.last().into()),
    }
}

fn holds(block: AddressBlock, address: IpAddr) -> bool {
    let (first, last) = ends(block);
    block.family() == Family::of(address) && (number(first)..=number(last)).contains(&number(address))
}

fn decides(routes: &[Route<u8>], to: IpAddr) -> Option<RuleId> {
    let beaten = |r: &Route<u8>| {
        let (first, last) = ends(r.to);
        let mut locals = routes.iter().filter(|l| l.origin == Origin::Local);
        r.origin == Origin::Propagated && locals.any(|l| holds(l.to, first) && holds(l.to, last))
    };
    let matching = routes.iter().filter(|r| holds(r.to, to) && !beaten(r));
    matching.min_by_key(|r| (Reverse(r.to.prefix()), r.origin)).map(|r| r.id)
}

proptest! {
    #[test]
    fn the_longest_prefix_decides(routes in routes()) {
        let map = RouteMap::new(&routes);
        let v4 = [0, 1, V4 - 1].into_iter().chain(V4..=u32::MAX).map(|n| IpAddr::from(Ipv4Addr::from_bits(n)));
        let v6 = [0, V6 - 1].into_iter().chain(V6..=u128::MAX).map(|n| IpAddr::from(Ipv6Addr::from_bits(n)));
        let mut used = Vec::new();
        for to in v4.chain(v6) {
            let wanted = decides(&routes, to);
            prop_assert_eq!(map.decides(to).map(|leg| leg.route), wanted, "{}", to);
            prop_assert_eq!(map.legs().iter().filter(|l| l.to.contains(to)).count(), usize::from(wanted.is_some()));
            let packet = Packet { protocol: 6, source_port: 1, destination_port: 1, source: to, destination: to };
            let target = wanted.map(|id| routes[usize::try_from(id.0).unwrap()].target);
            for kind in 0..3 {
                let set = map.packets(|t| *t == kind);
                let rests = set.box_of(&packet).map(|b| b.rests().rules().to_vec());
                prop_assert_eq!(rests, wanted.filter(|_| target == Some(kind)).map(|id| vec![id]));
            }
            used.extend(wanted);
        }
        let idle: Vec<RuleId> = routes.iter().map(|r| r.id).filter(|id| !used.contains(id)).collect();
        prop_assert_eq!(map.overruled(), &idle[..]);
        prop_assert!(map.legs().windows(2).all(|pair| pair[0].to.last() < pair[1].to.first()));
    }
}
