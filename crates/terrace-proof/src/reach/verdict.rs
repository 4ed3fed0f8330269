//! Claims, and what is true of them whatever the unknowns are.

use std::collections::BTreeSet;

use crate::space::{PacketSet, Traffic};
use crate::world::{Bound, Party, UnknownId, Unknowns, World};

use super::graph::{Reach, reach};
use super::ground::at;
use super::link::speaking_of;
use super::path::{Path, Through};
use super::stance::TOO_MUCH;

/// Stands for a route to something that is not modelled, among what a verdict depends on.
pub const UNMODELLED: UnknownId = UnknownId(u32::MAX - 1);

/// Unknowns beyond which it is not asked which of them matter.
const MOST_UNKNOWNS: usize = 2000;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Must {
    /// That one reaches the other.
    Reach,
    /// That it does not.
    NotReach,
}

/// A claim about two parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who would open the connection.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// Which traffic comes in there; none: any. Of a site that tells what it listens on, only that counts.
    pub traffic: Vec<Traffic>,
    /// Who may stand between.
    pub through: Through,
    /// What must be.
    pub must: Must,
}

/// What is true of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds, whatever the unknowns are. With the path, if it is that there is one.
    Proved(Option<Path>),
    /// It does not hold, whatever they are. With the path, if it is that there is none.
    Violated(Option<Path>),
    /// That depends.
    Depends {
        /// On these: if all of them were as little as may be, and whatever the others are, the path would not be there. None of
        /// them could be left out. [`TOO_MUCH`] and [`UNMODELLED`] may be among them.
        on: Unknowns,
        /// A path that might be there.
        path: Path,
    },
}

/// A world, compiled for both bounds.
#[derive(Debug)]
pub struct Bounds<'w> {
    world: &'w World,
    /// What surely passes.
    pub least: Reach<'w>,
    /// What might pass.
    pub most: Reach<'w>,
}

impl<'w> Bounds<'w> {
    /// Compiles a world.
    pub fn of(world: &'w World) -> Self {
        Self { world, least: reach(world, Bound::Least), most: reach(world, Bound::Most) }
    }

    /// What is true of a claim.
    pub fn decide(&self, claim: &Claim) -> Verdict {
        let wanted = self.wanted(claim);
        let path = |reach: &Reach<'_>| reach.path(claim.from, claim.to, &wanted, claim.through);
        let sure = path(&self.least);
        if let Some(sure) = sure {
            return match claim.must {
                Must::Reach => Verdict::Proved(Some(sure)),
                Must::NotReach => Verdict::Violated(Some(sure)),
            };
        }
        let Some(might) = path(&self.most) else {
            return match claim.must {
                Must::Reach => Verdict::Violated(None),
                Must::NotReach => Verdict::Proved(None),
            };
        };
        let (on, narrower) = self.depends(&path);
        Verdict::Depends { on, path: narrower.unwrap_or(might) }
    }

    /// The packets that a claim is about.
    pub fn wanted(&self, claim: &Claim) -> PacketSet {
        let wanted = speaking_of(&claim.traffic);
        let Party::Site(site) = claim.to else { return wanted };
        match self.world.sites.get(at(site.0)).and_then(|site| site.listens.as_ref()) {
            Some(listens) if listens.is_empty() => PacketSet::nothing(),
            Some(listens) => wanted.intersection(&speaking_of(listens)),
            None => wanted,
        }
    }

    /// A smallest set of unknowns that the path needs, none of which can be left out, and the path that needs no others.
    fn depends(&self, path: &dyn Fn(&Reach<'_>) -> Option<Path>) -> (Unknowns, Option<Path>) {
        let all = unknowns(self.world);
        if all.len() > MOST_UNKNOWNS {
            return (all, None);
        }
        let with = |open: &Unknowns| {
            let settled = all.difference(open).copied().collect();
            path(&Reach::settled(self.world, Bound::Most, settled))
        };
        let list: Vec<UnknownId> = all.iter().copied().collect();
        let mut on = match with(&Unknowns::new()) {
            Some(_) => Unknowns::new(),
            None => smallest(&Unknowns::new(), false, &list, &|open| with(open).is_some()),
        };
        let narrower = with(&on);
        if on.is_empty() {
            on.insert(if self.most.overflowed() { TOO_MUCH } else { UNMODELLED });
        }
        (on, narrower)
    }
}

/// QuickXplain (Junker, AAAI 2004): of some candidates as few as will do beside those that are there anyway.
fn smallest(
    there: &Unknowns,
    is_new: bool,
    candidates: &[UnknownId],
    will_do: &dyn Fn(&Unknowns) -> bool,
) -> Unknowns {
    if candidates.is_empty() || (is_new && will_do(there)) {
        return Unknowns::new();
    }
    if let [one] = candidates {
        return Unknowns::from([*one]);
    }
    let (first, second) = candidates.split_at(candidates.len() / 2);
    let with = |more: &mut dyn Iterator<Item = UnknownId>| {
        there.iter().copied().chain(more).collect::<BTreeSet<_>>()
    };
    let later = smallest(&with(&mut first.iter().copied()), true, second, will_do);
    let earlier = smallest(&with(&mut later.iter().copied()), !later.is_empty(), first, will_do);
    &later | &earlier
}

/// Every unknown that a world names.
pub fn unknowns(world: &World) -> Unknowns {
    use crate::world::{Group, Guard};
    let mut all = Unknowns::new();
    let mut take = |when: &crate::world::When| all.extend(when.unknowns());
    for network in &world.networks {
        network.internet.iter().chain(&network.egress_only).for_each(|f| take(&f.when));
    }
    for table in &world.tables {
        table.routes.iter().for_each(|f| take(&f.when));
        table.named.iter().for_each(|f| take(&f.when));
    }
    for acl in &world.acls {
        acl.inbound.iter().chain(&acl.outbound).for_each(|f| take(&f.when));
    }
    for group in &world.groups {
        if let Group::Security { ingress, egress } = group {
            ingress.iter().chain(egress).for_each(|f| take(&f.when));
        }
    }
    world.nats.iter().for_each(|nat| take(&nat.when));
    world.peerings.iter().for_each(|peering| take(&peering.when));
    for transit in &world.transits {
        transit.attached.iter().for_each(|f| take(&f.when));
        transit.beyond.iter().for_each(|f| take(&f.when));
        transit.nowhere.iter().for_each(|f| take(&f.when));
    }
    for interface in &world.interfaces {
        take(&interface.when);
        interface.public.iter().for_each(&mut take);
        if let Guard::Groups(groups) = &interface.guard {
            groups.iter().for_each(|f| take(&f.when));
        }
    }
    for balancer in &world.balancers {
        for listener in &balancer.listeners {
            take(&listener.when);
            listener.is.forwards.iter().for_each(|f| take(&f.when));
        }
    }
    world.target_groups.iter().flat_map(|g| &g.targets).for_each(|f| take(&f.when));
    for distribution in &world.distributions {
        take(&distribution.when);
        distribution.origins.iter().for_each(|f| take(&f.when));
    }
    all
}
