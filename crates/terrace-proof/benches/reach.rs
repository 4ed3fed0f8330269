//! CPU time and memory of deciding who reaches whom, all pairs, against the number of interfaces.
//!
//! `cargo bench -p terrace-proof --bench reach`; with `-- 10000` no more interfaces than that, in services that name groups.

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it is wrong")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it reads how much CPU time and memory it took")]

use std::net::{IpAddr, Ipv4Addr};

use terrace_net::Ipv4Block;
use terrace_proof::reach::*;
use terrace_proof::space::{Origin, *};
use terrace_proof::world::*;

/// Nanoseconds of CPU that this process has had (proc(5), `/proc/PID/schedstat`).
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// The most memory that this process has had, in MiB (proc(5), `VmHWM`).
fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// What the rules of a service name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// Three other services' groups; one service in ten is open to the whole network on one port.
    Groups,
    /// All open to the whole network on one port: every pair converses.
    Blocks,
}

/// Who is a party of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parties {
    /// A service: twenty interfaces in three subnets.
    Services,
    /// Each interface.
    Interfaces,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap()
}

fn block(address: u32, prefix: u8) -> AddressBlock {
    Ipv4Block::around(Ipv4Addr::from_bits(address), prefix).into()
}

const TEN: u32 = 0x0a00_0000;

fn world(interfaces: usize, rules: Rules, parties: Parties) -> World {
    let mut world = World::new();
    let mut next = 0;
    let mut rule = || {
        next += 1;
        RuleId(next)
    };
    let network =
        Network { blocks: vec![block(TEN, 8)], internet: Some(Fact::sure(rule())), egress_only: None };
    let network = world.add_network(network);
    let all: AddressBlock = block(0, 0);
    let route = |id, to, origin, target| Fact::sure(Route { id, to, origin, target });
    let entries = |first: u32| -> Vec<Fact<AclEntry>> {
        let entry = |order, action, traffic| {
            Fact::sure(AclEntry { id: RuleId(first + order), order, action, traffic, block: all })
        };
        let ssh = Traffic::Ports(Transport::Tcp, PortSpan::new(22, 22).unwrap());
        vec![entry(10, AclAction::Deny, ssh), entry(20, AclAction::Allow, Traffic::All)]
    };
    let acl = world.add_acl(Acl { inbound: entries(4_000_000), outbound: entries(5_000_000) });
    let public = Table {
        routes: vec![
            route(rule(), block(TEN, 8), Origin::Local, Via::Local),
            route(rule(), all, Origin::Static, Via::Internet),
        ],
        named: Vec::new(),
    };
    let public = world.add_table(public);
    let out =
        Subnet { network, blocks: vec![block(TEN, 20)], zone: None, table: Some(public), acl: Some(acl) };
    let out = world.add_subnet(out);
    let address = IpAddr::from(Ipv4Addr::from_bits(TEN + 5)).into();
    let nat = Nat { id: rule(), subnet: out, address, public: true, interface: None, when: When::Always };
    let nat = world.add_nat(nat);
    let subnets = (interfaces / 160).clamp(6, 120);
    for n in 1..=subnets {
        let routes = vec![
            route(rule(), block(TEN, 8), Origin::Local, Via::Local),
            route(rule(), all, Origin::Static, Via::Nat(nat)),
        ];
        let table = world.add_table(Table { routes, named: Vec::new() });
        let blocks = vec![block(TEN + (number(n) << 12), 20)];
        world.add_subnet(Subnet { network, blocks, zone: None, table: Some(table), acl: Some(acl) });
    }
    let services = (interfaces / 20).max(1);
    for service in 0..services {
        let port = u16::try_from(1024 + service % 40_000).unwrap();
        let traffic = Traffic::Ports(Transport::Tcp, PortSpan::new(port, port).unwrap());
        let mut ingress = Vec::new();
        if rules == Rules::Groups {
            for step in [1, 7, 31] {
                let peer = Peer::Group(GroupId(number((service + step) % services)));
                ingress.push(Fact::sure(GroupRule { id: rule(), traffic, peer }));
            }
        }
        if rules == Rules::Blocks || service % 10 == 0 {
            let peer = Peer::Addresses(vec![block(TEN, 8).into()]);
            ingress.push(Fact::sure(GroupRule { id: rule(), traffic, peer }));
        }
        let everywhere = Peer::Addresses(vec![all.into()]);
        let egress = vec![Fact::sure(GroupRule { id: rule(), traffic: Traffic::All, peer: everywhere })];
        world.add_group(Group::Security { ingress, egress });
    }
    let mut site = SiteId(0);
    for n in 0..interfaces {
        let service = n / 20 % services;
        if n % 20 == 0 || parties == Parties::Interfaces {
            site = world.add_site(Site::default());
        }
        let subnet = number((service * 3 + n % 3) % subnets + 1);
        // Scattered, so that no two are next to each other.
        let own = Ipv4Addr::from_bits(TEN + (subnet << 12) + number(n * 2 % 4091));
        world.add_interface(Interface {
            site,
            subnet: SubnetId(subnet),
            guard: Guard::Groups(vec![Fact::sure(GroupId(number(service)))]),
            addresses: vec![IpAddr::from(own).into()],
            public: None,
            when: When::Always,
        });
    }
    world
}

fn main() {
    println!(
        "{:>10} {:>7} {:9} {:10} {:>11} {:>10} {:>10} {:>7}",
        "interfaces", "groups", "rules", "parties", "compile", "all pairs", "links", "peak"
    );
    let sizes = [100, 1000, 10_000, 50_000];
    let groups = sizes.map(|n| (n, Rules::Groups, Parties::Services));
    let alone = [100, 1000, 10_000].map(|n| (n, Rules::Groups, Parties::Interfaces));
    let blocks = [100, 1000, 10_000].map(|n| (n, Rules::Blocks, Parties::Services));
    let most: Option<usize> = std::env::args().find_map(|arg| arg.parse().ok());
    for (interfaces, rules, parties) in groups.into_iter().chain(alone).chain(blocks) {
        if most
            .is_some_and(|most| interfaces > most || rules == Rules::Blocks || parties == Parties::Interfaces)
        {
            continue;
        }
        let world = world(interfaces, rules, parties);
        let start = cpu();
        let reach = reach(&world, Bound::Most);
        let compiled = cpu();
        let links = reach.links().filter(Link::converses).count();
        let done = cpu();
        let millis = |nanos: u64| f64::from(u32::try_from(nanos / 1000).unwrap()) / 1000.0;
        println!(
            "{interfaces:>10} {:>7} {:9} {:10} {:>8.1} ms {:>7.1} ms {links:>10} {:>3} MiB",
            world.groups.len(),
            if rules == Rules::Groups { "groups" } else { "blocks" },
            if parties == Parties::Services { "services" } else { "interfaces" },
            millis(compiled - start),
            millis(done - compiled),
            peak(),
        );
    }
}
