//! Route tables: the longest prefix wins, and a table becomes disjoint runs of destinations.
//!
//! Source: Amazon VPC User Guide, "Route priority": the longest prefix, then static routes, then those of prefix
//! lists, then propagated ones. The local route comes before propagated routes even if those are longer ("Route
//! tables and VPN route priority").

use std::net::IpAddr;

use super::address::{AddressBlock, Addresses, Family};
use super::header::HeaderBox;
use super::rests::{Rests, RuleId};
use super::set::PacketSet;
use super::span::Span;
use super::traffic::Traffic;

/// Where a route comes from; the earlier wins between equal prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The VPC's own route.
    Local,
    /// Somebody wrote it.
    Static,
    /// A route of a prefix list, which loses to a static one for the same block.
    PrefixList,
    /// A gateway announced it.
    Propagated,
}

/// One route: to a block, by a target of the caller's own type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route<T> {
    /// What boxes that rest on it will name.
    pub id: RuleId,
    /// Which destinations.
    pub to: AddressBlock,
    /// Where it comes from.
    pub origin: Origin,
    /// Where packets go.
    pub target: T,
}

/// A run of destinations that one route decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leg<T> {
    /// The destinations.
    pub to: Addresses,
    /// The route.
    pub route: RuleId,
    /// Its target.
    pub target: T,
}

/// A table, compiled: disjoint runs in order, IPv4 first. What is in none has no route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMap<T> {
    legs: Vec<Leg<T>>,
    overruled: Vec<RuleId>,
}

impl<T: Clone> RouteMap<T> {
    /// The table of these routes; between routes that are alike the earlier one wins.
    pub fn new(routes: &[Route<T>]) -> Self {
        let local = |to: Addresses| {
            let locals = routes.iter().filter(|r| r.origin == Origin::Local).map(|r| Addresses::from(r.to));
            locals.into_iter().any(|l| l.family() == to.family() && l.span().holds(to.span()))
        };
        let mut ordered: Vec<(Addresses, &Route<T>)> = routes
            .iter()
            .map(|r| (Addresses::from(r.to), r))
            .filter(|(to, r)| r.origin != Origin::Propagated || !local(*to))
            .collect();
        ordered.sort_by_key(|(to, r)| (to.family(), to.span().first(), r.to.prefix(), r.origin));
        ordered.dedup_by(|later, earlier| later.1.to == earlier.1.to);
        let mut legs = Vec::new();
        for family in Family::BOTH {
            let those = ordered.iter().filter(|(to, _)| to.family() == family);
            sweep(family, those.map(|(to, r)| (to.span(), *r)), &mut legs);
        }
        let used: Rests = legs.iter().map(|leg: &Leg<T>| leg.route).collect();
        let overruled = routes.iter().map(|r| r.id).filter(|id| !used.contains(*id)).collect();
        Self { legs, overruled }
    }

    /// The runs.
    pub fn legs(&self) -> &[Leg<T>] {
        &self.legs
    }

    /// The routes that decide for no destination, because others are longer or stronger.
    pub fn overruled(&self) -> &[RuleId] {
        &self.overruled
    }

    /// The run that decides for a destination.
    pub fn decides(&self, destination: IpAddr) -> Option<&Leg<T>> {
        let before = self.legs.partition_point(|leg| {
            (leg.to.family(), leg.to.first()) <= (Family::of(destination), destination)
        });
        self.legs.get(before.checked_sub(1)?).filter(|leg| leg.to.contains(destination))
    }

    /// The packets that go to targets of a kind, each box resting on its route.
    pub fn packets(&self, mut wanted: impl FnMut(&T) -> bool) -> PacketSet {
        let legs = self.legs.iter().filter(|leg| wanted(&leg.target));
        let boxes = legs.filter_map(|leg| {
            HeaderBox::new(Traffic::All, Addresses::all(leg.to.family()), leg.to, Rests::on(leg.route))
        });
        PacketSet::disjoint(boxes.collect())
    }
}

/// Blocks lie within or beside each other, so that a stack of those around the place is enough.
fn sweep<'a, T: Clone + 'a>(
    family: Family,
    routes: impl Iterator<Item = (Span, &'a Route<T>)>,
    legs: &mut Vec<Leg<T>>,
) {
    let mut put = |span: Option<Span>, route: &Route<T>| {
        if let Some(span) = span {
            let to = Addresses::of(family, span);
            legs.push(Leg { to, route: route.id, target: route.target.clone() });
        }
    };
    // Of each open block: what is still to be given out.
    let mut open: Vec<(Span, &Route<T>)> = Vec::new();
    for (span, route) in routes {
        while let Some((left, outer)) = open.pop() {
            if left.overlaps(span) {
                put(left.below(span), outer);
                open.extend(left.above(span).map(|rest| (rest, outer)));
                break;
            }
            put(Some(left), outer);
        }
        open.push((span, route));
    }
    while let Some((left, outer)) = open.pop() {
        put(Some(left), outer);
    }
}
