//! Rules 3 to 6: from and to who is outside.

use std::net::IpAddr;

use terrace_proof::space::{Direction, Packet};
use terrace_proof::world::*;

use super::filters::is_one_of;
use super::networks::Onward;
use super::{Ask, Other, Plain, Step, answer, any, check, facts, holds};

/// 2000::/3.
fn is_global(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(a) if a.octets()[0] >> 5 == 1)
}

impl Plain<'_> {
    /// From outside to an interface.
    pub(crate) fn inward(self, from: ExternalId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let to = self.interface(b);
        check(is_one_of(packet.source, &self.external(from).addresses), "not the sender's address")?;
        check(is_one_of(packet.destination, &to.addresses), "not the receiver's address")?;
        let by_internet = match self.external(from).on_internet {
            true => self.by_internet(from, b, packet, ask),
            false => Err("not on the internet"),
        };
        any([by_internet, self.by_private_way(from, b, packet, ask)], "no way in")
    }

    /// A distribution's packet to an origin on the internet.
    pub(crate) fn as_cdn(self, cdn: ExternalId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        check(is_one_of(packet.source, &self.external(cdn).addresses), "not the sender's address")?;
        check(is_one_of(packet.destination, &self.interface(b).addresses), "not the receiver's address")?;
        self.by_internet(cdn, b, packet, ask)
    }

    /// What every packet from outside meets at the interface.
    fn enters(self, from: ExternalId, b: InterfaceId, packet: &Packet) -> Step {
        self.acl(self.interface(b).subnet, Direction::In, packet)?;
        self.guard(b, Direction::In, packet, Other::External(from))?;
        self.arrives(b, packet)
    }

    /// Whether the internet reaches an interface's own address through the gateway.
    fn is_public(self, b: InterfaceId, own: IpAddr) -> bool {
        match own {
            IpAddr::V4(_) => self.interface(b).public.as_ref().is_some_and(holds),
            IpAddr::V6(_) => is_global(own),
        }
    }

    fn has_gateway(self, network: NetworkId) -> bool {
        self.network(network).internet.as_ref().is_some_and(|gateway| holds(&gateway.when))
    }

    /// Rule 3.
    fn by_internet(self, from: ExternalId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let subnet = self.interface(b).subnet;
        check(self.has_gateway(self.network_of(b)), "no internet gateway")?;
        check(self.is_public(b, packet.destination), "not public")?;
        self.enters(from, b, packet)?;
        if ask == Ask::There {
            return Ok(());
        }
        let back = answer(packet)?;
        check(self.table(subnet, back.destination) == Some(Via::Internet), "no route back")?;
        self.acl(subnet, Direction::Out, &back)
    }

    /// Rule 5, inward.
    fn by_private_way(self, from: ExternalId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let (subnet, network) = (self.interface(b).subnet, self.network_of(b));
        self.enters(from, b, packet)?;
        // The table decides the source, whether or not the answer is asked: there is no other sign of a private way.
        let via = self.table(subnet, packet.source);
        match via {
            Some(Via::Beyond(external)) => check(external == from, "a private way to others")?,
            Some(Via::Transit(id)) => {
                check(self.is_attached(id, network), "not attached")?;
                let mut beyond = facts(&self.world.transits[id.0 as usize].beyond);
                check(beyond.any(|(_, external)| *external == from), "not beyond it")?;
                check(self.leads(id, packet.destination, Onward::Network(network)), "transit leads away")?;
            }
            _ => return Err("no private way"),
        }
        if ask == Ask::There {
            return Ok(());
        }
        if let Some(Via::Transit(id)) = via {
            check(self.leads(id, packet.source, Onward::Beyond(from)), "transit leads elsewhere")?;
        }
        self.acl(subnet, Direction::Out, &answer(packet)?)
    }

    fn is_attached(self, id: TransitId, network: NetworkId) -> bool {
        facts(&self.world.transits[id.0 as usize].attached).any(|(_, n)| *n == network)
    }

    /// From an interface to outside.
    pub(crate) fn outward(self, a: InterfaceId, to: ExternalId, packet: &Packet, ask: Ask) -> Step {
        let from = self.interface(a);
        check(is_one_of(packet.source, &from.addresses), "not the sender's address")?;
        check(is_one_of(packet.destination, &self.external(to).addresses), "not the receiver's address")?;
        self.guard(a, Direction::Out, packet, Other::External(to))?;

        // Rule 6 comes before the others.
        let table = self.subnet(from.subnet).table.map(|table| &self.world.tables[table.0 as usize]);
        if table.is_some_and(|table| facts(&table.named).any(|named| named.to == to)) {
            return self.leaves(a, packet, ask);
        }
        let network = self.network_of(a);
        match self.table(from.subnet, packet.destination).ok_or("no route")? {
            Via::Internet => {
                check(self.external(to).on_internet, "not on the internet")?;
                check(self.has_gateway(network), "no internet gateway")?;
                check(self.is_public(a, packet.source), "not public")?;
                self.leaves(a, packet, ask)
            }
            Via::EgressOnly => {
                check(self.external(to).on_internet, "not on the internet")?;
                check(packet.source.is_ipv6(), "egress-only and IPv4")?;
                let gateway = self.network(network).egress_only.as_ref();
                check(gateway.is_some_and(|gateway| holds(&gateway.when)), "no egress-only gateway")?;
                check(is_global(packet.source), "not public")?;
                self.leaves(a, packet, ask)
            }
            Via::Nat(nat) => {
                check(self.external(to).on_internet, "not on the internet")?;
                self.by_nat(a, &self.world.nats[nat.0 as usize], to, packet, ask)
            }
            Via::Beyond(external) => {
                check(external == to, "a private way to others")?;
                self.leaves(a, packet, ask)
            }
            Via::Transit(id) => {
                check(self.is_attached(id, network), "not attached")?;
                check(self.leads(id, packet.destination, Onward::Beyond(to)), "transit leads elsewhere")?;
                if ask == Ask::AndBack {
                    check(self.leads(id, packet.source, Onward::Network(network)), "transit leads away")?;
                }
                self.leaves(a, packet, ask)
            }
            Via::Local | Via::Peer(_) | Via::Nowhere | Via::Elsewhere => Err("route leads elsewhere"),
        }
    }

    /// The sender's ACL, both ways.
    fn leaves(self, a: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let subnet = self.interface(a).subnet;
        self.acl(subnet, Direction::Out, packet)?;
        if ask == Ask::AndBack {
            self.acl(subnet, Direction::In, &answer(packet)?)?;
        }
        Ok(())
    }

    /// By a translator: whatever port and address of its own it takes, one that works is enough.
    fn by_nat(self, a: InterfaceId, nat: &Nat, to: ExternalId, packet: &Packet, ask: Ask) -> Step {
        check(holds(&nat.when), "no such translator")?;
        check(packet.source.is_ipv4(), "a translator is for IPv4")?;
        let ports = match packet.protocol {
            6 | 17 => self.points.high_ports.clone(),
            _ => vec![packet.source_port],
        };
        let mut ways = Vec::new();
        for own in self.points.addresses.iter().filter(|own| nat.address.contains(**own)) {
            for port in &ports {
                ways.push(self.translated(a, nat, to, packet, (*own, *port), ask));
            }
        }
        any(ways, "no port")
    }

    fn translated(
        self,
        a: InterfaceId,
        nat: &Nat,
        to: ExternalId,
        packet: &Packet,
        (own, port): (IpAddr, u16),
        ask: Ask,
    ) -> Step {
        let here = self.interface(a).subnet;
        let is_own = self.subnet(here).network == self.subnet(nat.subnet).network;
        check(is_own, "a translator of another network")?;
        let crosses = here != nat.subnet;
        // To the translator.
        if crosses {
            self.acl(here, Direction::Out, packet)?;
            self.acl(nat.subnet, Direction::In, packet)?;
        }
        if let Some(interface) = nat.interface {
            check(holds(&self.interface(interface).when), "the translator's interface is not there")?;
            self.guard(interface, Direction::In, packet, Other::Interface(a))?;
        }
        // From there as its own.
        let sent = Packet { source: own, source_port: port, ..*packet };
        if let Some(interface) = nat.interface {
            self.guard(interface, Direction::Out, &sent, Other::External(to))?;
        }
        self.acl(nat.subnet, Direction::Out, &sent)?;
        check(self.table(nat.subnet, sent.destination) == Some(Via::Internet), "the translator's route")?;
        check(self.has_gateway(self.subnet(nat.subnet).network), "no internet gateway")?;
        check(nat.public, "the translator is not public")?;
        if ask == Ask::There {
            return Ok(());
        }
        // The answer to the translator, and on.
        self.acl(nat.subnet, Direction::In, &answer(&sent)?)?;
        let back = answer(packet)?;
        if crosses {
            let route = self.table(nat.subnet, back.destination);
            check(route == Some(Via::Local), "the translator's route back")?;
            self.acl(nat.subnet, Direction::Out, &back)?;
            self.acl(here, Direction::In, &back)?;
        }
        Ok(())
    }
}
