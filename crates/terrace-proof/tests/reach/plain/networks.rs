//! Rules 1 and 2: within a network, and between networks.

use std::net::IpAddr;

use terrace_proof::space::{Addresses, Direction, Packet};
use terrace_proof::world::*;

use super::filters::{is_one_of, lies_in};
use super::{Ask, Other, Plain, Step, Stop, answer, check, facts, holds};

/// Where a transit sends a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onward {
    Network(NetworkId),
    Beyond(ExternalId),
    Nowhere,
}

impl Plain<'_> {
    /// From an interface to another.
    pub(crate) fn inside(self, a: InterfaceId, b: InterfaceId, packet: &Packet, ask: Ask) -> Step {
        let (from, to) = (self.interface(a), self.interface(b));
        check(is_one_of(packet.source, &from.addresses), "not the sender's address")?;
        check(is_one_of(packet.destination, &to.addresses), "not the receiver's address")?;

        // There.
        let (way, is_seen) = self.way(a, b, packet.destination)?;
        let crosses = way != Via::Local || from.subnet != to.subnet;
        let seen = |other| if is_seen { Other::Interface(other) } else { Other::Address };
        self.guard(a, Direction::Out, packet, seen(b))?;
        if crosses {
            self.acl(from.subnet, Direction::Out, packet)?;
            self.acl(to.subnet, Direction::In, packet)?;
        }
        self.guard(b, Direction::In, packet, seen(a))?;
        self.arrives(b, packet)?;
        if ask == Ask::There {
            return Ok(());
        }

        // And back: the guards know the conversation, everyone else does not.
        let back = answer(packet)?;
        check(self.way(b, a, back.destination)?.0 == way, "comes back by another way")?;
        if crosses {
            self.acl(to.subnet, Direction::Out, &back)?;
            self.acl(from.subnet, Direction::In, &back)?;
        }
        Ok(())
    }

    /// Which way the sender's table sends a packet, if it leads to the receiver, and whether groups are seen on it.
    pub(crate) fn way(self, a: InterfaceId, b: InterfaceId, to: IpAddr) -> Result<(Via, bool), Stop> {
        // Within a subnet nothing is routed.
        if self.interface(a).subnet == self.interface(b).subnet {
            return Ok((Via::Local, true));
        }
        let (here, there) = (self.network_of(a), self.network_of(b));
        let via = self.table(self.interface(a).subnet, to).ok_or("no route")?;
        match via {
            Via::Local => {
                check(here == there, "local, and the receiver is in another network")?;
                Ok((via, true))
            }
            Via::Peer(id) => {
                let peering = &self.world.peerings[id.0 as usize];
                check(holds(&peering.when), "no such peering")?;
                let ends = peering.ends;
                check(
                    here != there && (ends == [here, there] || ends == [there, here]),
                    "peering of others",
                )?;
                Ok((via, peering.group_rules))
            }
            Via::Transit(id) => {
                let transit = &self.world.transits[id.0 as usize];
                check(here != there, "transit within a network")?;
                check(facts(&transit.attached).any(|(_, n)| *n == here), "not attached")?;
                check(self.leads(id, to, Onward::Network(there)), "transit leads elsewhere")?;
                Ok((via, transit.group_rules))
            }
            _ => Err("route leads elsewhere"),
        }
    }

    /// Whether a transit's own routes send a destination somewhere: the narrowest run decides, and nowhere before others.
    pub(crate) fn leads(self, id: TransitId, to: IpAddr, wanted: Onward) -> bool {
        let transit = &self.world.transits[id.0 as usize];
        let mut routes: Vec<(u128, Onward)> = Vec::new();
        for (_, block) in facts(&transit.nowhere).filter(|(_, block)| lies_in(to, *block)) {
            routes.push((Addresses::from(*block).count(), Onward::Nowhere));
        }
        for (_, network) in facts(&transit.attached) {
            for block in self.network(*network).blocks.iter().filter(|block| lies_in(to, **block)) {
                routes.push((Addresses::from(*block).count(), Onward::Network(*network)));
            }
        }
        for (_, external) in facts(&transit.beyond) {
            for run in self.external(*external).addresses.iter().filter(|run| is_one_of(to, &[**run])) {
                routes.push((run.count(), Onward::Beyond(*external)));
            }
        }
        let narrowest = routes.iter().map(|(size, _)| *size).min();
        let decide: Vec<Onward> =
            routes.iter().filter(|(size, _)| Some(*size) == narrowest).map(|(_, onward)| *onward).collect();
        decide.contains(&wanted) && !decide.contains(&Onward::Nowhere)
    }
}
