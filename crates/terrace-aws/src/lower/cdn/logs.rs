//! A line for each request to the distribution, in the bucket of logs.

use terrace_topology::Region;

use super::super::{Draft, logbucket};
use crate::catalog::managed;
use crate::resource::{
    CdnDistribution, LogDelivery, LogDeliveryDestination, LogDeliverySource, LogDestinationTarget,
};
use crate::{Arn, Block, Concern, Name, Ref, Text};

/// Names of sources and destinations of logs (CloudWatch Logs API, `PutDeliverySource`).
const DELIVERY: usize = 60;

/// A line for each request, delivered to the bucket of logs: by CloudWatch's delivery, which needs no bucket with
/// access lists ("Configure standard logging (v2)").
pub(super) fn lower(draft: &mut Draft<'_>, distribution: &Ref<CdnDistribution>) {
    let Ok(region) = managed::CLOUDFRONT_CERTIFICATE_REGION.parse::<Region>() else {
        return;
    };
    let logs = logbucket::made(draft);
    let name = draft.naming.of("requests", DELIVERY);
    let tags = draft.name_tag("requests");
    let source = draft
        .place(Concern::Edge, &["main"])
        .in_region(region.clone())
        .why("CloudFront delivers its logs from this region, wherever the bucket is.")
        .put(LogDeliverySource {
            name: Text::from(name.clone()),
            log_type: Text::from("ACCESS_LOGS"),
            resource_arn: distribution.attribute::<Arn>(),
            tags: tags.clone(),
        });
    let destination =
        draft.place(Concern::Edge, &["main"]).in_region(region.clone()).after(logs.policy.address()).put(
            LogDeliveryDestination {
                name: Text::from(name),
                output_format: Text::from("json"),
                delivery_destination_configuration: Block(LogDestinationTarget {
                    destination_resource_arn: Text::from(logs.bucket.attribute::<Arn>()),
                }),
                tags: tags.clone(),
            },
        );
    draft.place(Concern::Edge, &["main"]).in_region(region).put(LogDelivery {
        delivery_source_name: source.attribute::<Name>(),
        delivery_destination_arn: destination.attribute::<Arn>(),
        tags,
    });
}
