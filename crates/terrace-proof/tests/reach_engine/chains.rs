//! Balancers and distributions, and chains through them.

use terrace_proof::reach::*;
use terrace_proof::space::*;
use terrace_proof::world::{Origin as SiteOrigin, *};

use crate::build::*;

/// Internet, a public balancer on 80, an app on 8000, a database on 5432; each lets in who stands before it.
struct Tiers {
    build: Build,
    balancer: SiteId,
    app: SiteId,
    data: SiteId,
}

fn tiers() -> Tiers {
    let mut build = Build::new();
    let network = build.network(&["10.0.0.0/16"], true);
    let out = build.table(network, &[("0.0.0.0/0", Via::Internet)]);
    let within = build.table(network, &[]);
    let public = build.subnet(network, &["10.0.0.0/24"], Some(out));
    let inside = build.subnet(network, &["10.0.1.0/24"], Some(within));
    let front = build.open_out(&[(Traffic::All, everywhere())]);
    let middle = build.open_out(&[(port(8000), Peer::Group(front))]);
    let back = build.group();
    build.add(back, Direction::In, port(5432), Peer::Group(middle));
    let balancer = build.host(public, &[front], &["10.0.0.0/24"]);
    build.publish(balancer);
    let app = build.host(inside, &[middle], &["10.0.1.0/25"]);
    let data = build.host(inside, &[back], &["10.0.1.128/25"]);
    build.world.sites[data.0 as usize].listens = Some(vec![port(5432)]);
    build.balancer(balancer, 80, app, 8000);
    Tiers { build, balancer, app, data }
}

fn hops(world: &World, from: Party, to: Party, through: Through) -> Vec<Party> {
    let reach = reach(world, Bound::Least);
    let path = reach.path(from, to, &PacketSet::everything(), through);
    path.map(|path| path.hops.iter().map(|hop| hop.to).collect()).unwrap_or_default()
}

#[test]
fn what_comes_to_a_balancer_comes_on_a_listeners_port_and_goes_to_targets_alone() {
    let Tiers { build, balancer, app, data } = tiers();
    assert_eq!(services(&build.world, INTERNET, site(balancer)), "tcp/80");
    assert_eq!(services(&build.world, site(balancer), site(app)), "tcp/8000");
    assert_eq!(services(&build.world, INTERNET, site(app)), "nothing");
    assert_eq!(services(&build.world, site(balancer), site(data)), "nothing");
    assert_eq!(
        services(&build.world, site(balancer), INTERNET),
        "nothing",
        "it opens no connections of its own"
    );
    assert_eq!(services(&build.world, site(app), site(data)), "tcp/5432");
}

#[test]
fn a_path_goes_through_proxies_and_through_hosts_only_if_they_are_taken_over() {
    let Tiers { build, balancer, app, data } = tiers();
    let world = &build.world;
    assert_eq!(hops(world, INTERNET, site(app), Through::Nobody), []);
    assert_eq!(hops(world, INTERNET, site(app), Through::Proxies), [site(balancer), site(app)]);
    assert_eq!(hops(world, INTERNET, site(data), Through::Proxies), []);
    assert_eq!(hops(world, INTERNET, site(data), Through::Hosts), [site(balancer), site(app), site(data)]);
}

#[test]
fn a_path_rests_on_every_rule_and_a_witness_passes_each_hop() {
    let Tiers { build, app, .. } = tiers();
    let reach = reach(&build.world, Bound::Least);
    let path = reach.path(INTERNET, site(app), &PacketSet::everything(), Through::Proxies).unwrap();
    let shown: Vec<String> = path.hops.iter().map(|hop| hop.packet.to_string()).collect();
    assert_eq!(
        shown,
        ["tcp 198.51.100.7:49152 -> 10.0.0.0:80", "tcp 10.0.0.0:49152 -> 10.0.1.0:8000"],
        "addresses for documentation where there are some"
    );
    for rule in path.rests().rules() {
        let mut without = build.world.clone();
        take_away(&mut without, *rule);
        assert_eq!(hops(&without, INTERNET, site(app), Through::Proxies), [], "without {rule:?}");
    }
}

/// Takes away what has this number.
fn take_away(world: &mut World, rule: RuleId) {
    for group in &mut world.groups {
        if let Group::Security { ingress, egress } = group {
            ingress.retain(|f| f.is.id != rule);
            egress.retain(|f| f.is.id != rule);
        }
    }
    for table in &mut world.tables {
        table.routes.retain(|f| f.is.id != rule);
    }
    for network in &mut world.networks {
        network.internet = network.internet.take().filter(|f| f.is != rule);
    }
    for balancer in &mut world.balancers {
        balancer.listeners.retain(|f| f.is.id != rule);
        balancer.listeners.iter_mut().for_each(|f| f.is.forwards.retain(|f| f.is.id != rule));
    }
    for group in &mut world.target_groups {
        group.targets.retain(|f| f.is.id != rule);
    }
}

#[test]
fn a_rule_on_another_listener_does_not_lead_on() {
    let Tiers { mut build, balancer, app, .. } = tiers();
    let office = build.external(&["203.0.113.0/24"], true);
    let id = build.rule();
    let admin = Listener { id, transport: Transport::Tcp, ports: ports(8443), forwards: Vec::new() };
    let forwards = std::mem::take(&mut build.world.balancers[0].listeners[0].is.forwards);
    build.world.balancers[0].listeners.push(Fact::sure(Listener { forwards, ..admin }));
    let Group::Security { ingress, .. } = &mut build.world.groups[0] else { panic!() };
    ingress[0].is = GroupRule { traffic: port(80), ..ingress[0].is.clone() };
    build.add(GroupId(0), Direction::In, port(8443), from("203.0.113.0/24"));
    let world = &build.world;
    assert_eq!(services(world, INTERNET, site(balancer)), "tcp/80 tcp/8443");
    assert_eq!(
        hops(world, Party::External(office), site(app), Through::Proxies),
        [site(balancer), site(app)]
    );
    let most = reach(world, Bound::Most);
    let path = most.path(INTERNET, site(app), &PacketSet::everything(), Through::Proxies).unwrap();
    assert_eq!(
        path.hops[0].packet.destination_port, 8443,
        "the office is on the internet, and nobody else comes in there"
    );
}

#[test]
fn no_targets_no_listeners_no_zone() {
    let cut: [fn(&mut World); 4] = [
        |world| world.target_groups[0].targets.clear(),
        |world| world.balancers[0].listeners.clear(),
        |world| world.balancers[0].listeners[0].is.forwards.clear(),
        |world| {
            world.balancers[0].zones = Some(vec![ZoneId(1)]);
            world.subnets[1].zone = Some(ZoneId(2));
        },
    ];
    for (number, cut) in cut.into_iter().enumerate() {
        let Tiers { mut build, app, .. } = tiers();
        cut(&mut build.world);
        assert_eq!(hops(&build.world, INTERNET, site(app), Through::Proxies), [], "cut {number}");
    }
}

#[test]
fn a_target_that_sees_clients_is_asked_for_them() {
    let Tiers { mut build, balancer, app, .. } = tiers();
    build.world.target_groups[0].keeps_client = true;
    assert_eq!(
        services(&build.world, site(balancer), site(app)),
        "tcp/8000",
        "the balancer's group matches all the same"
    );
    let Group::Security { ingress, .. } = &mut build.world.groups[1] else { panic!() };
    ingress[0].is.peer = from("10.0.0.0/24");
    assert_eq!(
        services(&build.world, site(balancer), site(app)),
        "nothing",
        "no client has the balancer's address"
    );
    let Group::Security { ingress, .. } = &mut build.world.groups[1] else { panic!() };
    ingress[0].is.peer = from("203.0.113.0/24");
    let link = reach(&build.world, Bound::Least).link(site(balancer), site(app)).unwrap();
    assert!(link.carries(&tcp_packet("203.0.113.9", 50_000, "10.0.1.5", 8000)));
    assert!(!link.carries(&tcp_packet("198.51.100.7", 50_000, "10.0.1.5", 8000)));
    // A network load balancer has no groups, and what comes to it is asked nothing.
    build.world.interfaces[0].guard = Guard::Open;
    assert_eq!(services(&build.world, INTERNET, site(balancer)), "tcp/80");
    assert_eq!(hops(&build.world, INTERNET, site(app), Through::Proxies), [site(balancer), site(app)]);
    let office = build.external(&["198.51.100.0/24"], true);
    assert_eq!(hops(&build.world, Party::External(office), site(app), Through::Proxies), []);
}

/// A distribution before the balancer, which only lets the CDN in.
fn with_cdn(private: bool, secret: bool) -> (Tiers, SiteId, ExternalId) {
    let mut tiers = tiers();
    let build = &mut tiers.build;
    let cdn = build.external(&["120.52.22.96/27"], true);
    let list = build.world.add_group(Group::External(cdn));
    let Group::Security { ingress, .. } = &mut build.world.groups[0] else { panic!() };
    ingress[0].is.peer = Peer::Group(list);
    let (id, own) = (build.rule(), build.site());
    let origin = SiteOrigin { id, site: tiers.balancer, ports: ports(80), private, secret_header: secret };
    let distribution = Distribution { site: own, cdn, origins: vec![Fact::sure(origin)], when: When::Always };
    build.world.add_distribution(distribution);
    (tiers, own, cdn)
}

#[test]
fn a_distribution_stands_between() {
    let (Tiers { build, balancer, app, .. }, own, _) = with_cdn(false, false);
    let world = &build.world;
    assert_eq!(services(world, INTERNET, site(own)), "tcp/80 tcp/443");
    assert_eq!(services(world, INTERNET, site(balancer)), "nothing");
    assert_eq!(services(world, site(own), site(balancer)), "tcp/80");
    assert_eq!(hops(world, INTERNET, site(app), Through::Proxies), [site(own), site(balancer), site(app)]);
}

#[test]
fn another_distribution_gets_no_further_than_a_secret_header_lets_it() {
    for (asks, sends) in [(false, false), (true, false), (true, true)] {
        let (Tiers { mut build, balancer, app, .. }, own, cdn) = with_cdn(false, sends);
        build.world.balancers[0].listeners[0].is.forwards[0].is.secret_header = asks;
        let world = &build.world;
        let through = |from| hops(world, from, site(app), Through::Proxies);
        let own = if asks && !sends { vec![] } else { vec![site(own), site(balancer), site(app)] };
        // Where the header is asked for, a CDN is a client of our distribution like everybody.
        let other = if asks { own.clone() } else { vec![site(balancer), site(app)] };
        assert_eq!(through(Party::External(cdn)), other, "asks {asks}, sends {sends}");
        assert_eq!(through(INTERNET), own, "asks {asks}, sends {sends}");
    }
}

#[test]
fn a_vpc_origin_needs_no_public_address() {
    let (Tiers { mut build, balancer, .. }, own, cdn) = with_cdn(true, false);
    build.world.interfaces[0].public = None;
    build.world.networks[0].internet = None;
    let world = &build.world;
    assert_eq!(services(world, site(own), site(balancer)), "tcp/80");
    assert_eq!(services(world, Party::External(cdn), site(balancer)), "nothing");
}
