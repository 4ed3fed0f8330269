//! Who might send to whom directly, and whether one packet gets there: rules 1 to 9.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::Run;
use crate::carry::{Other, Packet, Way, acl, is_global};
use crate::format::{End, Party, Ports, Via};
use crate::ground::{Ground, Place};

/// From which addresses packets come to which listener of which balancer.
pub(crate) type Clients = BTreeSet<(usize, usize, IpAddr)>;

/// One way from one to another, with everything that stands on it but the packet.
#[derive(Clone, Debug)]
pub(crate) struct Leg<'a> {
    pub(crate) kind: LegKind<'a>,
    pub(crate) sources: Cow<'a, [Run]>,
    pub(crate) destinations: Cow<'a, [Run]>,
    /// Only packets to these ports, of a target or an origin.
    pub(crate) on: Option<Ports>,
}

/// What the ends of a leg are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LegKind<'a> {
    /// Between interfaces (rules 1 and 2).
    Inside(&'a Place<'a>, &'a Place<'a>),
    /// From a balancer that shows its client's address (rule 7).
    AsClient(&'a Place<'a>, &'a Place<'a>),
    /// From outside (rules 3 and 5).
    Inward(usize, &'a Place<'a>),
    /// From a distribution over the internet (rule 8).
    Origin(usize, &'a Place<'a>),
    /// From a distribution by a VPC origin (rule 8).
    PrivateOrigin(usize, &'a Place<'a>),
    /// To a distribution (rule 8).
    Cdn,
    /// To outside (rules 4 to 6).
    Outward(&'a Place<'a>, usize),
}

/// Legs, one after the other.
pub(crate) type Legs<'a> = Box<dyn Iterator<Item = Leg<'a>> + 'a>;

impl<'a> Ground<'a> {
    fn at(&'a self, site: usize) -> &'a [Place<'a>] {
        self.places.get(site).map_or(&[], Vec::as_slice)
    }

    fn addresses(&self, external: usize) -> &'a [Run] {
        self.facts.externals.get(external).map_or(&[], |external| &external.addresses)
    }

    fn is_on_internet(&self, external: usize) -> bool {
        self.facts.externals.get(external).is_some_and(|external| external.on_internet)
    }

    /// Every way from one to another, found as it is asked for.
    pub(crate) fn legs(&'a self, from: Party, to: Party, clients: &'a Clients) -> Legs<'a> {
        match (from, to) {
            (Party::External(_), Party::External(_)) => Box::new(std::iter::empty()),
            (Party::External(x), Party::Site(to)) => self.inward(x, to),
            (Party::Site(from), Party::External(_)) if self.is_proxy(from) => Box::new(std::iter::empty()),
            (Party::Site(from), Party::External(x)) => {
                let leg = move |a: &'a Place<'a>| leg(LegKind::Outward(a, x), a.addresses, self.addresses(x));
                Box::new(self.at(from).iter().map(leg))
            }
            // Nobody inside opens connections to a distribution.
            (Party::Site(_), Party::Site(to)) if self.distributes(to) => Box::new(std::iter::empty()),
            (Party::Site(from), Party::Site(to)) if self.distributes(from) => self.origins(from, to),
            (Party::Site(from), Party::Site(to)) if self.is_proxy(from) => self.forwards(from, to, clients),
            (Party::Site(from), Party::Site(to)) => {
                let pairs = self.at(from).iter().flat_map(move |a| self.at(to).iter().map(move |b| (a, b)));
                Box::new(pairs.map(|(a, b)| leg(LegKind::Inside(a, b), a.addresses, b.addresses)))
            }
        }
    }

    fn distributes(&self, site: usize) -> bool {
        self.distributions.get(site).is_some_and(|all| !all.is_empty())
    }

    /// Whether it opens no connections but those that it passes on.
    fn is_proxy(&self, site: usize) -> bool {
        self.distributes(site) || self.balancers.get(site).is_some_and(|all| !all.is_empty())
    }

    fn inward(&'a self, x: usize, to: usize) -> Legs<'a> {
        if !self.distributes(to) {
            let leg = move |b: &'a Place<'a>| leg(LegKind::Inward(x, b), self.addresses(x), b.addresses);
            return Box::new(self.at(to).iter().map(leg));
        }
        let ports = if self.is_on_internet(x) { &[80, 443][..] } else { &[] };
        Box::new(ports.iter().map(move |port| {
            let everywhere = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|text| text.parse().ok());
            Leg {
                on: Some(Ports::Tcp([*port, *port])),
                destinations: everywhere.collect(),
                ..leg(LegKind::Cdn, self.addresses(x), &[])
            }
        }))
    }

    fn origins(&'a self, from: usize, to: usize) -> Legs<'a> {
        let all = self.distributions.get(from).into_iter().flatten();
        let all = all.flat_map(|distribution| distribution.origins.iter().map(|o| (distribution.cdn, o)));
        let all = all.filter(move |(_, origin)| origin.site == to);
        Box::new(all.flat_map(move |(cdn, origin)| {
            self.at(to).iter().map(move |b| {
                let leg = match origin.private {
                    true => leg(LegKind::PrivateOrigin(cdn, b), &b.home.blocks, b.addresses),
                    false => leg(LegKind::Origin(cdn, b), self.addresses(cdn), b.addresses),
                };
                Leg { on: Some(Ports::Tcp(origin.ports)), ..leg }
            })
        }))
    }

    fn forwards(&'a self, from: usize, to: usize, clients: &'a Clients) -> Legs<'a> {
        let balancers = self.balancers.get(from).into_iter().flatten();
        let listeners = balancers.flat_map(|(number, balancer)| {
            balancer
                .listeners
                .iter()
                .enumerate()
                .map(move |(at, listener)| (*number, *balancer, at, listener))
        });
        let targets = listeners.flat_map(move |(number, balancer, at, listener)| {
            let groups = listener.forwards.iter().filter_map(|n| self.facts.target_groups.get(*n));
            let targets = groups.flat_map(|group| group.targets.iter().map(move |target| (group, target)));
            let targets = targets.filter(move |(_, target)| target.site == to);
            targets.map(move |(group, target)| (number, balancer, at, group, target))
        });
        Box::new(targets.flat_map(move |(number, balancer, at, group, target)| {
            let enabled = move |b: &&Place<'_>| match (&balancer.zones, b.zone) {
                (Some(zones), Some(zone)) => zones.contains(&zone),
                _ => true,
            };
            let ends = self.at(from).iter();
            let ends = ends.flat_map(move |a| self.at(to).iter().filter(enabled).map(move |b| (a, b)));
            ends.map(move |(a, b)| {
                let mut leg = leg(LegKind::Inside(a, b), a.addresses, b.addresses);
                if group.keeps_client {
                    leg.kind = LegKind::AsClient(a, b);
                    let first = (number, at, IpAddr::from([0; 4]));
                    let mine = clients.range(first..).take_while(|(n, l, _)| (*n, *l) == (number, at));
                    leg.sources = mine.map(|(_, _, own)| Run::one(*own)).collect();
                }
                Leg { on: Some(target.on), ..leg }
            })
        }))
    }

    /// Whether a packet gets there and, where there is an answer to ask for, that gets back.
    pub(crate) fn passes(&self, leg: &Leg<'_>, packet: &Packet, back: Option<&Packet>) -> bool {
        match leg.kind {
            LegKind::Inside(a, b) => self.inside(a, b, packet, back, false),
            LegKind::AsClient(a, b) => self.inside(a, b, packet, back, true),
            LegKind::Inward(x, b) => {
                self.enters(x, b, packet, back)
                    && (self.by_internet(x, b, packet) || self.private(x, b, packet))
            }
            LegKind::Origin(x, b) => self.enters(x, b, packet, back) && self.by_gateway(b, packet),
            LegKind::PrivateOrigin(x, b) => {
                self.guard(b, Way::In, packet, Other::External(x)) && self.hears(b, packet)
            }
            LegKind::Cdn => true,
            LegKind::Outward(a, x) => self.outward(a, x, packet),
        }
    }

    /// Rules 1, 2 and 7. Who shows a client's address is asked by no table.
    fn inside(
        &self,
        a: &Place<'_>,
        b: &Place<'_>,
        packet: &Packet,
        back: Option<&Packet>,
        as_client: bool,
    ) -> bool {
        let crosses = a.subnet != b.subnet;
        let acls = || {
            acl(a.acl, Way::Out, packet)
                && acl(b.acl, Way::In, packet)
                && back.is_none_or(|back| acl(b.acl, Way::Out, back) && acl(a.acl, Way::In, back))
        };
        let routed = |via: Via| {
            let whole = |id| {
                self.transits(id, packet.destination, End::Network(b.network))
                    && self.transits(id, packet.source, End::Network(a.network))
            };
            a.leads(packet.destination, via)
                && b.leads(packet.source, via)
                && !matches!(via, Via::Transit(id) if !whole(id))
        };
        self.hears(b, packet)
            && self.joined(a.network, b.network).into_iter().any(|(via, groups)| {
                let seen = |other| if groups { Other::Carrier(other) } else { Other::Address };
                self.guard(a, Way::Out, packet, seen(b))
                    && self.guard(b, Way::In, packet, seen(a))
                    && (!crosses || (acls() && (as_client || routed(via))))
            })
    }

    /// What joins two networks, and whether groups are seen across it.
    fn joined(&self, one: usize, other: usize) -> Vec<(Via, bool)> {
        if one == other {
            return vec![(Via::Local, true)];
        }
        let peerings = self.facts.peerings.iter().enumerate();
        let peerings = peerings.filter(|(_, p)| p.ends == [one, other] || p.ends == [other, one]);
        let transits = self.facts.transits.iter().enumerate();
        let transits =
            transits.filter(|(id, _)| [one, other].iter().all(|n| self.attached(*id, End::Network(*n))));
        peerings
            .map(|(id, peering)| (Via::Peering(id), peering.group_rules))
            .chain(transits.map(|(id, transit)| (Via::Transit(id), transit.group_rules)))
            .collect()
    }

    /// What every packet from outside meets.
    fn enters(&self, x: usize, b: &Place<'_>, packet: &Packet, back: Option<&Packet>) -> bool {
        self.guard(b, Way::In, packet, Other::External(x))
            && self.hears(b, packet)
            && acl(b.acl, Way::In, packet)
            && back.is_none_or(|back| acl(b.acl, Way::Out, back))
    }

    fn by_internet(&self, x: usize, b: &Place<'_>, packet: &Packet) -> bool {
        self.is_on_internet(x) && self.by_gateway(b, packet)
    }

    /// Rule 3. (The table is asked for the answer; nothing is claimed of packets inward that are not answered.)
    fn by_gateway(&self, b: &Place<'_>, packet: &Packet) -> bool {
        b.home.internet && b.is_public(packet.destination) && b.leads(packet.source, Via::Internet)
    }

    /// Rule 5, inward.
    fn private(&self, x: usize, b: &Place<'_>, packet: &Packet) -> bool {
        let by_transit = |id: usize| {
            b.leads(packet.source, Via::Transit(id))
                && self.transits(id, packet.destination, End::Network(b.network))
                && self.transits(id, packet.source, End::External(x))
        };
        self.leads_beyond(b, packet.source, x) || (0..self.facts.transits.len()).any(by_transit)
    }

    /// Whether a table leads to somebody beyond. What is not modelled leads there only off the internet.
    fn leads_beyond(&self, place: &Place<'_>, to: IpAddr, x: usize) -> bool {
        let unmodelled = !self.is_on_internet(x);
        place.leads_by(to, |via| via == Via::Beyond(x) || (unmodelled && via == Via::Elsewhere))
    }

    /// Rules 4, 5 and 6, the way out alone.
    fn outward(&self, a: &Place<'_>, x: usize, packet: &Packet) -> bool {
        if !self.guard(a, Way::Out, packet, Other::External(x)) {
            return false;
        }
        let to = packet.destination;
        let endpoints = || a.table.iter().flat_map(|t| &t.endpoints).filter(|endpoint| endpoint.to == x);
        let by_transit = |id: usize| {
            a.leads(to, Via::Transit(id))
                && self.attached(id, End::Network(a.network))
                && self.transits(id, to, End::External(x))
        };
        let internet = self.is_on_internet(x) && endpoints().all(|endpoint| endpoint.perhaps);
        let gateway = internet
            && ((a.home.internet && a.is_public(packet.source) && a.leads(to, Via::Internet))
                || (a.home.egress_only && is_global(packet.source) && a.leads(to, Via::EgressOnly)));
        let leaves = endpoints().next().is_some()
            || gateway
            || self.leads_beyond(a, to, x)
            || (0..self.facts.transits.len()).any(by_transit);
        (leaves && acl(a.acl, Way::Out, packet))
            || (internet && packet.source.is_ipv4() && self.by_nat(a, x, packet))
    }

    /// Rule 4, by a translator. Its own address and port are asked by nobody on the way out.
    fn by_nat(&self, a: &Place<'_>, x: usize, packet: &Packet) -> bool {
        self.nats.iter().enumerate().any(|(id, (nat, there))| {
            let crosses = a.subnet != there.subnet;
            nat.public
                && there.network == a.network
                && there.home.internet
                && a.leads(packet.destination, Via::Nat(id))
                && there.leads(packet.destination, Via::Internet)
                && (!crosses || (acl(a.acl, Way::Out, packet) && acl(there.acl, Way::In, packet)))
                && self.guard(there, Way::In, packet, Other::Carrier(a))
                && self.guard(there, Way::Out, packet, Other::External(x))
                && acl(there.acl, Way::Out, packet)
        })
    }
}

fn leg<'a>(kind: LegKind<'a>, sources: &'a [Run], destinations: &'a [Run]) -> Leg<'a> {
    Leg { kind, sources: sources.into(), destinations: destinations.into(), on: None }
}
