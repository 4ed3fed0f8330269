//! The ways between two interfaces: rules 1 and 2 of the world.

use std::sync::Arc;

use crate::space::{Direction, PacketSet, RuleId};
use crate::world::{NetworkId, PeeringId, TransitId, Via};

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
#[derive(Clone, Copy, Debug)]
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
    pub(super) fn between(&self, a: &Kind, b: &Kind) -> Vec<Raw> {
        let joints = self.joints(a.network, b.network).into_iter();
        joints.filter_map(|(joint, groups)| self.joined(a, b, joint, groups)).collect()
    }

    fn joined(&self, a: &Kind, b: &Kind, joint: Joint, groups: bool) -> Option<Raw> {
        let seen = |wall| if groups { self.groups(wall) } else { Other::Nobody };
        let packets = self.pass(a.wall, &between(&a.among, &b.among), Direction::Out, seen(b.wall));
        let packets = self.pass(b.wall, &packets, Direction::In, seen(a.wall));
        if packets.is_empty() {
            return None;
        }
        let mut draft = self.start(packets);
        if a.subnet != b.subnet {
            self.cross(&mut draft, a, b);
            self.routed(&mut draft, a, b, joint)?;
        }
        let kind = match joint {
            Joint::Same => WayKind::Local,
            Joint::Peering(id, _) => WayKind::Peering(id),
            Joint::Transit(id) => WayKind::Transit(id),
        };
        self.done(kind, draft)
    }

    /// ACLs of two subnets.
    fn cross(&self, draft: &mut Draft<'_>, a: &Kind, b: &Kind) {
        if let Some(gate) = self.gate(a.subnet) {
            draft.sent(&gate.out);
            draft.answered(&gate.answers_in);
        }
        if let Some(gate) = self.gate(b.subnet) {
            draft.sent(&gate.into);
            draft.answered(&gate.answers_out);
        }
    }

    fn routed(&self, draft: &mut Draft<'_>, a: &Kind, b: &Kind, joint: Joint) -> Option<()> {
        let (there, back) = match joint {
            Joint::Same => (b.among.clone(), a.among.clone()),
            Joint::Peering(_, rule) => {
                draft.rest_on(rule);
                (b.among.clone(), a.among.clone())
            }
            Joint::Transit(id) => {
                let hub = self.hubs.get(at(id.0))?;
                let (first, from) = hub.to(End::Network(a.network))?;
                let (second, to) = hub.to(End::Network(b.network))?;
                draft.rest_on(first);
                draft.rest_on(second);
                (b.among.intersection(to), a.among.intersection(from))
            }
        };
        let via = match joint {
            Joint::Same => Via::Local,
            Joint::Peering(id, _) => Via::Peer(id),
            Joint::Transit(id) => Via::Transit(id),
        };
        draft.sent(&self.table(a.subnet)?.packets(via, Decides::Destination, &there, &self.stance));
        draft.answered(&self.table(b.subnet)?.packets(via, Decides::Source, &back, &self.stance));
        Some(())
    }
}
