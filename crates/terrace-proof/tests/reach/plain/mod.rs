//! The plain reading: one packet, carried step by step through a world in which everything is decided, as rules 1 to 9
//! of `terrace_proof::world` say. No sets and no cleverness, so that one can read it beside the rules.
//!
//! A world is decided if nothing in it is `Perhaps`. What still is, is taken not to hold.

mod clients;
mod filters;
mod networks;
mod outside;
mod proxies;

use terrace_proof::space::Packet;
use terrace_proof::world::*;

use crate::points::Points;
pub(crate) use clients::Clients;
pub(crate) use filters::number;

/// Why a packet does not arrive; for people who read a failure.
pub(crate) type Stop = &'static str;

/// How far a packet came.
pub(crate) type Step = Result<(), Stop>;

/// A world whose packets are carried by hand.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a> {
    pub(crate) world: &'a World,
    /// What a translator may choose from.
    pub(crate) points: &'a Points,
    /// Who comes to listeners, for targets that see their clients.
    pub(crate) clients: &'a Clients,
}

/// Whether both ways are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    /// Only whether the packet arrives.
    There,
    /// And whether its answer does.
    AndBack,
}

/// Who a filter sees at the other end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Other {
    /// An interface whose groups count.
    Interface(InterfaceId),
    /// Someone outside.
    External(ExternalId),
    /// An address and nothing more.
    Address,
}

/// Whether something holds.
pub(crate) fn holds(when: &When) -> bool {
    *when == When::Always
}

/// What holds, of some facts.
pub(crate) fn facts<T>(all: &[Fact<T>]) -> impl Iterator<Item = &T> {
    all.iter().filter(|fact| holds(&fact.when)).map(|fact| &fact.is)
}

/// `Ok` if so.
pub(crate) fn check(so: bool, otherwise: Stop) -> Step {
    if so { Ok(()) } else { Err(otherwise) }
}

/// The first way that works, else why the last did not.
pub(crate) fn any(ways: impl IntoIterator<Item = Step>, none: Stop) -> Step {
    let mut last = Err(none);
    for way in ways {
        if way.is_ok() {
            return way;
        }
        last = way;
    }
    last
}

/// The answer to a packet; ICMP answers only to requests (RFC 792, RFC 950, RFC 4443).
pub(crate) fn answer(packet: &Packet) -> Result<Packet, Stop> {
    let (from, to) = match (packet.protocol, packet.source_port) {
        (1, 8) => (0, packet.destination_port),
        (1, kind @ (13 | 15 | 17)) => (kind + 1, packet.destination_port),
        (58, 128) => (129, packet.destination_port),
        (1 | 58, _) => return Err("has no answer"),
        (_, from) => (packet.destination_port, from),
    };
    let (source, destination) = (packet.destination, packet.source);
    Ok(Packet { source_port: from, destination_port: to, source, destination, ..*packet })
}

impl<'a> Plain<'a> {
    pub(crate) fn interface(self, id: InterfaceId) -> &'a Interface {
        &self.world.interfaces[id.0 as usize]
    }

    pub(crate) fn subnet(self, id: SubnetId) -> &'a Subnet {
        &self.world.subnets[id.0 as usize]
    }

    pub(crate) fn network(self, id: NetworkId) -> &'a Network {
        &self.world.networks[id.0 as usize]
    }

    pub(crate) fn external(self, id: ExternalId) -> &'a External {
        &self.world.externals[id.0 as usize]
    }

    pub(crate) fn network_of(self, id: InterfaceId) -> NetworkId {
        self.subnet(self.interface(id).subnet).network
    }

    /// The interfaces of a site that are there.
    pub(crate) fn interfaces_of(self, site: SiteId) -> Vec<InterfaceId> {
        let all = self.world.interfaces.iter().zip(0..);
        all.filter(|(i, _)| i.site == site && holds(&i.when)).map(|(_, id)| InterfaceId(id)).collect()
    }

    /// Whether a packet from one party gets to another (and its answer back).
    pub(crate) fn carries(self, from: Party, to: Party, packet: &Packet, ask: Ask) -> Step {
        match (from, to) {
            (Party::Site(from), Party::Site(to)) => self.site_to_site(from, to, packet, ask),
            (Party::Site(from), Party::External(to)) => self.site_to_external(from, to, packet, ask),
            (Party::External(from), Party::Site(to)) => self.external_to_site(from, to, packet, ask),
            (Party::External(_), Party::External(_)) => Err("both are outside"),
        }
    }

    fn site_to_site(self, from: SiteId, to: SiteId, packet: &Packet, ask: Ask) -> Step {
        if let Some(distribution) = self.distribution_at(from) {
            return self.distribution_to_origin(distribution, to, packet, ask);
        }
        if let Some(balancer) = self.balancer_at(from) {
            return self.balancer_to_target(balancer, to, packet, ask);
        }
        let pairs = self.interfaces_of(from).into_iter();
        let pairs = pairs.flat_map(|a| self.interfaces_of(to).into_iter().map(move |b| (a, b)));
        any(pairs.map(|(a, b)| self.inside(a, b, packet, ask)), "no interfaces")
    }

    fn site_to_external(self, from: SiteId, to: ExternalId, packet: &Packet, ask: Ask) -> Step {
        check(self.balancer_at(from).is_none(), "a balancer sends to its targets alone")?;
        any(self.interfaces_of(from).into_iter().map(|a| self.outward(a, to, packet, ask)), "no interfaces")
    }

    fn external_to_site(self, from: ExternalId, to: SiteId, packet: &Packet, ask: Ask) -> Step {
        if let Some(distribution) = self.distribution_at(to) {
            return self.internet_to_distribution(distribution, from, packet);
        }
        any(self.interfaces_of(to).into_iter().map(|b| self.inward(from, b, packet, ask)), "no interfaces")
    }
}
