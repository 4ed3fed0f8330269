//! Groups, network ACLs and conversations, against asking each rule for each packet.

use proptest::prelude::*;
use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::*;

use crate::universe::*;

fn block() -> impl Strategy<Value = AddressBlock> {
    let (v4, v6) = (
        ["0.0.0.0/0", "0.0.0.0/32", "255.255.255.255/32"],
        ["::/0", "::/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"],
    );
    let v4 = v4.iter().map(|b| b.parse::<Ipv4Block>().unwrap().into());
    let v6 = v6.iter().map(|b| b.parse::<Ipv6Block>().unwrap().into());
    prop::sample::select(v4.chain(v6).collect::<Vec<AddressBlock>>())
}

fn direction() -> impl Strategy<Value = Direction> {
    prop::sample::select(vec![Direction::In, Direction::Out])
}

fn entries(most: usize, kinds: &'static [u8]) -> impl Strategy<Value = Vec<AclEntry>> {
    let action = prop::sample::select(vec![AclAction::Allow, AclAction::Deny]);
    let traffic = prop_oneof![plain_traffic(), icmp_traffic(kinds)];
    prop::collection::vec((0..4_u32, action, traffic, block()), 0..=most).prop_map(|entries| {
        let entry = |(id, (order, action, traffic, block))| AclEntry {
            id: RuleId(id),
            order,
            action,
            traffic,
            block,
        };
        (0..).zip(entries).map(entry).collect()
    })
}

fn rules() -> impl Strategy<Value = (Vec<GroupRule>, Members)> {
    let some = || {
        let one = family().prop_flat_map(|f| address_range(f).prop_map(move |r| addresses(f, r)));
        prop::collection::vec(one, 0..3)
    };
    let peer =
        prop_oneof![some().prop_map(Peer::Addresses), (0..3_u32).prop_map(|g| Peer::Group(GroupId(g)))];
    let rules = prop::collection::vec((plain_traffic(), peer), 0..8).prop_map(|rules| {
        let rule = |(id, (traffic, peer))| GroupRule { id: RuleId(id), traffic, peer };
        (0..).zip(rules).map(rule).collect()
    });
    (rules, prop::collection::btree_map((0..3_u32).prop_map(GroupId), some(), 0..3))
}

fn peer(direction: Direction, packet: &Packet) -> std::net::IpAddr {
    if direction == Direction::In { packet.source } else { packet.destination }
}

fn matches(entry: &AclEntry, direction: Direction, packet: &Packet) -> bool {
    let peer = peer(direction, packet);
    let there = match entry.block {
        AddressBlock::V4(block) => matches!(peer, std::net::IpAddr::V4(a) if block.contains_address(a)),
        AddressBlock::V6(block) => matches!(peer, std::net::IpAddr::V6(a) if block.contains_address(a)),
    };
    there && speaks_of(entry.traffic, packet)
}

fn first<'a>(entries: &'a [AclEntry], direction: Direction, packet: &Packet) -> Option<&'a AclEntry> {
    let matching = entries.iter().filter(|e| matches(e, direction, packet));
    matching.min_by_key(|e| e.order)
}

const FEW: &[u8] = &[0, 8, 255];

/// Cut where the rules that speak of few types begin and end.
fn points_of_both() -> Vec<(Packet, u128)> {
    points(&[0, 1, 2, 6, 7, 17, 18, 58, 59, 255], &[0, 1, 5, 8, 9, 255, 65_534, 65_535])
}

fn passes(entries: &[AclEntry], direction: Direction, packet: &Packet) -> bool {
    first(entries, direction, packet).is_some_and(|e| e.action == AclAction::Allow)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_first_entry_that_matches_decides(entries in entries(8, FEW), direction in direction()) {
        let decision = first_match(&entries, direction);
        let unmatched = decision.unmatched();
        let mut live = std::collections::BTreeSet::new();
        for (packet, _) in points_of_both() {
            let decides = first(&entries, direction, &packet);
            let one = decides.map(|e| Rests::on(e.id));
            let found = |set: &PacketSet| set.box_of(&packet).map(|b| b.rests().clone());
            let of = |action| one.clone().filter(|_| decides.is_some_and(|e| e.action == action));
            prop_assert_eq!(found(&decision.allowed), of(AclAction::Allow), "{}", packet);
            prop_assert_eq!(found(&decision.denied), of(AclAction::Deny), "{}", packet);
            prop_assert_eq!(unmatched.contains(&packet), decides.is_none(), "{}", packet);
            live.extend(decides.map(|e| e.id));
        }
        let dead: Vec<RuleId> = decision.dead().collect();
        prop_assert!(entries.iter().all(|e| live.contains(&e.id) != dead.contains(&e.id)));
        prop_assert_eq!(decision.decides.len(), entries.len());
    }

    #[test]
    fn an_entry_that_a_box_does_not_rest_on_can_go(entries in entries(8, FEW), direction in direction()) {
        let decision = first_match(&entries, direction);
        for gone in &entries {
            let rest: Vec<AclEntry> = entries.iter().filter(|e| e.id != gone.id).copied().collect();
            let less = first_match(&rest, direction);
            for (set, left) in [(&decision.allowed, &less.allowed), (&decision.denied, &less.denied)] {
                for part in set.boxes().iter().filter(|b| !b.rests().contains(gone.id)) {
                    prop_assert!(PacketSet::of([part.clone()]).is_subset(left), "{part}");
                }
            }
        }
    }

    #[test]
    fn a_conversation_passes_both_ways(forward in entries(5, KINDS), back in entries(5, KINDS)) {
        let (out, into) = (first_match(&forward, Direction::Out), first_match(&back, Direction::In));
        let both = conversation(&out.allowed, &into.allowed);
        for (packet, _) in icmp_points() {
            let answered = answer(&packet).is_some_and(|p| passes(&back, Direction::In, &p));
            let wanted = answered && passes(&forward, Direction::Out, &packet);
            prop_assert_eq!(both.contains(&packet), wanted, "{}", packet);
        }
    }

    #[test]
    fn any_rule_of_a_group_admits((rules, members) in rules(), direction in direction()) {
        let set = admitted(&rules, direction, &members);
        for (packet, _) in plain_points() {
            let there = |peers: &[Addresses]| peers.iter().any(|a| a.contains(peer(direction, &packet)));
            let admits = |rule: &&GroupRule| {
                speaks_of(rule.traffic, &packet)
                    && match &rule.peer {
                        Peer::Addresses(peers) => there(peers),
                        Peer::Group(group) => members.get(group).is_some_and(|peers| there(peers)),
                    }
            };
            let wanted: Vec<RuleId> = rules.iter().filter(admits).map(|r| r.id).collect();
            let rests = set.box_of(&packet).map(|b| b.rests().rules().to_vec()).unwrap_or_default();
            prop_assert_eq!(rests.is_empty(), wanted.is_empty(), "{}", packet);
            prop_assert!(rests.iter().all(|id| wanted.contains(id)) && rests.len() <= 1, "{}", packet);
            prop_assert_eq!(admitting(&rules, direction, &members, &packet), wanted);
        }
    }

    #[test]
    fn a_rule_that_a_box_does_not_rest_on_can_go((rules, members) in rules(), direction in direction()) {
        let set = admitted(&rules, direction, &members);
        for gone in &rules {
            let rest: Vec<GroupRule> = rules.iter().filter(|r| r.id != gone.id).cloned().collect();
            let less = admitted(&rest, direction, &members);
            for part in set.boxes().iter().filter(|b| !b.rests().contains(gone.id)) {
                prop_assert!(PacketSet::of([part.clone()]).is_subset(&less), "{part}");
            }
        }
    }
}
