//! An inventory as a network that the proof decides on, with the words for everything in it.
//!
//! What a design says is read by the rules of AWS (each file names its pages); what it does not say is what AWS takes
//! then, listed among [`Lifted::assumptions`] where that is not certain. Rules follow the argument of a document
//! ([`Provenance`]), so that a verdict can say where it is written.
//!
//! # What is not told
//! - A rule with an end, a port or a protocol that is not told is one about everything, perhaps.
//! - A group that is not in the inventory lets everything through, perhaps. If its name is a value (`var.group`), a rule
//!   that names it may mean any group that is known, too.
//! - A subnet that is not in the inventory stands in the network of the groups of who is in it, else in one of its own; its table
//!   may lead anywhere, its network may have a gateway. Its ACL is taken to be AWS's own, which lets all pass.
//! - A block that is not told is taken from addresses that nobody uses; rules that name some block match it perhaps.
//! - An item that may not be there has interfaces, rules, routes, targets that may not be there.
//!
//! GUARANTEE: what could matter and is not modelled is among [`Lifted::unmodelled`], and where a path leads
//! through it the way is `Via::Elsewhere` or a fact that rests on an unknown.

mod acls;
mod alike;
mod ask;
mod attached;
mod balancers;
mod blocks;
mod cdn;
mod classic;
mod containers;
mod describe;
mod elsewhere;
mod endpoints;
mod ends;
mod groups;
mod joined;
mod lifted;
mod lifting;
mod listeners;
mod lists;
mod machines;
mod naming;
mod networks;
mod placing;
mod stores;
mod subnets;
mod tables;
mod targets;
mod traffic;
mod ways;

pub use lifted::{ExternalKind, Lifted, OriginName, OriginTo, Provenance, SiteKind, SiteName, Unmodelled};

use terrace_aws::inventory::Inventory;

/// The network of an inventory.
pub fn lift(inventory: &Inventory) -> Lifted {
    let mut lifting = lifting::Lifting::new(inventory);
    lifting.networks();
    lifting.groups();
    lifting.balancer_sites();
    lifting.machines();
    lifting.containers();
    lifting.stores();
    lifting.interface_endpoints();
    lifting.attached_groups();
    lifting.translators();
    lifting.peerings();
    lifting.transits();
    lifting.tables();
    lifting.gateway_endpoints();
    lifting.acls();
    lifting.group_rules();
    lifting.targets();
    let secrets = lifting.balancers();
    lifting.proxies();
    lifting.distributions(&secrets);
    lifting.elsewhere();
    lifting.out
}
