//! The bucket of access logs: load balancers and the distribution write a line there for each request.

use terrace_topology::Entrance;

use super::storage::{Made, Wish};
use super::{Draft, arns, endpoints, storage};
use crate::catalog::managed;
use crate::resource::BucketPolicy;
use crate::{Arn, Concern, Label, PrincipalKind, Ref, Statement, Text};

/// The bucket's label.
const PART: &str = "logs";

/// Whether the distribution writes there too.
pub(crate) fn of_cdn(draft: &Draft<'_>) -> bool {
    draft.topology.production && draft.topology.entrance == Entrance::Cdn
}

/// The bucket; made when it is first asked for.
pub(crate) fn made(draft: &mut Draft<'_>) -> Made {
    let bucket = storage::bucket(PART);
    if draft.has(&bucket) {
        return Made { bucket, policy: Ref::<BucketPolicy>::new(Label::from_words(&[PART])) };
    }
    let account = endpoints::account;
    // The path holds the account: Elastic Load Balancing writes there for load balancers of that account only
    // ("Enable access logs for your Application Load Balancer").
    let below = |prefix: &str| {
        Text::from(bucket.attribute::<Arn>()).then(format!("/{prefix}AWSLogs/")).then(account()).then("/*")
    };
    let mut statements = vec![
        Statement::allow("LoadBalancers", ["s3:PutObject"])
            .to(PrincipalKind::Service, "logdelivery.elasticloadbalancing.amazonaws.com")
            .on([below("*/")]),
    ];
    if of_cdn(draft) {
        let partition = arns::partition(draft).as_str();
        let region = managed::CLOUDFRONT_CERTIFICATE_REGION;
        let source =
            Text::from(format!("arn:{partition}:logs:{region}:")).then(account()).then(":delivery-source:*");
        statements.push(
            Statement::allow("Distribution", ["s3:PutObject"])
                .to(PrincipalKind::Service, "delivery.logs.amazonaws.com")
                .on([below("")])
                .when("StringEquals", "s3:x-amz-acl", [Text::from("bucket-owner-full-control")])
                .when("StringEquals", "aws:SourceAccount", [account()])
                .when("ArnLike", "aws:SourceArn", [source]),
        );
    }
    let days = u32::from(draft.topology.log_days.get());
    storage::private(
        draft,
        Wish {
            part: PART,
            concern: Concern::Observability,
            why: vec![
                "A line for each request, kept as long as all logs.",
                "With S3's own key: load balancers deliver to no bucket that has another.",
            ],
            key: None,
            expires: Some(days),
            former: 1,
            statements,
        },
    )
}
