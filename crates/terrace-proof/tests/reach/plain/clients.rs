//! Whose addresses come to a listener, found by trying every packet that it might take.

use std::collections::BTreeSet;
use std::net::IpAddr;

use terrace_proof::space::RuleId;
use terrace_proof::world::World;

use super::{Ask, Plain, facts};
use crate::judge::parties;
use crate::points::Points;

/// By listener: addresses from which packets come, or come and are answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clients(BTreeSet<(RuleId, Ask, IpAddr)>);

impl Clients {
    /// As a balancer may stand behind one that shows its clients, round after round until no more come.
    pub(crate) fn of(world: &World, points: &Points) -> Self {
        let mut clients = Self::default();
        if world.target_groups.iter().all(|group| !group.keeps_client) {
            return clients;
        }
        loop {
            let next = clients.round(world, points);
            if next == clients {
                return clients;
            }
            clients = next;
        }
    }

    fn round(&self, world: &World, points: &Points) -> Self {
        let plain = Plain { world, points, clients: self };
        let mut next = BTreeSet::new();
        for balancer in &world.balancers {
            let interfaces = plain.interfaces_of(balancer.site).into_iter().map(|id| plain.interface(id));
            let runs: Vec<_> = interfaces.flat_map(|interface| &interface.addresses).collect();
            let own = points.addresses.iter().filter(|a| runs.iter().any(|run| run.contains(**a)));
            let own: Vec<IpAddr> = own.copied().collect();
            for listener in facts(&balancer.listeners) {
                for packet in points.packets(&points.addresses, &own) {
                    if !super::proxies::is_to(listener.transport, listener.ports, &packet) {
                        continue;
                    }
                    for ask in [Ask::There, Ask::AndBack] {
                        let new = (listener.id, ask, packet.source);
                        let site = terrace_proof::world::Party::Site(balancer.site);
                        let comes = |from| plain.carries(from, site, &packet, ask).is_ok();
                        if !next.contains(&new) && parties(world).into_iter().any(comes) {
                            next.insert(new);
                        }
                    }
                }
            }
        }
        Self(next)
    }

    /// Whether packets come to a listener from an address.
    pub(crate) fn come(&self, listener: RuleId, from: IpAddr, ask: Ask) -> bool {
        self.0.contains(&(listener, ask, from))
    }
}
