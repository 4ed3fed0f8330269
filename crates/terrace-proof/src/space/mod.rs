//! Sets of packets, held exactly, and the filters that a packet meets on its way.
//!
//! A packet's header is a point: family, protocol, source port, destination port, source and destination address.
//! A [`PacketSet`] is a list of disjoint boxes with intervals as sides, as in header space analysis (Kazemian,
//! Varghese, McKeown, NSDI 2012, with intervals in place of wildcard bits). Each box rests on a few rules. The
//! filters are pure functions of plain lists: security groups ([`admitted`]), network ACLs ([`first_match`]),
//! route tables ([`RouteMap`]), and both ways of a conversation ([`conversation`]).
//!
//! GUARANTEE: nothing is sampled or rounded, nothing panics, and equal input gives equal output. What a box does
//! not rest on can go without taking a packet of the box away.

mod acl;
mod address;
mod canonical;
mod group;
mod header;
mod packet;
mod reply;
mod rests;
mod rewrite;
mod route;
mod set;
mod span;
mod traffic;

pub use acl::{AclAction, AclDecision, AclEntry, first_match};
pub use address::{AddressBlock, Addresses, Family};
pub use group::{GroupId, GroupRule, Members, Peer, admitted, admitting};
pub use header::HeaderBox;
pub use packet::Packet;
pub use reply::conversation;
pub use rests::{Rests, RuleId};
pub use rewrite::Rewrite;
pub use route::{Leg, Origin, Route, RouteMap};
pub use set::{Direction, PacketSet};
pub use traffic::{PortSpan, Traffic, Transport};
