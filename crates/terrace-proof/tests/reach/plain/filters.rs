//! Guards, ACLs and tables, each asked about one packet.

use std::net::IpAddr;

use terrace_proof::space::{
    AclAction, AclEntry, AddressBlock, Addresses, Direction, Family, Origin, Packet, Peer, PortSpan, Route,
    Traffic, Transport,
};
use terrace_proof::world::{Group, Guard, InterfaceId, SubnetId, Via};

use super::{Other, Plain, Step, check, facts};

/// An address as a number, and how many bits it has.
pub(crate) fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(a) => (u128::from(a.to_bits()), 32),
        IpAddr::V6(a) => (a.to_bits(), 128),
    }
}

/// Whether an address lies in a block.
pub(crate) fn lies_in(address: IpAddr, block: AddressBlock) -> bool {
    let (first, last) = match block {
        AddressBlock::V4(b) => (IpAddr::V4(b.first()), IpAddr::V4(b.last())),
        AddressBlock::V6(b) => (IpAddr::V6(b.first()), IpAddr::V6(b.last())),
    };
    is_between(address, first, last)
}

/// Whether an address is one of some.
pub(crate) fn is_one_of(address: IpAddr, all: &[Addresses]) -> bool {
    all.iter().any(|run| is_between(address, run.first(), run.last()))
}

fn is_between(address: IpAddr, first: IpAddr, last: IpAddr) -> bool {
    let ((n, bits), (low, low_bits), (high, _)) = (number(address), number(first), number(last));
    bits == low_bits && low <= n && n <= high
}

/// Whether a rule's traffic is a packet's. ICMP's type and code stand in the ports' places.
pub(crate) fn speaks_of(traffic: Traffic, packet: &Packet) -> bool {
    match traffic {
        Traffic::All => true,
        Traffic::Protocol(number) => packet.protocol == number,
        Traffic::Ports(Transport::Tcp, ports) => packet.protocol == 6 && has_port(ports, packet),
        Traffic::Ports(Transport::Udp, ports) => packet.protocol == 17 && has_port(ports, packet),
        Traffic::Icmp { family, kind, code } => {
            let protocol = if family == Family::V4 { 1 } else { 58 };
            packet.protocol == protocol
                && kind.is_none_or(|kind| packet.source_port == u16::from(kind))
                && (kind.is_none() || code.is_none_or(|code| packet.destination_port == u16::from(code)))
        }
    }
}

fn has_port(ports: PortSpan, packet: &Packet) -> bool {
    ports.first() <= packet.destination_port && packet.destination_port <= ports.last()
}

impl Plain<'_> {
    /// Whether an interface's guard lets a packet in or out.
    pub(crate) fn guard(self, id: InterfaceId, way: Direction, packet: &Packet, other: Other) -> Step {
        let Guard::Groups(groups) = &self.interface(id).guard else { return Ok(()) };
        for group in facts(groups) {
            let Group::Security { ingress, egress } = &self.world.groups[group.0 as usize] else { continue };
            let rules = if way == Direction::In { ingress } else { egress };
            for rule in facts(rules) {
                if speaks_of(rule.traffic, packet) && self.names(&rule.peer, way, packet, other) {
                    return Ok(());
                }
            }
        }
        Err(if way == Direction::In { "guard in" } else { "guard out" })
    }

    /// Whether a rule's peer is the other end of a packet.
    fn names(self, peer: &Peer, way: Direction, packet: &Packet, other: Other) -> bool {
        match peer {
            Peer::Addresses(all) => {
                is_one_of(if way == Direction::In { packet.source } else { packet.destination }, all)
            }
            Peer::Group(id) => match (&self.world.groups[id.0 as usize], other) {
                (Group::External(named), Other::External(external)) => *named == external,
                (Group::Security { .. }, Other::Interface(other)) => match &self.interface(other).guard {
                    Guard::Groups(carried) => facts(carried).any(|carried| carried == id),
                    Guard::Open => false,
                },
                _ => false,
            },
        }
    }

    /// Whether a subnet's ACL lets a packet in or out.
    pub(crate) fn acl(self, subnet: SubnetId, way: Direction, packet: &Packet) -> Step {
        let Some(acl) = self.subnet(subnet).acl else { return Ok(()) };
        let acl = &self.world.acls[acl.0 as usize];
        let (entries, end) = match way {
            Direction::In => (&acl.inbound, packet.source),
            Direction::Out => (&acl.outbound, packet.destination),
        };
        // The matching entry with the lowest number; of two alike the earlier.
        let mut decides: Option<&AclEntry> = None;
        for entry in facts(entries) {
            if speaks_of(entry.traffic, packet) && lies_in(end, entry.block) {
                let is_first = decides.is_none_or(|other| entry.order < other.order);
                decides = if is_first { Some(entry) } else { decides };
            }
        }
        let allowed = decides.is_some_and(|entry| entry.action == AclAction::Allow);
        check(allowed, if way == Direction::In { "acl in" } else { "acl out" })
    }

    /// Where a subnet's table sends a destination.
    pub(crate) fn table(self, subnet: SubnetId, destination: IpAddr) -> Option<Via> {
        let Some(table) = self.subnet(subnet).table else {
            let network = self.network(self.subnet(subnet).network);
            return network.blocks.iter().any(|block| lies_in(destination, *block)).then_some(Via::Local);
        };
        let routes = &self.world.tables[table.0 as usize].routes;
        let matching: Vec<&Route<Via>> = facts(routes).filter(|r| lies_in(destination, r.to)).collect();
        let mut best: Option<&Route<Via>> = None;
        for route in &matching {
            // What a gateway announces never stands before the local route, however long it is.
            let overruled = route.origin == Origin::Propagated
                && matching.iter().any(|r| r.origin == Origin::Local && r.to.prefix() <= route.to.prefix());
            let is_better = best.is_none_or(|other| {
                let (prefix, others) = (route.to.prefix(), other.to.prefix());
                prefix > others || (prefix == others && route.origin < other.origin)
            });
            if !overruled && is_better {
                best = Some(route);
            }
        }
        best.map(|route| route.target)
    }
}
