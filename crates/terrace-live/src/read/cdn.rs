//! CloudFront distributions, origin access controls and VPC origins. Amazon CloudFront API Reference, 2020-05-31.

use super::Items;
use super::fields::Fields;
use crate::asking::Account;
use terrace_account::service::CLOUDFRONT;
use terrace_account::{Call, Xml, encoded};

const BASE: &str = "/2020-05-31";

async fn all(account: &Account, action: &str, path: &str) -> Vec<Xml> {
    let (mut items, mut next) = (Vec::new(), None::<String>);
    for _ in 0..1000 {
        let query = next.as_deref().map(|next| format!("Marker={}", encoded(next))).unwrap_or_default();
        let path = format!("{BASE}/{path}");
        let Some(page) = account.ask(&Call::path(CLOUDFRONT, action, &path, &query)).await else { break };
        items.extend(page.list("Items").cloned());
        let more = page.word("NextMarker").map(str::to_owned);
        if more.is_none() || more == next {
            break;
        }
        next = more;
    }
    items
}

pub(super) async fn read(account: &Account) -> Items {
    let (distributions, controls, origins) = tokio::join!(
        all(account, "ListDistributions", "distribution"),
        all(account, "ListOriginAccessControls", "origin-access-control"),
        all(account, "ListVpcOrigins", "vpc-origin"),
    );
    let mut items: Items = distributions.iter().map(distribution).collect();
    items.extend(controls.iter().map(|one| {
        Fields::new()
            .words(
                one,
                &[
                    ("id", "Id"),
                    ("name", "Name"),
                    ("signing_behavior", "SigningBehavior"),
                    ("signing_protocol", "SigningProtocol"),
                    ("origin_access_control_origin_type", "OriginAccessControlOriginType"),
                ],
            )
            .item("aws_cloudfront_origin_access_control", one.word("Id").unwrap_or_default())
    }));
    items.extend(origins.iter().map(|one| {
        let endpoint = Fields::new().words(one, &[("name", "Name"), ("arn", "OriginEndpointArn")]);
        Fields::new()
            .words(one, &[("id", "Id"), ("arn", "Arn")])
            .block("vpc_origin_endpoint_config", endpoint)
            .item("aws_cloudfront_vpc_origin", one.word("Id").unwrap_or_default())
    }));
    items
}

fn distribution(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let origins = one.at(&["Origins"]).into_iter().flat_map(|all| all.list("Items")).map(origin);
    let ordered = one.at(&["CacheBehaviors"]).into_iter().flat_map(|all| all.list("Items")).map(behaviour);
    let aliases = one.get("Aliases").map(|all| all.words("Items")).unwrap_or_default();
    let certificate = one.get("ViewerCertificate").map(|own| {
        Fields::new()
            .truths(own, &[("cloudfront_default_certificate", "CloudFrontDefaultCertificate")])
            .words(
                own,
                &[
                    ("acm_certificate_arn", "ACMCertificateArn"),
                    ("minimum_protocol_version", "MinimumProtocolVersion"),
                    ("ssl_support_method", "SSLSupportMethod"),
                ],
            )
    });
    Fields::new()
        .words(
            one,
            &[
                ("id", "Id"),
                ("arn", "ARN"),
                ("domain_name", "DomainName"),
                ("comment", "Comment"),
                ("web_acl_id", "WebACLId"),
            ],
        )
        .truths(one, &[("enabled", "Enabled"), ("is_ipv6_enabled", "IsIPV6Enabled")])
        .texts("aliases", aliases)
        .blocks("origin", origins.collect())
        .blocks(
            "default_cache_behavior",
            one.get("DefaultCacheBehavior").map(behaviour).into_iter().collect(),
        )
        .blocks("ordered_cache_behavior", ordered.collect())
        .blocks("viewer_certificate", certificate.into_iter().collect())
        .item("aws_cloudfront_distribution", one.word("Id").unwrap_or_default())
}

fn origin(one: &Xml) -> Fields {
    let headers = one
        .get("CustomHeaders")
        .into_iter()
        .flat_map(|all| all.list("Items"))
        .map(|header| Fields::new().words(header, &[("name", "HeaderName"), ("value", "HeaderValue")]));
    let custom = one.get("CustomOriginConfig").map(|own| {
        let protocols = own.get("OriginSslProtocols").map(|all| all.words("Items")).unwrap_or_default();
        Fields::new()
            .numbers(own, &[("http_port", "HTTPPort"), ("https_port", "HTTPSPort")])
            .words(own, &[("origin_protocol_policy", "OriginProtocolPolicy")])
            .texts("origin_ssl_protocols", protocols)
    });
    let private =
        one.get("VpcOriginConfig").map(|own| Fields::new().words(own, &[("vpc_origin_id", "VpcOriginId")]));
    let old = one.get("S3OriginConfig").filter(|own| own.word("OriginAccessIdentity").is_some());
    let old = old.map(|own| Fields::new().words(own, &[("origin_access_identity", "OriginAccessIdentity")]));
    Fields::new()
        .words(
            one,
            &[
                ("origin_id", "Id"),
                ("domain_name", "DomainName"),
                ("origin_path", "OriginPath"),
                ("origin_access_control_id", "OriginAccessControlId"),
            ],
        )
        .blocks("custom_header", headers.collect())
        .blocks("custom_origin_config", custom.into_iter().collect())
        .blocks("vpc_origin_config", private.into_iter().collect())
        .blocks("s3_origin_config", old.into_iter().collect())
}

fn behaviour(one: &Xml) -> Fields {
    let methods = one.get("AllowedMethods").map(|all| all.words("Items")).unwrap_or_default();
    Fields::new()
        .words(
            one,
            &[
                ("path_pattern", "PathPattern"),
                ("target_origin_id", "TargetOriginId"),
                ("viewer_protocol_policy", "ViewerProtocolPolicy"),
                ("cache_policy_id", "CachePolicyId"),
                ("origin_request_policy_id", "OriginRequestPolicyId"),
                ("response_headers_policy_id", "ResponseHeadersPolicyId"),
            ],
        )
        .texts("allowed_methods", methods)
}
