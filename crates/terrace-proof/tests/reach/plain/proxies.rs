//! Rules 7 and 8: balancers and distributions, and what a site listens on.

use terrace_proof::space::{Direction, Packet, PortSpan, Transport};
use terrace_proof::world::*;

use super::filters::{is_one_of, lies_in, speaks_of};
use super::{Ask, Other, Plain, Step, answer, any, check, facts, holds};

fn is_to(transport: Transport, ports: PortSpan, packet: &Packet) -> bool {
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
        let forwards = facts(&balancer.listeners).flat_map(|listener| facts(&listener.forwards));
        let groups = forwards.map(|forward| &self.world.target_groups[forward.to.0 as usize]);
        let mut ways = Vec::new();
        for group in groups {
            for target in facts(&group.targets).filter(|target| target.site == to) {
                for b in self.interfaces_of(to) {
                    let step = check(is_to(target.transport, target.ports, packet), "not the target's port")
                        .and_then(|()| check(self.is_in_zone(balancer, b), "not in the target's zone"))
                        .and_then(|()| match group.keeps_client {
                            true => self.as_client(b, packet, ask),
                            false => any(
                                self.interfaces_of(balancer.site)
                                    .into_iter()
                                    .map(|a| self.inside(a, b, packet, ask)),
                                "no interfaces",
                            ),
                        });
                    ways.push(step);
                }
            }
        }
        any(ways, "no target")
    }

    fn is_in_zone(self, balancer: &Balancer, b: InterfaceId) -> bool {
        let zone = self.subnet(self.interface(b).subnet).zone;
        balancer.zones.as_ref().is_none_or(|zones| zone.is_some_and(|zone| zones.contains(&zone)))
    }

    /// A balancer's packet that shows its client's address.
    fn as_client(self, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let to = self.interface(b);
        check(is_one_of(packet.destination, &to.addresses), "not the receiver's address")?;
        self.acl(to.subnet, Direction::In, packet)?;
        self.guard(b, Direction::In, packet, Other::Address)?;
        self.arrives(b, packet)?;
        if ask == Ask::AndBack {
            self.acl(to.subnet, Direction::Out, &answer(packet)?)?;
        }
        Ok(())
    }

    /// Rule 8: who comes to a distribution.
    pub(crate) fn internet_to_distribution(self, from: ExternalId, packet: &Packet) -> Step {
        check(from == ExternalId::INTERNET, "not the internet")?;
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
                    true => self.from_inside(distribution.cdn, b, packet),
                    false => self.inward(distribution.cdn, b, packet, ask),
                }));
            }
        }
        any(ways, "no origin")
    }

    /// By a VPC origin.
    fn from_inside(self, cdn: ExternalId, b: InterfaceId, packet: &Packet) -> Step {
        let network = self.network(self.network_of(b));
        check(is_one_of(packet.destination, &self.interface(b).addresses), "not the receiver's address")?;
        check(network.blocks.iter().any(|block| lies_in(packet.source, *block)), "not from inside")?;
        check(packet.source.is_ipv4() == packet.destination.is_ipv4(), "of two families")?;
        self.guard(b, Direction::In, packet, Other::External(cdn))?;
        self.arrives(b, packet)
    }
}
