//! Why something does not get through: the smallest sets of things that stand in the way.
//!
//! Each way that could lead there is a row of filters. Of a row, those sets of filters are told without which something
//! would pass and no part of which would be enough ("blocked paths": Bayless et al., CAV 2021). The codes are those of VPC Reachability Analyzer.

use std::collections::BTreeSet;

use crate::space::{PacketSet, Rests};
use crate::world::{AclId, BalancerId, NatId, NetworkId, SubnetId, TableId, TransitId};

use super::ground::ClassId;
use super::stance::Stance;

/// Which packets of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// Those that open it.
    There,
    /// The answers.
    Back,
}

/// Something that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// The guard of these interfaces does not let it out (`ENI_SG_RULES_MISMATCH`).
    GuardOut(ClassId),
    /// The guard of these does not let it in (`ENI_SG_RULES_MISMATCH`).
    GuardIn(ClassId),
    /// The NAT's guard (`ENI_SG_RULES_MISMATCH`).
    GuardOfNat(NatId),
    /// An ACL does not let it out of its subnet (`SUBNET_ACL_RESTRICTION`).
    AclOut {
        /// Which subnet.
        subnet: SubnetId,
        /// Which ACL.
        acl: AclId,
        /// For which packets.
        leg: Turn,
        /// The entries that deny it; none: no entry allows it.
        by: Rests,
    },
    /// An ACL does not let it into its subnet (`SUBNET_ACL_RESTRICTION`).
    AclIn {
        /// Which subnet.
        subnet: SubnetId,
        /// Which ACL.
        acl: AclId,
        /// For which packets.
        leg: Turn,
        /// The entries that deny it; none: no entry allows it.
        by: Rests,
    },
    /// No route leads there, or back, by what would connect the two (`NO_ROUTE_TO_DESTINATION`).
    NoRoute {
        /// From which subnet.
        subnet: SubnetId,
        /// Its table; none: it has none.
        table: Option<TableId>,
        /// For which packets.
        leg: Turn,
    },
    /// The transit gateway does not lead there (`TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT`).
    NoTransitRoute(TransitId),
    /// Nothing connects the two networks: no peering, no transit gateway (`NO_ROUTE_TO_DESTINATION`).
    NotConnected(NetworkId, NetworkId),
    /// The network has no internet gateway (`NO_ROUTE_TO_DESTINATION`).
    NoGateway(NetworkId),
    /// No public address (`IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS`, `IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS`).
    NoPublicAddress(ClassId),
    /// No listener takes the traffic (`ELBV2_LISTENERS_MISMATCH`).
    NoListener(BalancerId),
    /// No forward leads to this target on the port (`ELBV2_LISTENER_REQUIRES_TG_ACCEPT`, `ELBV2_LISTENER_HAS_NO_TG`).
    NoTarget(BalancerId),
    /// The balancer is not enabled in the target's zone (`ELBV2_NO_TARGETS_IN_AZ`).
    ZoneNotEnabled(BalancerId, SubnetId),
    /// Nobody who would be seen by the target comes to the listener.
    NoClient(BalancerId),
    /// The site does not listen on the port (no code: the analyzer does not look into machines).
    NotListening,
    /// It has no interface.
    NoInterface,
    /// The distribution has no such origin, or the party opens no connections there at all.
    OpensNone,
    /// The two have no address family in common, or no address.
    NoAddress,
}

/// A filter in a row.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) block: Block,
    /// What passes; none: nothing, whatever else is taken away.
    pub(super) passes: Option<PacketSet>,
}

/// Filters beyond which not every set of them is tried.
const MOST_STAGES: usize = 14;

/// The smallest sets of a row's filters without which some of `base` passes.
pub(super) fn smallest(base: &PacketSet, row: Vec<Stage>, stance: &Stance) -> Vec<BTreeSet<Block>> {
    let mut always = BTreeSet::new();
    let mut filters = Vec::new();
    for Stage { block, passes } in row {
        match passes {
            None => {
                always.insert(block);
            }
            Some(set) if !base.is_subset(&set) => filters.push((block, set)),
            Some(_) => {}
        }
    }
    filters.truncate(MOST_STAGES);
    let mut found: Vec<BTreeSet<Block>> = Vec::new();
    let mut gone = Vec::new();
    tried(base, &filters, &mut gone, &mut found, stance);
    let mut all: Vec<BTreeSet<Block>> =
        found.into_iter().map(|set| set.into_iter().chain(always.iter().cloned()).collect()).collect();
    minimal(&mut all);
    all
}

fn tried(
    left: &PacketSet,
    filters: &[(Block, PacketSet)],
    gone: &mut Vec<Block>,
    found: &mut Vec<BTreeSet<Block>>,
    stance: &Stance,
) {
    if left.is_empty() || found.iter().any(|had| had.iter().all(|block| gone.contains(block))) {
        return;
    }
    let Some(((block, set), rest)) = filters.split_first() else {
        found.push(gone.iter().cloned().collect());
        return;
    };
    tried(&stance.meet(left, set), rest, gone, found, stance);
    gone.push(block.clone());
    tried(left, rest, gone, found, stance);
    gone.pop();
}

/// Keeps those that hold no other one, the smallest first.
pub(super) fn minimal(sets: &mut Vec<BTreeSet<Block>>) {
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    let mut kept: Vec<BTreeSet<Block>> = Vec::new();
    for set in sets.drain(..) {
        if !kept.iter().any(|smaller| smaller.is_subset(&set)) {
            kept.push(set);
        }
    }
    *sets = kept;
}
