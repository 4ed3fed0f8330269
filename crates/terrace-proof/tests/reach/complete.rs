//! One of the worlds that a world with unknowns may be: each thing that might hold does or does not.

use terrace_proof::space::Route;
use terrace_proof::world::{ExternalId, Fact, Group, Guard, NatId, PeeringId, TransitId, Via, When, World};

use crate::tape::Tape;

/// What does not hold goes, or stays `Perhaps` where nothing can go; the plain reading takes that not to hold.
pub(crate) fn complete(world: &World, tape: &mut Tape) -> World {
    let mut world = world.clone();
    // Near the two bounds more often than chance would have it.
    let percent = tape.pick(&[50, 0, 100, 20, 80]);
    let ways = all_ways(&world);
    let mut coin = Coin { tape, percent };
    for network in &mut world.networks {
        for gateway in [&mut network.internet, &mut network.egress_only] {
            gateway.iter_mut().for_each(|gateway| coin.when(&mut gateway.when));
        }
    }
    for table in &mut world.tables {
        coin.list(&mut table.routes);
        coin.list(&mut table.named);
        for route in &mut table.routes {
            coin.elsewhere(&mut route.is, &ways);
        }
    }
    for acl in &mut world.acls {
        coin.list(&mut acl.inbound);
        coin.list(&mut acl.outbound);
    }
    for group in &mut world.groups {
        if let Group::Security { ingress, egress } = group {
            coin.list(ingress);
            coin.list(egress);
        }
    }
    world.nats.iter_mut().for_each(|nat| coin.when(&mut nat.when));
    world.peerings.iter_mut().for_each(|peering| coin.when(&mut peering.when));
    for transit in &mut world.transits {
        coin.list(&mut transit.attached);
        coin.list(&mut transit.beyond);
        coin.list(&mut transit.nowhere);
    }
    for interface in &mut world.interfaces {
        coin.when(&mut interface.when);
        interface.public.iter_mut().for_each(|when| coin.when(when));
        if let Guard::Groups(groups) = &mut interface.guard {
            coin.list(groups);
        }
    }
    for balancer in &mut world.balancers {
        coin.list(&mut balancer.listeners);
        balancer.listeners.iter_mut().for_each(|listener| coin.list(&mut listener.is.forwards));
    }
    world.target_groups.iter_mut().for_each(|group| coin.list(&mut group.targets));
    for distribution in &mut world.distributions {
        coin.when(&mut distribution.when);
        coin.list(&mut distribution.origins);
    }
    world
}

struct Coin<'a> {
    tape: &'a mut Tape,
    percent: usize,
}

impl Coin<'_> {
    fn when(&mut self, when: &mut When) {
        if *when != When::Always && self.tape.chance(self.percent) {
            *when = When::Always;
        }
    }

    fn list<T>(&mut self, facts: &mut Vec<Fact<T>>) {
        facts.iter_mut().for_each(|fact| self.when(&mut fact.when));
        facts.retain(|fact| fact.when == When::Always);
    }

    /// What is not modelled may do nothing, or what any other target does.
    fn elsewhere(&mut self, route: &mut Route<Via>, ways: &[Via]) {
        if route.target == Via::Elsewhere {
            route.target = self.tape.pick(ways);
        }
    }
}

fn all_ways(world: &World) -> Vec<Via> {
    let mut ways = vec![Via::Nowhere, Via::Local, Via::Internet, Via::EgressOnly];
    ways.extend((0..).zip(&world.nats).map(|(n, _)| Via::Nat(NatId(n))));
    ways.extend((0..).zip(&world.peerings).map(|(n, _)| Via::Peer(PeeringId(n))));
    ways.extend((0..).zip(&world.transits).map(|(n, _)| Via::Transit(TransitId(n))));
    let beyond = (0..).zip(&world.externals).filter(|(_, external)| !external.on_internet);
    ways.extend(beyond.map(|(n, _)| Via::Beyond(ExternalId(n))));
    ways
}
