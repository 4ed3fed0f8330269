//! What has no effect: rules that let nothing through that anybody could send, entries that never decide, routes that
//! are overruled, groups that nobody carries, listeners that lead nowhere, ports that are open and not listened on.
//!
//! Asked under `Most`, so that nothing is called dead that might not be.

use std::collections::{BTreeMap, BTreeSet};

use crate::space::{
    Direction, GroupId, GroupRule, PacketSet, Peer, PortSpan, RouteMap, RuleId, Traffic, first_match,
};
use crate::world::{AclId, BalancerId, Bound, Fact, Group, Party, SiteId, TableId, World};

use super::graph::{Reach, reach};
use super::ground::at;
use super::link::{Link, Way, WayKind, speaking_of};
use super::wall::rule_boxes;

/// What has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dead {
    /// Security groups that no interface carries.
    pub uncarried: BTreeSet<GroupId>,
    /// Rules of carried groups that no conversation could rest on: whoever they name is not there, is not let out, has
    /// no route, or cannot come to be there.
    pub rules: BTreeSet<RuleId>,
    /// Rules that name a group that nobody carries.
    pub names_nobody: BTreeSet<RuleId>,
    /// Entries of an ACL that never decide, because earlier ones take all.
    pub entries: BTreeSet<(AclId, RuleId)>,
    /// Routes that decide for no destination.
    pub routes: BTreeSet<(TableId, RuleId)>,
    /// Listeners that lead to no target.
    pub listeners: BTreeSet<(BalancerId, RuleId)>,
    /// What can be conversed on with a site that does not listen there: protocols, first and last, and ports.
    pub unheard: BTreeMap<SiteId, BTreeSet<Service>>,
}

/// Protocols, first and last, and ports.
pub type Service = ((u8, u8), PortSpan);

/// What has no effect in a world. Entries and routes that are not sure are not looked at, nor what they stand beside.
pub fn dead(world: &World) -> Dead {
    let most = reach(world, Bound::Most);
    let mut dead = Dead::default();
    let carriers = most.ground.carriers();
    for (id, group) in (0..).map(GroupId).zip(&world.groups) {
        let Group::Security { ingress, egress } = group else { continue };
        if !carriers.contains(&id) {
            dead.uncarried.insert(id);
        }
        let named = |rule: &&Fact<GroupRule>| match &rule.is.peer {
            Peer::Group(other) => {
                let is_inside = matches!(world.groups.get(at(other.0)), Some(Group::Security { .. }) | None);
                is_inside && !carriers.contains(other)
            }
            Peer::Addresses(_) => false,
        };
        dead.names_nobody.extend(ingress.iter().chain(egress).filter(named).map(|rule| rule.is.id));
    }
    let mut idle = Idle::new(world, &carriers);
    for link in most.links() {
        link.ways.iter().for_each(|way| idle.strike(&most, &link, way));
        if let Party::Site(site) = link.to
            && !most.ground.is_balancer(site)
            && let Some(listens) = world.sites.get(at(site.0)).and_then(|site| site.listens.as_ref())
        {
            let unheard = unheard(listens, &link);
            if !unheard.is_empty() {
                dead.unheard.entry(site).or_default().extend(unheard);
            }
        }
    }
    if !most.overflowed() {
        dead.rules = idle.left().filter(|rule| !dead.names_nobody.contains(rule)).collect();
    }
    for (id, acl) in (0..).map(AclId).zip(&world.acls) {
        for (entries, way) in [(&acl.inbound, Direction::In), (&acl.outbound, Direction::Out)] {
            let sure: Vec<_> = entries.iter().filter(|f| is_sure(f)).map(|f| f.is).collect();
            if sure.len() == entries.len() && sure.len() <= 300 {
                dead.entries.extend(first_match(&sure, way).dead().map(|rule| (id, rule)));
            }
        }
    }
    for (id, table) in (0..).map(TableId).zip(&world.tables) {
        let sure: Vec<_> = table.routes.iter().filter(|f| is_sure(f)).map(|f| f.is).collect();
        if sure.len() == table.routes.len() {
            dead.routes.extend(RouteMap::new(&sure).overruled().iter().map(|rule| (id, *rule)));
        }
    }
    for id in (0..).map(BalancerId).take(world.balancers.len()) {
        let leads: BTreeSet<u32> = most.ground.onward(id).iter().map(|on| on.step.listener).collect();
        let listeners = most.ground.listeners(id);
        let idle = listeners.filter(|(place, _)| !u32::try_from(*place).is_ok_and(|p| leads.contains(&p)));
        dead.listeners.extend(idle.map(|(_, listener)| (id, listener.id)));
    }
    dead
}

fn is_sure<T>(fact: &Fact<T>) -> bool {
    fact.when == crate::world::When::Always
}

/// What of a link a site does not listen to.
fn unheard(listens: &[Traffic], link: &Link) -> Vec<Service> {
    let heard = if listens.is_empty() { PacketSet::nothing() } else { speaking_of(listens) };
    let boxes = link.ways.iter().flat_map(|way| way.conversation.boxes());
    boxes.flat_map(|b| PacketSet::of([b.clone()]).difference(&heard).services()).collect()
}

/// Rules that were not seen at work yet, by the groups that they are of.
type Rules = BTreeMap<GroupId, Vec<(RuleId, PacketSet)>>;

struct Idle<'w> {
    world: &'w World,
    ins: Rules,
    outs: Rules,
    /// The groups that rules name.
    named: BTreeMap<RuleId, GroupId>,
}

impl<'w> Idle<'w> {
    fn new(world: &'w World, carriers: &BTreeSet<GroupId>) -> Self {
        let mut idle = Self { world, ins: Rules::new(), outs: Rules::new(), named: BTreeMap::new() };
        for id in carriers {
            let Some(Group::Security { ingress, egress }) = world.groups.get(at(id.0)) else { continue };
            for (rules, way) in [(ingress, Direction::In), (egress, Direction::Out)] {
                for rule in rules.iter().map(|rule| &rule.is) {
                    if let Peer::Group(group) = rule.peer {
                        idle.named.insert(rule.id, group);
                    }
                    let all = if way == Direction::In { &mut idle.ins } else { &mut idle.outs };
                    let set = PacketSet::of(rule_boxes(rule, way));
                    all.entry(*id).or_default().push((rule.id, set));
                }
            }
        }
        idle
    }

    fn left(&self) -> impl Iterator<Item = RuleId> {
        self.ins.values().chain(self.outs.values()).flatten().map(|(rule, _)| *rule)
    }

    /// Strikes out the rules that a way could rest on.
    fn strike(&mut self, most: &Reach<'_>, link: &Link, way: &Way) {
        let (ours, theirs) = (carried(most, way.from), carried(most, way.to));
        let (from, to) = (self.names_of(link.from, &ours), self.names_of(link.to, &theirs));
        let named = &self.named;
        for (rules, carried, other) in [(&mut self.outs, &ours, &to), (&mut self.ins, &theirs, &from)] {
            for group in carried {
                let Some(rules) = rules.get_mut(group) else { continue };
                rules.retain(|(id, set)| {
                    let fits = named.get(id).is_none_or(|group| other.contains(group));
                    !fits || way.sends.of(set).is_empty()
                });
            }
        }
        if let WayKind::Nat(id) = way.kind {
            // What passes a NAT's guard goes on under another address: its rules count as used.
            let wall = most.ground.nat_walls.get(at(id.0)).copied().flatten();
            for group in wall.and_then(|wall| most.ground.walls.get(wall)).iter().flat_map(|w| &w.groups) {
                self.ins.remove(group);
                self.outs.remove(group);
            }
        }
    }

    /// The groups that a rule may name to mean one end.
    fn names_of(&self, party: Party, carried: &BTreeSet<GroupId>) -> BTreeSet<GroupId> {
        let cdn = |site| self.world.distributions.iter().filter(move |d| d.site == site).map(|d| d.cdn);
        let externals: Vec<_> = match party {
            Party::External(x) => vec![x],
            Party::Site(site) => cdn(site).collect(),
        };
        let groups = (0..).map(GroupId).zip(&self.world.groups);
        let meant = groups.filter(|(_, g)| matches!(g, Group::External(x) if externals.contains(x)));
        meant.map(|(id, _)| id).chain(carried.iter().copied()).collect()
    }
}

fn carried(most: &Reach<'_>, class: Option<super::ground::ClassId>) -> BTreeSet<GroupId> {
    let kind = class.and_then(|id| most.ground.class(id)).map(|(_, kind)| kind.wall);
    kind.and_then(|wall| most.ground.walls.get(wall)).map(|wall| wall.groups.clone()).unwrap_or_default()
}
