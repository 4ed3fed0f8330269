//! Route tables, compiled: which destinations may go which way.
//!
//! Routes that might be there: for each run of destinations, a route may decide if it does with or without some of
//! them. `Most` takes each of these; `Least` takes a way only where all of them lead there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::space::{
    Addresses, Family, HeaderBox, Origin, PacketSet, Rests, Route, RouteMap, RuleId, Traffic,
};
use crate::world::{ExternalId, Fact, NamedRoute, Table, Via, When, World};

use super::runs::{Runs, after, before, common};
use super::stance::Stance;

/// Routes that might be there, beyond which a table is too much.
const MOST_OPEN: usize = 200;
/// Routes, some of them not sure, beyond which it is.
const MOST_ROUTES: usize = 2000;

/// Gateway endpoints of one service in a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named {
    /// The route, if one is taken to be there.
    pub(super) route: Option<RuleId>,
    /// Whether it keeps packets from other ways.
    pub(super) takes: bool,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    by: BTreeMap<Via, Vec<(Addresses, Option<RuleId>)>>,
    pub(super) named: BTreeMap<ExternalId, Named>,
}

/// Which side of a packet is decided.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decides {
    /// Its destination, before it goes.
    Destination,
    /// Its source, for the answer.
    Source,
}

impl Ways {
    /// A subnet without a table.
    pub(super) fn local(world: &World, network: usize) -> Self {
        let blocks = world.networks.get(network).map_or(&[][..], |n| n.blocks.as_slice());
        let runs = Runs::of(blocks.iter().map(|b| Addresses::from(*b)));
        let legs = runs.as_slice().iter().map(|run| (*run, None)).collect();
        Self { by: BTreeMap::from([(Via::Local, legs)]), named: BTreeMap::new() }
    }

    pub(super) fn new(table: &Table, stance: &Stance) -> Self {
        let mut by: BTreeMap<Via, Vec<(Addresses, Option<RuleId>)>> = BTreeMap::new();
        for (run, via, route) in legs(&table.routes, stance) {
            by.entry(via).or_default().push((run, Some(route)));
        }
        let mut named: BTreeMap<ExternalId, Named> = BTreeMap::new();
        for Fact { is: NamedRoute { id, to }, when } in &table.named {
            let had = named.entry(*to).or_default();
            had.takes |= stance.stops(when);
            if stance.lets(when) && (had.route.is_none() || *when == When::Always) {
                had.route = Some(*id);
            }
        }
        Self { by, named }
    }

    /// The packets that go a way, of those to or from some addresses.
    pub(super) fn packets(&self, via: Via, side: Decides, within: &Runs, stance: &Stance) -> PacketSet {
        let elsewhere = stance.is_most().then(|| self.by.get(&Via::Elsewhere)).flatten();
        Self::boxes(self.by.get(&via).into_iter().chain(elsewhere).flatten(), side, within, stance)
    }

    /// The same without those that go a way that is not modelled.
    pub(super) fn told(&self, via: Via, side: Decides, within: &Runs, stance: &Stance) -> PacketSet {
        Self::boxes(self.by.get(&via).into_iter().flatten(), side, within, stance)
    }

    fn boxes<'a>(
        legs: impl Iterator<Item = &'a (Addresses, Option<RuleId>)>,
        side: Decides,
        within: &Runs,
        stance: &Stance,
    ) -> PacketSet {
        let mut boxes = Vec::new();
        for (run, route) in legs {
            let rests: Rests = route.iter().copied().collect();
            for part in within.within(*run) {
                let all = Addresses::all(part.family());
                boxes.extend(match side {
                    Decides::Destination => HeaderBox::new(Traffic::All, all, part, rests.clone()),
                    Decides::Source => HeaderBox::new(Traffic::All, part, all, rests.clone()),
                });
            }
        }
        stance.union(boxes)
    }

    /// Whether some destination goes a way.
    pub(super) fn has(&self, via: Via, stance: &Stance) -> bool {
        self.by.contains_key(&via) || (stance.is_most() && self.by.contains_key(&Via::Elsewhere))
    }
}

type Legs = Vec<(Addresses, Via, RuleId)>;

fn legs(routes: &[Fact<Route<Via>>], stance: &Stance) -> Legs {
    let sure: Vec<Route<Via>> = routes.iter().filter(|f| f.when == When::Always).map(|f| f.is).collect();
    if sure.len() == routes.len() {
        let map = RouteMap::new(&sure);
        return map.legs().iter().map(|leg| (leg.to, leg.target, leg.route)).collect();
    }
    if routes.len() > MOST_ROUTES || routes.len() - sure.len() > MOST_OPEN {
        stance.too_much(PacketSet::nothing);
        let every = if stance.is_most() { routes } else { &[] };
        return every.iter().map(|f| (f.is.to.into(), f.is.target, f.is.id)).collect();
    }
    let mut out = Vec::new();
    let placed: Vec<(usize, &Fact<Route<Via>>)> = routes.iter().enumerate().collect();
    for run in Family::BOTH.into_iter().flat_map(|family| cuts(routes, family)) {
        let there = || placed.iter().filter(|(_, f)| common(Addresses::from(f.is.to), run).is_some());
        let those = |wanted: fn(&Stance, &When) -> bool| {
            there()
                .filter(move |(_, f)| wanted(stance, &f.when))
                .map(|(at, f)| (*at, f.is))
                .collect::<Vec<Placed>>()
        };
        let sure = those(|_, when| *when == When::Always);
        let open = those(|stance, when| stance.is_open(when));
        let settled = those(|stance, when| *when != When::Always && !stance.is_open(when));
        let mut ways: BTreeSet<(Via, RuleId)> = BTreeSet::new();
        for with in choices(&open) {
            let base: Vec<Placed> = sure.iter().chain(&with).copied().collect();
            let decided = choices(&settled).map(|also| best(base.iter().chain(&also)));
            let decided: Vec<Option<Route<Via>>> = decided.collect();
            if let Some(Some(one)) = decided.first().copied()
                && decided.iter().all(|other| other.is_some_and(|other| other.target == one.target))
            {
                ways.insert((one.target, one.id));
            }
        }
        out.extend(ways.into_iter().map(|(via, route)| (run, via, route)));
    }
    out
}

/// A route and its place in the table: of two that are alike the earlier one decides.
type Placed = (usize, Route<Via>);

/// Which of some routes are there, as far as it can matter to which one decides: one of them at most, and a local one
/// that overrules propagated ones.
fn choices(free: &[Placed]) -> impl Iterator<Item = Vec<Placed>> {
    let locals = || free.iter().filter(|(_, r)| r.origin == Origin::Local);
    let pairs = free.iter().flat_map(move |one| {
        std::iter::once(vec![*one]).chain(locals().map(move |local| vec![*one, *local]))
    });
    std::iter::once(Vec::new()).chain(pairs)
}

/// Of routes that hold one destination the one that decides.
fn best<'a>(routes: impl Iterator<Item = &'a Placed> + Clone) -> Option<Route<Via>> {
    let has_local = routes.clone().any(|(_, r)| r.origin == Origin::Local);
    let asked = routes.filter(|(_, r)| !has_local || r.origin != Origin::Propagated);
    asked.max_by_key(|(at, r)| (r.to.prefix(), Reverse(r.origin), Reverse(*at))).map(|(_, r)| *r)
}

/// Runs within which every route holds all or nothing.
fn cuts(routes: &[Fact<Route<Via>>], family: Family) -> Vec<Addresses> {
    let blocks = || routes.iter().map(|f| Addresses::from(f.is.to)).filter(move |b| b.family() == family);
    let mut starts: BTreeSet<IpAddr> = blocks().map(Addresses::first).collect();
    starts.extend(blocks().filter_map(|b| after(b.last())));
    let mut ends: Vec<IpAddr> = starts.iter().skip(1).filter_map(|s| before(*s)).collect();
    ends.push(Addresses::all(family).last());
    starts.into_iter().zip(ends).filter_map(|(first, last)| Addresses::between(first, last)).collect()
}
