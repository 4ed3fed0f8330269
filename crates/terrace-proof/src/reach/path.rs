//! Chains of links: who gets to whom in the end, through proxies or through hosts that are taken over.

use std::collections::{BTreeSet, VecDeque};

use crate::space::{Packet, PacketSet, Rests};
use crate::world::{BalancerId, Party, SiteId};

use super::graph::Reach;
use super::ground::{ClassId, heard};
use super::link::{Way, WayKind};
use super::runs::Runs;

/// Who may stand between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Through {
    /// Nobody: one hop.
    Nobody,
    /// Balancers and distributions, which send on what comes to them: by the listener that was entered alone, and past
    /// a secret header only who knows it.
    Proxies,
    /// Hosts as well: who is on one opens what it can open. Never somebody outside.
    Hosts,
}

/// One hop of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Who opens the connection.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// By what.
    pub kind: WayKind,
    /// From which interfaces.
    pub from_class: Option<ClassId>,
    /// To which.
    pub to_class: Option<ClassId>,
    /// A packet that passes, and whose answer does.
    pub packet: Packet,
    /// What it rests on.
    pub rests: Rests,
}

/// A shortest chain of hops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The hops; never none.
    pub hops: Vec<Hop>,
}

impl Path {
    /// Everything that it rests on.
    pub fn rests(&self) -> Rests {
        self.hops.iter().fold(Rests::default(), |all, hop| all.and(&hop.rests))
    }
}

/// Where somebody has got to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Where it began.
    Start,
    /// On a host.
    Host(SiteId),
    /// In a distribution.
    Cdn(SiteId),
    /// In a balancer, by a listener.
    Entered { balancer: BalancerId, listener: u32, secret: bool, clients: Runs },
}

struct Visit {
    place: Place,
    hop: Option<Hop>,
    before: Option<usize>,
}

impl Reach<'_> {
    /// A shortest way to get from one to another. `wanted` is asked of the last hop: what comes in there.
    pub fn path(&self, from: Party, to: Party, wanted: &PacketSet, through: Through) -> Option<Path> {
        let mut visits = vec![Visit { place: Place::Start, hop: None, before: None }];
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::from([0]);
        while let Some(number) = queue.pop_front() {
            let Some((place, by)) =
                visits.get(number).map(|v| (v.place.clone(), v.hop.as_ref().map(|h| h.to)))
            else {
                continue;
            };
            for (there, way) in self.onward_from(&place, by.unwrap_or(from)) {
                let opener = by.unwrap_or(from);
                if there == to
                    && let Some(hop) = hop(opener, there, &way, wanted)
                {
                    return Some(traced(&visits, number, hop));
                }
                if through == Through::Nobody {
                    continue;
                }
                for (place, port) in self.places(there, &way, through) {
                    let Some(hop) = hop(opener, there, &way, &port) else { continue };
                    if seen.insert(place.clone()) {
                        queue.push_back(visits.len());
                        visits.push(Visit { place, hop: Some(hop), before: Some(number) });
                    }
                }
            }
        }
        None
    }

    fn onward_from(&self, place: &Place, party: Party) -> Vec<(Party, Way)> {
        let split = |link: super::link::Link| link.ways.into_iter().map(move |way| (link.to, way));
        match place {
            Place::Start => self.out_of(party).flat_map(split).collect(),
            Place::Host(site) | Place::Cdn(site) => self.out_of(Party::Site(*site)).flat_map(split).collect(),
            Place::Entered { balancer, listener, secret, clients } => {
                let mut all = Vec::new();
                for on in self.ground.onward(*balancer) {
                    if on.step.listener == *listener && (*secret || !on.step.secret) {
                        let to = Party::Site(on.target.site);
                        all.extend(self.ground.forwarded(&on, clients).into_iter().map(|way| (to, way)));
                    }
                }
                all
            }
        }
    }

    /// What a way leads into, and the packets that come to be there.
    fn places(&self, to: Party, way: &Way, through: Through) -> Vec<(Place, PacketSet)> {
        let Party::Site(site) = to else { return Vec::new() };
        if self.ground.distributions_of.contains_key(&site) {
            return vec![(Place::Cdn(site), PacketSet::everything())];
        }
        let Some(balancers) = self.ground.balancers_of.get(&site) else {
            let is_host = through == Through::Hosts;
            return is_host.then(|| (Place::Host(site), PacketSet::everything())).into_iter().collect();
        };
        let knows = matches!(
            way.kind,
            WayKind::CdnOrigin { secret: true, .. } | WayKind::VpcOrigin { secret: true, .. }
        );
        let mut all = Vec::new();
        for balancer in balancers {
            for (number, listener) in self.ground.listeners(*balancer) {
                let port = heard(listener).bare();
                let listener = u32::try_from(number).unwrap_or(u32::MAX);
                let clients = way.conversation.of(&port).sources();
                if !clients.is_empty() {
                    let place = Place::Entered { balancer: *balancer, listener, secret: knows, clients };
                    all.push((place, port));
                }
            }
        }
        all
    }
}

fn hop(from: Party, to: Party, way: &Way, wanted: &PacketSet) -> Option<Hop> {
    let (packet, rests) = way.conversation.of(wanted).witness()?;
    let (from_class, to_class) = (way.from, way.to);
    Some(Hop { from, to, kind: way.kind, from_class, to_class, packet, rests })
}

fn traced(visits: &[Visit], last: usize, hop: Hop) -> Path {
    let mut hops = vec![hop];
    let mut number = Some(last);
    while let Some(visit) = number.and_then(|n| visits.get(n)) {
        hops.extend(visit.hop.clone());
        number = visit.before;
    }
    hops.reverse();
    Path { hops }
}
