//! Services that anyone can send.

use terrace_aws::inventory::{Item, Told};
use terrace_aws::{PolicyDocument, PrincipalKind, Statement, Text};
use terrace_proof::estate::deputies;

use super::papers;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("confused-deputy"),
    property: "services that are let in act for this account only",
    severity: Severity::Medium,
    what: "Looks at policies of resources and at permissions to invoke functions. Finds those that let in a service of AWS that \
           acts for whoever asks it to (S3, SNS, EventBridge, CloudFront, …) without saying for whom: neither \
           `aws:SourceArn`, `aws:SourceAccount` nor an organisation. Roles that a service runs with are no finding: nobody \
           can hand over a role of another account.",
    why: "Somebody with an account of their own lets the service act on their behalf, and it reaches into yours: their topic \
          fills your queue, their distribution reads your bucket.",
    example: r#"resource "aws_lambda_permission" "upload" {
  function_name = "upload"
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
}"#,
    fix: r#"resource "aws_lambda_permission" "upload" {
  function_name  = "upload"
  action         = "lambda:InvokeFunction"
  principal      = "s3.amazonaws.com"
  source_arn     = "arn:aws:s3:::uploads-of-mine"
  source_account = "111122223333"
}"#,
    sources: &["IAM User Guide, \"The confused deputy problem\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    let all =
        papers::all(inventory, papers::RESOURCES).into_iter().chain(papers::all(inventory, papers::BUCKETS));
    for paper in all {
        findings.examine();
        let Ok(document) = &paper.document else { continue };
        for (at, service, conditional) in deputies(document) {
            let called = match document {
                PolicyDocument::Statements(all) => {
                    all.get(at).map(|one| papers::called(at, one)).unwrap_or_default()
                }
                PolicyDocument::Opaque(_) => String::new(),
            };
            say(paper.item, paper.path, &called, &service, conditional, findings);
        }
    }
    for item in inventory.all("aws_lambda_permission") {
        findings.examine();
        let view = item.view();
        let Told::Is(principal) = view.literal("principal") else { continue };
        let mut statement =
            Statement::allow("", ["lambda:InvokeFunction"]).to(PrincipalKind::Service, principal);
        for (argument, key) in [("source_arn", "aws:SourceArn"), ("source_account", "aws:SourceAccount")] {
            if view.get(argument).is_some() {
                statement = statement.when("StringEquals", key, [Text::from("told")]);
            }
        }
        for (_, service, conditional) in deputies(&PolicyDocument::Statements(vec![statement])) {
            say(item, "principal", "the permission", &service, conditional, findings);
        }
    }
}

fn say(item: &Item, path: &str, called: &str, service: &str, conditional: bool, findings: &mut Findings) {
    let message = format!("{called} of `{}` lets `{service}` in, whoever sends it", item.id());
    let fix = format!("add a condition on `aws:SourceArn` or `aws:SourceAccount` to `{}`", item.id());
    let weight = if conditional { Severity::Low } else { RULE.severity };
    findings.push(Finding::about(item, path, message, fix).weighing(weight));
}
