//! A world, compiled for one bound: guards, ACLs, tables, and the kinds of interfaces that filters do not tell apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::space::{Addresses, Direction, GroupId, PacketSet, Traffic};
use crate::world::{
    BalancerId, DistributionId, ExternalId, Fact, InterfaceId, Listener, NatId, NetworkId, SiteId, SubnetId,
    World,
};

use super::gate::{Gate, Hub};
use super::runs::Runs;
use super::stance::Stance;
use super::table::Ways;
use super::wall::{Other, Wall, WallKey, key, outsiders};

/// Interfaces that no filter tells apart.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) subnet: SubnetId,
    pub(super) network: NetworkId,
    pub(super) wall: usize,
    pub(super) public: bool,
    /// Of how many sites.
    sites: usize,
    /// All their addresses, or what they are among.
    pub(super) among: Runs,
}

/// The interfaces of one site that no filter tells apart.
#[derive(Clone, Debug)]
pub struct Class {
    /// Whose.
    pub site: SiteId,
    /// Where.
    pub subnet: SubnetId,
    /// Which.
    pub interfaces: Vec<InterfaceId>,
    /// Their addresses.
    pub addresses: Runs,
    /// Whether they have public addresses of IPv4.
    pub public: bool,
    pub(super) kind: usize,
}

/// A class, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

/// A world, compiled.
#[derive(Debug)]
pub(super) struct Ground<'w> {
    pub(super) world: &'w World,
    pub(super) stance: Stance,
    pub(super) walls: Vec<Wall>,
    pub(super) kinds: Vec<Kind>,
    /// All addresses in each subnet, or what they are among.
    pub(super) among: BTreeMap<SubnetId, Runs>,
    pub(super) classes: Vec<Class>,
    /// By site.
    pub(super) classes_of: BTreeMap<SiteId, Vec<ClassId>>,
    pub(super) balancers_of: BTreeMap<SiteId, Vec<BalancerId>>,
    pub(super) distributions_of: BTreeMap<SiteId, Vec<DistributionId>>,
    externals: Vec<Runs>,
    hulls: Vec<Runs>,
    gates: Vec<Gate>,
    tables: Vec<Ways>,
    /// Of each network: for subnets without a table.
    bare: Vec<Ways>,
    pub(super) hubs: Vec<Hub>,
    pub(super) outsiders: BTreeMap<ExternalId, Vec<GroupId>>,
    /// Packets that are answered at all.
    pub(super) answered: PacketSet,
    /// The guard of each NAT's interface.
    pub(super) nat_walls: Vec<Option<usize>>,
}

pub(super) const fn at(id: u32) -> usize {
    id as usize
}

impl<'w> Ground<'w> {
    pub(super) fn new(world: &'w World, stance: Stance) -> Self {
        let mut keys: BTreeMap<WallKey, usize> = BTreeMap::new();
        let mut walls = Vec::new();
        let mut wall_of = |wanted: WallKey| {
            *keys.entry(wanted).or_insert_with_key(|key| {
                walls.push(Wall::new(world, key, &stance));
                walls.len() - 1
            })
        };
        let mut kinds: Vec<Kind> = Vec::new();
        let mut kind_keys: BTreeMap<(SubnetId, usize, bool), usize> = BTreeMap::new();
        let mut parts: BTreeMap<(SiteId, usize), (Vec<InterfaceId>, Vec<Addresses>)> = BTreeMap::new();
        for (id, interface) in (0..).map(InterfaceId).zip(&world.interfaces) {
            let Some(subnet) = world.subnets.get(at(interface.subnet.0)) else { continue };
            let is_site = world.sites.get(at(interface.site.0)).is_some();
            if !stance.lets(&interface.when) || !is_site {
                continue;
            }
            let wall = wall_of(key(&interface.guard, &stance));
            let public = interface.public.as_ref().is_some_and(|when| stance.lets(when));
            let kind = *kind_keys.entry((interface.subnet, wall, public)).or_insert_with(|| {
                let (subnet, network) = (interface.subnet, subnet.network);
                kinds.push(Kind { subnet, network, wall, public, sites: 0, among: Runs::default() });
                kinds.len() - 1
            });
            let (interfaces, addresses) = parts.entry((interface.site, kind)).or_default();
            interfaces.push(id);
            addresses.extend_from_slice(&interface.addresses);
        }
        let nat_walls = world
            .nats
            .iter()
            .map(|nat| world.interfaces.get(at(nat.interface?.0)))
            .map(|interface| interface.map(|i| wall_of(key(&i.guard, &stance))))
            .collect();
        let mut classes = Vec::new();
        let mut classes_of: BTreeMap<SiteId, Vec<ClassId>> = BTreeMap::new();
        let mut among: Vec<Vec<Addresses>> = vec![Vec::new(); kinds.len()];
        for (id, ((site, kind), (interfaces, addresses))) in (0..).map(ClassId).zip(parts) {
            let Some(of) = kinds.get(kind) else { continue };
            let addresses = Runs::of(addresses);
            among.iter_mut().skip(kind).take(1).for_each(|all| all.extend_from_slice(addresses.as_slice()));
            classes_of.entry(site).or_default().push(id);
            classes.push(Class { site, subnet: of.subnet, interfaces, addresses, public: of.public, kind });
        }
        for class in &classes {
            kinds.iter_mut().skip(class.kind).take(1).for_each(|kind| kind.sites += 1);
        }
        for (kind, among) in kinds.iter_mut().zip(among) {
            kind.among = Runs::of(among).coarse();
        }
        let mut in_subnet: BTreeMap<SubnetId, Runs> = BTreeMap::new();
        for kind in &kinds {
            let had = in_subnet.entry(kind.subnet).or_default();
            *had = had.union(&kind.among).coarse();
        }
        let externals: Vec<Runs> =
            world.externals.iter().map(|e| Runs::of(e.addresses.iter().copied())).collect();
        Self {
            walls,
            kinds,
            among: in_subnet,
            classes,
            classes_of,
            balancers_of: by_site(world.balancers.iter().map(|b| b.site), BalancerId),
            distributions_of: by_site(world.distributions.iter().map(|d| d.site), DistributionId),
            hulls: externals.iter().map(Runs::coarse).collect(),
            externals,
            gates: world.acls.iter().map(|acl| Gate::new(acl, &stance)).collect(),
            tables: world.tables.iter().map(|table| Ways::new(table, &stance)).collect(),
            bare: (0..world.networks.len()).map(|n| Ways::local(world, n)).collect(),
            hubs: world.transits.iter().map(|t| Hub::new(world, t, &stance)).collect(),
            outsiders: outsiders(world),
            answered: PacketSet::everything().requests(),
            nat_walls,
            world,
            stance,
        }
    }

    pub(super) fn class(&self, id: ClassId) -> Option<(&Class, &Kind)> {
        let class = self.classes.get(at(id.0))?;
        Some((class, self.kinds.get(class.kind)?))
    }

    /// The classes of a site.
    pub(super) fn classes_at(&self, site: SiteId) -> impl Iterator<Item = (ClassId, &Class, &Kind)> {
        let ids = self.classes_of.get(&site).into_iter().flatten();
        ids.filter_map(|id| self.class(*id).map(|(class, kind)| (*id, class, kind)))
    }

    /// Whether a kind is of more than one site.
    pub(super) fn is_shared(&self, kind: usize) -> bool {
        self.kinds.get(kind).is_some_and(|kind| kind.sites > 1)
    }

    /// The ACL of a subnet; a subnet that names one that is not there lets everything pass, as one that names none.
    pub(super) fn gate(&self, subnet: SubnetId) -> Option<&Gate> {
        self.gates.get(at(self.world.subnets.get(at(subnet.0))?.acl?.0))
    }

    /// The table of a subnet.
    pub(super) fn table(&self, subnet: SubnetId) -> Option<&Ways> {
        let subnet = self.world.subnets.get(at(subnet.0))?;
        let table = subnet.table.and_then(|table| self.tables.get(at(table.0)));
        table.or_else(|| self.bare.get(at(subnet.network.0)))
    }

    /// The addresses of an external.
    pub(super) fn external(&self, id: ExternalId) -> Option<&Runs> {
        self.externals.get(at(id.0))
    }

    /// The same, as few runs that hold them: for filters, where ends are asked later.
    pub(super) fn hull(&self, id: ExternalId) -> Option<&Runs> {
        self.hulls.get(at(id.0))
    }

    /// What of some packets a guard lets pass.
    pub(super) fn pass(
        &self,
        wall: usize,
        packets: &PacketSet,
        way: Direction,
        other: Other<'_>,
    ) -> PacketSet {
        match self.walls.get(wall) {
            Some(wall) => wall.pass(packets, way, other, &self.outsiders, &self.stance),
            None => PacketSet::nothing(),
        }
    }

    /// The groups that a kind carries.
    pub(super) fn groups(&self, wall: usize) -> Other<'_> {
        self.walls.get(wall).map_or(Other::Nobody, |wall| Other::Carrier(&wall.groups))
    }

    /// The NATs of a network that are there; of an instance, if its interface is.
    pub(super) fn nats(&self, network: NetworkId) -> impl Iterator<Item = NatId> {
        let there = move |id: &NatId| {
            let nat = self.world.nats.get(at(id.0));
            let subnet = nat.and_then(|nat| self.world.subnets.get(at(nat.subnet.0)));
            let is_there = |id: InterfaceId| {
                self.world.interfaces.get(at(id.0)).is_some_and(|interface| self.stance.lets(&interface.when))
            };
            nat.is_some_and(|nat| {
                nat.public && self.stance.lets(&nat.when) && nat.interface.is_none_or(is_there)
            }) && subnet.is_some_and(|subnet| subnet.network == network)
        };
        (0..).map(NatId).take(self.world.nats.len()).filter(there)
    }

    /// The listeners of a balancer that are there, by their places.
    pub(super) fn listeners(&self, balancer: BalancerId) -> impl Iterator<Item = (usize, &'w Listener)> {
        let all = self.world.balancers.get(at(balancer.0)).map_or(&[][..], |b| b.listeners.as_slice());
        let there = |f: &&'w Fact<Listener>| self.stance.lets(&f.when);
        all.iter().enumerate().filter(move |(_, f)| there(f)).map(|(place, f)| (place, &f.is))
    }

    /// What a site's listeners take, each with its rule; none where it is not a balancer and everything arrives.
    pub(super) fn arrivals(&self, site: SiteId) -> Option<PacketSet> {
        let balancers = self.balancers_of.get(&site)?;
        let listeners = balancers.iter().flat_map(|b| self.listeners(*b));
        let boxes = listeners.flat_map(|(_, listener)| heard(listener).boxes().to_vec());
        Some(self.stance.union(boxes.collect()))
    }

    /// Who carries a group.
    pub(super) fn carriers(&self) -> BTreeSet<GroupId> {
        let used = self.kinds.iter().map(|kind| kind.wall).chain(self.nat_walls.iter().copied().flatten());
        used.filter_map(|wall| self.walls.get(wall)).flat_map(|wall| wall.groups.iter().copied()).collect()
    }
}

/// The packets that a listener takes.
pub(super) fn heard(listener: &Listener) -> PacketSet {
    ported(listener.id, Traffic::Ports(listener.transport, listener.ports))
}

/// All packets of some traffic.
pub(super) fn ported(rule: crate::space::RuleId, traffic: Traffic) -> PacketSet {
    let all = crate::space::Family::BOTH.map(Addresses::all);
    PacketSet::rule(rule, traffic, Direction::In, &all)
}

fn by_site<T>(sites: impl Iterator<Item = SiteId>, id: impl Fn(u32) -> T) -> BTreeMap<SiteId, Vec<T>> {
    let mut all: BTreeMap<SiteId, Vec<T>> = BTreeMap::new();
    for (number, site) in (0..).zip(sites) {
        all.entry(site).or_default().push(id(number));
    }
    all
}
