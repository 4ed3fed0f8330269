//! Rules 7 and 8: balancers and distributions, and what a site listens on.

use terrace_proof::space::{Direction, Packet, PortSpan, Transport};
use terrace_proof::world::*;

use super::filters::{is_one_of, lies_in, speaks_of};
use super::{Ask, Other, Plain, Step, Stop, answer, any, check, facts, holds};

pub(crate) fn is_to(transport: Transport, ports: PortSpan, packet: &Packet) -> bool {
    speaks_of(terrace_proof::space::Traffic::Ports(transport, ports), packet)
}

impl<'a> Plain<'a> {
    pub(crate) fn balancer_at(self, site: SiteId) -> Option<&'a Balancer> {
        self.world.balancers.iter().find(|balancer| balancer.site == site)
    }

    pub(crate) fn distribution_at(self, site: SiteId) -> Option<&'a Distribution> {
        self.world.distributions.iter().find(|d| d.site == site)
    }

    /// Whether anything listens at an interface for a packet.
    pub(crate) fn arrives(self, b: InterfaceId, packet: &Packet) -> Step {
        let site = self.interface(b).site;
        if let Some(balancer) = self.balancer_at(site) {
            let mut listeners = facts(&balancer.listeners);
            check(listeners.any(|l| is_to(l.transport, l.ports, packet)), "no listener")?;
        }
        Ok(())
    }

    /// Rule 7: the balancer's own connections.
    pub(crate) fn balancer_to_target(
        self,
        balancer: &Balancer,
        to: SiteId,
        packet: &Packet,
        ask: Ask,
    ) -> Step {
        let mut ways = Vec::new();
        for listener in facts(&balancer.listeners) {
            for forward in facts(&listener.forwards) {
                let group = &self.world.target_groups[forward.to.0 as usize];
                for target in facts(&group.targets).filter(|target| target.site == to) {
                    ways.push(self.to_target(balancer, listener, (group, target), packet, ask));
                }
            }
        }
        any(ways, "no target")
    }

    fn to_target(
        self,
        balancer: &Balancer,
        listener: &Listener,
        (group, target): (&TargetGroup, &Target),
        packet: &Packet,
        ask: Ask,
    ) -> Step {
        check(is_to(target.transport, target.ports, packet), "not the target's port")?;
        if group.keeps_client {
            check(
                self.clients.come(listener.id, packet.source, Ask::AndBack),
                "nobody's address that comes to the listener",
            )?;
        }
        let mut ways = Vec::new();
        for b in self.interfaces_of(target.site).into_iter().filter(|b| self.is_in_zone(balancer, *b)) {
            for a in self.interfaces_of(balancer.site) {
                ways.push(match group.keeps_client {
                    true => self.as_client(a, b, packet, ask),
                    false => self.inside(a, b, packet, ask),
                });
            }
        }
        any(ways, "no interface in its zones")
    }

    fn is_in_zone(self, balancer: &Balancer, b: InterfaceId) -> bool {
        let zone = self.subnet(self.interface(b).subnet).zone;
        balancer.zones.as_ref().is_none_or(|zones| zone.is_none_or(|zone| zones.contains(&zone)))
    }

    /// A balancer's packet that shows its client's address: its groups are seen all the same, and routes are not asked.
    fn as_client(self, a: InterfaceId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let (from, to) = (self.interface(a), self.interface(b));
        check(is_one_of(packet.destination, &to.addresses), "not the receiver's address")?;
        let groups = self.joined(a, b)?;
        let seen = |other| if groups { Other::Interface(other) } else { Other::Address };
        let crosses = from.subnet != to.subnet;
        self.guard(a, Direction::Out, packet, seen(b))?;
        if crosses {
            self.acl(from.subnet, Direction::Out, packet)?;
            self.acl(to.subnet, Direction::In, packet)?;
        }
        self.guard(b, Direction::In, packet, seen(a))?;
        self.arrives(b, packet)?;
        if ask == Ask::AndBack {
            let back = answer(packet)?;
            if crosses {
                self.acl(to.subnet, Direction::Out, &back)?;
                self.acl(from.subnet, Direction::In, &back)?;
            }
        }
        Ok(())
    }

    /// Whether two interfaces' networks are one or joined, and whether groups are seen across.
    fn joined(self, a: InterfaceId, b: InterfaceId) -> Result<bool, Stop> {
        let (here, there) = (self.network_of(a), self.network_of(b));
        if here == there {
            return Ok(true);
        }
        let joins = |ends: [NetworkId; 2]| ends == [here, there] || ends == [there, here];
        let peerings = self.world.peerings.iter().filter(|p| holds(&p.when) && joins(p.ends));
        let mut groups: Vec<bool> = peerings.map(|peering| peering.group_rules).collect();
        for transit in &self.world.transits {
            let has = |network| facts(&transit.attached).any(|(_, attached)| *attached == network);
            if has(here) && has(there) {
                groups.push(transit.group_rules);
            }
        }
        check(!groups.is_empty(), "networks are not joined")?;
        Ok(groups.contains(&true))
    }

    /// Rule 8: who comes to a distribution.
    pub(crate) fn internet_to_distribution(
        self,
        distribution: &Distribution,
        from: ExternalId,
        packet: &Packet,
    ) -> Step {
        check(holds(&distribution.when), "no such distribution")?;
        check(self.external(from).on_internet, "not on the internet")?;
        check(is_one_of(packet.source, &self.external(from).addresses), "not the sender's address")?;
        check(packet.protocol == 6 && [80, 443].contains(&packet.destination_port), "not tcp 80 or 443")
    }

    /// Rule 8: to its origins.
    pub(crate) fn distribution_to_origin(
        self,
        distribution: &Distribution,
        to: SiteId,
        packet: &Packet,
        ask: Ask,
    ) -> Step {
        check(holds(&distribution.when), "no such distribution")?;
        let mut ways = Vec::new();
        for origin in facts(&distribution.origins).filter(|origin| origin.site == to) {
            for b in self.interfaces_of(to) {
                let step = check(is_to(Transport::Tcp, origin.ports, packet), "not the origin's port");
                ways.push(step.and_then(|()| match origin.private {
                    true => self.by_vpc_origin(distribution.cdn, b, packet),
                    false => self.as_cdn(distribution.cdn, b, packet, ask),
                }));
            }
        }
        any(ways, "no origin")
    }

    /// By a VPC origin.
    fn by_vpc_origin(self, cdn: ExternalId, b: InterfaceId, packet: &Packet) -> Step {
        let network = self.network(self.network_of(b));
        check(is_one_of(packet.destination, &self.interface(b).addresses), "not the receiver's address")?;
        check(network.blocks.iter().any(|block| lies_in(packet.source, *block)), "not from inside")?;
        check(packet.source.is_ipv4() == packet.destination.is_ipv4(), "of two families")?;
        self.guard(b, Direction::In, packet, Other::External(cdn))?;
        self.arrives(b, packet)
    }
}
