//! What the engine says a conversation rests on is enough for it: with everything else gone, the plain reading still carries it.

use std::collections::BTreeMap;

use terrace_proof::reach::{Step, Way, WayKind, reach};
use terrace_proof::space::{Rests, RuleId};
use terrace_proof::world::{Bound, Fact, Group, UnknownId, When, World};

use crate::judge::{Says, parties, plainly};
use crate::plain::{Clients, Plain};
use crate::points::Points;
use crate::show::show;
use crate::tape::{Tape, shrink};
use crate::worlds::world;

/// The world without what has a number that is not among these.
fn only(world: &World, rests: &Rests) -> World {
    let mut world = world.clone();
    let has = |id: RuleId| rests.contains(id);
    let gone = |id: RuleId| if has(id) { When::Always } else { When::on(UnknownId(0)) };
    for network in &mut world.networks {
        network.internet = network.internet.take().filter(|gateway| has(gateway.is));
        network.egress_only = network.egress_only.take().filter(|gateway| has(gateway.is));
    }
    for table in &mut world.tables {
        table.routes.retain(|route| has(route.is.id));
        table.named.retain(|named| has(named.is.id));
    }
    for acl in &mut world.acls {
        acl.inbound.retain(|entry| has(entry.is.id));
        acl.outbound.retain(|entry| has(entry.is.id));
    }
    for group in &mut world.groups {
        if let Group::Security { ingress, egress } = group {
            ingress.retain(|rule| has(rule.is.id));
            egress.retain(|rule| has(rule.is.id));
        }
    }
    for nat in &mut world.nats {
        nat.when = gone(nat.id);
    }
    for peering in &mut world.peerings {
        peering.when = gone(peering.id);
    }
    for transit in &mut world.transits {
        transit.attached.retain(|attached| has(attached.is.0));
        transit.beyond.retain(|beyond| has(beyond.is.0));
        transit.nowhere.retain(|nowhere| has(nowhere.is.0));
    }
    for balancer in &mut world.balancers {
        balancer.listeners.retain(|listener| has(listener.is.id));
        for listener in &mut balancer.listeners {
            listener.is.forwards.retain(|forward: &Fact<_>| has(forward.is.id));
        }
    }
    for group in &mut world.target_groups {
        group.targets.retain(|target| has(target.is.id));
    }
    for distribution in &mut world.distributions {
        distribution.origins.retain(|origin| has(origin.is.id));
    }
    world
}

fn holds(numbers: &[u32], ways: &mut BTreeMap<String, u64>) -> Result<(), String> {
    let mut tape = Tape::new(numbers.to_vec());
    let world = world(&mut tape, false);
    let graph = reach(&world, Bound::Least);
    for from in parties(&world) {
        for to in parties(&world) {
            let Some(link) = graph.link(from, to) else { continue };
            for Way { kind, conversation, .. } in link.ways {
                let Some((packet, rests)) = conversation.witness() else { continue };
                // Its clients come by other links, which rest on something else.
                if matches!(kind, WayKind::Forward(Step { keeps_client: true, .. })) {
                    continue;
                }
                let rest = only(&world, &rests);
                let mut points = Points::of(&world, &mut tape);
                points.addresses.push(packet.source);
                points.high_ports.push(packet.source_port.max(1024));
                for (name, world) in [("all", &world), ("what it rests on", &rest)] {
                    let clients = Clients::default();
                    let plain = Plain { world, points: &points, clients: &clients };
                    let says = plainly(plain, from, to, &packet);
                    if says != Says::Talks {
                        let text = format!("{from:?} to {to:?}: {packet} by {kind:?} on {:?}", rests.rules());
                        return Err(format!(
                            "{}\nof\n{}\n{text}: with {name} {says:?}",
                            show(world),
                            show(&rest)
                        ));
                    }
                }
                let name = format!("{kind:?}");
                *ways.entry(name.split(['(', ' ']).next().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    Ok(())
}

#[test]
fn what_a_conversation_rests_on_is_enough() {
    let mut ways = BTreeMap::new();
    for seed in 0..crate::differential::setting("TERRACE_WORLDS", 1000) {
        let numbers = Tape::seeded(seed ^ 0xbeef_0000, 3000).numbers();
        if let Err(found) = holds(&numbers, &mut ways) {
            let small = shrink(numbers, |numbers| holds(numbers, &mut BTreeMap::new()).is_err());
            panic!("world {seed}:\n{}", holds(&small, &mut BTreeMap::new()).err().unwrap_or(found));
        }
    }
    println!("{ways:?}");
    assert!(ways.len() >= 10, "few kinds of ways: {ways:?}");
}
