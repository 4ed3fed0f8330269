//! Old versions of TLS.

use terrace_aws::inventory::{Inventory, Item, Told};

use super::answer::Answer;
use super::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("old-tls"),
    property: "nothing speaks a version of TLS older than 1.2",
    severity: Severity::Medium,
    what: "Looks at HTTPS and TLS listeners, distributions of CloudFront and what they fetch from, domains of API Gateway and \
           search domains. Finds those that still speak TLS 1.0 or 1.1. A listener without `ssl_policy` has the policy of \
           2016, which does; a distribution with a certificate and without `minimum_protocol_version` does, too. With \
           CloudFront's own certificate the version cannot be chosen: that is no finding.",
    why: "The old versions have known weaknesses, browsers no longer use them, and standards (PCI DSS, NIST SP 800-52) forbid them.",
    example: r#"resource "aws_lb_listener" "https" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/public/1"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-central-1:111122223333:certificate/1"
}"#,
    fix: r#"resource "aws_lb_listener" "https" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/public/1"
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-central-1:111122223333:certificate/1"
}"#,
    sources: &[
        "Elastic Load Balancing, \"Security policies for your Application Load Balancer\"",
        "Amazon CloudFront Developer Guide, \"Supported protocols and ciphers between viewers and CloudFront\"",
        "RFC 8996, \"Deprecating TLS 1.0 and TLS 1.1\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in linked::all(inventory, &["aws_lb_listener", "aws_alb_listener"]) {
        let tls =
            Answer::of(item.view().literal("protocol"), Answer::Bad, |word| word == "HTTPS" || word == "TLS");
        if tls != Answer::Good {
            continue;
        }
        findings.examine();
        // A plan tells the policy that the provider computes only after it is applied; that is AWS's own of 2016.
        Answer::of(item.view().literal("ssl_policy"), Answer::Bad, |policy| is_new(&policy))
            .say(findings, || finding(item, "ssl_policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"));
    }
    for item in inventory.all("aws_cloudfront_distribution") {
        findings.examine();
        distribution(item, findings);
    }
    others(inventory, findings);
}

/// Policies of load balancers that begin at TLS 1.2: their names say so.
fn is_new(policy: &str) -> bool {
    ["-TLS13-1-2", "-TLS13-1-3", "-TLS-1-2-", "-FS-1-2-"].iter().any(|part| policy.contains(part))
}

fn finding(item: &Item, path: &str, better: &str) -> Finding {
    let message = format!("`{}` still speaks TLS 1.0 or 1.1", item.id());
    Finding::about(item, path, message, format!("set `{path} = \"{better}\"` in `{}`", item.id()))
}

fn distribution(item: &Item, findings: &mut Findings) {
    if let Told::Is(certificate) = item.view().block("viewer_certificate")
        && certificate.bool("cloudfront_default_certificate") != Told::Is(true)
        && (certificate.get("acm_certificate_arn").is_some()
            || certificate.get("iam_certificate_id").is_some())
    {
        let new = |version: String| version.starts_with("TLSv1.2") || version.starts_with("TLSv1.3");
        Answer::of(certificate.literal("minimum_protocol_version"), Answer::Bad, new)
            .say(findings, || finding(item, "viewer_certificate.minimum_protocol_version", "TLSv1.2_2021"));
    }
    for (at, origin) in item.view().blocks("origin").known().unwrap_or_default().into_iter().enumerate() {
        let Told::Is(custom) = origin.block("custom_origin_config") else { continue };
        let Told::Is(versions) = custom.texts("origin_ssl_protocols") else { continue };
        let old = versions.iter().any(|v| matches!(v.literal(), Some("SSLv3" | "TLSv1" | "TLSv1.1")));
        Answer::when(!old).say(findings, || {
            let path = format!("origin[{at}].custom_origin_config.origin_ssl_protocols");
            let message = format!("`{}` still speaks TLS 1.0 or 1.1 to an origin", item.id());
            let fix = format!("set `{path} = [\"TLSv1.2\"]` in `{}`", item.id());
            Finding::about(item, &path, message, fix).weighing(Severity::Low)
        });
    }
}

/// Arguments that name a policy, the block that they stand in, and one that is new enough.
const POLICIES: [(&str, &str, &str, &str); 3] = [
    ("aws_opensearch_domain", "domain_endpoint_options", "tls_security_policy", "Policy-Min-TLS-1-2-2019-07"),
    (
        "aws_elasticsearch_domain",
        "domain_endpoint_options",
        "tls_security_policy",
        "Policy-Min-TLS-1-2-2019-07",
    ),
    ("aws_apigatewayv2_domain_name", "domain_name_configuration", "security_policy", "TLS_1_2"),
];

fn others(inventory: &Inventory, findings: &mut Findings) {
    let new = |policy: String| policy.contains("1-2") || policy.contains("1_2") || policy.contains("1_3");
    for (of, block, argument, better) in POLICIES {
        for item in inventory.all(of) {
            findings.examine();
            let told = match item.view().block(block) {
                Told::Is(inner) => inner.literal(argument),
                Told::Nothing => Told::Nothing,
                Told::Unknown(of) => Told::Unknown(of),
            };
            Answer::of(told, Answer::Bad, new).say(findings, || {
                finding(item, &format!("{block}.{argument}"), better).weighing(Severity::Low)
            });
        }
    }
    for item in inventory.all("aws_api_gateway_domain_name") {
        findings.examine();
        Answer::of(item.view().literal("security_policy"), Answer::Good, new)
            .say(findings, || finding(item, "security_policy", "TLS_1_2").weighing(Severity::Low));
    }
}
