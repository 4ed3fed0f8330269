"""AWS's managed CloudFront policies: names, ids and what matters of their content.

From https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html and its
neighbours for origin request and response headers policies.
"""


def _cache(name, minimum, default, maximum, *, compress, headers="none", query="none", cookies="none"):
    flag = str(compress).lower()
    return f"""<CachePolicyConfig><Comment/><Name>Managed-{name}</Name><DefaultTTL>{default}</DefaultTTL><MaxTTL>{maximum}</MaxTTL><MinTTL>{minimum}</MinTTL>
<ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>{flag}</EnableAcceptEncodingGzip><EnableAcceptEncodingBrotli>{flag}</EnableAcceptEncodingBrotli>
<HeadersConfig><HeaderBehavior>{headers}</HeaderBehavior></HeadersConfig><CookiesConfig><CookieBehavior>{cookies}</CookieBehavior></CookiesConfig>
<QueryStringsConfig><QueryStringBehavior>{query}</QueryStringBehavior></QueryStringsConfig></ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>"""


def _request(name, headers, *items, cookies="all", query="all"):
    names = "".join(f"<Name>{i}</Name>" for i in items)
    listed = f"<Headers><Quantity>{len(items)}</Quantity><Items>{names}</Items></Headers>" if items else ""
    return f"""<OriginRequestPolicyConfig><Comment/><Name>Managed-{name}</Name><HeadersConfig><HeaderBehavior>{headers}</HeaderBehavior>{listed}</HeadersConfig>
<CookiesConfig><CookieBehavior>{cookies}</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>{query}</QueryStringBehavior></QueryStringsConfig></OriginRequestPolicyConfig>"""


_SECURITY = """<ResponseHeadersPolicyConfig><Comment/><Name>Managed-SecurityHeadersPolicy</Name><SecurityHeadersConfig>
<XSSProtection><Override>false</Override><Protection>true</Protection><ModeBlock>true</ModeBlock></XSSProtection>
<FrameOptions><Override>false</Override><FrameOption>SAMEORIGIN</FrameOption></FrameOptions>
<ReferrerPolicy><Override>false</Override><ReferrerPolicy>strict-origin-when-cross-origin</ReferrerPolicy></ReferrerPolicy>
<ContentTypeOptions><Override>true</Override></ContentTypeOptions>
<StrictTransportSecurity><Override>false</Override><IncludeSubdomains>false</IncludeSubdomains><Preload>false</Preload><AccessControlMaxAgeSec>31536000</AccessControlMaxAgeSec></StrictTransportSecurity>
</SecurityHeadersConfig></ResponseHeadersPolicyConfig>"""

CONFIGS = {
    "cache-policy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache("CachingOptimized", 1, 86400, 31536000, compress=True),
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cache(
            "CachingOptimizedForUncompressedObjects", 1, 86400, 31536000, compress=False
        ),
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cache("CachingDisabled", 0, 0, 0, compress=False),
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _cache(
            "UseOriginCacheControlHeaders", 0, 0, 31536000, compress=True, cookies="all"
        ),
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _cache(
            "UseOriginCacheControlHeaders-QueryStrings", 0, 0, 31536000, compress=True, cookies="all", query="all"
        ),
    },
    "origin-request-policy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": _request("AllViewer", "allViewer"),
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": _request("AllViewerExceptHostHeader", "allExcept", "host"),
        "59781a5b-3903-41f3-afcb-af62929ccde1": _request(
            "CORS-CustomOrigin", "whitelist", "origin", cookies="none", query="none"
        ),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _request(
            "CORS-S3Origin",
            "whitelist",
            "origin",
            "access-control-request-headers",
            "access-control-request-method",
            cookies="none",
            query="none",
        ),
    },
    "response-headers-policy": {"67f7725c-6f97-4210-82d7-5512b31e9d03": _SECURITY},
}
