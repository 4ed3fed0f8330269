//! What a lifted world's numbers stand for, in the words of whoever wrote the design.

use terrace_aws::inventory::{ItemId, Place, UnknownName};
use terrace_proof::space::{GroupId, RuleId};
use terrace_proof::world::{ExternalId, SiteId, SubnetId, UnknownId, World};

/// A world, and what everything in it is called.
#[derive(Clone, Debug, Default)]
pub struct Lifted {
    /// The network as the proof decides on it.
    pub world: World,
    /// By [`SiteId`].
    pub sites: Vec<SiteName>,
    /// By [`ExternalId`].
    pub externals: Vec<String>,
    /// By [`ExternalId`]: what they are.
    pub external_kinds: Vec<ExternalKind>,
    /// By [`RuleId`].
    pub rules: Vec<Provenance>,
    /// By [`UnknownId`].
    pub unknowns: Vec<UnknownName>,
    /// By `NetworkId`. What is not in the inventory has the name that was used for it.
    pub networks: Vec<ItemId>,
    /// By [`SubnetId`].
    pub subnets: Vec<ItemId>,
    /// By `TableId`.
    pub tables: Vec<ItemId>,
    /// By `AclId`.
    pub acls: Vec<ItemId>,
    /// By [`GroupId`].
    pub groups: Vec<ItemId>,
    /// By `NatId`.
    pub nats: Vec<ItemId>,
    /// By `PeeringId`.
    pub peerings: Vec<ItemId>,
    /// By `TransitId`.
    pub transits: Vec<ItemId>,
    /// By `TargetGroupId`.
    pub target_groups: Vec<ItemId>,
    /// By `ZoneId`.
    pub zones: Vec<String>,
    /// Everything that distributions fetch from, also what is not in the world.
    pub origins: Vec<OriginName>,
    /// What could matter on a path and is not modelled.
    pub unmodelled: Vec<Unmodelled>,
    /// What was taken for granted, each a sentence without its full stop.
    pub assumptions: Vec<String>,
}

/// Where a rule, a route, a listener comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The item that says it.
    pub item: ItemId,
    /// The argument's path, such as `ingress[0]`; empty: the item as a whole.
    pub path: String,
    /// What it says: `ingress tcp 5432 from aws_security_group.app`.
    pub says: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// What someone outside is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExternalKind {
    /// Anyone on the internet.
    Internet,
    /// A service of AWS, which answers and does not ask.
    Service,
    /// A content delivery network, as which any distribution of any account comes to origins.
    Cdn,
    /// Networks behind this: a VPN gateway, a peering, a transit gateway.
    Beyond(ItemId),
}

/// What a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteKind {
    /// A load balancer.
    LoadBalancer {
        /// Without public addresses; none: that is not told.
        internal: Option<bool>,
        /// Of the fourth layer.
        network: bool,
    },
    /// An Auto Scaling group's machines, or others that are made by number.
    Machines,
    /// One machine.
    Instance,
    /// A service of containers.
    Service,
    /// Containers that are started one by one.
    Task,
    /// A function.
    Function,
    /// A database, or a file system, a search index, a queue: whatever keeps data.
    Database,
    /// A cache.
    Cache,
    /// An interface endpoint.
    Endpoint,
    /// A proxy before a database.
    DatabaseProxy,
    /// A network interface that nothing known carries.
    Interface,
    /// A content delivery network's distribution.
    Distribution,
    /// Something else that has interfaces.
    Other,
}

/// What a site is called, and what helps to tell its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteName {
    /// The item.
    pub item: ItemId,
    /// Others that are the same site: a cluster's instances, a group's launch template.
    pub also: Vec<ItemId>,
    /// What it is.
    pub kind: SiteKind,
    /// The tag `Name`, where its text is told.
    pub name_tag: Option<String>,
    /// The groups that it carries, each once.
    pub groups: Vec<GroupId>,
    /// The subnets that it may be in, each once.
    pub subnets: Vec<SubnetId>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Where a distribution fetches from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginName {
    /// The distribution.
    pub distribution: SiteId,
    /// The origin's argument path: `origin[0]`.
    pub path: String,
    /// What it is.
    pub to: OriginTo,
}

/// What an origin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginTo {
    /// Someone in the world.
    Site(SiteId),
    /// A bucket, or another item that is not in the world.
    Item(ItemId),
    /// A name that nothing in the inventory has.
    Elsewhere(String),
}

/// Something that could matter on a path and is not modelled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmodelled {
    /// What.
    pub item: ItemId,
    /// What of it, as the end of a sentence: "routes of a transit gateway with several tables".
    pub what: String,
    /// Whether it may lead somebody to somebody, so that nothing is proved of the whole while it is there.
    pub opens: bool,
    /// Where it is written.
    pub place: Option<Place>,
}

fn at<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(usize::try_from(number).ok()?)
}

impl Lifted {
    /// What a site is called.
    pub fn site(&self, id: SiteId) -> Option<&SiteName> {
        at(&self.sites, id.0)
    }

    /// The site that an item is, or is a part of.
    pub fn site_of(&self, item: &ItemId) -> Option<SiteId> {
        let is = |name: &SiteName| name.item == *item || name.also.contains(item);
        self.sites.iter().position(is).and_then(|at| Some(SiteId(u32::try_from(at).ok()?)))
    }

    /// Where a rule comes from.
    pub fn rule(&self, id: RuleId) -> Option<&Provenance> {
        at(&self.rules, id.0)
    }

    /// What an unknown is called.
    pub fn unknown(&self, id: UnknownId) -> Option<&UnknownName> {
        at(&self.unknowns, id.0)
    }

    /// What someone outside is called.
    pub fn external(&self, id: ExternalId) -> Option<&str> {
        at(&self.externals, id.0).map(String::as_str)
    }

    /// Which group it is.
    pub fn group(&self, id: GroupId) -> Option<&ItemId> {
        at(&self.groups, id.0)
    }

    /// Which subnet it is.
    pub fn subnet(&self, id: SubnetId) -> Option<&ItemId> {
        at(&self.subnets, id.0)
    }
}
