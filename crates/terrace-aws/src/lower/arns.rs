//! ARNs of what is named rather than referred to: in this account, region and partition.

use terrace_topology::Region;

use super::{Draft, endpoints};
use crate::Text;
use crate::catalog::{self, Partition};

/// The partition of the system's region.
pub(crate) fn partition(draft: &Draft<'_>) -> Partition {
    catalog::region(&draft.topology.region).map_or(Partition::Aws, |facts| facts.partition)
}

/// `arn:aws:ssm:eu-west-1:ACCOUNT:RESOURCE`
pub(crate) fn regional(draft: &Draft<'_>, service: &str, resource: &str) -> Text {
    of(draft, &draft.topology.region, service, resource)
}

/// The same in another region.
pub(crate) fn of(draft: &Draft<'_>, region: &Region, service: &str, resource: &str) -> Text {
    let partition = partition(draft).as_str();
    Text::from(format!("arn:{partition}:{service}:{region}:"))
        .then(endpoints::account())
        .then(format!(":{resource}"))
}

/// `arn:aws:iam::ACCOUNT:RESOURCE`
pub(crate) fn global(draft: &Draft<'_>, service: &str, resource: &str) -> Text {
    Text::from(format!("arn:{}:{service}::", partition(draft).as_str()))
        .then(endpoints::account())
        .then(format!(":{resource}"))
}

/// A policy that AWS keeps, by its path: `service-role/AmazonRDSEnhancedMonitoringRole`.
pub(crate) fn managed_policy(draft: &Draft<'_>, path: &str) -> Text {
    Text::from(format!("arn:{}:iam::aws:policy/{path}", partition(draft).as_str()))
}
