//! Balancers and distributions: who stands between (rules 7 and 8).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::space::{Direction, Family, PacketSet, PortSpan, Rests, Traffic, Transport};
use crate::world::{
    Balancer, BalancerId, DistributionId, ExternalId, Forward, Listener, SiteId, Target, TargetGroup,
};

use super::draft::Draft;
use super::flow::Flow;
use super::ground::{Ground, Kind, at, ported};
use super::link::{Step, Way, WayKind};
use super::pass::{Joint, Memo};
use super::runs::Runs;
use super::wall::Other;

/// Whose addresses come through each listener, as far as it matters.
pub(super) type Clients = BTreeMap<(BalancerId, u32), Runs>;

/// One way on from a balancer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onward<'w> {
    pub(super) balancer: &'w Balancer,
    pub(super) listener: &'w Listener,
    pub(super) group: &'w TargetGroup,
    pub(super) target: &'w Target,
    pub(super) step: Step,
}

impl<'w> Ground<'w> {
    /// Every way on from a balancer.
    pub(super) fn onward(&self, id: BalancerId) -> Vec<Onward<'w>> {
        let mut all = Vec::new();
        let Some(balancer) = self.world.balancers.get(at(id.0)) else { return all };
        for (place, listener) in self.listeners(id) {
            let forwards = listener.forwards.iter().filter(|f| self.stance.lets(&f.when));
            for Forward { id: forward, to, secret_header } in forwards.map(|f| f.is.clone()) {
                let Some(group) = self.world.target_groups.get(at(to.0)) else { continue };
                for target in group.targets.iter().filter(|t| self.stance.lets(&t.when)).map(|t| &t.is) {
                    let step = Step {
                        balancer: id,
                        listener: u32::try_from(place).unwrap_or(u32::MAX),
                        forward,
                        target: target.id,
                        secret: secret_header,
                        keeps_client: group.keeps_client,
                    };
                    all.push(Onward { balancer, listener, group, target, step });
                }
            }
        }
        all
    }

    pub(super) fn is_enabled(&self, balancer: &Balancer, kind: &Kind) -> bool {
        let zone = self.world.subnets.get(at(kind.subnet.0)).and_then(|s| s.zone);
        match (&balancer.zones, zone) {
            (Some(zones), Some(zone)) => zones.contains(&zone),
            _ => true,
        }
    }

    /// The ways of one step; for a target that sees clients, from these.
    pub(super) fn forwarded(&self, on: &Onward<'w>, clients: &Runs) -> Vec<Way> {
        let mut all = Vec::new();
        if self.distributions_of.contains_key(&on.target.site) {
            return all;
        }
        let port = ported(on.target.id, Traffic::Ports(on.target.transport, on.target.ports));
        let arrivals = self.arrivals(on.target.site);
        let also: Rests = [on.listener.id, on.step.forward].into_iter().collect();
        let finish = |set: &PacketSet| {
            let mut set = self.stance.meet(set, &port);
            if let Some(arrivals) = &arrivals {
                set = self.stance.meet(&set, arrivals);
            }
            also.rules().iter().fold(set, |set, rule| set.resting_on(*rule))
        };
        let mut memo = Memo::default();
        for (from, near, a) in self.classes_at(on.balancer.site) {
            for (to, far, b) in self.classes_at(on.target.site) {
                if !self.is_enabled(on.balancer, b) {
                    continue;
                }
                if on.group.keeps_client {
                    all.extend(self.kept(a, b, clients, &finish).map(|(sends, talks)| Way {
                        kind: WayKind::Forward(on.step),
                        from: Some(from),
                        to: Some(to),
                        conversation: Flow::new(&Arc::new(talks), clients, &far.addresses),
                        sends: Flow::new(&Arc::new(sends), clients, &far.addresses),
                    }));
                    continue;
                }
                all.extend(self.between(a, b, &mut memo).into_iter().map(|raw| Way {
                    kind: WayKind::Forward(on.step),
                    from: Some(from),
                    to: Some(to),
                    conversation: Flow::new(&Arc::new(finish(&raw.talks)), &near.addresses, &far.addresses),
                    sends: Flow::new(&Arc::new(finish(&raw.sends)), &near.addresses, &far.addresses),
                }));
            }
        }
        all.retain(|way| !way.sends.is_empty());
        all
    }

    /// Under the client's address: filters ask for the peer alone, so that the balancer's see the same as ever.
    fn kept(
        &self,
        a: &Kind,
        b: &Kind,
        clients: &Runs,
        finish: &dyn Fn(&PacketSet) -> PacketSet,
    ) -> Option<(PacketSet, PacketSet)> {
        let coarse = clients.coarse();
        let packets = PacketSet::between(coarse.as_slice(), b.among.as_slice());
        let (mut sends, mut talks) = (PacketSet::nothing(), PacketSet::nothing());
        for (joint, groups) in self.joints(a.network, b.network) {
            let seen = |wall| if groups { self.groups(wall) } else { Other::Nobody };
            let passed = self.pass(a.wall, &packets, Direction::Out, seen(b.wall));
            let passed = self.pass(b.wall, &passed, Direction::In, seen(a.wall));
            let mut draft = Draft::new(&self.stance, passed);
            if a.subnet != b.subnet {
                if let Some(gate) = self.gate(a.subnet) {
                    draft.sent(&gate.out);
                    // The answer comes from the target, whatever its own destination.
                    draft.answered(&gate.answers_in);
                }
                if let Some(gate) = self.gate(b.subnet) {
                    draft.sent(&gate.into);
                    draft.answered(&gate.answers_out);
                }
            }
            if let Joint::Peering(_, rule) = joint {
                draft.rest_on(rule);
            }
            let (sent, talked) = draft.done(&self.answered);
            sends = sends.union(&sent);
            talks = talks.union(&talked);
        }
        (!sends.is_empty()).then(|| (finish(&sends), finish(&talks)))
    }

    /// From clients to a distribution.
    pub(super) fn to_distribution(&self, x: ExternalId, id: DistributionId) -> Option<Way> {
        let distribution = self.world.distributions.get(at(id.0))?;
        let is_outside = self.world.externals.get(at(x.0))?.on_internet;
        if !is_outside || !self.stance.lets(&distribution.when) {
            return None;
        }
        let everywhere = Runs::of(Family::BOTH.map(crate::space::Addresses::all));
        let ports = [80, 443].into_iter().filter_map(|port| PortSpan::new(port, port));
        let ports = ports.map(|port| Traffic::Ports(Transport::Tcp, port)).collect::<Vec<_>>();
        let flow = Flow::new(&Arc::new(super::link::speaking_of(&ports)), self.external(x)?, &everywhere);
        let kind = WayKind::Cdn;
        (!flow.is_empty()).then(|| Way {
            kind,
            from: None,
            to: None,
            conversation: flow.clone(),
            sends: flow,
        })
    }

    /// From a distribution to its origins at a site.
    pub(super) fn to_origins(&self, id: DistributionId, site: SiteId) -> Vec<Way> {
        let mut all = Vec::new();
        let Some(distribution) = self.world.distributions.get(at(id.0)) else { return all };
        if !self.stance.lets(&distribution.when) || self.distributions_of.contains_key(&site) {
            return all;
        }
        let arrivals = self.arrivals(site);
        for origin in &distribution.origins {
            if !self.stance.lets(&origin.when) || origin.is.site != site {
                continue;
            }
            let origin = &origin.is;
            let port = ported(origin.id, Traffic::Ports(Transport::Tcp, origin.ports));
            let secret = origin.secret_header;
            for (to, class, b) in self.classes_at(site) {
                let (kind, theirs, sends, talks) = if origin.private {
                    let Some((inside, set)) = self.by_origin(distribution.cdn, b) else { continue };
                    (WayKind::VpcOrigin { origin: origin.id, secret }, inside, set.clone(), set)
                } else {
                    let Some(theirs) = self.external(distribution.cdn) else { continue };
                    let Some(raw) = self.by_internet(distribution.cdn, b) else { continue };
                    let kind = WayKind::CdnOrigin { origin: origin.id, secret };
                    (kind, theirs.clone(), (*raw.sends).clone(), (*raw.talks).clone())
                };
                let finish = |set: &PacketSet| {
                    let set = self.stance.meet(set, &port);
                    arrivals.as_ref().map_or(set.clone(), |arrivals| self.stance.meet(&set, arrivals))
                };
                let sends = Flow::new(&Arc::new(finish(&sends)), &theirs, &class.addresses);
                let conversation = Flow::new(&Arc::new(finish(&talks)), &theirs, &class.addresses);
                if !sends.is_empty() {
                    all.push(Way { kind, from: None, to: Some(to), conversation, sends });
                }
            }
        }
        all
    }

    /// The interfaces of a balancer, which clients come to.
    pub(super) fn is_balancer(&self, site: SiteId) -> bool {
        self.balancers_of.contains_key(&site)
    }
}
