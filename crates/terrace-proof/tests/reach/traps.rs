//! Where readers of rules go wrong: worlds by hand with the answer that AWS's documentation gives, named beside each.
//! Pages are of the Amazon VPC User Guide unless another is named.

use terrace_proof::space::AclAction::{Allow, Deny};
use terrace_proof::space::{GroupId, Packet, Peer, Traffic};
use terrace_proof::world::{ExternalId, Guard, Party, SubnetId, Via, ZoneId};

use crate::judge::Says::{Nothing, Sends, Talks};
use crate::judge::assert_says;
use crate::lab::{Entry, INTERNET, Lab, anyone, from, packet, tcp};

const ALL4: &str = "0.0.0.0/0";
const ALL6: &str = "::/0";

/// A network with one subnet that the internet's gateway serves, and one without.
fn two_subnets() -> (Lab, SubnetId, SubnetId) {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16", "2001:db8::/56"]);
    let routes = [(ALL4, Via::Internet), (ALL6, Via::Internet)];
    let public = lab.subnet(network, &["10.0.0.0/24", "2001:db8::/64"], &routes);
    let private = lab.subnet(network, &["10.0.1.0/24", "2001:db8:0:1::/64"], &[]);
    (lab, public, private)
}

/// "Security group rules": the rules of all groups are taken together.
#[test]
fn two_groups_are_a_union() {
    let (mut lab, public, private) = two_subnets();
    let (web, ssh) = (lab.takes(&[(tcp(443, 443), anyone())]), lab.takes(&[(tcp(22, 22), anyone())]));
    let a = lab.host(public, &["10.0.0.5/32"], &[web]);
    let b = lab.host(private, &["10.0.1.5/32"], &[web, ssh]);
    for (port, says) in [(443, Talks), (22, Talks), (80, Nothing)] {
        assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", port), says);
    }
}

/// "Security group rules": a group as source means the private addresses of those that carry it; "Default security
/// groups": with no rule nothing comes in.
#[test]
fn a_group_means_who_carries_it() {
    let (mut lab, public, private) = two_subnets();
    let app = lab.takes(&[]);
    let other = lab.takes(&[]);
    let data = lab.takes(&[(tcp(5432, 5432), Peer::Group(app))]);
    let lonely = lab.takes(&[(tcp(5432, 5432), Peer::Group(GroupId(2)))]);
    let a = lab.host(public, &["10.0.0.5/32"], &[app]);
    let c = lab.host(public, &["10.0.0.6/32"], &[other]);
    let b = lab.host(private, &["10.0.1.5/32"], &[data]);
    let d = lab.host(private, &["10.0.1.6/32"], &[lonely]);
    let e = lab.host(private, &["10.0.1.7/32"], &[]);
    assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 5432), Talks);
    assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 5433), Nothing);
    assert_says(&lab.world, c, b, packet("10.0.0.6", "10.0.1.5", 5432), Nothing);
    assert_says(&lab.world, a, d, packet("10.0.0.5", "10.0.1.6", 5432), Nothing);
    assert_says(&lab.world, a, e, packet("10.0.0.5", "10.0.1.7", 5432), Nothing);
    assert_says(&lab.world, e, b, packet("10.0.1.7", "10.0.1.5", 5432), Nothing);
}

/// "Control subnet traffic with network access control lists": lowest number first; stateless; only at the subnet's edge.
#[test]
fn entries_are_asked_in_order_and_answers_too() {
    let all = Traffic::All;
    let cases: [(&[Entry<'_>], &[Entry<'_>], _); 6] = [
        (&[(100, Allow, all, ALL4)], &[(100, Allow, all, ALL4)], Talks),
        (&[(100, Deny, tcp(443, 443), ALL4), (200, Allow, all, ALL4)], &[(100, Allow, all, ALL4)], Nothing),
        (&[(200, Deny, tcp(443, 443), ALL4), (100, Allow, all, ALL4)], &[(100, Allow, all, ALL4)], Talks),
        (&[(100, Allow, all, ALL4)], &[(100, Allow, tcp(443, 443), ALL4)], Sends),
        (&[(100, Allow, all, ALL4)], &[(100, Allow, tcp(1024, 65_535), ALL4)], Talks),
        (&[], &[], Nothing),
    ];
    for (inbound, outbound, says) in cases {
        let (mut lab, public, private) = two_subnets();
        let open = lab.takes(&[(all, anyone())]);
        lab.acl(private, inbound, outbound);
        let a = lab.host(public, &["10.0.0.5/32"], &[open]);
        let b = lab.host(private, &["10.0.1.5/32"], &[open]);
        let c = lab.host(private, &["10.0.1.6/32"], &[open]);
        assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 443), says);
        assert_says(&lab.world, c, b, packet("10.0.1.6", "10.0.1.5", 443), Talks);
    }
}

/// "Enable internet access using internet gateways": a route, a public address, and both.
#[test]
fn the_internet_needs_gateway_route_and_address() {
    let (mut lab, public, private) = two_subnets();
    let web = lab.takes(&[(tcp(443, 443), from(ALL4))]);
    let routed = lab.host(public, &["10.0.0.5/32"], &[web]);
    let both = lab.host(public, &["10.0.0.6/32"], &[web]);
    let addressed = lab.host(private, &["10.0.1.5/32"], &[web]);
    lab.publish(both);
    lab.publish(addressed);
    assert_says(&lab.world, INTERNET, routed, packet("8.8.8.8", "10.0.0.5", 443), Nothing);
    assert_says(&lab.world, INTERNET, both, packet("8.8.8.8", "10.0.0.6", 443), Talks);
    assert_says(&lab.world, INTERNET, both, packet("8.8.8.8", "10.0.0.6", 80), Nothing);
    // Without a route the answer is lost, and the packet is not.
    assert_says(&lab.world, INTERNET, addressed, packet("8.8.8.8", "10.0.1.5", 443), Sends);
    assert_says(&lab.world, both, INTERNET, packet("10.0.0.6", "8.8.8.8", 443), Talks);
    assert_says(&lab.world, addressed, INTERNET, packet("10.0.1.5", "8.8.8.8", 443), Nothing);
    lab.world.networks[0].internet = None;
    assert_says(&lab.world, INTERNET, both, packet("8.8.8.8", "10.0.0.6", 443), Nothing);
}

/// "IPv6 addressing": there is no private address to hide behind; "Egress-only internet gateways": out, and not in.
#[test]
fn exposure_by_ipv6_alone() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16", "2001:db8::/56", "fd00::/56"]);
    let open = lab.subnet(network, &["10.0.0.0/24", "2001:db8::/64", "fd00::/64"], &[(ALL6, Via::Internet)]);
    let egress = lab.subnet(network, &["2001:db8:0:1::/64"], &[(ALL6, Via::EgressOnly)]);
    let web = lab.takes(&[(tcp(443, 443), anyone())]);
    let a = lab.host(open, &["10.0.0.5/32", "2001:db8::5/128", "fd00::5/128"], &[web]);
    let b = lab.host(egress, &["2001:db8:0:1::5/128"], &[web]);
    let google = "2001:4860:4860::8888";
    assert_says(&lab.world, INTERNET, a, packet("8.8.8.8", "10.0.0.5", 443), Nothing);
    assert_says(&lab.world, INTERNET, a, packet(google, "2001:db8::5", 443), Talks);
    assert_says(&lab.world, INTERNET, a, packet(google, "fd00::5", 443), Nothing);
    assert_says(&lab.world, b, INTERNET, packet("2001:db8:0:1::5", google, 443), Talks);
    assert_says(&lab.world, INTERNET, b, packet(google, "2001:db8:0:1::5", 443), Sends);
}

/// "NAT gateways": out and not in, from a subnet that the internet's gateway serves; the ports of answers are the
/// gateway's own ("ephemeral ports 1024-65535").
#[test]
fn a_translator_lets_out_and_not_in() {
    for (answers, says) in [((1024, 65_535), Talks), ((50_000, 50_000), Talks), ((1, 1023), Sends)] {
        let mut lab = Lab::new();
        let network = lab.network(&["10.0.0.0/16"]);
        let public = lab.subnet(network, &["10.0.0.0/24"], &[(ALL4, Via::Internet)]);
        let nat = lab.nat(public, "10.0.0.20");
        let private = lab.subnet(network, &["10.0.1.0/24"], &[(ALL4, Via::Nat(nat))]);
        // The private side's ports pass, the translator's are asked.
        let inside = (90, Allow, Traffic::All, "10.0.0.0/16");
        lab.acl(
            public,
            &[inside, (100, Allow, tcp(answers.0, answers.1), ALL4)],
            &[(100, Allow, Traffic::All, ALL4)],
        );
        let open = lab.takes(&[(Traffic::All, anyone())]);
        let a = lab.host(private, &["10.0.1.5/32"], &[open]);
        assert_says(&lab.world, a, INTERNET, packet("10.0.1.5", "8.8.8.8", 443), says);
        assert_says(&lab.world, INTERNET, a, packet("8.8.8.8", "10.0.1.5", 443), Nothing);
        lab.world.tables[0].routes.pop();
        assert_says(&lab.world, a, INTERNET, packet("10.0.1.5", "8.8.8.8", 443), Nothing);
    }
}

/// VPC Peering Guide, "How VPC peering connections work": not transitive, routes on both sides; "Update your security
/// groups to reference peer security groups": within a region.
#[test]
fn a_peering_joins_two_and_no_more() {
    for group_rules in [true, false] {
        let mut lab = Lab::new();
        let [one, two, three] =
            ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"].map(|text| lab.network(&[text]));
        let (first, second) = (lab.peering([one, two], group_rules), lab.peering([two, three], group_rules));
        let left = lab.subnet(one, &["10.0.0.0/24"], &[("10.0.0.0/8", Via::Peer(first))]);
        let routes = [("10.0.0.0/24", Via::Peer(first)), ("10.0.2.0/24", Via::Peer(second))];
        let middle = lab.subnet(two, &["10.0.1.0/24"], &routes);
        let right = lab.subnet(three, &["10.0.2.0/24"], &[("10.0.0.0/8", Via::Peer(second))]);
        let app = lab.takes(&[(tcp(22, 22), from("10.0.0.0/8"))]);
        let data = lab.takes(&[(tcp(5432, 5432), Peer::Group(app)), (tcp(22, 22), from("10.0.0.0/8"))]);
        let a = lab.host(left, &["10.0.0.5/32"], &[app]);
        let b = lab.host(middle, &["10.0.1.5/32"], &[data]);
        let c = lab.host(right, &["10.0.2.5/32"], &[data]);
        let by_group = if group_rules { Talks } else { Nothing };
        assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 5432), by_group);
        assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 22), Talks);
        assert_says(&lab.world, a, c, packet("10.0.0.5", "10.0.2.5", 22), Nothing);
        // Only one side has a route: there is no answer.
        lab.world.tables[1].routes.remove(1);
        assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 22), Sends);
        assert_says(&lab.world, b, a, packet("10.0.1.5", "10.0.0.5", 22), Nothing);
    }
}

/// "Route priority": the longest prefix; a blackhole takes what it matches; the main table's absence leaves local routes.
#[test]
fn the_longest_prefix_decides() {
    let (mut lab, public, _) = two_subnets();
    let web = lab.takes(&[(tcp(443, 443), from(ALL4))]);
    let network = lab.world.subnets[0].network;
    let holed = lab.subnet(network, &["10.0.2.0/24"], &[(ALL4, Via::Internet), ("8.8.8.0/24", Via::Nowhere)]);
    let bare = lab.subnet(network, &["10.0.3.0/24"], &[]);
    lab.world.subnets[bare.0 as usize].table = None;
    let a = lab.host(holed, &["10.0.2.5/32"], &[web]);
    let b = lab.host(bare, &["10.0.3.5/32"], &[web]);
    let c = lab.host(public, &["10.0.0.5/32"], &[web]);
    lab.publish(a);
    lab.publish(b);
    assert_says(&lab.world, a, INTERNET, packet("10.0.2.5", "8.8.8.8", 443), Nothing);
    assert_says(&lab.world, a, INTERNET, packet("10.0.2.5", "8.8.9.8", 443), Talks);
    assert_says(&lab.world, INTERNET, a, packet("8.8.8.8", "10.0.2.5", 443), Sends);
    assert_says(&lab.world, INTERNET, a, packet("8.8.9.8", "10.0.2.5", 443), Talks);
    assert_says(&lab.world, b, INTERNET, packet("10.0.3.5", "8.8.8.8", 443), Nothing);
    assert_says(&lab.world, c, b, packet("10.0.0.5", "10.0.3.5", 443), Talks);
}

/// "Gateway endpoints": the route names a prefix list, and so may a group's rule; nothing else becomes reachable.
#[test]
fn a_gateway_endpoint_reaches_its_service_alone() {
    let (mut lab, _, private) = two_subnets();
    let storage = lab.external(&["52.216.0.0/15"], true);
    let list = lab.prefix_list(storage);
    let group = lab.group(&[], &[(tcp(443, 443), list)]);
    let a = lab.host(private, &["10.0.1.5/32"], &[group]);
    let to = packet("10.0.1.5", "52.216.0.1", 443);
    assert_says(&lab.world, a, Party::External(storage), to, Nothing);
    lab.endpoint(private, storage);
    assert_says(&lab.world, a, Party::External(storage), to, Talks);
    assert_says(&lab.world, a, INTERNET, packet("10.0.1.5", "8.8.8.8", 443), Nothing);
}

/// User Guide for Application Load Balancers, "Listeners" and "Security groups": only listeners take connections; the
/// target sees the balancer. "ELBV2_NO_TARGETS_IN_AZ" of the Reachability Analyzer: no zone, no packet.
#[test]
fn a_balancer_opens_its_own_connections() {
    let (mut lab, public, private) = two_subnets();
    let edge = lab.takes(&[(Traffic::All, anyone())]);
    let app = lab.takes(&[(tcp(8000, 8000), Peer::Group(edge))]);
    let balancer = lab.host(public, &["10.0.0.5/32"], &[edge]);
    let target = lab.host(private, &["10.0.1.5/32"], &[app]);
    lab.publish(balancer);
    lab.balancer(balancer, 443, target, 8000, false);
    lab.world.subnets[0].zone = Some(ZoneId(0));
    lab.world.subnets[1].zone = Some(ZoneId(1));
    assert_says(&lab.world, INTERNET, balancer, packet("8.8.8.8", "10.0.0.5", 443), Talks);
    assert_says(&lab.world, INTERNET, balancer, packet("8.8.8.8", "10.0.0.5", 80), Nothing);
    assert_says(&lab.world, INTERNET, target, packet("8.8.8.8", "10.0.1.5", 8000), Nothing);
    assert_says(&lab.world, balancer, target, packet("10.0.0.5", "10.0.1.5", 8000), Talks);
    assert_says(&lab.world, balancer, target, packet("10.0.0.5", "10.0.1.5", 22), Nothing);
    lab.world.balancers[0].zones = Some(vec![ZoneId(0)]);
    assert_says(&lab.world, balancer, target, packet("10.0.0.5", "10.0.1.5", 8000), Nothing);
    lab.world.balancers[0].zones = None;
    lab.world.target_groups[0].targets.clear();
    assert_says(&lab.world, balancer, target, packet("10.0.0.5", "10.0.1.5", 8000), Nothing);
}

/// User Guide for Network Load Balancers, "Update the security groups": the target's rules may name the balancer's group
/// "even if you enable client IP preservation"; "Client IP preservation": addresses are the client's.
#[test]
fn a_kept_client_is_seen_by_address() {
    for (rule_is_group, says) in [(true, Talks), (false, Nothing)] {
        let (mut lab, public, private) = two_subnets();
        let edge = lab.takes(&[(Traffic::All, anyone())]);
        let peer = if rule_is_group { Peer::Group(edge) } else { from("8.8.8.0/24") };
        let app = lab.takes(&[(tcp(8000, 8000), peer)]);
        let balancer = lab.host(public, &["10.0.0.5/32"], &[edge]);
        let target = lab.host(private, &["10.0.1.5/32"], &[app]);
        lab.publish(balancer);
        lab.balancer(balancer, 443, target, 8000, true);
        assert_says(&lab.world, balancer, target, packet("8.8.8.8", "10.0.1.5", 8000), Talks);
        assert_says(&lab.world, balancer, target, packet("8.8.9.8", "10.0.1.5", 8000), says);
        assert_says(&lab.world, balancer, target, packet("127.0.0.1", "10.0.1.5", 8000), Nothing);
    }
}

/// Amazon CloudFront Developer Guide, "Use the CloudFront managed prefix list": the list admits the CDN and nobody else.
#[test]
fn a_prefix_list_admits_whom_it_names() {
    let (mut lab, public, private) = two_subnets();
    let cdn = lab.external(&["130.176.0.0/16"], true);
    let list = lab.prefix_list(cdn);
    let edge = lab.takes(&[(tcp(443, 443), list)]);
    let balancer = lab.host(public, &["10.0.0.5/32"], &[edge]);
    lab.publish(balancer);
    let inner = lab.host(private, &["10.0.1.5/32"], &[edge]);
    let to = packet("130.176.0.1", "10.0.0.5", 443);
    assert_says(&lab.world, Party::External(cdn), balancer, to, Talks);
    assert_says(&lab.world, INTERNET, balancer, packet("8.8.8.8", "10.0.0.5", 443), Nothing);
    assert_says(&lab.world, inner, balancer, packet("10.0.1.5", "10.0.0.5", 443), Nothing);
}

/// "Security group rules": with every protocol allowed ICMP is, too; RFC 792: an echo is answered, an error is not.
#[test]
fn every_protocol_means_icmp_too() {
    let (mut lab, public, private) = two_subnets();
    let open = lab.takes(&[(Traffic::All, anyone())]);
    let a = lab.host(public, &["10.0.0.5/32"], &[open]);
    let b = lab.host(private, &["10.0.1.5/32"], &[open]);
    let ping = Packet { protocol: 1, source_port: 8, ..packet("10.0.0.5", "10.0.1.5", 0) };
    assert_says(&lab.world, a, b, ping, Talks);
    assert_says(&lab.world, a, b, Packet { source_port: 3, ..ping }, Sends);
    lab.acl(private, &[(100, Allow, tcp(0, 65_535), ALL4)], &[(100, Allow, Traffic::All, ALL4)]);
    assert_says(&lab.world, a, b, ping, Nothing);
}

/// Two interfaces of one machine, one before each subnet: what one group admits is not what the other does.
#[test]
fn each_interface_has_its_own_guard() {
    let (mut lab, public, private) = two_subnets();
    let (web, none) = (lab.takes(&[(tcp(443, 443), anyone())]), lab.takes(&[]));
    let a = lab.host(public, &["10.0.0.5/32"], &[web]);
    let b = lab.host(private, &["10.0.1.5/32"], &[none]);
    let Party::Site(site) = b else { return };
    lab.interface(site, public, &["10.0.0.9/32"], Guard::Open);
    assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.1.5", 443), Nothing);
    assert_says(&lab.world, a, b, packet("10.0.0.5", "10.0.0.9", 443), Talks);
    assert_says(
        &lab.world,
        Party::External(ExternalId::INTERNET),
        b,
        packet("8.8.8.8", "10.0.0.9", 443),
        Nothing,
    );
}
