//! Buckets behind a CDN that are read without it.

use terrace_aws::inventory::{Inventory, Item, Told};
use terrace_aws::{PrincipalKind, Scope, Statement};

use super::{bucket_open, openness, papers};
use crate::rules::answer::Answer;
use crate::rules::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("bucket-around-cdn"),
    property: "a bucket behind a CDN is read through it alone",
    severity: Severity::High,
    what: "Looks at buckets that distributions of CloudFront fetch from. Finds those that are also read another way: by \
           anyone, as a website, or by distributions of others, because the statement for `cloudfront.amazonaws.com` does not \
           name one. An origin access control or identity, with a policy that names it, is what should be there.",
    why: "What the CDN adds (TLS, a firewall, headers, limits, logs) is gone around by whoever asks the bucket itself.",
    example: r#"resource "aws_s3_bucket" "page" {
  bucket = "page"
}

resource "aws_cloudfront_distribution" "page" {
  enabled = true
  origin {
    origin_id   = "page"
    domain_name = aws_s3_bucket.page.bucket_regional_domain_name
  }
  default_cache_behavior {
    target_origin_id       = "page"
    viewer_protocol_policy = "redirect-to-https"
  }
}

resource "aws_s3_bucket_policy" "page" {
  bucket = aws_s3_bucket.page.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.page.arn}/*"
    }]
  })
}"#,
    fix: r#"resource "aws_s3_bucket" "page" {
  bucket = "page"
}

resource "aws_cloudfront_distribution" "page" {
  enabled = true
  origin {
    origin_id                = "page"
    domain_name              = aws_s3_bucket.page.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.page.id
  }
  default_cache_behavior {
    target_origin_id       = "page"
    viewer_protocol_policy = "redirect-to-https"
  }
}

resource "aws_cloudfront_origin_access_control" "page" {
  name                              = "page"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_s3_bucket_policy" "page" {
  bucket = aws_s3_bucket.page.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.page.arn}/*"
      Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.page.arn } }
    }]
  })
}"#,
    sources: &["Amazon CloudFront Developer Guide, \"Restrict access to an Amazon S3 origin\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for bucket in inventory.all("aws_s3_bucket") {
        let Some((distribution, path)) = behind(inventory, bucket) else { continue };
        findings.examine();
        look(inventory, bucket, &Evidence::of(distribution, &path, "fetches from the bucket"), findings);
    }
}

/// The distribution that fetches from a bucket, and the origin by which it does.
fn behind<'a>(inventory: &'a Inventory, bucket: &Item) -> Option<(&'a Item, String)> {
    let website =
        linked::belonging(inventory, "aws_s3_bucket_website_configuration", "bucket", bucket).next();
    inventory.all("aws_cloudfront_distribution").find_map(|distribution| {
        let origins = distribution.view().blocks("origin").known().unwrap_or_default();
        let at = origins.into_iter().position(|origin| {
            let by_name = match (origin.literal("domain_name"), bucket.view().literal("bucket")) {
                (Told::Is(domain), Told::Is(name)) => domain.starts_with(&format!("{name}.s3")),
                _ => false,
            };
            by_name
                || linked::names(origin, "domain_name", bucket)
                || website.is_some_and(|website| linked::names(origin, "domain_name", website))
        })?;
        Some((distribution, format!("origin[{at}].domain_name")))
    })
}

fn look(inventory: &Inventory, bucket: &Item, because: &Evidence, findings: &mut Findings) {
    let shut = bucket_open::shut(inventory, bucket, &["restrict_public_buckets", "block_public_policy"]);
    for paper in bucket_open::policies(inventory, bucket) {
        let finding = |message: String, fix: &str| {
            let fix = format!("in `{}` of `{}`: {fix}", paper.path, paper.item.id());
            Finding::about(paper.item, paper.path, message, fix)
                .weighing(RULE.severity)
                .because(because.clone())
        };
        if let Some(on) = paper.untold() {
            Answer::open(on.iter().cloned()).say(findings, || {
                let message = format!("others than the distribution read `{}` by its policy", bucket.id());
                finding(message, "let only `cloudfront.amazonaws.com` in, for the distribution's ARN")
                    .weighing(Severity::Low)
            });
        }
        for (at, statement) in paper.allowing() {
            let called = papers::called(at, statement);
            openness::closed(statement).or(shut.clone()).say(findings, || {
                let message = format!("{called} lets anyone read `{}` without the distribution", bucket.id());
                finding(message, "let only `cloudfront.amazonaws.com` in, for the distribution's ARN")
            });
            ours(statement).say(findings, || {
                let message = format!("{called} lets distributions of others read `{}`", bucket.id());
                finding(message, "add a condition on `aws:SourceArn` with the distribution's ARN")
                    .weighing(Severity::Medium)
            });
        }
    }
    let website =
        linked::belonging(inventory, "aws_s3_bucket_website_configuration", "bucket", bucket).next();
    if let Some(item) = website.filter(|_| !shut.is_good()) {
        let message = format!("`{}` is read as a website without the distribution", bucket.id());
        let fix = format!("remove `{}` and fetch from the bucket with an origin access control", item.id());
        findings
            .push(Finding::about(item, "", message, fix).weighing(RULE.severity).because(because.clone()));
    }
}

/// Whether a statement for CloudFront names for whom.
fn ours(statement: &Statement) -> Answer {
    let Some(Scope::Only(all)) = &statement.principals else { return Answer::Good };
    let services = all.get(&PrincipalKind::Service).into_iter().flatten();
    let cloudfront = services.into_iter().any(|name| name.literal() == Some("cloudfront.amazonaws.com"));
    if cloudfront { openness::held(&statement.conditions) } else { Answer::Good }
}
