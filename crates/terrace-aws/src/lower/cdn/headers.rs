//! What the distribution adds to every answer.

use super::super::Draft;
use crate::catalog::limits;
use crate::resource::{
    ContentSecurityPolicy, ContentTypeOptions, FrameOption, FrameOptions, ReferrerPolicy,
    ResponseHeadersPolicy, SecurityHeaders, StrictTransportSecurity,
};
use crate::{Block, Concern, Ref, Text};

/// How long browsers remember to speak HTTPS: a year.
const HSTS_SECONDS: u32 = 31_536_000;
/// What no page needs; a page's own policy comes first.
const CONTENT_POLICY: &str = "base-uri 'self'; frame-ancestors 'self'; object-src 'none'";

pub(super) fn lower(draft: &mut Draft<'_>) -> Ref<ResponseHeadersPolicy> {
    let name = draft.naming.of("headers", limits::CLOUDFRONT_POLICY);
    // The names below a whole zone are not only ours.
    let below = draft.topology.domain != draft.topology.hosted_zone;
    draft
        .place(Concern::Edge, &["main"])
        .why("What the origin says itself comes first, but for HTTPS and sniffing.")
        .put(ResponseHeadersPolicy {
            name: Text::from(name),
            comment: Text::from("Tells browsers to be careful"),
            security_headers_config: Some(Block(SecurityHeaders {
                strict_transport_security: Some(Block(StrictTransportSecurity {
                    access_control_max_age_sec: HSTS_SECONDS,
                    include_subdomains: Some(below),
                    r#override: true,
                })),
                content_type_options: Some(Block(ContentTypeOptions { r#override: true })),
                frame_options: Some(Block(FrameOptions {
                    frame_option: FrameOption::SameOrigin,
                    r#override: false,
                })),
                referrer_policy: Some(Block(ReferrerPolicy {
                    referrer_policy: Text::from("strict-origin-when-cross-origin"),
                    r#override: false,
                })),
                content_security_policy: Some(Block(ContentSecurityPolicy {
                    content_security_policy: Text::from(CONTENT_POLICY),
                    r#override: false,
                })),
            })),
        })
}
