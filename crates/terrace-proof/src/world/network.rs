//! Networks: subnets, tables, ACLs, groups, and the ways out.

use crate::space::{AclEntry, AddressBlock, Addresses, GroupId, GroupRule, Route, RuleId};

use super::{ExternalId, Fact, InterfaceId, When};

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident)*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    )*};
}
pub(super) use ids;

ids! {
    /// A network, by its place in the world's list.
    NetworkId
    /// A subnet.
    SubnetId
    /// A route table.
    TableId
    /// A network ACL.
    AclId
    /// An address translator.
    NatId
    /// A peering.
    PeeringId
    /// A transit gateway.
    TransitId
    /// A zone, by the caller's number.
    ZoneId
}

/// A virtual network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its blocks, of both families.
    pub blocks: Vec<AddressBlock>,
    /// Its internet gateway, if it has one; what rests on it names this rule.
    pub internet: Option<Fact<RuleId>>,
    /// Its egress-only internet gateway.
    pub egress_only: Option<Fact<RuleId>>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Of which network.
    pub network: NetworkId,
    /// Its blocks, of both families.
    pub blocks: Vec<AddressBlock>,
    /// In which zone, if that is told.
    pub zone: Option<ZoneId>,
    /// Its table; none: local routes only.
    pub table: Option<TableId>,
    /// Its ACL; none: everything passes.
    pub acl: Option<AclId>,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// Within the network.
    Local,
    /// The network's internet gateway.
    Internet,
    /// The network's egress-only internet gateway.
    EgressOnly,
    /// A translator.
    Nat(NatId),
    /// A peering.
    Peer(PeeringId),
    /// A transit gateway.
    Transit(TransitId),
    /// A private way to an external: a VPN, a peering with a network that is not told.
    Beyond(ExternalId),
    /// Nowhere: a blackhole.
    Nowhere,
    /// Something that is not modelled: an appliance, a firewall endpoint.
    Elsewhere,
}

/// A route table. Local routes of all the network's blocks are in every table; they are to be among the routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its routes. Of routes that might be there, `Most` takes every way that some of them being there could give, `Least`
    /// only what they cannot change.
    pub routes: Vec<Fact<Route<Via>>>,
    /// Routes to services by gateway endpoints.
    pub named: Vec<Fact<NamedRoute>>,
}

/// A route to the addresses of a service, by a gateway endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedRoute {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// The service.
    pub to: ExternalId,
}

/// A network ACL. An entry that might be there: an allowing one is taken like a rule, a denying one the other way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl {
    /// Into the subnet.
    pub inbound: Vec<Fact<AclEntry>>,
    /// Out of the subnet.
    pub outbound: Vec<Fact<AclEntry>>,
}

/// What a rule can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// A security group: those who carry it.
    Security {
        /// What may come in.
        ingress: Vec<Fact<GroupRule>>,
        /// What may go out.
        egress: Vec<Fact<GroupRule>>,
    },
    /// A prefix list that AWS keeps: an external, whatever its addresses are.
    External(ExternalId),
}

/// An address translator: a NAT gateway or a NAT instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nat {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// Where it stands.
    pub subnet: SubnetId,
    /// Its own address, of IPv4.
    pub address: Addresses,
    /// Whether it has a public one.
    pub public: bool,
    /// A NAT instance's interface, whose guard is asked on both sides.
    pub interface: Option<InterfaceId>,
    /// Whether it is there.
    pub when: When,
}

/// Two networks that see each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// Which two.
    pub ends: [NetworkId; 2],
    /// Whether rules may name groups of the other end (within one region).
    pub group_rules: bool,
    /// Whether it is there.
    pub when: When,
}

/// A transit gateway with one table of its own for all who are attached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transit {
    /// Who is attached; the rule is the attachment.
    pub attached: Vec<Fact<(RuleId, NetworkId)>>,
    /// Who is beyond it: VPNs and the like.
    pub beyond: Vec<Fact<(RuleId, ExternalId)>>,
    /// Blocks that it sends nowhere.
    pub nowhere: Vec<Fact<(RuleId, AddressBlock)>>,
    /// Whether rules may name groups of other networks.
    pub group_rules: bool,
}

/// What stands before an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Security groups; with none, nothing passes.
    Groups(Vec<Fact<GroupId>>),
    /// Nothing: interfaces that have no groups (a network load balancer without, a NAT gateway).
    Open,
}
