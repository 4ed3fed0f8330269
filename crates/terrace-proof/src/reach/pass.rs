//! The ways between two interfaces: rules 1 and 2 of the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::space::{Direction, PacketSet, RuleId};
use crate::world::{AclId, ExternalId, NatId, NetworkId, PeeringId, SubnetId, TransitId, Via};

use super::draft::Draft;
use super::gate::End;
use super::ground::{Ground, Kind, at};
use super::link::WayKind;
use super::runs::Runs;
use super::table::Decides;
use super::wall::Other;

/// A way between kinds, before it is known whose addresses.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) kind: WayKind,
    pub(super) sends: Arc<PacketSet>,
    pub(super) talks: Arc<PacketSet>,
}

/// What joins two networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Joint {
    Same,
    Peering(PeeringId, RuleId),
    Transit(TransitId),
}

pub(super) fn between(from: &Runs, to: &Runs) -> PacketSet {
    PacketSet::between(from.as_slice(), to.as_slice())
}

impl Ground<'_> {
    pub(super) fn done(&self, kind: WayKind, draft: Draft<'_>) -> Option<Raw> {
        if draft.is_empty() {
            return None;
        }
        let (sends, talks) = draft.done(&self.answered);
        Some(Raw { kind, sends, talks })
    }

    pub(super) fn start(&self, packets: PacketSet) -> Draft<'_> {
        Draft::new(&self.stance, packets)
    }

    /// How two networks are joined, and whether groups match across.
    pub(super) fn joints(&self, one: NetworkId, other: NetworkId) -> Vec<(Joint, bool)> {
        if one == other {
            return vec![(Joint::Same, true)];
        }
        let mut all = Vec::new();
        for (id, peering) in (0..).map(PeeringId).zip(&self.world.peerings) {
            let joins = peering.ends == [one, other] || peering.ends == [other, one];
            if joins && self.stance.lets(&peering.when) {
                all.push((Joint::Peering(id, peering.id), peering.group_rules));
            }
        }
        for ((id, transit), hub) in (0..).map(TransitId).zip(&self.world.transits).zip(&self.hubs) {
            if [one, other].iter().all(|n| hub.to(End::Network(*n)).is_some()) {
                all.push((Joint::Transit(id), transit.group_rules));
            }
        }
        all
    }

    /// Rules 1 and 2.
    pub(super) fn between(&self, a: &Kind, b: &Kind, memo: &mut Memo) -> Vec<Raw> {
        let joints = self.joints(a.network, b.network).into_iter();
        joints.filter_map(|(joint, groups)| self.joined(a, b, joint, groups, memo)).collect()
    }

    fn joined(&self, a: &Kind, b: &Kind, joint: Joint, groups: bool, memo: &mut Memo) -> Option<Raw> {
        let guarded = self.guarded(a, b, groups, memo);
        if guarded.is_empty() {
            return None;
        }
        let kind = match joint {
            Joint::Same => WayKind::Local,
            Joint::Peering(id, _) => WayKind::Peering(id),
            Joint::Transit(id) => WayKind::Transit(id),
        };
        if a.subnet == b.subnet {
            return self.done(kind, self.start((*guarded).clone()));
        }
        let routes = self.routes(a, b, joint, memo)?;
        let mut draft = self.start((*guarded).clone());
        draft.sent(&routes.sends);
        draft.answered(&routes.talks);
        match self.acls(a, b, memo) {
            Some(acls) => draft.both(&acls.sends, &acls.talks),
            None => self.cross(&mut draft, a, b),
        }
        self.done(kind, draft)
    }

    /// What both guards let through.
    fn guarded(&self, a: &Kind, b: &Kind, groups: bool, memo: &mut Memo) -> Arc<PacketSet> {
        let seen = |wall| if groups { self.groups(wall) } else { Other::Nobody };
        let both = |packets: &PacketSet| {
            let packets = self.pass(a.wall, packets, Direction::Out, seen(b.wall));
            Arc::new(self.pass(b.wall, &packets, Direction::In, seen(a.wall)))
        };
        let few = |wall: usize, way| self.walls.get(wall).is_some_and(|wall| wall.size(way) <= FEW);
        if few(a.wall, Direction::Out) && few(b.wall, Direction::In) {
            let made = || both(&PacketSet::everything());
            return Arc::clone(memo.guards.entry((a.wall, b.wall, groups)).or_insert_with(made));
        }
        both(&between(&a.among, &b.among))
    }

    /// What the ACLs of two subnets let through; none where that is better not held.
    fn acls(&self, a: &Kind, b: &Kind, memo: &mut Memo) -> Option<Arc<Passage>> {
        let acl = |kind: &Kind| self.world.subnets.get(at(kind.subnet.0)).and_then(|subnet| subnet.acl);
        let ends = (acl(a), acl(b));
        if let Some(had) = memo.acls.get(&ends) {
            return Some(Arc::clone(had));
        }
        let size = |kind: &Kind| self.gate(kind.subnet).map_or(1, |gate| gate.size());
        if size(a).saturating_mul(size(b)) > MOST_OF_ACLS {
            return None;
        }
        let mut draft = self.start(PacketSet::everything());
        self.cross(&mut draft, a, b);
        let (sends, talks) = draft.parts();
        memo.held += sends.boxes().len() + talks.boxes().len();
        if memo.held > MOST_HELD {
            memo.acls.clear();
            memo.held = 0;
        }
        let passage = Arc::new(Passage { sends, talks });
        memo.acls.insert(ends, Arc::clone(&passage));
        Some(passage)
    }

    /// What the tables of two subnets let through: there, and back.
    fn routes(&self, a: &Kind, b: &Kind, joint: Joint, memo: &mut Memo) -> Option<Arc<Passage>> {
        let ends = (a.subnet, b.subnet, joint);
        if let Some(had) = memo.routes.get(&ends) {
            return had.clone();
        }
        let made = self.routed(a, b, joint).map(Arc::new);
        if memo.routes.len() > MOST_ROUTES {
            memo.routes.clear();
        }
        memo.routes.insert(ends, made.clone());
        made
    }

    /// ACLs of two subnets.
    pub(super) fn cross(&self, draft: &mut Draft<'_>, a: &Kind, b: &Kind) {
        if let Some(gate) = self.gate(a.subnet) {
            draft.sent(&gate.out);
            draft.answered(&gate.answers_in);
        }
        if let Some(gate) = self.gate(b.subnet) {
            draft.sent(&gate.into);
            draft.answered(&gate.answers_out);
        }
    }

    /// Tables of two subnets, for everybody in them.
    fn routed(&self, a: &Kind, b: &Kind, joint: Joint) -> Option<Passage> {
        let (from, to) = (self.among.get(&a.subnet)?, self.among.get(&b.subnet)?);
        let (via, rules, there, back) = match joint {
            Joint::Same => (Via::Local, Vec::new(), to.clone(), from.clone()),
            Joint::Peering(id, rule) => (Via::Peer(id), vec![rule], to.clone(), from.clone()),
            Joint::Transit(id) => {
                let hub = self.hubs.get(at(id.0))?;
                let (first, near) = hub.to(End::Network(a.network))?;
                let (second, far) = hub.to(End::Network(b.network))?;
                (Via::Transit(id), vec![first, second], to.intersection(far), from.intersection(near))
            }
        };
        let sends = self.table(a.subnet)?.packets(via, Decides::Destination, &there, &self.stance);
        let sends = rules.iter().fold(sends, |set, rule| set.resting_on(*rule));
        let talks = self.table(b.subnet)?.packets(via, Decides::Source, &back, &self.stance);
        Some(Passage { sends: Arc::new(sends), talks: Arc::new(talks) })
    }
}

/// What ACLs or tables let through between two subnets: what is sent, and what of it is answered.
#[derive(Debug)]
struct Passage {
    sends: Arc<PacketSet>,
    talks: Arc<PacketSet>,
}

/// What was worked out already, as long as it is not too much to keep.
#[derive(Debug, Default)]
pub(super) struct Memo {
    guards: BTreeMap<(usize, usize, bool), Arc<PacketSet>>,
    acls: BTreeMap<(Option<AclId>, Option<AclId>), Arc<Passage>>,
    /// Boxes of ACLs.
    held: usize,
    routes: BTreeMap<(SubnetId, SubnetId, Joint), Option<Arc<Passage>>>,
    /// What comes out of a NAT to somebody, as the packets that went in.
    pub(super) nats: BTreeMap<(NatId, ExternalId), Arc<(PacketSet, PacketSet)>>,
    kinds: BTreeMap<(usize, usize), Arc<Vec<Raw>>>,
}

/// Boxes with addresses beyond which a guard is asked for each pair's addresses alone.
const FEW: usize = 16;
/// Boxes of two ACLs, multiplied, beyond which a conversation's packets are asked one filter at a time.
const MOST_OF_ACLS: usize = 4000;
/// Pairs of subnets whose tables are kept.
const MOST_ROUTES: usize = 50_000;
/// Boxes of ACLs that are kept.
const MOST_HELD: usize = 400_000;
/// Pairs of guards that are kept.
const MOST_GUARDS: usize = 64;
/// Pairs of kinds that are kept.
const MOST_KINDS: usize = 20_000;

impl Memo {
    /// The ways between two kinds, by their places.
    pub(super) fn raws(&mut self, ground: &Ground<'_>, ends: (usize, usize)) -> Arc<Vec<Raw>> {
        if let Some(had) = self.kinds.get(&ends) {
            return Arc::clone(had);
        }
        let made = match (ground.kinds.get(ends.0), ground.kinds.get(ends.1)) {
            (Some(a), Some(b)) => Arc::new(ground.between(a, b, self)),
            _ => Arc::default(),
        };
        if self.guards.len() > MOST_GUARDS {
            self.guards.clear();
        }
        // Kinds of one site each are asked for once.
        if ![ends.0, ends.1].iter().any(|kind| ground.is_shared(*kind)) {
            return made;
        }
        if self.kinds.len() > MOST_KINDS {
            self.kinds.clear();
        }
        self.kinds.insert(ends, Arc::clone(&made));
        made
    }
}
