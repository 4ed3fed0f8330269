//! Who takes connections and opens others: balancers and distributions.

use crate::space::{PortSpan, RuleId, Transport};

use super::network::ids;
use super::{ExternalId, Fact, SiteId, When, ZoneId};

ids! {
    /// A balancer, by its place in the world's list.
    BalancerId
    /// A target group.
    TargetGroupId
    /// A distribution.
    DistributionId
}

/// A load balancer, or any proxy that opens its own connections (a database proxy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancer {
    /// Its site, which has the interfaces.
    pub site: SiteId,
    /// Its listeners.
    pub listeners: Vec<Fact<Listener>>,
    /// In which zones it is enabled; none: that is not told, and all are.
    pub zones: Option<Vec<ZoneId>>,
}

/// A port that a balancer listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// Of which protocol.
    pub transport: Transport,
    /// Which port.
    pub ports: PortSpan,
    /// Where its default action and its rules send requests; redirects and fixed answers are none.
    pub forwards: Vec<Fact<Forward>>,
}

/// One way on from a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// To whom.
    pub to: TargetGroupId,
    /// Whether only requests with a header that is a secret are sent: then who does not know it gets nothing.
    pub secret_header: bool,
}

/// Targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// Who, and on which port.
    pub targets: Vec<Fact<Target>>,
    /// Whether the target sees the client's address.
    pub keeps_client: bool,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// Who.
    pub site: SiteId,
    /// Of which protocol.
    pub transport: Transport,
    /// On which ports.
    pub ports: PortSpan,
}

/// A content delivery network's distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its site, which has no interfaces.
    pub site: SiteId,
    /// As whom it comes to origins on the internet.
    pub cdn: ExternalId,
    /// Its origins that are in the world.
    pub origins: Vec<Fact<Origin>>,
    /// Whether it is there.
    pub when: When,
}

/// An origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What rests on it names this rule.
    pub id: RuleId,
    /// Who.
    pub site: SiteId,
    /// On which port, of TCP.
    pub ports: PortSpan,
    /// By a VPC origin, and not over the internet.
    pub private: bool,
    /// Whether it sends the secret header that the origin asks for.
    pub secret_header: bool,
}
