//! Network ACLs: stateless; of ordered entries the first that matches decides, and nothing passes undecided.
//!
//! Source: Amazon VPC User Guide, "Network ACL rules": lowest number first, then the rule `*`, which denies.

use super::address::AddressBlock;
use super::rests::RuleId;
use super::set::{Direction, PacketSet, remainder, rule_boxes};
use super::traffic::Traffic;

/// What an entry does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclAction {
    /// Lets it pass.
    Allow,
    /// Drops it.
    Deny,
}

/// An entry for one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AclEntry {
    /// What boxes that rest on it will name.
    pub id: RuleId,
    /// The rule's number: 1 to 32766 at AWS.
    pub order: u32,
    /// What it does.
    pub action: AclAction,
    /// What it matches.
    pub traffic: Traffic,
    /// From (for `In`) or to (for `Out`) where.
    pub block: AddressBlock,
}

/// What a list of entries decides.
#[derive(Clone, Debug, Default)]
pub struct AclDecision {
    /// What passes, resting on the entry that allows it.
    pub allowed: PacketSet,
    /// What an entry denies, resting on it.
    pub denied: PacketSet,
    /// What each entry decides, in the order in which they are asked. An empty set is a dead rule.
    pub decides: Vec<(RuleId, PacketSet)>,
}

impl AclDecision {
    /// What no entry matches, and so does not pass.
    pub fn unmatched(&self) -> PacketSet {
        PacketSet::everything().difference(&self.allowed).difference(&self.denied).simplified()
    }

    /// The entries that never decide, because earlier ones take all.
    pub fn dead(&self) -> impl Iterator<Item = RuleId> {
        self.decides.iter().filter(|(_, set)| set.is_empty()).map(|(id, _)| *id)
    }
}

/// What the entries of one direction decide. Of two with the same number, which AWS refuses, the earlier one is asked
/// first.
pub fn first_match(entries: &[AclEntry], direction: Direction) -> AclDecision {
    let mut ordered: Vec<&AclEntry> = entries.iter().collect();
    ordered.sort_by_key(|entry| entry.order);
    let mut asked = Vec::new();
    let mut decision = AclDecision::default();
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    for entry in ordered {
        let mut decides = Vec::new();
        for whole in rule_boxes(entry.id, entry.traffic, direction, &[entry.block.into()]) {
            decides.extend(remainder(whole.clone(), &asked));
            asked.retain(|earlier| !whole.holds(earlier));
            asked.push(whole);
        }
        match entry.action {
            AclAction::Allow => allowed.extend_from_slice(&decides),
            AclAction::Deny => denied.extend_from_slice(&decides),
        }
        decision.decides.push((entry.id, PacketSet::disjoint(decides)));
    }
    decision.allowed = PacketSet::disjoint(allowed).simplified();
    decision.denied = PacketSet::disjoint(denied).simplified();
    decision
}
