//! CloudFront, certificates, names, the firewall.

use terrace_aws::Value;

use crate::build::Build;
use crate::datum::{Datum, Names};
use crate::model::{Field, How, Model, TAGS, model};

const BEHAVIOR: How = How::Blocks(&[
    Field("FunctionAssociations", "function_association", How::Blocks(&[])),
    Field(
        "LambdaFunctionAssociations",
        "lambda_function_association",
        How::Blocks(&[Field("LambdaFunctionARN", "lambda_arn", How::Same)]),
    ),
    Field("ForwardedValues", "forwarded_values", How::Blocks(&[])),
]);

const DISTRIBUTION: &[Field] = &[
    Field("Aliases", "aliases", How::List),
    Field("IPV6Enabled", "is_ipv6_enabled", How::Same),
    Field("DefaultCacheBehavior", "default_cache_behavior", BEHAVIOR),
    Field("CacheBehaviors", "ordered_cache_behavior", BEHAVIOR),
    Field("CustomErrorResponses", "custom_error_response", How::Blocks(&[])),
    Field("Logging", "logging_config", How::Blocks(&[])),
    Field(
        "Origins",
        "origin",
        How::Blocks(&[
            Field("Id", "origin_id", How::Same),
            Field(
                "OriginCustomHeaders",
                "custom_header",
                How::Blocks(&[
                    Field("HeaderName", "name", How::Same),
                    Field("HeaderValue", "value", How::Same),
                ]),
            ),
            Field("CustomOriginConfig", "custom_origin_config", How::Blocks(&[])),
            Field("S3OriginConfig", "s3_origin_config", How::Blocks(&[])),
            Field("VpcOriginConfig", "vpc_origin_config", How::Blocks(&[])),
        ]),
    ),
];

const RECORD: &[Field] = &[
    Field("HostedZoneId", "zone_id", How::Same),
    Field("ResourceRecords", "records", How::List),
    Field(
        "AliasTarget",
        "alias",
        How::Blocks(&[Field("DNSName", "name", How::Same), Field("HostedZoneId", "zone_id", How::Same)]),
    ),
];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::CloudFront::Distribution",
        "aws_cloudfront_distribution",
        "id",
        &[TAGS, Field("DistributionConfig", "", How::Lift(DISTRIBUTION))],
    ),
    model(
        "AWS::CloudFront::OriginAccessControl",
        "aws_cloudfront_origin_access_control",
        "id",
        &[Field("OriginAccessControlConfig", "", How::Lift(&[]))],
    ),
    model(
        "AWS::CloudFront::CloudFrontOriginAccessIdentity",
        "aws_cloudfront_origin_access_identity",
        "id",
        &[Field("CloudFrontOriginAccessIdentityConfig", "", How::Lift(&[]))],
    )
    .attributes(&[("S3CanonicalUserId", "s3_canonical_user_id")]),
    model("AWS::CloudFront::VpcOrigin", "aws_cloudfront_vpc_origin", "id", &[TAGS]),
    model(
        "AWS::CloudFront::Function",
        "aws_cloudfront_function",
        "arn",
        &[
            Field("FunctionCode", "code", How::Same),
            Field("FunctionConfig", "", How::Lift(&[])),
            Field("AutoPublish", "publish", How::Same),
        ],
    )
    .attributes(&[("FunctionARN", "arn"), ("FunctionMetadata.FunctionARN", "arn")]),
    model(
        "AWS::CloudFront::ResponseHeadersPolicy",
        "aws_cloudfront_response_headers_policy",
        "id",
        &[Field("ResponseHeadersPolicyConfig", "", How::Lift(&[]))],
    ),
    model(
        "AWS::CloudFront::CachePolicy",
        "aws_cloudfront_cache_policy",
        "id",
        &[Field("CachePolicyConfig", "", How::Lift(&[]))],
    ),
    model(
        "AWS::CloudFront::OriginRequestPolicy",
        "aws_cloudfront_origin_request_policy",
        "id",
        &[Field("OriginRequestPolicyConfig", "", How::Lift(&[]))],
    ),
    model(
        "AWS::CertificateManager::Certificate",
        "aws_acm_certificate",
        "arn",
        &[TAGS, Field("SubjectAlternativeNames", "subject_alternative_names", How::List)],
    )
    .attributes(&[("CertificateArn", "arn")]),
    model("AWS::Route53::RecordSet", "aws_route53_record", "fqdn", RECORD),
    model("AWS::Route53::RecordSetGroup", "aws_route53_record", "id", &[]).shape(record_group),
    model(
        "AWS::Route53::HostedZone",
        "aws_route53_zone",
        "zone_id",
        &[
            Field("HostedZoneTags", "tags", How::Tags),
            Field("VPCs", "vpc", How::Blocks(&[Field("VPCId", "vpc_id", How::Same)])),
        ],
    )
    .attributes(&[("Id", "zone_id"), ("NameServers", "name_servers[]")]),
    model("AWS::Route53::HealthCheck", "aws_route53_health_check", "id", &[]),
    model("AWS::WAFv2::WebACL", "aws_wafv2_web_acl", "id", &[TAGS, Field("Rules", "rule", How::Blocks(&[]))]),
    model("AWS::WAFv2::WebACLAssociation", "aws_wafv2_web_acl_association", "id", &[]),
    model("AWS::WAFv2::IPSet", "aws_wafv2_ip_set", "id", &[TAGS, Field("Addresses", "addresses", How::List)]),
];

/// A group of records is records.
fn record_group(build: &mut Build<'_, '_>) {
    let zone = build.take("HostedZoneId").map(|zone| Value::Text(zone.to_text()));
    let records = build.take("RecordSets").map(Datum::elements).unwrap_or_default();
    for (index, record) in records.into_iter().enumerate() {
        let zone = zone.clone().map(|zone| ("zone_id", zone)).into_iter().collect();
        build.beside("aws_route53_record", &format!("records[{index}]"), record, RECORD, zone, &Names::new());
    }
}
