//! CloudFront: distributions, where they fetch from, what they add, and their logs.

use terrace_net::Port;

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, Name, Ref, Text};

use super::{LoadBalancer, Tags};

words! {
    /// What an origin access control is for.
    AccessControlType {
        S3 = "s3",
    }
    /// Which requests to an origin are signed.
    SigningBehavior {
        Always = "always",
        Never = "never",
        NoOverride = "no-override",
    }
    /// How requests to an origin are signed.
    SigningProtocol {
        Sigv4 = "sigv4",
    }
    /// What an origin is spoken to in.
    OriginProtocolPolicy {
        HttpOnly = "http-only",
        HttpsOnly = "https-only",
        MatchViewer = "match-viewer",
    }
    /// Versions of TLS towards an origin.
    OriginTls {
        V1 = "TLSv1",
        V11 = "TLSv1.1",
        V12 = "TLSv1.2",
        Ssl3 = "SSLv3",
    }
    /// What a viewer may speak.
    ViewerProtocolPolicy {
        RedirectToHttps = "redirect-to-https",
        HttpsOnly = "https-only",
        AllowAll = "allow-all",
    }
    /// A method of HTTP.
    HttpMethod {
        Get = "GET",
        Head = "HEAD",
        Options = "OPTIONS",
        Put = "PUT",
        Post = "POST",
        Patch = "PATCH",
        Delete = "DELETE",
    }
    /// The newest version of HTTP towards viewers.
    HttpVersion {
        Http11 = "http1.1",
        Http2 = "http2",
        Http2And3 = "http2and3",
        Http3 = "http3",
    }
    /// From which of its places CloudFront answers.
    PriceClass {
        America = "PriceClass_100",
        AmericaAsia = "PriceClass_200",
        All = "PriceClass_All",
    }
    /// When a function runs.
    FunctionEvent {
        ViewerRequest = "viewer-request",
        ViewerResponse = "viewer-response",
    }
    /// What runs a function.
    FunctionRuntime {
        Js1 = "cloudfront-js-1.0",
        Js2 = "cloudfront-js-2.0",
    }
    /// How a certificate is told from others at one address.
    SslSupport {
        SniOnly = "sni-only",
        Vip = "vip",
    }
    /// Whether countries are kept out.
    GeoRestrictionType {
        None = "none",
        Whitelist = "whitelist",
        Blacklist = "blacklist",
    }
    /// Whether a page may be framed.
    FrameOption {
        Deny = "DENY",
        SameOrigin = "SAMEORIGIN",
    }
}

block! {
    /// The private endpoint of an origin in a network.
    VpcOriginConfig {
        vpc_origin_id: Ref<VpcOrigin>,
    }

    /// Where a distribution fetches from.
    Origin {
        origin_id: Text,
        domain_name: Text,
        origin_access_control_id: Option<Ref<OriginAccessControl>>,
        vpc_origin_config: Option<Block<VpcOriginConfig>>,
    }

    /// A function at an event.
    FunctionAssociation {
        event_type: FunctionEvent,
        function_arn: Ref<CloudFrontFunction, Arn>,
    }

    /// What is done with requests that no other behaviour takes.
    DefaultCacheBehavior {
        target_origin_id: Text,
        viewer_protocol_policy: ViewerProtocolPolicy,
        allowed_methods: Vec<HttpMethod>,
        cached_methods: Vec<HttpMethod>,
        compress: bool,
        cache_policy_id: Text,
        origin_request_policy_id: Option<Text>,
        response_headers_policy_id: Option<Ref<ResponseHeadersPolicy>>,
        function_association: Blocks<FunctionAssociation>,
    }

    /// What is done with requests for some paths.
    CacheBehavior {
        path_pattern: Text,
        target_origin_id: Text,
        viewer_protocol_policy: ViewerProtocolPolicy,
        allowed_methods: Vec<HttpMethod>,
        cached_methods: Vec<HttpMethod>,
        compress: bool,
        cache_policy_id: Text,
        origin_request_policy_id: Option<Text>,
        response_headers_policy_id: Option<Ref<ResponseHeadersPolicy>>,
        function_association: Blocks<FunctionAssociation>,
    }

    /// Whether countries are kept out.
    GeoRestriction {
        restriction_type: GeoRestrictionType,
    }

    /// Who is kept out.
    Restrictions {
        geo_restriction: Block<GeoRestriction>,
    }

    /// What a distribution shows for itself.
    ViewerCertificate {
        acm_certificate_arn: Option<Text>,
        cloudfront_default_certificate: Option<bool>,
        minimum_protocol_version: Option<Text>,
        ssl_support_method: Option<SslSupport>,
    }

    /// Versions of TLS towards an origin in a network.
    OriginSslProtocols {
        items: Vec<OriginTls>,
        quantity: u32,
    }

    /// The private load balancer behind a VPC origin.
    VpcOriginEndpoint {
        name: Text,
        arn: Ref<LoadBalancer, Arn>,
        http_port: Port,
        https_port: Port,
        origin_protocol_policy: OriginProtocolPolicy,
        origin_ssl_protocols: Block<OriginSslProtocols>,
    }

    /// `Strict-Transport-Security`
    StrictTransportSecurity {
        access_control_max_age_sec: u32,
        include_subdomains: Option<bool>,
        r#override: bool,
    }

    /// `X-Content-Type-Options`
    ContentTypeOptions {
        r#override: bool,
    }

    /// `X-Frame-Options`
    FrameOptions {
        frame_option: FrameOption,
        r#override: bool,
    }

    /// `Referrer-Policy`
    ReferrerPolicy {
        referrer_policy: Text,
        r#override: bool,
    }

    /// `Content-Security-Policy`
    ContentSecurityPolicy {
        content_security_policy: Text,
        r#override: bool,
    }

    /// Headers that tell browsers to be careful.
    SecurityHeaders {
        strict_transport_security: Option<Block<StrictTransportSecurity>>,
        content_type_options: Option<Block<ContentTypeOptions>>,
        frame_options: Option<Block<FrameOptions>>,
        referrer_policy: Option<Block<ReferrerPolicy>>,
        content_security_policy: Option<Block<ContentSecurityPolicy>>,
    }

    /// Where delivered logs go.
    LogDestinationTarget {
        destination_resource_arn: Text,
    }
}

resource! {
    /// A distribution.
    CdnDistribution(Managed "aws_cloudfront_distribution") {
        comment: Text,
        enabled: bool,
        is_ipv6_enabled: bool,
        http_version: HttpVersion,
        price_class: PriceClass,
        aliases: Vec<Text>,
        default_root_object: Option<Text>,
        origin: Blocks<Origin>,
        default_cache_behavior: Block<DefaultCacheBehavior>,
        ordered_cache_behavior: Blocks<CacheBehavior>,
        restrictions: Block<Restrictions>,
        viewer_certificate: Block<ViewerCertificate>,
        tags: Tags,
    }

    /// How a distribution shows a bucket that it is itself.
    OriginAccessControl(Managed "aws_cloudfront_origin_access_control") {
        name: Text,
        description: Text,
        origin_access_control_origin_type: AccessControlType,
        signing_behavior: SigningBehavior,
        signing_protocol: SigningProtocol,
    }

    /// A way from CloudFront to a load balancer that has no public address.
    VpcOrigin(Managed "aws_cloudfront_vpc_origin") {
        vpc_origin_endpoint_config: Block<VpcOriginEndpoint>,
        tags: Tags,
    }

    /// A function that CloudFront runs on requests.
    CloudFrontFunction(Managed "aws_cloudfront_function") {
        name: Text,
        runtime: FunctionRuntime,
        comment: Text,
        publish: bool,
        code: Text,
    }

    /// Headers that CloudFront adds to answers.
    ResponseHeadersPolicy(Managed "aws_cloudfront_response_headers_policy") {
        name: Text,
        comment: Text,
        security_headers_config: Option<Block<SecurityHeaders>>,
    }

    /// What delivers logs.
    LogDeliverySource(Managed "aws_cloudwatch_log_delivery_source") {
        name: Text,
        log_type: Text,
        resource_arn: Ref<CdnDistribution, Arn>,
        tags: Tags,
    }

    /// Where logs are delivered.
    LogDeliveryDestination(Managed "aws_cloudwatch_log_delivery_destination") {
        name: Text,
        output_format: Text,
        delivery_destination_configuration: Block<LogDestinationTarget>,
        tags: Tags,
    }

    /// From the one to the other.
    LogDelivery(Managed "aws_cloudwatch_log_delivery") {
        delivery_source_name: Ref<LogDeliverySource, Name>,
        delivery_destination_arn: Ref<LogDeliveryDestination, Arn>,
        tags: Tags,
    }
}
