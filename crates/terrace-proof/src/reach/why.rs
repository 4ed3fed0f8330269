//! The rows of filters between two parties, for saying what stands in the way.

use std::collections::BTreeSet;

use crate::space::{AclAction, AclEntry, Direction, Family, PacketSet, Rests, Traffic, first_match};
use crate::world::{BalancerId, Bound, ExternalId, Party, SiteId, SubnetId, Via, World};

use super::block::{Block, Stage, Turn, minimal, smallest};
use super::gate::End;
use super::graph::{Reach, reach};
use super::ground::{Class, ClassId, Kind, at, ported};
use super::pass::{Joint, between};
use super::runs::Runs;
use super::table::Decides;
use super::wall::Other;

/// An interface's class as one end of a row.
type Near<'a> = (ClassId, &'a Class, &'a Kind);
type Sets = Vec<BTreeSet<Block>>;

/// What keeps `from` from conversing directly with `to`: sets of things, each enough if all of it is taken away (or, where something is
/// missing, added), the smallest first. Empty if they do converse.
pub fn blocked(
    world: &World,
    bound: Bound,
    from: Party,
    to: Party,
    wanted: &PacketSet,
) -> Vec<BTreeSet<Block>> {
    reach(world, bound).blocked(from, to, wanted)
}

impl Reach<'_> {
    /// As [`blocked`].
    pub fn blocked(&self, from: Party, to: Party, wanted: &PacketSet) -> Vec<BTreeSet<Block>> {
        let wanted = &wanted.bare();
        let converses =
            |link: super::link::Link| link.ways.iter().any(|way| !way.conversation.of(wanted).is_empty());
        if self.link(from, to).is_some_and(converses) {
            return Vec::new();
        }
        let mut all = match (from, to) {
            (Party::External(_), Party::External(_)) => vec![BTreeSet::from([Block::OpensNone])],
            (Party::External(x), Party::Site(site)) => self.why_inward(x, site, wanted),
            (Party::Site(site), Party::External(x)) => self.why_outward(site, x, wanted),
            (Party::Site(one), Party::Site(other)) => self.why_across(one, other, wanted),
        };
        minimal(&mut all);
        all
    }

    fn set(&self, base: &PacketSet, row: Vec<Stage>) -> Sets {
        if base.is_empty() {
            return vec![BTreeSet::from([Block::NoAddress])];
        }
        smallest(base, row, &self.ground.stance)
    }

    fn guard(&self, wall: usize, base: &PacketSet, way: Direction, other: Other<'_>, block: Block) -> Stage {
        Stage { block, passes: Some(self.ground.pass(wall, base, way, other).bare()) }
    }

    /// The two questions that a subnet's ACL is asked about a conversation.
    fn acl(&self, subnet: SubnetId, leaves: bool, base: &PacketSet) -> Vec<Stage> {
        let acl = self.world().subnets.get(at(subnet.0)).and_then(|s| s.acl);
        let (Some(acl), Some(gate)) = (acl, self.ground.gate(subnet)) else { return Vec::new() };
        let answers = base.replies();
        let by = |way, set| self.denying(acl, way, set);
        let (out, into) = if leaves {
            (
                (Turn::There, &gate.out, by(Direction::Out, base)),
                (Turn::Back, &gate.answers_in, by(Direction::In, &answers)),
            )
        } else {
            (
                (Turn::Back, &gate.answers_out, by(Direction::Out, &answers)),
                (Turn::There, &gate.into, by(Direction::In, base)),
            )
        };
        let (leg, set, by) = out;
        let out = Stage { block: Block::AclOut { subnet, acl, leg, by }, passes: Some(set.bare()) };
        let (leg, set, by) = into;
        let into = Stage { block: Block::AclIn { subnet, acl, leg, by }, passes: Some(set.bare()) };
        vec![out, into]
    }

    /// The entries that deny some of these packets.
    fn denying(&self, acl: crate::world::AclId, way: Direction, packets: &PacketSet) -> Rests {
        let Some(acl) = self.world().acls.get(at(acl.0)) else { return Rests::default() };
        let entries = if way == Direction::In { &acl.inbound } else { &acl.outbound };
        let stance = &self.ground.stance;
        let there = entries.iter().filter(|f| match f.is.action {
            AclAction::Allow => stance.lets(&f.when),
            AclAction::Deny => stance.stops(&f.when),
        });
        let there: Vec<AclEntry> = there.map(|f| f.is).collect();
        if there.len() > 300 {
            return Rests::default();
        }
        first_match(&there, way).denied.intersection(&packets.bare()).rests()
    }

    fn route(&self, subnet: SubnetId, via: Via, side: Decides, within: &Runs) -> Stage {
        let table = self.world().subnets.get(at(subnet.0)).and_then(|s| s.table);
        let leg = match side {
            Decides::Destination => Turn::There,
            Decides::Source => Turn::Back,
        };
        let ways = self.ground.table(subnet);
        let set = ways.map(|ways| ways.packets(via, side, within, &self.ground.stance).bare());
        Stage { block: Block::NoRoute { subnet, table, leg }, passes: Some(set.unwrap_or_default()) }
    }

    fn listens(&self, site: SiteId) -> Vec<Stage> {
        let balancers = self.ground.balancers_of.get(&site);
        let taken = balancers.and_then(|ids| ids.first()).zip(self.ground.arrivals(site));
        let told = self.world().sites.get(at(site.0)).and_then(|site| site.listens.as_ref());
        let hears = taken.map(|(id, set)| Stage { block: Block::NoListener(*id), passes: Some(set.bare()) });
        let listens = told.map(|told| {
            let set = if told.is_empty() { PacketSet::nothing() } else { super::link::speaking_of(told) };
            Stage { block: Block::NotListening, passes: Some(set) }
        });
        hears.into_iter().chain(listens).collect()
    }

    fn gateway(&self, kind: &Kind) -> Vec<Stage> {
        let block = Block::NoGateway(kind.network);
        self.ground
            .gateway(kind.network)
            .is_none()
            .then_some(Stage { block, passes: None })
            .into_iter()
            .collect()
    }

    fn why_inward(&self, x: ExternalId, site: SiteId, wanted: &PacketSet) -> Sets {
        let Some(theirs) = self.ground.external(x) else { return vec![BTreeSet::from([Block::NoAddress])] };
        if self.ground.distributions_of.contains_key(&site) {
            return vec![BTreeSet::from([Block::NotListening])];
        }
        let mut all = Vec::new();
        for (id, class, kind) in self.ground.classes_at(site) {
            let base = between(theirs, &class.addresses.coarse()).intersection(wanted);
            let mut row =
                vec![self.guard(kind.wall, &base, Direction::In, Other::External(x), Block::GuardIn(id))];
            if self.ground.is_on_internet(x) {
                row.extend(self.gateway(kind));
                let public = between(theirs, &self.ground.public(kind));
                row.push(Stage { block: Block::NoPublicAddress(id), passes: Some(public) });
                row.push(self.route(kind.subnet, Via::Internet, Decides::Source, theirs));
            } else {
                row.push(self.route(kind.subnet, Via::Beyond(x), Decides::Source, theirs));
            }
            row.extend(self.acl(kind.subnet, false, &base));
            row.extend(self.listens(site));
            all.extend(self.set(&base, row));
        }
        or_no_interface(all)
    }

    fn why_outward(&self, site: SiteId, x: ExternalId, wanted: &PacketSet) -> Sets {
        let closed = self.ground.is_balancer(site) || self.ground.distributions_of.contains_key(&site);
        let Some(theirs) = self.ground.external(x).filter(|_| !closed) else {
            return vec![BTreeSet::from([Block::OpensNone])];
        };
        let mut all = Vec::new();
        for (id, class, kind) in self.ground.classes_at(site) {
            let base = between(&class.addresses.coarse(), theirs).intersection(wanted);
            let mut first =
                vec![self.guard(kind.wall, &base, Direction::Out, Other::External(x), Block::GuardOut(id))];
            first.extend(self.acl(kind.subnet, true, &base));
            let row =
                || first.iter().map(|s| Stage { block: s.block.clone(), passes: s.passes.clone() }).collect();
            if !self.ground.is_on_internet(x) {
                let mut row: Vec<Stage> = row();
                row.push(self.route(kind.subnet, Via::Beyond(x), Decides::Destination, theirs));
                all.extend(self.set(&base, row));
                continue;
            }
            let mut straight: Vec<Stage> = row();
            straight.extend(self.gateway(kind));
            let public = between(&self.ground.public(kind), theirs);
            straight.push(Stage { block: Block::NoPublicAddress(id), passes: Some(public) });
            straight.push(self.route(kind.subnet, Via::Internet, Decides::Destination, theirs));
            all.extend(self.set(&base, straight));
            for nat in self.ground.nats(kind.network) {
                let four = base
                    .intersection(&between(&kind.among.of_family(Family::V4), &theirs.of_family(Family::V4)));
                let mut by: Vec<Stage> = row();
                by.extend(self.gateway(kind));
                by.push(self.route(kind.subnet, Via::Nat(nat), Decides::Destination, theirs));
                let Some(of) = self.world().nats.get(at(nat.0)) else { continue };
                if of.subnet != kind.subnet {
                    by.extend(self.acl(of.subnet, false, &four));
                }
                by.push(self.route(of.subnet, Via::Internet, Decides::Destination, theirs));
                if let Some(wall) = self.ground.nat_walls.get(at(nat.0)).copied().flatten() {
                    let own = self.ground.groups(kind.wall);
                    by.push(self.guard(wall, &four, Direction::In, own, Block::GuardOfNat(nat)));
                }
                all.extend(self.set(&four, by));
            }
        }
        or_no_interface(all)
    }

    fn why_across(&self, one: SiteId, other: SiteId, wanted: &PacketSet) -> Sets {
        if self.ground.distributions_of.contains_key(&other) {
            return vec![BTreeSet::from([Block::NotListening])];
        }
        if let Some(ids) = self.ground.distributions_of.get(&one) {
            return self.why_origin(ids, other, wanted);
        }
        if let Some(ids) = self.ground.balancers_of.get(&one) {
            return ids.iter().flat_map(|id| self.why_forward(*id, other, wanted)).collect();
        }
        let mut all = Vec::new();
        for near in self.ground.classes_at(one) {
            for far in self.ground.classes_at(other) {
                all.extend(self.why_between(near, far, None, wanted, Vec::new()));
            }
        }
        or_no_interface(all)
    }

    /// From one class to another; under clients' addresses if some are given.
    fn why_between(
        &self,
        (one, near, a): Near<'_>,
        (other, far, b): Near<'_>,
        clients: Option<&Runs>,
        wanted: &PacketSet,
        also: Vec<Stage>,
    ) -> Sets {
        let base = between(&clients.unwrap_or(&near.addresses).coarse(), &far.addresses.coarse())
            .intersection(wanted);
        let again = |also: &[Stage]| -> Vec<Stage> {
            also.iter().map(|s| Stage { block: s.block.clone(), passes: s.passes.clone() }).collect()
        };
        let joints = self.ground.joints(a.network, b.network);
        let unjoined = joints.is_empty();
        let joints = joints.into_iter().map(|(joint, groups)| (Some(joint), groups));
        let joints = joints.chain(unjoined.then_some((None, false)));
        let mut all = Vec::new();
        for (joint, groups) in joints {
            let seen = |wall| if groups { self.ground.groups(wall) } else { Other::Nobody };
            let mut row = again(&also);
            row.push(self.guard(a.wall, &base, Direction::Out, seen(b.wall), Block::GuardOut(one)));
            row.push(self.guard(b.wall, &base, Direction::In, seen(a.wall), Block::GuardIn(other)));
            if a.subnet != b.subnet {
                row.extend(self.acl(a.subnet, true, &base));
                row.extend(self.acl(b.subnet, false, &base));
            }
            let via = match joint {
                None => {
                    row.push(Stage { block: Block::NotConnected(a.network, b.network), passes: None });
                    None
                }
                Some(Joint::Same) => (a.subnet != b.subnet).then_some(Via::Local),
                Some(Joint::Peering(id, _)) => Some(Via::Peer(id)),
                Some(Joint::Transit(id)) => {
                    row.extend(self.hub(id, a, b));
                    Some(Via::Transit(id))
                }
            };
            if let Some(via) = via.filter(|_| clients.is_none()) {
                row.push(self.route(a.subnet, via, Decides::Destination, &b.among));
                row.push(self.route(b.subnet, via, Decides::Source, &a.among));
            }
            row.extend(self.listens(far.site));
            all.extend(self.set(&base, row));
        }
        all
    }

    fn hub(&self, id: crate::world::TransitId, a: &Kind, b: &Kind) -> Option<Stage> {
        let hub = self.ground.hubs.get(at(id.0))?;
        let (_, from) = hub.to(End::Network(a.network))?;
        let (_, to) = hub.to(End::Network(b.network))?;
        Some(Stage { block: Block::NoTransitRoute(id), passes: Some(between(from, to)) })
    }

    fn why_forward(&self, id: BalancerId, to: SiteId, wanted: &PacketSet) -> Sets {
        let onward = self.ground.onward(id);
        let mut all = Vec::new();
        if self.ground.listeners(id).next().is_none() {
            return vec![BTreeSet::from([Block::NoListener(id)])];
        }
        for on in onward.iter().filter(|on| on.target.site == to) {
            let port = ported(on.target.id, Traffic::Ports(on.target.transport, on.target.ports)).bare();
            let clients = on.group.keeps_client.then(|| self.clients_of(id, on.step.listener));
            for near in self.ground.classes_at(on.balancer.site) {
                for far in self.ground.classes_at(to) {
                    let mut also = vec![Stage { block: Block::NoTarget(id), passes: Some(port.clone()) }];
                    if !self.ground.is_enabled(on.balancer, far.2) {
                        also.push(Stage { block: Block::ZoneNotEnabled(id, far.2.subnet), passes: None });
                    }
                    if clients.as_ref().is_some_and(Runs::is_empty) {
                        all.push(BTreeSet::from([Block::NoClient(id)]));
                        continue;
                    }
                    all.extend(self.why_between(near, far, clients.as_ref(), wanted, also));
                }
            }
        }
        if all.is_empty() { vec![BTreeSet::from([Block::NoTarget(id)])] } else { all }
    }

    fn why_origin(&self, ids: &[crate::world::DistributionId], site: SiteId, wanted: &PacketSet) -> Sets {
        let mut all = Vec::new();
        let there = ids.iter().filter_map(|id| self.world().distributions.get(at(id.0)));
        for distribution in there.filter(|d| self.ground.stance.lets(&d.when)) {
            let origins = distribution.origins.iter().filter(|o| self.ground.stance.lets(&o.when));
            for origin in origins.map(|o| &o.is).filter(|o| o.site == site) {
                let port =
                    ported(origin.id, Traffic::Ports(crate::space::Transport::Tcp, origin.ports)).bare();
                for (id, class, kind) in self.ground.classes_at(site) {
                    let theirs = if origin.private {
                        self.ground.by_origin(distribution.cdn, kind).map(|(inside, _)| inside)
                    } else {
                        self.ground.external(distribution.cdn).cloned()
                    };
                    let theirs = theirs.unwrap_or_default();
                    let base =
                        between(&theirs, &class.addresses.coarse()).intersection(wanted).intersection(&port);
                    let other = Other::External(distribution.cdn);
                    let mut row =
                        vec![self.guard(kind.wall, &base, Direction::In, other, Block::GuardIn(id))];
                    if !origin.private {
                        row.extend(self.gateway(kind));
                        let public = between(&theirs, &self.ground.public(kind));
                        row.push(Stage { block: Block::NoPublicAddress(id), passes: Some(public) });
                        row.push(self.route(kind.subnet, Via::Internet, Decides::Source, &theirs));
                        row.extend(self.acl(kind.subnet, false, &base));
                    }
                    row.extend(self.listens(site));
                    all.extend(self.set(&base, row));
                }
            }
        }
        if all.is_empty() { vec![BTreeSet::from([Block::OpensNone])] } else { all }
    }
}

fn or_no_interface(all: Sets) -> Sets {
    if all.is_empty() { vec![BTreeSet::from([Block::NoInterface])] } else { all }
}
