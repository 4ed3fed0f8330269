//! Security groups: stateful, allow-only; what any rule of any attached group allows is allowed.
//!
//! Source: Amazon VPC User Guide, "Security group rules". A rule that names a group allows the private addresses of
//! the interfaces that carry it; which those are for the packet at hand is the caller's to say.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::address::Addresses;
use super::header::HeaderBox;
use super::packet::Packet;
use super::rests::RuleId;
use super::set::{Direction, PacketSet, rule_boxes};
use super::traffic::Traffic;

/// A security group, by the caller's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// Who is meant by each group: the private addresses of its members. A group that is not there has none.
pub type Members = BTreeMap<GroupId, Vec<Addresses>>;

/// The other end that a rule allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Addresses: a block, or the blocks of a prefix list.
    Addresses(Vec<Addresses>),
    /// The members of a group.
    Group(GroupId),
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupRule {
    /// What boxes that rest on it will name.
    pub id: RuleId,
    /// What it lets through.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: Peer,
}

impl GroupRule {
    fn boxes<'a>(
        &'a self,
        direction: Direction,
        members: &'a Members,
    ) -> impl Iterator<Item = HeaderBox> + 'a {
        let peers = match &self.peer {
            Peer::Addresses(addresses) => addresses.as_slice(),
            Peer::Group(group) => members.get(group).map_or(&[][..], Vec::as_slice),
        };
        rule_boxes(self.id, self.traffic, direction, peers)
    }
}

/// What the rules of all attached groups let through; a box rests on one rule that allows it, a wide one rather
/// than a narrow one. [`admitting`] names all for one packet.
pub fn admitted(rules: &[GroupRule], direction: Direction, members: &Members) -> PacketSet {
    let mut boxes: Vec<HeaderBox> = rules.iter().flat_map(|rule| rule.boxes(direction, members)).collect();
    // The widest first: narrow ones vanish in them and do not cut them up.
    boxes.sort_by_cached_key(|b| Reverse(b.count()));
    PacketSet::of(boxes)
}

/// Every rule that lets a packet through.
pub fn admitting(
    rules: &[GroupRule],
    direction: Direction,
    members: &Members,
    packet: &Packet,
) -> Vec<RuleId> {
    let admits = |rule: &&GroupRule| rule.boxes(direction, members).any(|b| b.contains(packet));
    rules.iter().filter(admits).map(|rule| rule.id).collect()
}
