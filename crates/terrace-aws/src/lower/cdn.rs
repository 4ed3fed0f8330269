//! The distribution: what it takes from the bucket, what from the load balancer, and what it adds.
//!
//! GUARANTEE: nothing that a service answers is kept or replaced; only the page is.

mod headers;
mod logs;

use terrace_net::Port;
use terrace_topology::{Entrance, Shape};

use super::balancers::{Balancers, by_closeness, patterns};
use super::guards::entrance_port;
use super::names::{Lead, Names, records};
use super::page::{self, Holds};
use super::{Draft, logbucket};
use crate::catalog::limits;
use crate::catalog::managed::{cache_policy, origin_request_policy};
use crate::resource::{
    AccessControlType, Bucket, CacheBehavior, CdnDistribution, CloudFrontFunction, DefaultCacheBehavior,
    FunctionAssociation, FunctionEvent, FunctionRuntime, GeoRestriction, GeoRestrictionType, HttpMethod,
    HttpVersion, InternetGateway, Origin, OriginAccessControl, OriginProtocolPolicy, OriginSslProtocols,
    OriginTls, PriceClass, Restrictions, SigningBehavior, SigningProtocol, SslSupport, ViewerCertificate,
    ViewerProtocolPolicy, VpcOrigin, VpcOriginConfig, VpcOriginEndpoint,
};
use crate::{
    Arn, Block, Blocks, BucketRegionalDomainName, CdnDomainName, Concern, DnsName, Label, Ref, Text, ZoneId,
};

/// The origin that is the load balancer.
const SERVICES: &str = "services";

const ALL_METHODS: [HttpMethod; 7] = [
    HttpMethod::Delete,
    HttpMethod::Get,
    HttpMethod::Head,
    HttpMethod::Options,
    HttpMethod::Patch,
    HttpMethod::Post,
    HttpMethod::Put,
];
const READING: [HttpMethod; 2] = [HttpMethod::Get, HttpMethod::Head];

/// The entrance as the public knows it: the distribution if there is one, the records of the name, and the outputs.
pub(crate) fn entrance(draft: &mut Draft<'_>, balancers: &Balancers, names: Option<&Names>) {
    let (lead, own) = match draft.topology.entrance {
        Entrance::Cdn => {
            let distribution = distribution(draft, balancers, names);
            let lead = Lead {
                name: Text::from(distribution.attribute::<CdnDomainName>()),
                zone: distribution.path("hosted_zone_id").map(Text::from).unwrap_or_default(),
                ipv6: true,
                told: false,
            };
            draft.output(
                "distribution_id",
                "The distribution; releases of the page invalidate it.",
                &distribution,
            );
            (lead, "https://")
        }
        Entrance::LoadBalancer => {
            let lead = Lead {
                name: Text::from(balancers.entrance.attribute::<DnsName>()),
                zone: Text::from(balancers.entrance.attribute::<ZoneId>()),
                ipv6: false,
                told: true,
            };
            (lead, "http://")
        }
    };
    let url = match names {
        Some(names) => {
            records(draft, names, &lead);
            Text::from(format!("https://{}", names.domain()))
        }
        None => Text::from(own).then(lead.name),
    };
    draft.output("url", "Where the page is.", url);
}

fn distribution(draft: &mut Draft<'_>, balancers: &Balancers, names: Option<&Names>) -> Ref<CdnDistribution> {
    let topology = draft.topology;
    let holds = Holds::of(draft);
    let held = holds.map(|holds| {
        let bucket = page::bucket(draft, holds, &page::distribution());
        let label = if holds == Holds::Page { "page_bucket" } else { "assets_bucket" };
        draft.output(label, "The bucket that releases of the page go to.", &bucket);
        (holds, bucket_origin(draft, holds, &bucket))
    });
    let headers = headers::lower(draft);
    let services = services_origin(draft, balancers);
    let from_bucket = |holds: Holds, function: Option<Ref<CloudFrontFunction>>| DefaultCacheBehavior {
        target_origin_id: Text::from(holds.part()),
        viewer_protocol_policy: ViewerProtocolPolicy::RedirectToHttps,
        allowed_methods: READING.to_vec(),
        cached_methods: READING.to_vec(),
        compress: true,
        cache_policy_id: Text::from(cache_policy::CACHING_OPTIMIZED),
        origin_request_policy_id: None,
        response_headers_policy_id: Some(headers.clone()),
        function_association: Blocks(
            function
                .into_iter()
                .map(|function| FunctionAssociation {
                    event_type: FunctionEvent::ViewerRequest,
                    function_arn: function.attribute::<Arn>(),
                })
                .collect(),
        ),
    };
    let from_services = |cache: &str| DefaultCacheBehavior {
        target_origin_id: Text::from(SERVICES),
        viewer_protocol_policy: ViewerProtocolPolicy::RedirectToHttps,
        allowed_methods: ALL_METHODS.to_vec(),
        cached_methods: READING.to_vec(),
        compress: true,
        cache_policy_id: Text::from(cache),
        origin_request_policy_id: Some(Text::from(origin_request_policy::ALL_VIEWER)),
        response_headers_policy_id: Some(headers.clone()),
        function_association: Blocks::default(),
    };
    let (default, mut others) = match topology.shape {
        Shape::Containers => (from_bucket(Holds::Page, Some(function(draft))), Vec::new()),
        // The web tier says itself what may be kept.
        Shape::Machines => (from_services(cache_policy::ORIGIN_CACHE_CONTROL_QUERY), Vec::new()),
    };
    if matches!(held, Some((Holds::Assets, _))) {
        others.push(on("/assets/*", from_bucket(Holds::Assets, None)));
    }
    for (path, _) in by_closeness(draft) {
        others.extend(
            patterns(path).iter().map(|path| on(path, from_services(cache_policy::CACHING_DISABLED))),
        );
    }
    let (comment, tags) = (draft.naming.of("", limits::DISTRIBUTION_COMMENT), draft.name_tag(""));
    let mut place = draft
        .place(Concern::Edge, &["main"])
        .why("Policies of AWS go by their ids: 4135ea2d- keeps nothing (CachingDisabled), 658327ea- keeps by path")
        .why("(CachingOptimized), 4cc15a8a- as the origin says, 216adef6- hands on all that the viewer sent, Host too.")
        .why("Errors are passed on as they are: an error page here would replace the API's answers too.")
        .why("There is no web application firewall: it costs by request and rule, and is tuned to an application.");
    if names.is_none() {
        place = place
            .why("On CloudFront's own name viewers may still use TLS 1.0; with `domain` it is 1.2 and up.");
    }
    let distribution = place.put(CdnDistribution {
        comment: Text::from(comment),
        enabled: true,
        is_ipv6_enabled: true,
        http_version: HttpVersion::Http2And3,
        price_class: price_class(topology.region.as_str()),
        aliases: names.iter().map(|names| Text::from(names.domain().as_str())).collect(),
        default_root_object: (topology.shape == Shape::Containers).then(|| Text::from("index.html")),
        origin: Blocks(held.into_iter().map(|(_, origin)| origin).chain([services]).collect()),
        default_cache_behavior: Block(default),
        ordered_cache_behavior: Blocks(others),
        restrictions: Block(Restrictions {
            geo_restriction: Block(GeoRestriction { restriction_type: GeoRestrictionType::None }),
        }),
        viewer_certificate: Block(viewer_certificate(names)),
        tags,
    });
    if logbucket::of_cdn(draft) {
        logs::lower(draft, &distribution);
    }
    distribution
}

/// A default behaviour, for these paths only.
fn on(path: &str, behavior: DefaultCacheBehavior) -> CacheBehavior {
    CacheBehavior {
        path_pattern: Text::from(path),
        target_origin_id: behavior.target_origin_id,
        viewer_protocol_policy: behavior.viewer_protocol_policy,
        allowed_methods: behavior.allowed_methods,
        cached_methods: behavior.cached_methods,
        compress: behavior.compress,
        cache_policy_id: behavior.cache_policy_id,
        origin_request_policy_id: behavior.origin_request_policy_id,
        response_headers_policy_id: behavior.response_headers_policy_id,
        function_association: behavior.function_association,
    }
}

fn bucket_origin(draft: &mut Draft<'_>, holds: Holds, bucket: &Ref<Bucket>) -> Origin {
    let name = draft.naming.of(holds.part(), limits::ORIGIN_ACCESS_CONTROL);
    let control = draft.place(Concern::Edge, &[holds.part()]).put(OriginAccessControl {
        name: Text::from(name),
        description: Text::from("Signs what the distribution asks of the bucket"),
        origin_access_control_origin_type: AccessControlType::S3,
        signing_behavior: SigningBehavior::Always,
        signing_protocol: SigningProtocol::Sigv4,
    });
    Origin {
        origin_id: Text::from(holds.part()),
        domain_name: Text::from(bucket.attribute::<BucketRegionalDomainName>()),
        origin_access_control_id: Some(control),
        vpc_origin_config: None,
    }
}

/// The load balancer, by the endpoint that CloudFront puts into its subnets.
///
/// With a name of its own the load balancer shows a certificate for that name, which CloudFront compares with the
/// `Host` that it hands on.
fn services_origin(draft: &mut Draft<'_>, balancers: &Balancers) -> Origin {
    let secure = entrance_port(draft) == Port::HTTPS;
    let word = if secure { "https" } else { "http" };
    let (name, tags) = (draft.naming.of(word, limits::CLOUDFRONT_FUNCTION), draft.name_tag(""));
    // A VPC origin cannot be changed while a distribution uses it: another protocol is another origin.
    let place = draft.place(Concern::Edge, &["main", word]).before_destroy();
    let place = place.after(Ref::<InternetGateway>::new(Label::from_words(&["main"])).address());
    let place = if secure {
        place.why("TLS all the way: the load balancer's certificate is for the name that viewers ask for.")
    } else {
        place
    };
    let origin = place.put(VpcOrigin {
        vpc_origin_endpoint_config: Block(VpcOriginEndpoint {
            name: Text::from(name),
            arn: balancers.entrance.attribute::<Arn>(),
            http_port: Port::HTTP,
            https_port: Port::HTTPS,
            origin_protocol_policy: if secure {
                OriginProtocolPolicy::HttpsOnly
            } else {
                OriginProtocolPolicy::HttpOnly
            },
            origin_ssl_protocols: Block(OriginSslProtocols { items: vec![OriginTls::V12], quantity: 1 }),
        }),
        tags,
    });
    Origin {
        origin_id: Text::from(SERVICES),
        domain_name: Text::from(balancers.entrance.attribute::<DnsName>()),
        origin_access_control_id: None,
        vpc_origin_config: Some(Block(VpcOriginConfig { vpc_origin_id: origin })),
    }
}

fn function(draft: &mut Draft<'_>) -> Ref<CloudFrontFunction> {
    let single = draft.topology.web.single_page;
    let name = draft.naming.of("page", limits::CLOUDFRONT_FUNCTION);
    draft
        .place(Concern::Edge, &["page"])
        .why("Runs for the page's paths alone, so that a 404 of the API stays a 404.")
        .put(CloudFrontFunction {
            name: Text::from(name),
            runtime: FunctionRuntime::Js2,
            comment: Text::from(if single { "Places within the page" } else { "Folders of the page" }),
            publish: true,
            code: Text::from(page::function(single)),
        })
}

fn viewer_certificate(names: Option<&Names>) -> ViewerCertificate {
    match names.and_then(|names| names.cdn.as_ref()) {
        Some(certificate) => ViewerCertificate {
            acm_certificate_arn: Some(Text::from(certificate)),
            cloudfront_default_certificate: None,
            minimum_protocol_version: Some(Text::from("TLSv1.2_2021")),
            ssl_support_method: Some(SslSupport::SniOnly),
        },
        None => ViewerCertificate {
            acm_certificate_arn: None,
            cloudfront_default_certificate: Some(true),
            minimum_protocol_version: None,
            ssl_support_method: None,
        },
    }
}

/// The cheapest class that has places near the system's region ("CloudFront pricing": class 100 is North America,
/// Europe and Israel; 200 adds Asia, the Middle East and Africa).
fn price_class(region: &str) -> PriceClass {
    let near = |parts: &[&str]| parts.iter().any(|part| region.starts_with(part));
    if near(&["us-", "ca-", "mx-", "eu-", "il-"]) {
        PriceClass::America
    } else if near(&["ap-southeast-2", "ap-southeast-4", "ap-southeast-6", "sa-"]) {
        PriceClass::All
    } else {
        PriceClass::AmericaAsia
    }
}
