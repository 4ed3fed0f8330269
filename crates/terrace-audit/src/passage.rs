//! Whether packets pass from one to another, surely or perhaps, with a witness in the design's own words.

use std::collections::BTreeSet;

use terrace_aws::inventory::UnknownName;
use terrace_lift::world::Lifted;
use terrace_proof::reach::{Claim, Link, Must, Path, TOO_MUCH, Through, UNMODELLED, Verdict};
use terrace_proof::space::{Packet, Rests, RuleId, Traffic};
use terrace_proof::world::{Party, UnknownId, When};

use crate::{Certainty, Evidence, Hop, Subject};

/// Something that passes.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Whether that is sure.
    pub certainty: Certainty,
    /// The witness, hop by hop.
    pub hops: Vec<Hop>,
    /// The rules that the last hop rests on.
    pub rests: Rests,
}

impl Subject<'_> {
    /// Whether some traffic (none: any) passes directly from one to another and is answered; none: surely not.
    pub fn passes(&self, from: Party, to: Party, traffic: &[Traffic]) -> Option<Passage> {
        // Most pairs have no link at all: no need to ask more of them.
        self.links.get(&(from, to))?;
        self.leads(from, to, traffic, Through::Nobody)
    }

    /// Whether some traffic comes from one to another in the end; none: surely not.
    pub fn leads(&self, from: Party, to: Party, traffic: &[Traffic], through: Through) -> Option<Passage> {
        let claim = Claim { from, to, traffic: traffic.to_vec(), through, must: Must::NotReach };
        match self.bounds.decide(&claim) {
            Verdict::Proved(_) | Verdict::Violated(None) => None,
            Verdict::Violated(Some(path)) => Some(self.passage(Certainty::Sure, &path)),
            Verdict::Depends { on, path } => {
                let on = on.into_iter().map(|unknown| self.unknown(unknown)).collect();
                Some(self.passage(Certainty::Depends(on), &path))
            }
        }
    }

    /// Whether anything leaves from one to another, answered or not; none: surely not.
    pub fn leaves(&self, from: Party, to: Party) -> Option<Passage> {
        let sends = |link: &Link| link.ways.iter().find_map(|way| way.sends.witness());
        let (packet, rests) = sends(self.links.get(&(from, to))?)?;
        let sure = self.bounds.least.link(from, to).as_ref().and_then(sends);
        let (certainty, packet, rests) = match sure {
            Some((packet, rests)) => (Certainty::Sure, packet, rests),
            None => (Certainty::Depends(self.unsure(&rests)), packet, rests),
        };
        Some(Passage { certainty, hops: vec![self.hop(from, to, &packet, &rests)], rests })
    }

    fn passage(&self, certainty: Certainty, path: &Path) -> Passage {
        let hops = path.hops.iter().map(|hop| self.hop(hop.from, hop.to, &hop.packet, &hop.rests)).collect();
        let rests = path.hops.last().map(|hop| hop.rests.clone()).unwrap_or_default();
        Passage { certainty, hops, rests }
    }

    fn hop(&self, from: Party, to: Party, packet: &Packet, rests: &Rests) -> Hop {
        Hop {
            from: self.shown(from),
            to: self.shown(to),
            packet: spelled(packet),
            by: rests.rules().iter().filter_map(|rule| evidence(self.lifted, *rule)).collect(),
        }
    }

    fn unknown(&self, id: UnknownId) -> UnknownName {
        match id {
            UNMODELLED => UnknownName::new("a way over something that is not modelled"),
            TOO_MUCH => UnknownName::new("rules that are too many to decide on"),
            id => self
                .lifted
                .unknown(id)
                .cloned()
                .unwrap_or_else(|| UnknownName::new("something that is not told")),
        }
    }

    /// A party as a person names it.
    pub fn shown(&self, party: Party) -> String {
        match party {
            Party::External(id) => self.lifted.external(id).unwrap_or("someone outside").to_owned(),
            Party::Site(id) => self
                .lifted
                .site(id)
                .map_or_else(|| "something".to_owned(), |site| site.item.name().to_owned()),
        }
    }

    /// The names of what makes a passage unsure: of the rules that it rests on, and where that is none, of everything.
    fn unsure(&self, rests: &Rests) -> BTreeSet<UnknownName> {
        let named = self.unknowns_of(rests);
        if named.is_empty() { self.lifted.unknowns.iter().cloned().collect() } else { named }
    }

    fn unknowns_of(&self, rests: &Rests) -> BTreeSet<UnknownName> {
        let mut all = BTreeSet::new();
        let mut look = |id: RuleId, when: &When| {
            if rests.contains(id) {
                all.extend(when.unknowns().filter_map(|unknown| self.lifted.unknown(unknown)).cloned());
            }
        };
        let world = &self.lifted.world;
        for group in &world.groups {
            if let terrace_proof::world::Group::Security { ingress, egress } = group {
                ingress.iter().chain(egress).for_each(|rule| look(rule.is.id, &rule.when));
            }
        }
        for acl in &world.acls {
            acl.inbound.iter().chain(&acl.outbound).for_each(|entry| look(entry.is.id, &entry.when));
        }
        for table in &world.tables {
            table.routes.iter().for_each(|route| look(route.is.id, &route.when));
            table.named.iter().for_each(|route| look(route.is.id, &route.when));
        }
        for balancer in &world.balancers {
            for listener in &balancer.listeners {
                look(listener.is.id, &listener.when);
                listener.is.forwards.iter().for_each(|forward| look(forward.is.id, &forward.when));
            }
        }
        for group in &world.target_groups {
            group.targets.iter().for_each(|target| look(target.is.id, &target.when));
        }
        for network in &world.networks {
            for gateway in [&network.internet, &network.egress_only].into_iter().flatten() {
                look(gateway.is, &gateway.when);
            }
        }
        world.nats.iter().for_each(|nat| look(nat.id, &nat.when));
        all
    }
}

/// Where a rule comes from, as evidence.
pub(crate) fn evidence(lifted: &Lifted, rule: RuleId) -> Option<Evidence> {
    let from = lifted.rule(rule)?;
    Some(Evidence {
        item: from.item.clone(),
        path: from.path.clone(),
        says: from.says.clone(),
        place: from.place.clone(),
    })
}

/// `tcp 203.0.113.9:49152 -> 10.0.1.4:5432`
fn spelled(packet: &Packet) -> String {
    let name = match packet.protocol {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        number => format!("protocol {number}"),
    };
    match packet.protocol {
        6 | 17 => format!(
            "{name} {} → {}",
            std::net::SocketAddr::new(packet.source, packet.source_port),
            std::net::SocketAddr::new(packet.destination, packet.destination_port)
        ),
        _ => format!("{name} {} → {}", packet.source, packet.destination),
    }
}
