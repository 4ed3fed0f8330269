//! The internet, translators, endpoints and networks that are not told.

use terrace_proof::reach::*;
use terrace_proof::space::*;
use terrace_proof::world::*;

use crate::build::*;

/// A host in a subnet with a route to the internet gateway, open on 443.
fn public() -> (Build, SiteId) {
    let mut build = Build::new();
    let network = build.network(&["10.0.0.0/16", "2001:db8:1::/56"], true);
    let table = build.table(network, &[("0.0.0.0/0", Via::Internet), ("::/0", Via::Internet)]);
    let subnet = build.subnet(network, &["10.0.1.0/24", "2001:db8:1::/64"], Some(table));
    let group = build.open_out(&[(port(443), from("0.0.0.0/0"))]);
    let host = build.host(subnet, &[group], &["10.0.1.5"]);
    build.publish(host);
    (build, host)
}

fn both(build: &Build, host: SiteId) -> (String, String) {
    (services(&build.world, INTERNET, site(host)), services(&build.world, site(host), INTERNET))
}

const ALL: &str = "0-255";

#[test]
fn a_public_address_a_gateway_and_a_route_are_needed_together() {
    let (build, host) = public();
    let (into, out) = both(&build, host);
    assert_eq!(into, "tcp/443");
    assert!(out.contains(ALL) || out.contains("tcp") || out.contains("59-255"), "{out}");
    let cut: [fn(&mut World); 3] = [
        |world| world.interfaces[0].public = None,
        |world| world.networks[0].internet = None,
        |world| world.subnets[0].table = None,
    ];
    for (number, cut) in cut.into_iter().enumerate() {
        let (mut build, host) = public();
        cut(&mut build.world);
        // Without a route answers do not leave; what is sent arrives.
        let into = if number == 2 { "only sends" } else { "nothing" };
        assert_eq!(both(&build, host), (into.to_owned(), "nothing".to_owned()), "cut {number}");
    }
}

#[test]
fn a_host_that_only_ipv6_exposes() {
    let (mut build, host) = public();
    build.world.interfaces[0].public = None;
    build.world.interfaces[0].addresses.push(run("2001:db8:1::5"));
    assert_eq!(both(&build, host).0, "nothing", "the rule speaks of IPv4 alone");
    build.add(GroupId(0), Direction::In, port(22), from("::/0"));
    assert_eq!(both(&build, host).0, "tcp/22");
    build.world.interfaces[0].addresses[1] = run("fd00::5");
    assert_eq!(both(&build, host).0, "nothing", "nobody on the internet knows it");
}

#[test]
fn a_network_acl_is_asked_both_ways_about_the_internet() {
    let (mut build, host) = public();
    let acl = build.acl(
        &[(100, AclAction::Allow, port(443), "0.0.0.0/0")],
        &[(
            100,
            AclAction::Allow,
            Traffic::Ports(Transport::Tcp, PortSpan::new(1024, 65_535).unwrap()),
            "0.0.0.0/0",
        )],
    );
    build.world.subnets[0].acl = Some(acl);
    let link = reach(&build.world, Bound::Least).link(INTERNET, site(host)).unwrap();
    assert!(link.carries(&tcp_packet("198.51.100.7", 50_000, "10.0.1.5", 443)));
    assert!(!link.carries(&tcp_packet("198.51.100.7", 80, "10.0.1.5", 443)));
    // The other way round only from a port that answers may come to.
    let link = reach(&build.world, Bound::Least).link(site(host), INTERNET).unwrap();
    assert!(link.carries(&tcp_packet("10.0.1.5", 443, "198.51.100.7", 2000)));
    assert!(!link.carries(&tcp_packet("10.0.1.5", 50_000, "198.51.100.7", 2000)));
}

#[test]
fn a_group_matches_nobody_who_comes_by_a_public_address() {
    let (mut build, host) = public();
    let own = build.open_out(&[]);
    let client = build.host(SubnetId(0), &[own], &["10.0.1.9"]);
    build.publish(client);
    let Group::Security { ingress, .. } = &mut build.world.groups[0] else { panic!() };
    ingress[0].is.peer = Peer::Group(own);
    assert_eq!(services(&build.world, site(client), site(host)), "tcp/443");
    assert_eq!(services(&build.world, INTERNET, site(host)), "nothing");
}

#[test]
fn an_external_that_a_rule_names_is_matched_and_no_other() {
    let (mut build, host) = public();
    let cdn = build.external(&["203.0.113.0/24"], true);
    let list = build.world.add_group(Group::External(cdn));
    let Group::Security { ingress, .. } = &mut build.world.groups[0] else { panic!() };
    ingress[0].is.peer = Peer::Group(list);
    assert_eq!(services(&build.world, Party::External(cdn), site(host)), "tcp/443");
    assert_eq!(services(&build.world, INTERNET, site(host)), "nothing");
}

/// A host behind a NAT gateway in another subnet.
fn behind_nat() -> (Build, SiteId) {
    let mut build = Build::new();
    let network = build.network(&["10.0.0.0/16"], true);
    let out = build.table(network, &[("0.0.0.0/0", Via::Internet)]);
    let there = build.subnet(network, &["10.0.0.0/24"], Some(out));
    let id = build.rule();
    let nat = build.world.add_nat(Nat {
        id,
        subnet: there,
        address: run("10.0.0.9"),
        public: true,
        interface: None,
        when: When::Always,
    });
    let table = build.table(network, &[("0.0.0.0/0", Via::Nat(nat))]);
    let inside = build.subnet(network, &["10.0.1.0/24"], Some(table));
    let group = build.group();
    build.add(group, Direction::Out, port(443), everywhere());
    let host = build.host(inside, &[group], &["10.0.1.5"]);
    (build, host)
}

#[test]
fn a_nat_lets_out_and_nobody_in() {
    let (build, host) = behind_nat();
    assert_eq!(both(&build, host), ("nothing".to_owned(), "tcp/443".to_owned()));
    let link = reach(&build.world, Bound::Least).link(site(host), INTERNET).unwrap();
    assert!(matches!(link.ways[..], [Way { kind: WayKind::Nat(_), .. }]));
    assert!(link.ways[0].conversation.rests_on(build.world.nats[0].id));
}

#[test]
fn a_nat_needs_its_own_way_out() {
    let cut: [fn(&mut World); 4] = [
        |world| world.networks[0].internet = None,
        |world| world.nats[0].public = false,
        |world| world.subnets[0].table = None,
        |world| world.subnets[0].acl = Some(world.add_acl(Acl::default())),
    ];
    for (number, cut) in cut.into_iter().enumerate() {
        let (mut build, host) = behind_nat();
        cut(&mut build.world);
        assert_eq!(both(&build, host).1, "nothing", "cut {number}");
    }
}

#[test]
fn a_nats_port_is_any_from_1024_on() {
    for (first, last, expected) in [(1024, 1024, "tcp/443"), (1, 1023, "only sends")] {
        let (mut build, host) = behind_nat();
        // Answers come into the NAT's subnet on the NAT's port, and leave it from the server's.
        let some = Traffic::Ports(Transport::Tcp, PortSpan::new(first, last).unwrap());
        let inbound =
            [(100, AclAction::Allow, some, "0.0.0.0/0"), (90, AclAction::Allow, port(443), "10.0.1.0/24")];
        let acl = build.acl(&inbound, &[(100, AclAction::Allow, Traffic::All, "0.0.0.0/0")]);
        build.world.subnets[0].acl = Some(acl);
        assert_eq!(both(&build, host).1, expected, "{first}-{last}");
    }
}

#[test]
fn a_nat_instance_asks_its_guard_on_both_sides() {
    for (inside, outside, expected) in
        [(true, true, "tcp/443"), (false, true, "nothing"), (true, false, "nothing")]
    {
        let (mut build, host) = behind_nat();
        let guard = build.group();
        if inside {
            build.add(guard, Direction::In, port(443), Peer::Group(GroupId(0)));
        }
        if outside {
            build.add(guard, Direction::Out, Traffic::All, everywhere());
        }
        let nat = build.site();
        let interface = build.interface(nat, SubnetId(0), &[guard], &["10.0.0.9"]);
        build.world.nats[0].interface = Some(interface);
        assert_eq!(both(&build, host).1, expected, "in {inside}, out {outside}");
    }
}

#[test]
fn a_service_is_reached_by_its_endpoint_alone() {
    let (mut build, host) = behind_nat();
    let service = build.external(&["52.216.0.0/15"], true);
    let party = Party::External(service);
    assert_eq!(services(&build.world, site(host), party), "tcp/443", "by the NAT");
    let id = build.rule();
    build.world.tables[1].named.push(Fact::sure(NamedRoute { id, to: service }));
    let link = reach(&build.world, Bound::Least).link(site(host), party).unwrap();
    assert!(matches!(link.ways[..], [Way { kind: WayKind::Endpoint, .. }]));
    // With nothing but a rule that names the service's list.
    let list = build.world.add_group(Group::External(service));
    let Group::Security { egress, .. } = &mut build.world.groups[0] else { panic!() };
    egress[0].is.peer = Peer::Group(list);
    assert_eq!(services(&build.world, site(host), party), "tcp/443");
    assert_eq!(services(&build.world, site(host), INTERNET), "nothing");
}

#[test]
fn only_out_by_an_egress_only_gateway() {
    let (mut build, host) = public();
    build.world.interfaces[0].addresses = vec![run("2001:db8:1::5")];
    build.add(GroupId(0), Direction::In, port(22), from("::/0"));
    let id = build.rule();
    build.world.networks[0].egress_only = Some(Fact::sure(id));
    let six = build.world.tables[0].routes.last_mut().unwrap();
    six.is.target = Via::EgressOnly;
    let (into, out) = both(&build, host);
    assert_eq!(into, "only sends");
    assert_ne!(out, "nothing");
}

#[test]
fn a_network_beyond_is_reached_by_its_route_alone() {
    let mut build = Build::new();
    let office = build.external(&["192.168.0.0/16"], false);
    let network = build.network(&["10.0.0.0/16"], false);
    let table = build.table(network, &[("192.168.0.0/17", Via::Beyond(office))]);
    let subnet = build.subnet(network, &["10.0.1.0/24"], Some(table));
    let group = build.open_out(&[(port(22), from("192.168.0.0/16"))]);
    let host = build.host(subnet, &[group], &["10.0.1.5"]);
    let link = reach(&build.world, Bound::Least).link(Party::External(office), site(host)).unwrap();
    assert!(link.carries(&tcp_packet("192.168.1.1", 50_000, "10.0.1.5", 22)));
    assert!(!link.carries(&tcp_packet("192.168.200.1", 50_000, "10.0.1.5", 22)), "no route back");
    assert_eq!(services(&build.world, INTERNET, site(host)), "nothing");
}
