//! Network ACLs and transit gateways, compiled.

use crate::space::{AclAction, AclEntry, Addresses, Direction, PacketSet, RuleId, first_match};
use crate::world::{Acl, ExternalId, Fact, NetworkId, Transit, World};

use super::runs::Runs;
use super::stance::Stance;

/// Entries of one direction beyond which an ACL is too much; AWS takes 40.
const MOST_ENTRIES: usize = 300;

/// An ACL: what passes, and the packets whose answers pass.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) into: PacketSet,
    pub(super) out: PacketSet,
    /// Packets whose answers it lets in.
    pub(super) answers_in: PacketSet,
    /// Packets whose answers it lets out.
    pub(super) answers_out: PacketSet,
}

impl Gate {
    /// Boxes of its larger direction.
    pub(super) fn size(&self) -> usize {
        self.into.boxes().len().max(self.out.boxes().len())
    }

    pub(super) fn new(acl: &Acl, stance: &Stance) -> Self {
        let into = allowed(&acl.inbound, Direction::In, stance);
        let out = allowed(&acl.outbound, Direction::Out, stance);
        Self { answers_in: into.requests(), answers_out: out.requests(), into, out }
    }
}

fn allowed(entries: &[Fact<AclEntry>], direction: Direction, stance: &Stance) -> PacketSet {
    let there = |f: &&Fact<AclEntry>| match f.is.action {
        AclAction::Allow => stance.lets(&f.when),
        AclAction::Deny => stance.stops(&f.when),
    };
    let there: Vec<AclEntry> = entries.iter().filter(there).map(|f| f.is).collect();
    if there.len() > MOST_ENTRIES {
        return stance.too_much(PacketSet::everything);
    }
    first_match(&there, direction).allowed
}

/// Where a transit gateway sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Nowhere.
    Nowhere,
    /// To a network.
    Network(NetworkId),
    /// To someone beyond.
    Beyond(ExternalId),
}

/// A transit gateway: who gets which destinations, by which attachment.
#[derive(Clone, Debug, Default)]
pub(super) struct Hub {
    ends: Vec<(End, RuleId, Runs)>,
}

impl Hub {
    pub(super) fn new(world: &World, transit: &Transit, stance: &Stance) -> Self {
        let mut all = Vec::new();
        for Fact { is: (rule, network), when } in &transit.attached {
            let blocks = world.networks.get(network.0 as usize).map_or(&[][..], |n| n.blocks.as_slice());
            all.extend(blocks.iter().map(|b| (End::Network(*network), *rule, Addresses::from(*b), when)));
        }
        for Fact { is: (rule, external), when } in &transit.beyond {
            let there = world.externals.get(external.0 as usize).map_or(&[][..], |e| e.addresses.as_slice());
            all.extend(there.iter().map(|run| (End::Beyond(*external), *rule, *run, when)));
        }
        for Fact { is: (rule, block), when } in &transit.nowhere {
            all.push((End::Nowhere, *rule, Addresses::from(*block), when));
        }
        let mut ends: Vec<(End, RuleId, Runs)> = Vec::new();
        for (end, rule, run, when) in &all {
            if *end == End::Nowhere || !stance.lets(when) {
                continue;
            }
            let stronger = all.iter().filter(|(other, _, theirs, when)| {
                let smaller = theirs.count() < run.count();
                let first = *other == End::Nowhere && theirs.count() == run.count();
                other != end && (smaller || first) && stance.stops(when)
            });
            let left = Runs::of([*run]).difference(&Runs::of(stronger.map(|(_, _, theirs, _)| *theirs)));
            match ends.iter_mut().find(|(other, by, _)| other == end && by == rule) {
                Some((_, _, had)) => *had = had.union(&left),
                None => ends.push((*end, *rule, left)),
            }
        }
        Self { ends }
    }

    /// The attachment of someone, and the destinations that go there.
    pub(super) fn to(&self, end: End) -> Option<(RuleId, &Runs)> {
        self.ends.iter().find(|(other, ..)| *other == end).map(|(_, rule, runs)| (*rule, runs))
    }
}
