//! What a packet meets on its way: groups, ACLs, tables, transit gateways, listeners. One packet at a time.

use std::net::IpAddr;

use crate::Run;
use crate::format::{Acl, End, Origin, Ports, Traffic, Via};
use crate::ground::{Ground, Place};

/// A packet. ICMP's type and code stand in the places of the ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) protocol: u8,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
}

/// Into an interface or a subnet, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    Out,
}

/// Whom groups see at the other end.
#[derive(Clone, Copy)]
pub(crate) enum Other<'a> {
    /// Someone whose groups count.
    Carrier(&'a Place<'a>),
    /// Someone outside.
    External(usize),
    /// An address and nothing more.
    Address,
}

impl Packet {
    /// Its answer: both ends turned round. ICMP answers only to requests (RFC 792, RFC 950, RFC 4443).
    pub(crate) fn answer(&self) -> Option<Self> {
        let (from, to) = match (self.protocol, self.from) {
            (1, 8) => (0, self.to),
            (1, kind @ (13 | 15 | 17)) => (kind + 1, self.to),
            (58, 128) => (129, self.to),
            (1 | 58, _) => return None,
            (_, from) => (self.to, from),
        };
        Some(Self { from, to, source: self.destination, destination: self.source, ..*self })
    }

    /// What it bears at the other end of an interface, as a filter in one direction sees it.
    const fn far(&self, way: Way) -> IpAddr {
        match way {
            Way::In => self.source,
            Way::Out => self.destination,
        }
    }
}

impl Traffic {
    /// Whether a packet is spoken of.
    pub(crate) fn is_of(self, packet: &Packet) -> bool {
        let ports = |[first, last]: [u16; 2]| first <= packet.to && packet.to <= last;
        let icmp = |kind: Option<u8>, code: Option<u8>| {
            kind.is_none_or(|kind| {
                packet.from == u16::from(kind) && code.is_none_or(|code| packet.to == u16::from(code))
            })
        };
        match self {
            Self::All => true,
            Self::Protocol(number) => packet.protocol == number,
            Self::Tcp(span) => packet.protocol == 6 && ports(span),
            Self::Udp(span) => packet.protocol == 17 && ports(span),
            Self::Icmp(kind, code) => packet.protocol == 1 && icmp(kind, code),
            Self::Icmpv6(kind, code) => packet.protocol == 58 && icmp(kind, code),
        }
    }
}

impl From<Ports> for Traffic {
    fn from(ports: Ports) -> Self {
        match ports {
            Ports::Tcp(span) => Self::Tcp(span),
            Ports::Udp(span) => Self::Udp(span),
        }
    }
}

/// Whether an address is one of some.
pub(crate) fn is_one_of(address: IpAddr, all: &[Run]) -> bool {
    all.iter().any(|run| run.has(address))
}

/// 2000::/3.
pub(crate) const fn is_global(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(a) if a.segments()[0] >> 13 == 1)
}

/// Whether an ACL lets a packet pass: of the entries that match, the one with the lowest number says so.
pub(crate) fn acl(acl: Option<&Acl>, way: Way, packet: &Packet) -> bool {
    let Some(acl) = acl else { return true };
    let entries = if way == Way::In { &acl.inbound } else { &acl.outbound };
    let matching = entries.iter().filter(|e| e.traffic.is_of(packet) && e.block.has(packet.far(way)));
    matching.min_by_key(|entry| entry.order).is_some_and(|entry| entry.allow)
}

impl Place<'_> {
    /// Whether the internet gateway knows an address of it.
    pub(crate) fn is_public(&self, own: IpAddr) -> bool {
        if own.is_ipv4() { self.public } else { is_global(own) }
    }

    /// Whether its table leads to an address by a way, if the routes that might be there are there as this needs it.
    pub(crate) fn leads(&self, to: IpAddr, via: Via) -> bool {
        self.leads_by(to, |found| found == via || found == Via::Elsewhere)
    }

    pub(crate) fn leads_by(&self, to: IpAddr, wanted: impl Fn(Via) -> bool) -> bool {
        let Some(table) = self.table else { return wanted(Via::Local) && is_one_of(to, &self.home.blocks) };
        let all = table.routes.iter().enumerate().filter(|(_, route)| route.to.has(to));
        // The smallest block decides, then whose the route is, then which comes first.
        let all: Vec<_> = all.map(|(at, route)| ((route.to.size(), route.origin, at), route)).collect();
        let strongest = |propagated: bool| {
            let sure =
                all.iter().filter(|(_, r)| !r.perhaps && (r.origin == Origin::Propagated) == propagated);
            sure.map(|(rank, _)| *rank).min()
        };
        let (written, announced) = (strongest(false), strongest(true));
        let locals = || all.iter().filter(|(_, route)| route.origin == Origin::Local);
        let sure_local = locals().any(|(_, route)| !route.perhaps);
        let weakest_local = locals().map(|(rank, _)| *rank).max();
        let beats = |rank, other: Option<_>| other.is_none_or(|other| rank <= other);
        all.iter().filter(|(_, route)| wanted(route.via)).any(|(rank, route)| {
            let no_announcement = match route.origin {
                // A local route silences every propagated one, and no route is silenced that need not be there.
                Origin::Propagated => !sure_local && beats(*rank, announced),
                Origin::Local => true,
                _ => beats(*rank, announced) || sure_local || weakest_local.is_some_and(|l| l > *rank),
            };
            no_announcement && beats(*rank, written)
        })
    }
}

impl Ground<'_> {
    /// Whether a packet is listened to: a balancer takes those to its listeners' ports alone.
    pub(crate) fn hears(&self, place: &Place<'_>, packet: &Packet) -> bool {
        let Some(balancers @ [_, ..]) = self.balancers.get(place.site).map(Vec::as_slice) else {
            return true;
        };
        let mut listeners = balancers.iter().flat_map(|(_, balancer)| &balancer.listeners);
        listeners.any(|listener| Traffic::from(listener.on).is_of(packet))
    }

    /// Whether the groups of an interface let a packet pass.
    pub(crate) fn guard(&self, place: &Place<'_>, way: Way, packet: &Packet, other: Other<'_>) -> bool {
        let Some(groups) = &place.groups else { return true };
        let rules = groups.values().filter(|group| group.external.is_none());
        let mut rules = rules.flat_map(|group| if way == Way::In { &group.ingress } else { &group.egress });
        rules.any(|rule| {
            rule.traffic.is_of(packet)
                && (is_one_of(packet.far(way), &rule.addresses)
                    || rule.group.is_some_and(|named| self.names(named, other)))
        })
    }

    /// Whether a rule that names a group means who is at the other end.
    fn names(&self, named: usize, other: Other<'_>) -> bool {
        let external = self.facts.groups.get(named).and_then(|group| group.external);
        match (external, other) {
            (Some(external), Other::External(other)) => external == other,
            (None, Other::Carrier(other)) => {
                other.groups.as_ref().is_some_and(|carried| carried.contains_key(&named))
            }
            _ => false,
        }
    }

    /// Whether a transit gateway may send an address to somebody: the smallest run that surely is there decides, and of
    /// equal ones that which leads nowhere.
    pub(crate) fn transits(&self, id: usize, to: IpAddr, wanted: End) -> bool {
        let Some(transit) = self.facts.transits.get(id) else { return false };
        let runs = |end: End| match end {
            End::Network(n) => self.facts.networks.get(n).map(|network| network.blocks.as_slice()),
            End::External(n) => self.facts.externals.get(n).map(|external| external.addresses.as_slice()),
        };
        let smallest = |end: End| {
            let there = runs(end).into_iter().flatten().filter(|run| run.has(to));
            there.map(|run| run.size()).min()
        };
        if !transit.hubs.iter().any(|hub| hub.to == wanted) {
            return false;
        }
        let Some(size) = smallest(wanted) else { return false };
        let nowhere = transit.nowhere.iter().any(|run| run.has(to) && run.size() <= size);
        let others = transit.hubs.iter().filter(|hub| !hub.perhaps && hub.to != wanted);
        !nowhere && !others.filter_map(|hub| smallest(hub.to)).any(|other| other < size)
    }

    /// Whether a transit gateway has an attachment of somebody.
    pub(crate) fn attached(&self, id: usize, end: End) -> bool {
        self.facts.transits.get(id).is_some_and(|transit| transit.hubs.iter().any(|hub| hub.to == end))
    }
}
