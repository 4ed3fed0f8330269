//! The graph of who reaches whom directly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::space::{Direction, PacketSet};
use crate::world::{BalancerId, Bound, ExternalId, Party, SiteId, Unknowns, World};

use super::flow::Flow;
use super::ground::{Class, ClassId, Ground, Kind, at, heard};
use super::link::{Link, Way};
use super::pass::{Memo, Raw};
use super::proxy::Clients;
use super::runs::Runs;
use super::stance::Stance;
use super::wall::Wall;

/// Who reaches whom directly in a world, under one bound.
#[derive(Debug)]
pub struct Reach<'w> {
    pub(super) ground: Ground<'w>,
    clients: Clients,
    /// Guards whose rules name a group.
    naming: BTreeMap<crate::space::GroupId, Vec<usize>>,
    /// The kinds behind each guard.
    behind: Vec<Vec<usize>>,
    /// The sites of each kind.
    sites: Vec<Vec<SiteId>>,
}

/// One end of a way.
type End<'a> = (Option<ClassId>, &'a Runs);
/// Compiles a world, for asking who reaches whom.
pub fn reach(world: &World, bound: Bound) -> Reach<'_> {
    Reach::settled(world, bound, Unknowns::new())
}

impl<'w> Reach<'w> {
    /// The same, some unknowns being taken as `Least` takes them.
    pub fn settled(world: &'w World, bound: Bound, settled: Unknowns) -> Self {
        let ground = Ground::new(world, Stance::new(bound, settled));
        let mut naming: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (wall, of) in ground.walls.iter().enumerate() {
            for group in of.names(Direction::In) {
                naming.entry(group).or_default().push(wall);
            }
        }
        let mut behind = vec![Vec::new(); ground.walls.len()];
        for (kind, of) in ground.kinds.iter().enumerate() {
            behind.iter_mut().skip(of.wall).take(1).for_each(|all: &mut Vec<usize>| all.push(kind));
        }
        let mut sites = vec![BTreeSet::new(); ground.kinds.len()];
        for class in &ground.classes {
            sites.iter_mut().skip(class.kind).take(1).for_each(|all| {
                all.insert(class.site);
            });
        }
        let sites = sites.into_iter().map(|all| all.into_iter().collect()).collect();
        let mut reach = Self { ground, clients: Clients::new(), naming, behind, sites };
        reach.find_clients();
        reach
    }

    /// Under which bound.
    pub fn bound(&self) -> Bound {
        self.ground.stance.bound
    }

    /// The world.
    pub const fn world(&self) -> &'w World {
        self.ground.world
    }

    /// Whether something was too much to decide, so that the answers hold for the bound and are not as near as they
    /// could be.
    pub fn overflowed(&self) -> bool {
        self.ground.stance.overflowed()
    }

    /// Interfaces of one site that no filter tells apart.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.ground.classes.get(at(id.0))
    }

    /// Everyone: externals, then sites.
    pub fn parties(&self) -> impl Iterator<Item = Party> + use<> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let externals = (0..number(self.world().externals.len())).map(|n| Party::External(ExternalId(n)));
        externals.chain((0..number(self.world().sites.len())).map(|n| Party::Site(SiteId(n))))
    }

    /// By which ways one reaches another directly; none if by none.
    pub fn link(&self, from: Party, to: Party) -> Option<Link> {
        self.linked(from, to, &mut Memo::default())
    }

    /// All links to someone.
    pub fn into(&self, to: Party) -> impl Iterator<Item = Link> {
        let mut memo = Memo::default();
        self.parties().filter_map(move |from| self.linked(from, to, &mut memo))
    }

    /// All links from someone.
    pub fn out_of(&self, from: Party) -> impl Iterator<Item = Link> {
        let mut memo = Memo::default();
        self.candidates(from).into_iter().filter_map(move |to| self.linked(from, to, &mut memo))
    }

    /// All links, by who opens connections, then to whom.
    pub fn links(&self) -> impl Iterator<Item = Link> {
        let mut memo = Memo::default();
        self.parties().flat_map(move |from| {
            let linked = |to: &Party| self.linked(from, *to, &mut memo);
            let mut linked = linked;
            self.candidates(from).iter().filter_map(&mut linked).collect::<Vec<_>>()
        })
    }

    /// Whom someone might reach.
    fn candidates(&self, from: Party) -> BTreeSet<Party> {
        let mut all = BTreeSet::new();
        match from {
            Party::External(_) => all.extend(self.parties().filter(|to| matches!(to, Party::Site(_)))),
            Party::Site(site) if self.ground.distributions_of.contains_key(&site) => {
                let ids = self.ground.distributions_of.get(&site).into_iter().flatten();
                let those = ids.filter_map(|id| self.world().distributions.get(at(id.0)));
                all.extend(those.flat_map(|d| &d.origins).map(|origin| Party::Site(origin.is.site)));
            }
            Party::Site(site) if self.ground.is_balancer(site) => {
                let ids = self.ground.balancers_of.get(&site).into_iter().flatten();
                let onward = ids.flat_map(|id| self.ground.onward(*id));
                all.extend(onward.map(|on| Party::Site(on.target.site)));
            }
            Party::Site(site) => {
                all.extend(self.parties().filter(|to| matches!(to, Party::External(_))));
                let kinds: BTreeSet<usize> =
                    self.ground.classes_at(site).flat_map(|(_, class, _)| self.near(class.kind)).collect();
                let sites = kinds.into_iter().filter_map(|kind| self.sites.get(kind)).flatten();
                all.extend(sites.map(|site| Party::Site(*site)));
            }
        }
        all
    }

    /// The kinds that guards might let a kind reach.
    fn near(&self, kind: usize) -> Vec<usize> {
        let Some(a) = self.ground.kinds.get(kind) else { return Vec::new() };
        let Some(wall) = self.ground.walls.get(a.wall) else { return Vec::new() };
        let mut walls: BTreeSet<usize> =
            wall.groups.iter().filter_map(|g| self.naming.get(g)).flatten().copied().collect();
        let known = self.ground.walls.iter().enumerate();
        walls.extend(known.filter(|(_, w)| w.knows(Direction::In, &a.among)).map(|(number, _)| number));
        let lets_out = |b: &Kind, other: &Wall| {
            wall.knows(Direction::Out, &b.among) || wall.names_one(Direction::Out, &other.groups)
        };
        let mut all = Vec::new();
        for number in walls {
            let (Some(other), Some(kinds)) = (self.ground.walls.get(number), self.behind.get(number)) else {
                continue;
            };
            let there = |kind: &&usize| self.ground.kinds.get(**kind).is_some_and(|b| lets_out(b, other));
            all.extend(kinds.iter().filter(there));
        }
        all
    }

    fn linked(&self, from: Party, to: Party, memo: &mut Memo) -> Option<Link> {
        let mut ways = match (from, to) {
            (Party::External(_), Party::External(_)) => Vec::new(),
            (Party::External(x), Party::Site(site)) => self.inward(x, site),
            (Party::Site(site), Party::External(x)) => self.outward(site, x, memo),
            (Party::Site(one), Party::Site(other)) => self.across(one, other, memo),
        };
        ways.sort_by_key(|way| (way.kind, way.from, way.to));
        (!ways.is_empty()).then_some(Link { from, to, ways })
    }

    fn inward(&self, x: ExternalId, site: SiteId) -> Vec<Way> {
        let ground = &self.ground;
        if let Some(ids) = ground.distributions_of.get(&site) {
            return ids.iter().filter_map(|id| ground.to_distribution(x, *id)).collect();
        }
        let Some(theirs) = ground.external(x) else { return Vec::new() };
        let arrivals = ground.arrivals(site);
        let mut all = Vec::new();
        for (id, class, kind) in ground.classes_at(site) {
            let ends = ((None, theirs), (Some(id), &class.addresses));
            let raws = ground.inward(x, kind);
            all.extend(raws.iter().filter_map(|raw| self.way(raw, ends, arrivals.as_ref())));
        }
        all
    }

    fn outward(&self, site: SiteId, x: ExternalId, memo: &mut Memo) -> Vec<Way> {
        let ground = &self.ground;
        let opens_none = ground.distributions_of.contains_key(&site) || ground.is_balancer(site);
        let Some(theirs) = ground.external(x).filter(|_| !opens_none) else { return Vec::new() };
        let mut all = Vec::new();
        for (id, class, kind) in ground.classes_at(site) {
            let ends = ((Some(id), &class.addresses), (None, theirs));
            all.extend(ground.outward(kind, x, memo).iter().filter_map(|raw| self.way(raw, ends, None)));
        }
        all
    }

    fn across(&self, one: SiteId, other: SiteId, memo: &mut Memo) -> Vec<Way> {
        let ground = &self.ground;
        if let Some(ids) = ground.distributions_of.get(&one) {
            return ids.iter().flat_map(|id| ground.to_origins(*id, other)).collect();
        }
        if let Some(ids) = ground.balancers_of.get(&one) {
            return ids.iter().flat_map(|id| self.forwards(*id, other)).collect();
        }
        if ground.distributions_of.contains_key(&other) {
            return Vec::new();
        }
        let arrivals = ground.arrivals(other);
        let count = |site| ground.classes_of.get(&site).map_or(0, Vec::len);
        let mut all = Vec::with_capacity(count(one).saturating_mul(count(other)).min(64));
        for (from, near, _) in ground.classes_at(one) {
            for (to, far, _) in ground.classes_at(other) {
                let raws = memo.raws(ground, (near.kind, far.kind));
                let ends = ((Some(from), &near.addresses), (Some(to), &far.addresses));
                all.extend(raws.iter().filter_map(|raw| self.way(raw, ends, arrivals.as_ref())));
            }
        }
        all
    }

    fn forwards(&self, id: BalancerId, to: SiteId) -> Vec<Way> {
        let onward = self.ground.onward(id);
        let those = onward.iter().filter(|on| on.target.site == to);
        those.flat_map(|on| self.ground.forwarded(on, &self.clients_of(id, on.step.listener))).collect()
    }

    pub(super) fn clients_of(&self, id: BalancerId, listener: u32) -> Runs {
        self.clients.get(&(id, listener)).cloned().unwrap_or_default()
    }

    /// A way between kinds as one between classes.
    fn way(
        &self,
        raw: &Raw,
        ((from, sources), (to, destinations)): (End<'_>, End<'_>),
        arrivals: Option<&PacketSet>,
    ) -> Option<Way> {
        let flow = |set: &Arc<PacketSet>| match arrivals {
            Some(arrivals) => {
                Flow::new(&Arc::new(self.ground.stance.meet(set, arrivals)), sources, destinations)
            }
            None => Flow::new(set, sources, destinations),
        };
        let sends = flow(&raw.sends);
        if sends.is_empty() {
            return None;
        }
        let same = Arc::ptr_eq(&raw.sends, &raw.talks);
        let conversation = if same { sends.clone() } else { flow(&raw.talks) };
        Some(Way { kind: raw.kind, from, to, conversation, sends })
    }

    /// Who comes to listeners whose targets see clients: again and again, as one balancer may stand behind another.
    fn find_clients(&mut self) {
        let world = self.world();
        let ids = || (0..).map(BalancerId).take(world.balancers.len());
        let wanted: Vec<BalancerId> =
            ids().filter(|id| self.ground.onward(*id).iter().any(|on| on.group.keeps_client)).collect();
        // No address takes more turns to come through than there are balancers.
        for _ in 0..=wanted.len() {
            let mut found = Clients::new();
            for id in &wanted {
                self.clients_at(*id, &mut found);
            }
            if found == self.clients {
                break;
            }
            self.clients = found;
        }
    }

    fn clients_at(&self, id: BalancerId, found: &mut Clients) {
        let Some(balancer) = self.world().balancers.get(at(id.0)) else { return };
        let links: Vec<Link> = self.into(Party::Site(balancer.site)).collect();
        for (place, listener) in self.ground.listeners(id) {
            let port = heard(listener);
            let flows = links.iter().flat_map(|link| &link.ways).map(|way| way.conversation.of(&port));
            let runs = Runs::of(flows.flat_map(|flow| flow.sources().as_slice().to_vec()));
            found.insert((id, u32::try_from(place).unwrap_or(u32::MAX)), runs);
        }
    }
}
