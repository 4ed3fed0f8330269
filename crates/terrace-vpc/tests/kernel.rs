//! What the proof says of a network, asked of the running kernel: every two parties, both families, TCP and UDP.
//!
//! Skipped, with a word, where the machine allows no namespaces to its users.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "who skips a test says why")]

#[path = "../../terrace-proof/tests/reach/lab.rs"]
#[expect(dead_code, reason = "the proof's own tests use the rest")]
mod lab;

use std::net::IpAddr;
use std::path::Path;

use lab::{Lab, anyone, block, from, tcp};
use terrace_proof::reach::reach;
use terrace_proof::space::AclAction::{Allow, Deny};
use terrace_proof::space::{Packet, Peer, PortSpan, Traffic, Transport};
use terrace_proof::world::{Bound, ExternalId, Fact, Guard, Party, Site, SiteId, Transit, Via, World};
use terrace_vpc::{Heard, Order, Plan, obstacle, plan, send};

const ALL4: &str = "0.0.0.0/0";
const ALL6: &str = "::/0";
/// What is tried.
const PORTS: [u16; 3] = [22, 443, 5432];

fn udp(port: u16) -> Traffic {
    Traffic::Ports(Transport::Udp, PortSpan::new(port, port).unwrap())
}

/// Addresses of a party that packets can be sent from or to.
fn addresses(world: &World, plan: &Plan, party: Party) -> Vec<IpAddr> {
    match party {
        Party::External(id) => {
            [true, false].into_iter().filter_map(|four| plan.address_of(id, four)).collect()
        }
        Party::Site(id) => {
            let own = world.interfaces.iter().filter(|interface| interface.site == id);
            own.flat_map(|interface| interface.addresses.iter().map(|run| run.first())).collect()
        }
    }
}

/// Sends everything that can be sent in a world, and holds what is heard against the proof.
#[track_caller]
fn agrees(world: &World) {
    if let Some(why) = obstacle() {
        eprintln!("skipped, as no network can be raised here: {why}");
        return;
    }
    let plan = plan(world).unwrap();
    let (least, most) = (reach(world, Bound::Least), reach(world, Bound::Most));
    let sites = (0..).zip(&world.sites).map(|(n, _)| Party::Site(SiteId(n)));
    let externals = (0..).zip(&world.externals).map(|(n, _)| Party::External(ExternalId(n)));
    let parties: Vec<Party> = sites.chain(externals).collect();
    let (mut probes, mut expected) = (Vec::new(), Vec::new());
    for (from, to) in parties.iter().flat_map(|from| parties.iter().map(move |to| (*from, *to))) {
        if from == to || matches!((from, to), (Party::External(_), Party::External(_))) {
            continue;
        }
        let (least, most) = (least.link(from, to), most.link(from, to));
        for source in addresses(world, &plan, from) {
            for destination in
                addresses(world, &plan, to).into_iter().filter(|d| d.is_ipv4() == source.is_ipv4())
            {
                for (protocol, port) in PORTS.iter().flat_map(|port| [(6, *port), (17, *port)]) {
                    let source_port = 40_000 + u16::try_from(probes.len()).unwrap();
                    let packet =
                        Packet { protocol, source_port, destination_port: port, source, destination };
                    let says = |link: Option<&terrace_proof::reach::Link>| {
                        let sends = link.is_some_and(|link| link.sends(&packet));
                        (sends, link.is_some_and(|link| link.carries(&packet)))
                    };
                    let verdict = says(least.as_ref());
                    assert_eq!(verdict, says(most.as_ref()), "everything is told: {packet}");
                    // What should come is waited for as long as a busy machine may need.
                    let wait = if verdict.1 { 20_000 } else { 1_000 };
                    probes.push(plan.probe(world, from, to, &packet, wait).unwrap());
                    expected.push((from, to, packet, verdict));
                }
            }
        }
    }
    let passing = expected.iter().filter(|(.., (_, talks))| *talks).count();
    assert!(passing > 0 && passing < expected.len(), "a world where all passes or nothing does shows little");
    let heard = send(Path::new(env!("CARGO_BIN_EXE_terrace-vpc")), &Order { plan, probes }).unwrap();
    assert_eq!(heard.len(), expected.len());
    let mut wrong = Vec::new();
    for ((from, to, packet, (sends, talks)), Heard { there, back }) in expected.into_iter().zip(heard) {
        // A connection tells only that both ways are open.
        let is_same = back == talks && (packet.protocol == 6 || there == sends);
        if !is_same {
            wrong.push(format!(
                "{from:?} to {to:?}: {packet}: proof ({sends}, {talks}), kernel ({there}, {back})"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of the packets differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Three tiers: what is public, what leaves by a translator, what does neither; each tier takes the one before it.
#[test]
fn three_tiers() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16"]);
    let public = lab.subnet(network, &["10.0.0.0/24"], &[(ALL4, Via::Internet)]);
    let nat = lab.nat(public, "10.0.0.20");
    let app = lab.subnet(network, &["10.0.1.0/24"], &[(ALL4, Via::Nat(nat))]);
    let data = lab.subnet(network, &["10.0.2.0/24"], &[]);
    let inside = (tcp(1024, 65_535), "10.0.1.0/24");
    lab.acl(
        data,
        &[(100, Allow, tcp(5432, 5432), "10.0.1.0/24"), (110, Allow, udp(5432), "10.0.0.0/16")],
        &[(100, Allow, inside.0, inside.1), (110, Deny, Traffic::All, ALL4)],
    );
    let edge = lab.takes(&[(tcp(443, 443), anyone())]);
    let server = lab.takes(&[(tcp(443, 443), Peer::Group(edge))]);
    let database =
        lab.group(&[(tcp(5432, 5432), Peer::Group(server)), (udp(5432), from("10.0.1.0/24"))], &[]);
    let balancer = lab.host(public, &["10.0.0.5/32"], &[edge]);
    lab.publish(balancer);
    lab.host(public, &["10.0.0.6/32"], &[edge]);
    lab.host(app, &["10.0.1.5/32"], &[server]);
    lab.host(data, &["10.0.2.5/32"], &[database]);
    agrees(&lab.world);
}

/// A peering with and without groups, a third network behind it, and a route that is missing on one side.
#[test]
fn joined_networks() {
    for group_rules in [true, false] {
        let mut lab = Lab::new();
        let [one, two, three] =
            ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"].map(|text| lab.network(&[text]));
        let (first, second) = (lab.peering([one, two], group_rules), lab.peering([two, three], group_rules));
        let left = lab.subnet(one, &["10.0.0.0/24"], &[("10.0.0.0/8", Via::Peer(first))]);
        let routes = [("10.0.0.0/24", Via::Peer(first))];
        let middle = lab.subnet(two, &["10.0.1.0/24"], &routes);
        let right = lab.subnet(three, &["10.0.2.0/24"], &[("10.0.0.0/8", Via::Peer(second))]);
        let app = lab.takes(&[(tcp(22, 22), from("10.0.0.0/8")), (udp(22), from("10.0.0.0/8"))]);
        let data = lab.takes(&[
            (tcp(5432, 5432), Peer::Group(app)),
            (tcp(22, 22), from("10.0.0.0/8")),
            (udp(22), from("10.0.0.0/8")),
        ]);
        lab.host(left, &["10.0.0.5/32"], &[app]);
        lab.host(middle, &["10.0.1.5/32"], &[data]);
        lab.host(right, &["10.0.2.5/32"], &[app]);
        agrees(&lab.world);
    }
}

/// IPv6: public by its address alone, private by its address, out and not in; entries of ACLs in their order.
#[test]
fn both_families() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16", "2001:db8::/56"]);
    let open = lab.subnet(
        network,
        &["10.0.0.0/24", "2001:db8::/64"],
        &[(ALL6, Via::Internet), (ALL4, Via::Internet)],
    );
    let egress = lab.subnet(network, &["10.0.1.0/24", "2001:db8:0:1::/64"], &[(ALL6, Via::EgressOnly)]);
    let all = Traffic::All;
    lab.acl(
        egress,
        &[
            (90, Deny, tcp(22, 22), ALL6),
            (100, Allow, all, ALL6),
            (110, Allow, tcp(443, 5432), "10.0.0.0/24"),
        ],
        &[(100, Allow, all, ALL6), (110, Allow, udp(443), ALL4), (120, Allow, tcp(1024, 65_535), ALL4)],
    );
    let web = lab.takes(&[(tcp(22, 443), anyone()), (udp(443), anyone())]);
    lab.host(open, &["10.0.0.5/32", "2001:db8::5/128"], &[web]);
    lab.host(egress, &["10.0.1.5/32", "2001:db8:0:1::5/128"], &[web]);
    agrees(&lab.world);
}

/// A transit with who is beyond it and what goes nowhere.
#[test]
fn by_transit() {
    let mut lab = Lab::new();
    let [one, two] = ["10.0.0.0/24", "10.0.1.0/24"].map(|text| lab.network(&[text]));
    let office = lab.external(&["192.168.0.0/24"], false);
    let mut transit = Transit::default();
    for network in [one, two] {
        transit.attached.push(Fact::sure((lab.rule(), network)));
    }
    transit.beyond.push(Fact::sure((lab.rule(), office)));
    transit.nowhere.push(Fact::sure((lab.rule(), block("10.0.1.64/26"))));
    let transit = lab.world.add_transit(transit);
    let left = lab.subnet(one, &["10.0.0.0/24"], &[(ALL4, Via::Transit(transit))]);
    let right = lab.subnet(two, &["10.0.1.0/24"], &[(ALL4, Via::Transit(transit))]);
    let own = lab.takes(&[(tcp(22, 22), from(ALL4)), (udp(443), from(ALL4))]);
    lab.host(left, &["10.0.0.5/32"], &[own]);
    lab.host(right, &["10.0.1.5/32"], &[own]);
    lab.host(right, &["10.0.1.70/32"], &[own]);
    agrees(&lab.world);
}

/// A translator's answers go by its own subnet's table.
#[test]
fn back_from_a_translator() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16"]);
    let routes = [(ALL4, Via::Internet), ("10.0.2.0/24", Via::Nowhere)];
    let public = lab.subnet(network, &["10.0.0.0/24"], &routes);
    let nat = lab.nat(public, "10.0.0.20");
    let one = lab.subnet(network, &["10.0.1.0/24"], &[(ALL4, Via::Nat(nat))]);
    let two = lab.subnet(network, &["10.0.2.0/24"], &[(ALL4, Via::Nat(nat))]);
    let closed = lab.takes(&[]);
    lab.host(one, &["10.0.1.5/32"], &[closed]);
    lab.host(two, &["10.0.2.5/32"], &[closed]);
    agrees(&lab.world);
}

/// A NAT instance asks its own groups on both sides, and its subnet's ACL knows the ports of answers.
#[test]
fn by_a_translating_instance() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/16"]);
    let public = lab.subnet(network, &["10.0.0.0/24"], &[(ALL4, Via::Internet)]);
    let private_group = lab.takes(&[]);
    let other_group = lab.takes(&[]);
    let ingress = [(tcp(443, 443), Peer::Group(private_group)), (udp(443), from("10.0.0.0/16"))];
    let instance = lab.group(&ingress, &[(tcp(1, 65_535), anyone()), (udp(22), anyone())]);
    let nat = lab.nat(public, "10.0.0.20");
    let site = lab.world.add_site(Site::default());
    let guard = Guard::Groups(vec![Fact::sure(instance)]);
    lab.world.nats[0].interface = Some(lab.interface(site, public, &["10.0.0.20/32"], guard));
    lab.publish(Party::Site(site));
    let private = lab.subnet(network, &["10.0.1.0/24"], &[(ALL4, Via::Nat(nat))]);
    let answers = [(100, Allow, Traffic::All, "10.0.0.0/16"), (110, Allow, tcp(1024, 65_535), ALL4)];
    lab.acl(public, &answers, &[(100, Allow, Traffic::All, ALL4)]);
    lab.host(private, &["10.0.1.5/32"], &[private_group]);
    lab.host(private, &["10.0.1.6/32"], &[other_group]);
    agrees(&lab.world);
}
