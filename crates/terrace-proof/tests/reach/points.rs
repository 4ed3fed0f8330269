//! Packets that stand for all packets of a world: two numbers that lie in the same ranges of everything that the world says
//! are alike, so one of each kind is enough. Which one is left to a tape, and it is always the end of some range.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use terrace_proof::space::*;
use terrace_proof::world::*;

use crate::plain::number;
use crate::tape::Tape;

/// First and last.
type Range = (u128, u128);

/// Packets of a world.
pub(crate) struct Points {
    /// One address of each kind, of both families.
    pub(crate) addresses: Vec<IpAddr>,
    /// Ports that stand for all from 1024 on.
    pub(crate) high_ports: Vec<u16>,
    /// Protocols with both ports, or with type and code.
    heads: Vec<(u8, u16, u16)>,
}

impl Points {
    pub(crate) fn of(world: &World, tape: &mut Tape) -> Self {
        let mut said = Said::default();
        said.world(world);
        let ports = kinds(&said.ports, 65_535, tape);
        let ports: Vec<u16> = ports.iter().map(|port| u16::try_from(*port).unwrap()).collect();
        let mut addresses: Vec<IpAddr> = Vec::new();
        for number in kinds(&said.four, u128::from(u32::MAX), tape) {
            addresses.push(Ipv4Addr::from_bits(u32::try_from(number).unwrap()).into());
        }
        for number in kinds(&said.six, u128::MAX, tape) {
            addresses.push(Ipv6Addr::from_bits(number).into());
        }
        let mut heads =
            vec![(47, 0, 0), (50, 1, 2), (1, 8, 0), (1, 3, 0), (1, 13, 3), (58, 128, 0), (58, 1, 0)];
        if said.icmp {
            heads.extend([(1, 8, 3), (1, 0, 0), (1, 3, 3), (58, 129, 0), (58, 128, 3)]);
        }
        for from in &ports {
            heads.extend(ports.iter().map(|to| (6, *from, *to)));
        }
        if said.udp {
            for from in &ports {
                heads.extend(ports.iter().map(|to| (17, *from, *to)));
            }
        } else {
            heads.push((17, tape.pick(&ports), tape.pick(&ports)));
        }
        let high_ports = ports.into_iter().filter(|port| *port >= 1024).collect();
        Self { addresses, high_ports, heads }
    }

    /// Every packet from some addresses to some others.
    pub(crate) fn packets(&self, sources: &[IpAddr], destinations: &[IpAddr]) -> Vec<Packet> {
        let mut packets = Vec::new();
        for source in sources {
            for destination in destinations.iter().filter(|d| d.is_ipv4() == source.is_ipv4()) {
                packets.extend(self.heads.iter().map(|(protocol, from, to)| Packet {
                    protocol: *protocol,
                    source_port: *from,
                    destination_port: *to,
                    source: *source,
                    destination: *destination,
                }));
            }
        }
        packets
    }
}

/// A number of each kind: those that lie in the same of some sets (each a union of ranges) are of one kind.
fn kinds(said: &[Vec<Range>], top: u128, tape: &mut Tape) -> Vec<u128> {
    let mut ends = vec![0, top];
    for (first, last) in said.iter().flatten() {
        ends.extend([first.saturating_sub(1), *first, *last, last.saturating_add(1).min(top)]);
    }
    ends.sort_unstable();
    ends.dedup();
    let mut alike: BTreeMap<Vec<bool>, Vec<u128>> = BTreeMap::new();
    for end in ends {
        let lies = |set: &Vec<Range>| set.iter().any(|(first, last)| *first <= end && end <= *last);
        alike.entry(said.iter().map(lies).collect()).or_default().push(end);
    }
    alike.into_values().map(|numbers| tape.pick(&numbers)).collect()
}

/// Every range that a world speaks of.
#[derive(Default)]
struct Said {
    four: Vec<Vec<Range>>,
    six: Vec<Vec<Range>>,
    ports: Vec<Vec<Range>>,
    udp: bool,
    icmp: bool,
}

impl Said {
    fn addresses(&mut self, all: &[Addresses]) {
        let of = |family| {
            let runs = all.iter().filter(move |run| run.family() == family);
            runs.map(|run| (number(run.first()).0, number(run.last()).0)).collect::<Vec<Range>>()
        };
        for (ranges, list) in [(of(Family::V4), &mut self.four), (of(Family::V6), &mut self.six)] {
            if !ranges.is_empty() && !list.contains(&ranges) {
                list.push(ranges);
            }
        }
    }

    fn blocks(&mut self, all: &[AddressBlock]) {
        for block in all {
            self.addresses(&[(*block).into()]);
        }
    }

    fn ports(&mut self, ports: PortSpan) {
        let range = vec![(ports.first().into(), ports.last().into())];
        if !self.ports.contains(&range) {
            self.ports.push(range);
        }
    }

    fn traffic(&mut self, traffic: Traffic) {
        match traffic {
            Traffic::All | Traffic::Protocol(_) => {}
            Traffic::Ports(transport, ports) => {
                self.ports(ports);
                self.udp |= transport == Transport::Udp;
            }
            Traffic::Icmp { .. } => self.icmp = true,
        }
    }

    fn world(&mut self, world: &World) {
        self.six.push(vec![(0x2000 << 112, (0x4000 << 112) - 1)]);
        for network in &world.networks {
            self.blocks(&network.blocks);
        }
        for subnet in &world.subnets {
            self.blocks(&subnet.blocks);
        }
        for table in &world.tables {
            self.blocks(&table.routes.iter().map(|route| route.is.to).collect::<Vec<_>>());
        }
        for acl in &world.acls {
            for entry in acl.inbound.iter().chain(&acl.outbound) {
                self.blocks(&[entry.is.block]);
                self.traffic(entry.is.traffic);
            }
        }
        for group in &world.groups {
            let Group::Security { ingress, egress } = group else { continue };
            for rule in ingress.iter().chain(egress) {
                self.traffic(rule.is.traffic);
                if let Peer::Addresses(all) = &rule.is.peer {
                    self.addresses(all);
                }
            }
        }
        for nat in &world.nats {
            self.addresses(&[nat.address]);
            self.ports(PortSpan::new(1024, 65_535).unwrap());
        }
        for transit in &world.transits {
            self.blocks(&transit.nowhere.iter().map(|fact| fact.is.1).collect::<Vec<_>>());
        }
        for external in &world.externals {
            self.addresses(&external.addresses);
        }
        // A transit asks each run of who is beyond it.
        for run in world.externals.iter().skip(1).flat_map(|external| &external.addresses) {
            self.addresses(&[*run]);
        }
        for interface in &world.interfaces {
            self.addresses(&interface.addresses);
        }
        for traffic in world.sites.iter().flat_map(|site| site.listens.iter().flatten()) {
            self.traffic(*traffic);
        }
        self.proxies(world);
    }

    fn proxies(&mut self, world: &World) {
        for listener in world.balancers.iter().flat_map(|balancer| &balancer.listeners) {
            self.traffic(Traffic::Ports(listener.is.transport, listener.is.ports));
        }
        for target in world.target_groups.iter().flat_map(|group| &group.targets) {
            self.traffic(Traffic::Ports(target.is.transport, target.is.ports));
        }
        for distribution in &world.distributions {
            for origin in &distribution.origins {
                self.ports(origin.is.ports);
            }
            self.ports(PortSpan::new(80, 80).unwrap());
            self.ports(PortSpan::new(443, 443).unwrap());
        }
    }
}
