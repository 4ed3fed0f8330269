//! Which packets are tried: of each range between two ends that anything on a way speaks of, the first number. Two packets
//! that lie between the same ends meet the same answers everywhere, so that one is enough.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::Run;
use crate::carry::Packet;
use crate::format::{Acl, End, Facts, Rule, Traffic};
use crate::ground::{Ground, Place};
use crate::legs::{Leg, LegKind};

/// Pairs of ports that are held at once.
const MOST_PORTS: usize = 4_000_000;

/// Protocol, source port and destination port.
pub(crate) type Head = (u8, u16, u16);

/// Everything that is said on a way.
#[derive(Default)]
pub(crate) struct Said {
    runs: Vec<Run>,
    /// What filters say of packets there.
    traffic: BTreeSet<Traffic>,
    /// What ACLs say, which ask answers too.
    answers: BTreeSet<Traffic>,
    /// How many rules, entries and routes there are: what a packet costs.
    pub(crate) weight: u64,
}

/// Packets that stand for all.
pub(crate) struct Points {
    pub(crate) sources: Vec<IpAddr>,
    pub(crate) destinations: Vec<IpAddr>,
    pub(crate) heads: Vec<Head>,
}

impl Said {
    /// On a way.
    pub(crate) fn on(ground: &Ground<'_>, leg: &Leg<'_>) -> Self {
        let mut said = Self { weight: 1, ..Self::default() };
        match leg.kind {
            LegKind::Inside(a, b) | LegKind::AsClient(a, b) => {
                said.place(ground, a);
                said.place(ground, b);
            }
            LegKind::Inward(_, b) | LegKind::Origin(_, b) | LegKind::PrivateOrigin(_, b) => {
                said.place(ground, b);
            }
            LegKind::Cdn => {}
            LegKind::Outward(a, _) => {
                said.place(ground, a);
                let nats = ground.nats.iter().filter(|(_, there)| there.network == a.network);
                nats.for_each(|(_, there)| said.place(ground, there));
            }
        }
        said.weight = said.weight.saturating_mul(ground.joints());
        said.transits(ground.facts);
        said.runs.extend("2000::/3".parse::<Run>());
        said.traffic.extend(leg.on.map(Traffic::from));
        said
    }

    fn place(&mut self, ground: &Ground<'_>, place: &Place<'_>) {
        for group in place.groups.iter().flat_map(|groups| groups.values()) {
            group.ingress.iter().chain(&group.egress).for_each(|rule| self.rule(rule));
        }
        if let Some(acl) = place.acl {
            self.acl(acl);
        }
        match place.table {
            Some(table) => self.runs(table.routes.iter().map(|route| route.to)),
            None => self.runs(place.home.blocks.iter().copied()),
        }
        for (_, balancer) in ground.balancers.get(place.site).into_iter().flatten() {
            self.weight += balancer.listeners.len() as u64;
            self.traffic.extend(balancer.listeners.iter().map(|listener| Traffic::from(listener.on)));
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.weight += 1;
        self.traffic.insert(rule.traffic);
        self.runs(rule.addresses.iter().copied());
    }

    fn acl(&mut self, acl: &Acl) {
        for entry in acl.inbound.iter().chain(&acl.outbound) {
            self.traffic.insert(entry.traffic);
            self.answers.insert(entry.traffic);
            self.runs([entry.block]);
        }
    }

    fn runs(&mut self, runs: impl IntoIterator<Item = Run>) {
        let before = self.runs.len();
        self.runs.extend(runs);
        self.weight += (self.runs.len() - before) as u64;
    }

    fn transits(&mut self, facts: &Facts) {
        if facts.transits.is_empty() {
            return;
        }
        self.runs(facts.transits.iter().flat_map(|transit| transit.nowhere.clone()));
        self.runs(facts.networks.iter().flat_map(|network| network.blocks.clone()));
        self.runs(facts.externals.iter().flat_map(|external| external.addresses.clone()));
        for hub in facts.transits.iter().flat_map(|transit| &transit.hubs) {
            let runs = match hub.to {
                End::Network(n) => facts.networks.get(n).map(|network| network.blocks.len()),
                End::External(n) => facts.externals.get(n).map(|external| external.addresses.len()),
            };
            self.weight = self.weight.saturating_add(runs.unwrap_or_default() as u64 + 1);
        }
    }

    /// Everything that a whole network says of addresses: for those that go on behind a balancer under their own.
    pub(crate) fn everywhere(&mut self, facts: &Facts) {
        let rules = facts.groups.iter().flat_map(|group| group.ingress.iter().chain(&group.egress));
        self.runs(rules.flat_map(|rule| rule.addresses.clone()));
        let entries = facts.acls.iter().flat_map(|acl| acl.inbound.iter().chain(&acl.outbound));
        self.runs(entries.map(|entry| entry.block));
        self.runs(facts.tables.iter().flat_map(|table| &table.routes).map(|route| route.to));
        self.runs(facts.networks.iter().flat_map(|network| network.blocks.clone()));
        self.runs(facts.interfaces.iter().flat_map(|interface| interface.addresses.clone()));
        self.runs(facts.externals.iter().flat_map(|external| external.addresses.clone()));
    }

    /// The packets of a leg, of those that are listened to, if that is told; with an answer, or any. None: there are too
    /// many ports to hold at once.
    pub(crate) fn points(
        mut self,
        leg: &Leg<'_>,
        listens: Option<&[Traffic]>,
        answered: bool,
    ) -> Option<Points> {
        self.traffic.extend(listens.into_iter().flatten());
        let mut heads = self.heads(answered)?;
        let heard = |head: &Head| {
            // Of traffic alone, so that any addresses will do.
            let packet = packet(*head, IpAddr::from([0; 4]), IpAddr::from([0; 4]));
            leg.on.is_none_or(|on| Traffic::from(on).is_of(&packet))
                && listens.is_none_or(|all| all.iter().any(|traffic| traffic.is_of(&packet)))
                && (!answered || packet.answer().is_some())
        };
        heads.retain(heard);
        let (sources, destinations) = (self.within(&leg.sources), self.within(&leg.destinations));
        Some(Points { sources, destinations, heads })
    }

    /// Of some runs an address between each two ends.
    fn within(&self, own: &[Run]) -> Vec<IpAddr> {
        let ends: BTreeSet<IpAddr> =
            self.runs.iter().flat_map(|run| [Some(run.first()), run.after()]).flatten().collect();
        let mut all: BTreeSet<IpAddr> = BTreeSet::new();
        for run in own {
            all.insert(run.first());
            all.extend(ends.range(run.first()..).take_while(|end| run.has(**end)));
        }
        all.into_iter().collect()
    }

    fn heads(&self, answered: bool) -> Option<Vec<Head>> {
        let mut all = Vec::new();
        let mut numbers = BTreeSet::from([1, 6, 17, 58]);
        numbers.extend(self.traffic.iter().filter_map(|traffic| match traffic {
            Traffic::Protocol(number) => Some(*number),
            _ => None,
        }));
        // One that nothing names.
        numbers.extend((0..=u8::MAX).rev().find(|number| !numbers.contains(number)));
        for protocol in numbers {
            match protocol {
                6 | 17 => {
                    let mut from = ports(&self.answers, protocol);
                    // Where all are alike, one that people know (RFC 6335).
                    if !answered || from.len() == 1 {
                        from = BTreeSet::from([49_152]);
                    }
                    let to = ports(&self.traffic, protocol);
                    if to.len().saturating_mul(from.len()) > MOST_PORTS {
                        return None;
                    }
                    for to in to {
                        all.extend(from.iter().map(|from| (protocol, *from, to)));
                    }
                }
                1 | 58 => all.extend(self.icmp(protocol)),
                _ => all.push((protocol, 0, 0)),
            }
        }
        Some(all)
    }

    /// Types and codes: those that are named, those that are answered, and one of each that is not.
    fn icmp(&self, protocol: u8) -> Vec<Head> {
        let mut kinds = BTreeSet::from([8, 13, 15, 17, 128]);
        let mut codes = BTreeSet::new();
        for traffic in &self.traffic {
            if let Traffic::Icmp(kind, code) | Traffic::Icmpv6(kind, code) = traffic {
                kinds.extend(kind);
                codes.extend(code);
            }
        }
        for all in [&mut kinds, &mut codes] {
            let other = (0..=u8::MAX).find(|number| !all.contains(number));
            all.extend(other);
        }
        let heads =
            kinds.iter().flat_map(|kind| codes.iter().map(move |c| (protocol, (*kind).into(), (*c).into())));
        heads.collect()
    }
}

/// A port between each two ends.
fn ports(said: &BTreeSet<Traffic>, protocol: u8) -> BTreeSet<u16> {
    let mut all = BTreeSet::from([0]);
    for traffic in said {
        let span = match (traffic, protocol) {
            (Traffic::Tcp(span), 6) | (Traffic::Udp(span), 17) => span,
            _ => continue,
        };
        all.extend([Some(span[0]), span[1].checked_add(1)].into_iter().flatten());
    }
    all
}

/// A packet with a head.
pub(crate) const fn packet((protocol, from, to): Head, source: IpAddr, destination: IpAddr) -> Packet {
    Packet { protocol, from, to, source, destination }
}

impl Points {
    /// How many packets these are.
    pub(crate) fn count(&self) -> u64 {
        let pairs = (self.sources.len() as u64).saturating_mul(self.destinations.len() as u64);
        pairs.saturating_mul(self.heads.len() as u64)
    }

    /// The packets from one address.
    pub(crate) fn from(&self, source: IpAddr) -> impl Iterator<Item = Packet> {
        let same = move |to: &&IpAddr| to.is_ipv4() == source.is_ipv4();
        let destinations = self.destinations.iter().filter(same);
        destinations.flat_map(move |to| self.heads.iter().map(move |head| packet(*head, source, *to)))
    }
}
