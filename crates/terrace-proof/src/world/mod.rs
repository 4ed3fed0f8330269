//! A network as the decision procedure knows it: subnets, routes, filters, interfaces, and who stands between.
//!
//! A [`World`] says nothing of Terraform or tiers: whoever makes one keeps the lists that turn a [`RuleId`](crate::space::RuleId) into a line of
//! a file, a [`SiteId`] into a name and an [`UnknownId`] into "var.office". Facts that may or may not hold are
//! [`Fact`]s that rest on unknowns; [`Bound::Least`] leaves out everything that might not hold, [`Bound::Most`] takes
//! everything that might.
//!
//! # What a packet does
//! This is the meaning that every engine and every oracle follows. *Passes a filter* is said of a packet; *conversation*
//! means that the packet and its answer (ends and ports turned round) both pass. Security groups are stateful: only the
//! first packet is asked. Network ACLs are stateless: both packets are.
//!
//! 1. **Within a network**, from interface *a* (source one of its addresses) to *b* (destination one of its addresses, same
//!    family): *a*'s guard lets it out, *b*'s guard lets it in. If the subnets differ: `out` of *a*'s ACL, `in` of
//!    *b*'s; for the answer `out` of *b*'s, `in` of *a*'s. *a*'s table decides the destination to be [`Via::Local`], and *b*'s the
//!    source (a subnet without a table has local routes only). A rule naming a group matches *b* (or *a*) if that interface
//!    carries it; addresses do not matter then.
//! 2. **Between networks**: as 1, but *a*'s table gives [`Via::Peer`] or [`Via::Transit`] of something that connects both (a
//!    transit's own routes deciding for *b*'s network), and *b*'s table gives the same for the source. Groups match across
//!    only where [`Peering::group_rules`] or [`Transit::group_rules`] says so. ACLs are always asked. Nothing passes two of these.
//! 3. **From the internet** to *b*: the source is one of the external's addresses, the destination *b*'s own (after the gateway
//!    has put it in place of the public one). IPv4 needs a public address; IPv6 an address in 2000::/3. The network has an internet gateway;
//!    *b*'s table decides the source to be [`Via::Internet`]; ACL of *b*'s subnet both ways; *b*'s guard. The same holds for any
//!    external that [stands on the internet](External::on_internet); only for that one its own [`Group::External`] matches.
//! 4. **To the internet** from *a*: guard and ACL of *a*, and *a*'s table decides the destination to be
//!    - [`Via::Internet`]: gateway there, public address (IPv4) or address in 2000::/3 (IPv6);
//!    - [`Via::EgressOnly`]: IPv6 only, the network has one;
//!    - [`Via::Nat`]: IPv4 only. The packet crosses to the NAT's subnet (ACLs `out`/`in` with the original source, if the subnets
//!      differ; NAT interface's guard, if it has one, in), leaves with the NAT's address and any source port from 1024 on (guard out,
//!      ACL `out` of the NAT's subnet, whose table decides the destination to be [`Via::Internet`], gateway there, NAT public); the answer
//!      comes back the same way (`in` to the NAT, then `out` of its subnet and `in` of *a*'s with the original source of
//!      the answer). Groups never match beyond a NAT.
//! 5. **Beyond** ([`Via::Beyond`]): networks that are not told. To one: guard, ACL, table; destination one of its addresses. From one: the same
//!    turned round, the table deciding the source.
//! 6. **To a service by a gateway endpoint**: a [`NamedRoute`] of *a*'s table names the service's external; guard (a rule naming
//!    the external's group, or addresses) and ACL as in 4. A service reached so is not reached by 4.
//! 7. **Balancers**: a packet to an interface of a balancer arrives only on a listener's port. From there the balancer opens its own
//!    connection (as 1 or 2) from its interfaces to each target that one of the listener's forwards names, on the target's port. Where
//!    [`TargetGroup::keeps_client`] is set, the guard and ACL of the target see the client's address in place of the balancer's,
//!    and routes are not asked; the balancer's groups match as ever (AWS: "Update the security groups for your Network Load Balancer").
//!    A target in a zone that the balancer is not enabled in gets nothing.
//! 8. **Distributions** take tcp 80 and 443 from the internet. To an origin on the internet they are the external `cdn` of rule 3. To a VPC
//!    origin they come from inside of its network, asked by the guard alone: matched by the external's group, or by
//!    any address of the network.
//! 9. [`Via::Elsewhere`] and anything that rests on unknowns passes nothing in `Least`; in `Most` an `Elsewhere` passes as any of the ways above would
//!    that leads to the destination.
//!
//! # To be exact
//! - Rule 1: within one subnet neither ACLs nor tables are asked. An interface reaches itself as it reaches one that is alike.
//! - A rule that names an external's group matches where that external is the other end (rules 3 to 6 and 8), in the guards of `a`,
//!   `b` and a NAT alike; it never matches inside. A rule that names a security group never matches an external; it matches
//!   `a` before the NAT's guard on the way in.
//! - Rule 2: of a transit, the smallest that holds the destination decides: a block of an attached network, addresses
//!   of somebody beyond, a block sent nowhere. Of some that are equally small *nowhere* comes first; else all of them get it.
//!   Both networks must be attached. A transit is asked both ways.
//! - Rule 3 and 4: "an address in 2000::/3" is the interface's own, and an [`EgressOnly`](Via::EgressOnly) gateway asks for one
//!   too: unique local addresses never reach the internet (Amazon VPC User Guide, "Private IPv6 addresses").
//! - Rule 4: the NAT stands in a subnet of `a`'s network, whose table (if the subnets differ) decides the answer's destination, `a`, to be
//!   [`Via::Local`]. A NAT instance is there only if its interface is. Only TCP and UDP have ports: other protocols keep what they have.
//!   An external that an ACL, a guard or a table knows by address is compared by address alone.
//! - Rule 5: also by [`Via::Transit`] to who is beyond it. No public address, no gateway.
//! - Rule 6: whether a [`NamedRoute`] is there or not: for its external, rule 4 gives nothing in `Least` while it might be there.
//! - Rule 7: a balancer opens no other connections, and uses any port of its own, towards clients' targets too. The clients are those who
//!   converse with any interface of the balancer on a port of the listener whose forward it is (outsiders, sites, distributions, other
//!   balancers; addresses as they arrive). A subnet whose zone is not told is in a zone that is enabled. The balancer's own guard and ACL see
//!   the target as in 1 or 2 (ports of the target, groups of the target). Tables are not asked in either direction, but the networks must be
//!   connected: the same, or by a peering or a transit that is there.
//! - Rule 8: a distribution takes connections from every external on the internet, to any address, and opens no others
//!   than to its origins, on the origin's ports of TCP; `cdn` counts as on the internet. An origin that is a balancer takes them on its
//!   listeners' ports.
//! - Rule 9: an `Elsewhere` counts as `Local`, `Internet`, `EgressOnly`, any NAT of the network, any peering and transit that
//!   is there, and as `Beyond` of every external that is not on the internet.
//! - [`Site::listens`] takes no part in these rules; who asks about a claim asks it too.
//!
//! Not filtered by groups, and so outside of this: the resolver, the metadata service, DHCP and time (AWS: "Security groups", limitations).

mod balancing;
mod fact;
mod network;
mod party;

pub use balancing::*;
pub use fact::{Bound, Fact, UnknownId, Unknowns, When};
pub use network::*;
pub use party::*;

use crate::space::GroupId;

/// Everything.
#[derive(Clone, Debug)]
pub struct World {
    /// Virtual networks.
    pub networks: Vec<Network>,
    /// Their subnets.
    pub subnets: Vec<Subnet>,
    /// Route tables.
    pub tables: Vec<Table>,
    /// Network ACLs.
    pub acls: Vec<Acl>,
    /// Security groups, and prefix lists that name an external.
    pub groups: Vec<Group>,
    /// Address translators.
    pub nats: Vec<Nat>,
    /// Peerings.
    pub peerings: Vec<Peering>,
    /// Transit gateways.
    pub transits: Vec<Transit>,
    /// Who is outside; the first is the internet.
    pub externals: Vec<External>,
    /// Who is inside, as people name them.
    pub sites: Vec<Site>,
    /// Their interfaces; one may stand for any number that are alike.
    pub interfaces: Vec<Interface>,
    /// Load balancers and other proxies.
    pub balancers: Vec<Balancer>,
    /// Where balancers send to.
    pub target_groups: Vec<TargetGroup>,
    /// Content delivery networks.
    pub distributions: Vec<Distribution>,
}

macro_rules! put {
    ($($(#[$about:meta])* $name:ident: $type:ty => $list:ident as $id:ident;)*) => {
        impl World {
            $(
                $(#[$about])*
                pub fn $name(&mut self, new: $type) -> $id {
                    self.$list.push(new);
                    $id(u32::try_from(self.$list.len() - 1).unwrap_or(u32::MAX))
                }
            )*
        }
    };
}

put! {
    /// Adds a network.
    add_network: Network => networks as NetworkId;
    /// Adds a subnet.
    add_subnet: Subnet => subnets as SubnetId;
    /// Adds a route table.
    add_table: Table => tables as TableId;
    /// Adds a network ACL.
    add_acl: Acl => acls as AclId;
    /// Adds a group.
    add_group: Group => groups as GroupId;
    /// Adds a translator.
    add_nat: Nat => nats as NatId;
    /// Adds a peering.
    add_peering: Peering => peerings as PeeringId;
    /// Adds a transit gateway.
    add_transit: Transit => transits as TransitId;
    /// Adds an external.
    add_external: External => externals as ExternalId;
    /// Adds a site.
    add_site: Site => sites as SiteId;
    /// Adds an interface.
    add_interface: Interface => interfaces as InterfaceId;
    /// Adds a balancer.
    add_balancer: Balancer => balancers as BalancerId;
    /// Adds a target group.
    add_target_group: TargetGroup => target_groups as TargetGroupId;
    /// Adds a distribution.
    add_distribution: Distribution => distributions as DistributionId;
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// Nothing but the internet.
    pub fn new() -> Self {
        Self {
            networks: Vec::new(),
            subnets: Vec::new(),
            tables: Vec::new(),
            acls: Vec::new(),
            groups: Vec::new(),
            nats: Vec::new(),
            peerings: Vec::new(),
            transits: Vec::new(),
            externals: vec![External::internet()],
            sites: Vec::new(),
            interfaces: Vec::new(),
            balancers: Vec::new(),
            target_groups: Vec::new(),
            distributions: Vec::new(),
        }
    }
}
