//! What AWS keeps for everyone under fixed names: CloudFront's managed policies, the newest images, prefix lists.
//!
//! The identifiers are the same in every account. Checked against "Use managed cache policies", "Use managed origin
//! request policies" and "Use managed response headers policies" of the CloudFront Developer Guide (awsdocs on
//! GitHub) and against public configurations that use them, 2026-11-21.

use terrace_topology::Architecture;

/// Cache policies of CloudFront.
pub mod cache_policy {
    /// Caches nothing: for an API.
    pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    /// Caches by path alone, compressed: for files.
    pub const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    /// Caches by path alone, and asks for nothing compressed.
    pub const CACHING_OPTIMIZED_UNCOMPRESSED: &str = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d";
    /// Caches as long as the origin's `Cache-Control` says; cookies and the host are part of the key.
    pub const ORIGIN_CACHE_CONTROL: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
    /// The same with query strings in the key.
    pub const ORIGIN_CACHE_CONTROL_QUERY: &str = "4cc15a8a-d715-48a4-82b8-cc0b614638fe";
}

/// Origin request policies of CloudFront.
pub mod origin_request_policy {
    /// Everything the browser sent.
    pub const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
    /// Everything but `Host`, which is then the origin's own.
    pub const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
    /// Everything, and the headers that CloudFront adds (those of June 2022).
    pub const ALL_VIEWER_AND_CLOUDFRONT: &str = "33f36d7e-f396-46d9-90e0-52428a34d9dc";
    /// What CORS needs of a bucket.
    pub const CORS_S3: &str = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";
}

/// Response headers policies of CloudFront.
pub mod response_headers_policy {
    /// HSTS, `nosniff`, frames of the same origin only, a strict referrer.
    pub const SECURITY_HEADERS: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";
}

/// The hosted zone of every CloudFront distribution, for alias records (Route 53 API, `AliasTarget`).
pub const CLOUDFRONT_HOSTED_ZONE: &str = "Z2FDTNDATAQYW2";

/// The region that certificates of CloudFront have to be made in.
pub const CLOUDFRONT_CERTIFICATE_REGION: &str = "us-east-1";

/// The managed prefix list of the addresses that CloudFront reaches origins from.
pub const CLOUDFRONT_ORIGIN_PREFIX_LIST: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// The public parameter that holds the newest Amazon Linux 2023 image ("Using the latest Amazon Linux AMI").
pub const fn amazon_linux_parameter(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        Architecture::Arm64 => "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    }
}
