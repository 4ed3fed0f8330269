//! Groups, ACLs and routes between two subnets.

use terrace_proof::space::{Origin, *};
use terrace_proof::world::*;

use crate::build::*;

/// Two hosts in two subnets; `b` lets in what is given.
fn two(rules: impl FnOnce(GroupId) -> Vec<(Traffic, Peer)>) -> (Build, SiteId, SiteId) {
    let mut build = Build::new();
    let network = build.network(&["10.0.0.0/16"], false);
    let table = build.table(network, &[]);
    let [one, other] = ["10.0.1.0/24", "10.0.2.0/24"].map(|b| build.subnet(network, &[b], Some(table)));
    let ours = build.open_out(&[]);
    let theirs = build.open_out(&rules(ours));
    let a = build.host(one, &[ours], &["10.0.1.5"]);
    let b = build.host(other, &[theirs], &["10.0.2.5"]);
    (build, a, b)
}

fn acls(build: &mut Build, of: u32, inbound: &[Entry<'_>], outbound: &[Entry<'_>]) {
    let acl = build.acl(inbound, outbound);
    build.world.subnets[of as usize].acl = Some(acl);
}

const ALLOW: AclAction = AclAction::Allow;
const DENY: AclAction = AclAction::Deny;

fn ports(first: u16, last: u16) -> Traffic {
    Traffic::Ports(Transport::Tcp, PortSpan::new(first, last).unwrap())
}

#[test]
fn a_rule_that_names_a_group_lets_its_carriers_in_and_nobody_else() {
    let (mut build, a, b) = two(|ours| vec![(port(5432), Peer::Group(ours))]);
    let stranger = build.open_out(&[]);
    let other = build.host(SubnetId(0), &[stranger], &["10.0.1.6"]);
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/5432");
    assert_eq!(services(&build.world, site(other), site(b)), "nothing");
    assert_eq!(services(&build.world, site(b), site(a)), "nothing");
}

#[test]
fn two_groups_are_their_union() {
    let (mut build, a, b) = two(|_| vec![(port(80), from("10.0.1.0/24"))]);
    let more = build.open_out(&[(port(443), everywhere())]);
    let Guard::Groups(groups) = &mut build.world.interfaces[1].guard else { panic!() };
    groups.push(Fact::sure(more));
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/80 tcp/443");
}

#[test]
fn a_group_without_rules_out_lets_nothing_out_and_answers_all_the_same() {
    let (mut build, a, b) = two(|_| vec![(port(80), everywhere())]);
    let silent = build.group();
    build.add(silent, Direction::In, port(22), everywhere());
    let Guard::Groups(groups) = &mut build.world.interfaces[0].guard else { panic!() };
    *groups = vec![Fact::sure(silent)];
    assert_eq!(services(&build.world, site(a), site(b)), "nothing");
    assert_eq!(services(&build.world, site(b), site(a)), "tcp/22");
}

#[test]
fn of_an_acl_the_first_entry_that_matches_decides() {
    for (order, expected) in [(90, "nothing"), (110, "tcp/80")] {
        let (mut build, a, b) = two(|_| vec![(port(80), everywhere())]);
        let inbound = [(100, ALLOW, Traffic::All, "0.0.0.0/0"), (order, DENY, port(80), "10.0.1.0/24")];
        acls(&mut build, 1, &inbound, &[(100, ALLOW, Traffic::All, "0.0.0.0/0")]);
        assert_eq!(services(&build.world, site(a), site(b)), expected, "deny at {order}");
    }
}

#[test]
fn an_acl_that_does_not_let_answers_out_leaves_only_sending() {
    let (mut build, a, b) = two(|_| vec![(port(80), everywhere())]);
    acls(&mut build, 1, &[(100, ALLOW, Traffic::All, "0.0.0.0/0")], &[(100, ALLOW, port(443), "0.0.0.0/0")]);
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/80", "from port 443 it can be");
    let link = terrace_proof::reach::reach(&build.world, Bound::Most).link(site(a), site(b)).unwrap();
    let [odd, usual] = [443, 50_000].map(|from| tcp_packet("10.0.1.5", from, "10.0.2.5", 80));
    assert!(link.carries(&odd) && !link.carries(&usual) && link.sends(&usual));
    acls(&mut build, 1, &[(100, ALLOW, ports(80, 80), "0.0.0.0/0")], &[]);
    assert_eq!(services(&build.world, site(a), site(b)), "only sends");
}

#[test]
fn within_a_subnet_no_acl_and_no_table_is_asked() {
    let (mut build, a, _) = two(|_| Vec::new());
    let taken = build.open_out(&[(port(80), everywhere())]);
    let beside = build.host(SubnetId(0), &[taken], &["10.0.1.7"]);
    acls(&mut build, 0, &[], &[]);
    build.world.tables[0].routes.clear();
    assert_eq!(services(&build.world, site(a), site(beside)), "tcp/80");
}

#[test]
fn a_longer_route_takes_what_the_local_one_would() {
    let (mut build, a, b) = two(|_| vec![(port(80), everywhere())]);
    let long =
        Route { id: RuleId(900), to: block("10.0.2.0/24"), origin: Origin::Static, target: Via::Nowhere };
    build.world.tables[0].routes.push(Fact::sure(long));
    assert_eq!(services(&build.world, site(a), site(b)), "nothing");
    build.world.tables[0].routes.last_mut().unwrap().is.target = Via::Elsewhere;
    assert_eq!(services(&build.world, site(a), site(b)), "nothing to tcp/80");
}

#[test]
fn protocols_by_number_and_icmp_pass_as_written() {
    let echo = Traffic::Icmp { family: Family::V4, kind: Some(8), code: None };
    let cases = [
        (Traffic::Protocol(17), "udp"),
        (Traffic::Protocol(47), "47"),
        (echo, "1"),
        (Traffic::Icmp { family: Family::V4, kind: Some(3), code: None }, "only sends"),
        (Traffic::Ports(Transport::Tcp, PortSpan::new(0, 0).unwrap()), "tcp/0"),
    ];
    for (traffic, expected) in cases {
        let (build, a, b) = two(|_| vec![(traffic, everywhere())]);
        assert_eq!(services(&build.world, site(a), site(b)), expected, "{traffic:?}");
    }
}

#[test]
fn an_interface_without_a_table_has_local_routes() {
    let (mut build, a, b) = two(|_| vec![(port(80), everywhere())]);
    build.world.subnets.iter_mut().for_each(|subnet| subnet.table = None);
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/80");
    assert_eq!(services(&build.world, site(a), INTERNET), "nothing");
}

/// Two networks, joined.
fn joined(group_rules: bool, back: bool) -> (Build, SiteId, SiteId) {
    let mut build = Build::new();
    let one = build.network(&["10.1.0.0/16"], false);
    let other = build.network(&["10.2.0.0/16"], false);
    let id = build.rule();
    let peering =
        build.world.add_peering(Peering { id, ends: [one, other], group_rules, when: When::Always });
    let there = build.table(one, &[("10.2.0.0/16", Via::Peer(peering))]);
    let back: &[(&str, Via)] = if back { &[("10.1.0.0/16", Via::Peer(peering))] } else { &[] };
    let back = build.table(other, back);
    let near = build.subnet(one, &["10.1.0.0/24"], Some(there));
    let far = build.subnet(other, &["10.2.0.0/24"], Some(back));
    let ours = build.open_out(&[]);
    let theirs = build.open_out(&[(port(80), from("10.1.0.0/24")), (port(5432), Peer::Group(ours))]);
    let a = build.host(near, &[ours], &["10.1.0.5"]);
    let b = build.host(far, &[theirs], &["10.2.0.5"]);
    (build, a, b)
}

#[test]
fn groups_match_across_a_peering_only_where_it_lets_them() {
    let (build, a, b) = joined(false, true);
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/80");
    let (build, a, b) = joined(true, true);
    assert_eq!(services(&build.world, site(a), site(b)), "tcp/80 tcp/5432");
}

#[test]
fn a_peering_wants_a_route_back() {
    let (build, a, b) = joined(true, false);
    assert_eq!(services(&build.world, site(a), site(b)), "only sends");
}

#[test]
fn a_transit_sends_to_the_smallest_that_holds_the_destination() {
    for (nowhere, expected) in
        [("10.0.0.0/8", "tcp/80"), ("10.2.0.0/16", "nothing"), ("10.2.0.0/24", "nothing")]
    {
        let (mut build, a, b) = joined(true, true);
        build.world.peerings.clear();
        let [one, other, third] = [build.rule(), build.rule(), build.rule()];
        let transit = Transit {
            attached: vec![Fact::sure((one, NetworkId(0))), Fact::sure((other, NetworkId(1)))],
            nowhere: vec![Fact::sure((third, block(nowhere)))],
            ..Transit::default()
        };
        let id = build.world.add_transit(transit);
        for table in &mut build.world.tables {
            table.routes.last_mut().unwrap().is.target = Via::Transit(id);
        }
        assert_eq!(services(&build.world, site(a), site(b)), expected, "nowhere {nowhere}");
    }
}
