//! Whether packets pass from one to another, surely or perhaps, with a witness in the design's own words.

use std::collections::BTreeSet;

use terrace_aws::inventory::UnknownName;
use terrace_lift::world::Lifted;
use terrace_proof::reach::{Link, Way};
use terrace_proof::space::{Packet, PacketSet, Rests, RuleId};
use terrace_proof::world::{Party, When};

use crate::{Certainty, Evidence, Hop, Subject};

/// Something that passes.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Who opens connections.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// Whether that is sure.
    pub certainty: Certainty,
    /// A packet that passes; none for what is no packet of a network.
    pub packet: Option<Packet>,
    /// The witness.
    pub hop: Hop,
    /// The rules that it rests on.
    pub rests: Rests,
}

impl Subject<'_> {
    /// Whether something of `wanted` passes directly from one to another and is answered; none: surely not.
    pub fn passes(&self, from: Party, to: Party, wanted: Option<&PacketSet>) -> Option<Passage> {
        let may = self.links.get(&(from, to))?;
        let (way, packet, rests) = witness(may, wanted, false)?;
        let sure = self.least.link(from, to).and_then(|link| {
            let (way, packet, rests) = witness(&link, wanted, false)?;
            Some((way.kind, packet, rests))
        });
        Some(match sure {
            Some((_, packet, rests)) => self.passage(from, to, Certainty::Sure, packet, rests),
            None => {
                let on = self.unsure(&rests);
                let _ = way;
                self.passage(from, to, Certainty::Depends(on), packet, rests)
            }
        })
    }

    /// The same for what can only be sent: whether anything leaves, answered or not.
    pub fn leaves(&self, from: Party, to: Party) -> Option<Passage> {
        let may = self.links.get(&(from, to))?;
        let (_, packet, rests) = witness(may, None, true)?;
        let sure = self.least.link(from, to);
        let sure = sure.as_ref().and_then(|link| witness(link, None, true));
        Some(match sure {
            Some((_, packet, rests)) => self.passage(from, to, Certainty::Sure, packet, rests),
            None => self.passage(from, to, Certainty::Depends(self.unsure(&rests)), packet, rests),
        })
    }

    fn passage(
        &self,
        from: Party,
        to: Party,
        certainty: Certainty,
        packet: Option<Packet>,
        rests: Rests,
    ) -> Passage {
        let by = rests.rules().iter().filter_map(|rule| evidence(self.lifted, *rule)).collect();
        let hop = Hop {
            from: self.shown(from),
            to: self.shown(to),
            packet: packet.map_or_else(String::new, |packet| spelled(&packet)),
            by,
        };
        Passage { from, to, certainty, packet, hop, rests }
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

fn witness<'l>(
    link: &'l Link,
    wanted: Option<&PacketSet>,
    sending: bool,
) -> Option<(&'l Way, Option<Packet>, Rests)> {
    link.ways.iter().find_map(|way| {
        let flow = if sending { &way.sends } else { &way.conversation };
        let (packet, rests) = match wanted {
            Some(wanted) => flow.of(wanted).witness()?,
            None => flow.witness()?,
        };
        Some((way, Some(packet), rests))
    })
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
