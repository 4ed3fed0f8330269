//! The ways between an interface and the outside: rules 3 to 6 and 8 of the world.

use std::net::Ipv6Addr;
use std::sync::Arc;

use crate::space::{Addresses, Direction, Family, PacketSet, PortSpan, Rewrite, RuleId};
use crate::world::{ExternalId, NatId, NetworkId, TransitId, Via};

use super::draft::Draft;
use super::gate::End;
use super::ground::{Ground, Kind, at};
use super::link::WayKind;
use super::pass::{Memo, Raw, between};
use super::runs::Runs;
use super::table::Decides;
use super::wall::Other;

/// Public addresses of IPv6.
fn global() -> Runs {
    let first = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);
    let last = Ipv6Addr::from_bits(0x3fff_ffff_ffff_ffff_ffff_ffff_ffff_ffff);
    Runs::of(Addresses::between(first.into(), last.into()))
}

impl Ground<'_> {
    /// The addresses of a kind that the internet can reach.
    pub(super) fn public(&self, kind: &Kind) -> Runs {
        let six = kind.among.intersection(&global());
        let four = if kind.public { kind.among.of_family(Family::V4) } else { Runs::default() };
        four.union(&six)
    }

    pub(super) fn gateway(&self, network: NetworkId) -> Option<RuleId> {
        let gateway = self.world.networks.get(at(network.0))?.internet.as_ref()?;
        self.stance.lets(&gateway.when).then_some(gateway.is)
    }

    pub(super) fn is_on_internet(&self, x: ExternalId) -> bool {
        self.world.externals.get(at(x.0)).is_some_and(|e| e.on_internet)
    }

    /// Rules 3 and 5: from an external.
    pub(super) fn inward(&self, x: ExternalId, b: &Kind) -> Vec<Raw> {
        let mut all = Vec::new();
        if self.is_on_internet(x) {
            all.extend(self.by_internet(x, b));
        }
        for (via, joined) in self.beyonds(x, b.network) {
            all.extend(self.by_beyond(x, b, via, joined.as_ref()));
        }
        all
    }

    /// Rule 3.
    pub(super) fn by_internet(&self, x: ExternalId, b: &Kind) -> Option<Raw> {
        let gateway = self.gateway(b.network)?;
        let sources = self.hull(x)?;
        let packets = between(sources, &self.public(b));
        let mut draft = self.start(self.pass(b.wall, &packets, Direction::In, Other::External(x)));
        if draft.is_empty() {
            return None;
        }
        draft.rest_on(gateway);
        if let Some(gate) = self.gate(b.subnet) {
            draft.sent(&gate.into);
            draft.answered(&gate.answers_out);
        }
        let table = self.table(b.subnet)?;
        draft.answered(&table.packets(Via::Internet, Decides::Source, sources, &self.stance));
        self.done(WayKind::Internet, draft)
    }

    /// By which ways a network is joined to someone beyond.
    fn beyonds(&self, x: ExternalId, network: NetworkId) -> Vec<(Via, Option<Beyond>)> {
        let mut all = vec![(Via::Beyond(x), None)];
        for (id, hub) in (0..).map(TransitId).zip(&self.hubs) {
            let Some((near, inside)) = hub.to(End::Network(network)) else { continue };
            let Some((far, outside)) = hub.to(End::Beyond(x)) else { continue };
            let joined = Beyond { rules: [near, far], inside: inside.clone(), outside: outside.clone() };
            all.push((Via::Transit(id), Some(joined)));
        }
        all
    }

    fn beyond_route(
        &self,
        x: ExternalId,
        kind: &Kind,
        via: Via,
        theirs: &Runs,
        side: Decides,
    ) -> Option<PacketSet> {
        let table = self.table(kind.subnet)?;
        if matches!(via, Via::Beyond(_)) && self.is_on_internet(x) {
            // An unmodelled way to somebody on the internet is one of rules 3 and 4.
            return Some(table.told(via, side, theirs, &self.stance));
        }
        Some(table.packets(via, side, theirs, &self.stance))
    }

    fn by_beyond(&self, x: ExternalId, b: &Kind, via: Via, joined: Option<&Beyond>) -> Option<Raw> {
        let theirs = self.hull(x)?;
        let ours = joined.map_or_else(|| b.among.clone(), |beyond| b.among.intersection(&beyond.inside));
        let route = self.beyond_route(x, b, via, theirs, Decides::Source)?;
        if route.is_empty() {
            return None;
        }
        let packets = self.pass(b.wall, &between(theirs, &ours), Direction::In, Other::External(x));
        let mut draft = self.start(packets);
        for rule in joined.iter().flat_map(|beyond| beyond.rules) {
            draft.rest_on(rule);
        }
        draft.sent(&route);
        if let Some(gate) = self.gate(b.subnet) {
            draft.sent(&gate.into);
            draft.answered(&gate.answers_out);
        }
        if let Some(beyond) = joined {
            draft.answered(&between(&beyond.outside, &ours));
        }
        self.done(beyond_kind(via), draft)
    }

    /// Rules 4, 5 and 6: to an external.
    pub(super) fn outward(&self, a: &Kind, x: ExternalId, memo: &mut Memo) -> Vec<Raw> {
        let mut all = Vec::new();
        let (Some(table), Some(theirs)) = (self.table(a.subnet), self.hull(x)) else { return all };
        let named = table.named.get(&x).copied().unwrap_or_default();
        if let Some(route) = named.route {
            let mut draft = self.left(a, &between(&a.among, theirs), x);
            draft.rest_on(route);
            all.extend(self.done(WayKind::Endpoint, draft));
        }
        if self.is_on_internet(x) && !named.takes {
            all.extend(self.to_internet(a, x, theirs));
            all.extend(self.to_egress_only(a, x, theirs));
            let nats = self.nats(a.network).filter(|nat| table.has(Via::Nat(*nat), &self.stance));
            all.extend(nats.filter_map(|nat| self.to_nat(a, x, nat, theirs, memo)));
        }
        for (via, joined) in self.beyonds(x, a.network) {
            let draft = || {
                let theirs =
                    joined.as_ref().map_or_else(|| theirs.clone(), |b| theirs.intersection(&b.outside));
                let route = self.beyond_route(x, a, via, &theirs, Decides::Destination)?;
                if route.is_empty() {
                    return None;
                }
                let mut draft = self.left(a, &between(&a.among, &theirs), x);
                for rule in joined.iter().flat_map(|beyond| beyond.rules) {
                    draft.rest_on(rule);
                }
                draft.sent(&route);
                if let Some(beyond) = &joined {
                    draft.answered(&between(&beyond.inside, &theirs));
                }
                self.done(beyond_kind(via), draft)
            };
            all.extend(draft());
        }
        all
    }

    /// Packets to an external that leave the interface and its subnet.
    fn left(&self, a: &Kind, packets: &PacketSet, x: ExternalId) -> Draft<'_> {
        let mut draft = self.start(self.pass(a.wall, packets, Direction::Out, Other::External(x)));
        if let Some(gate) = self.gate(a.subnet) {
            draft.sent(&gate.out);
            draft.answered(&gate.answers_in);
        }
        draft
    }

    fn to_internet(&self, a: &Kind, x: ExternalId, theirs: &Runs) -> Option<Raw> {
        let gateway = self.gateway(a.network)?;
        let route = self.table(a.subnet)?.packets(Via::Internet, Decides::Destination, theirs, &self.stance);
        if route.is_empty() {
            return None;
        }
        let mut draft = self.left(a, &between(&self.public(a), theirs), x);
        draft.rest_on(gateway);
        draft.sent(&route);
        self.done(WayKind::Internet, draft)
    }

    fn to_egress_only(&self, a: &Kind, x: ExternalId, theirs: &Runs) -> Option<Raw> {
        let gateway = self.world.networks.get(at(a.network.0))?.egress_only.as_ref()?;
        if !self.stance.lets(&gateway.when) {
            return None;
        }
        let theirs = theirs.of_family(Family::V6);
        let route =
            self.table(a.subnet)?.packets(Via::EgressOnly, Decides::Destination, &theirs, &self.stance);
        if route.is_empty() {
            return None;
        }
        let mut draft = self.left(a, &between(&self.public(a).of_family(Family::V6), &theirs), x);
        draft.rest_on(gateway.is);
        draft.sent(&route);
        self.done(WayKind::EgressOnly, draft)
    }

    fn to_nat(&self, a: &Kind, x: ExternalId, id: NatId, theirs: &Runs, memo: &mut Memo) -> Option<Raw> {
        let nat = self.world.nats.get(at(id.0))?;
        let theirs = theirs.of_family(Family::V4);
        let gateway = self.gateway(a.network)?;
        let table = self.table(a.subnet)?;
        let route = table.packets(Via::Nat(id), Decides::Destination, &theirs, &self.stance);
        if route.is_empty() {
            return None;
        }
        // To the NAT, under the address that the packet has.
        let among = a.among.of_family(Family::V4);
        let packets = self.pass(a.wall, &between(&among, &theirs), Direction::Out, Other::External(x));
        let mut draft = self.start(packets);
        draft.sent(&route);
        if nat.subnet != a.subnet {
            if let Some(gate) = self.gate(a.subnet) {
                draft.sent(&gate.out);
                draft.answered(&gate.answers_in);
            }
            if let Some(gate) = self.gate(nat.subnet) {
                draft.sent(&gate.into);
                draft.answered(&gate.answers_out);
            }
            let back = self.table(nat.subnet)?;
            draft.answered(&back.packets(Via::Local, Decides::Source, &among, &self.stance));
        }
        let wall = self.nat_walls.get(at(id.0)).copied().flatten();
        if let Some(wall) = wall {
            let groups = self.groups(a.wall);
            draft.sent(&self.pass(wall, &PacketSet::everything(), Direction::In, groups));
        }
        let made = || Arc::new(self.beyond_nat(x, id, &theirs).unwrap_or_default());
        let beyond = memo.nats.entry((id, x)).or_insert_with(made);
        draft.sent(&beyond.0);
        draft.answered(&beyond.1);
        draft.rest_on(nat.id);
        draft.rest_on(gateway);
        self.done(WayKind::Nat(id), draft)
    }

    /// From a NAT on, under its own address: the packets that it makes into some that are sent, and into some that are
    /// answered.
    fn beyond_nat(&self, x: ExternalId, id: NatId, theirs: &Runs) -> Option<(PacketSet, PacketSet)> {
        let nat = self.world.nats.get(at(id.0))?;
        let beyond =
            self.table(nat.subnet)?.packets(Via::Internet, Decides::Destination, theirs, &self.stance);
        let wall = self.nat_walls.get(at(id.0)).copied().flatten();
        let own = Rewrite {
            source: Some(nat.address),
            source_port: PortSpan::new(1024, u16::MAX),
            ..Rewrite::default()
        };
        let mut second = PacketSet::everything().rewritten(&own);
        second = self.stance.meet(&second, &beyond);
        if let Some(wall) = wall {
            second = self.pass(wall, &second, Direction::Out, Other::External(x));
        }
        let mut second = self.start(second);
        if let Some(gate) = self.gate(nat.subnet) {
            second.sent(&gate.out);
            second.answered(&gate.answers_in);
        }
        let (sends, talks) = second.done(&self.answered);
        Some((whoever(&sends), whoever(&talks)))
    }

    /// Rule 8: from inside of the network, for a VPC origin.
    pub(super) fn by_origin(&self, cdn: ExternalId, b: &Kind) -> Option<(Runs, PacketSet)> {
        let blocks = &self.world.networks.get(at(b.network.0))?.blocks;
        let inside = Runs::of(blocks.iter().map(|block| Addresses::from(*block)));
        let packets = between(&inside, &b.among);
        let passed = self.pass(b.wall, &packets, Direction::In, Other::External(cdn));
        Some((inside, passed))
    }
}

/// A transit's way to someone beyond.
#[derive(Clone, Debug)]
struct Beyond {
    rules: [RuleId; 2],
    inside: Runs,
    outside: Runs,
}

const fn beyond_kind(via: Via) -> WayKind {
    match via {
        Via::Transit(id) => WayKind::Transit(id),
        _ => WayKind::Beyond,
    }
}

/// The packets that a NAT can make into one of these, whatever port it takes.
fn whoever(packets: &PacketSet) -> PacketSet {
    packets.rewritten(&Rewrite {
        source: Some(Addresses::all(Family::V4)),
        source_port: Some(PortSpan::ALL),
        ..Rewrite::default()
    })
}
