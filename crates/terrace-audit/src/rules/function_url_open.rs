//! Functions that anyone can call.

use terrace_aws::inventory::Told;

use super::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("function-url-open"),
    property: "no function is called by whoever knows its address",
    severity: Severity::High,
    what: "Looks at addresses of Lambda functions and at permissions to invoke them. Finds addresses that ask for no \
           authorization (`authorization_type = \"NONE\"`), and permissions for anyone.",
    why: "Such an address is an edge of its own: it goes around the CDN, the firewall and the load balancer that the rest \
          of the application stands behind.",
    example: r#"resource "aws_lambda_function_url" "api" {
  function_name      = "api"
  authorization_type = "NONE"
}"#,
    fix: r#"resource "aws_lambda_function_url" "api" {
  function_name      = "api"
  authorization_type = "AWS_IAM"
}"#,
    sources: &["AWS Lambda Developer Guide, \"Control access to Lambda function URLs\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for item in subject.inventory.all("aws_lambda_function_url") {
        findings.examine();
        Answer::of(item.view().literal("authorization_type"), Answer::Good, |word| word != "NONE").say(
            findings,
            || {
                let message = format!("whoever knows the address of `{}` calls the function", item.id());
                let fix = format!(
                    "set `authorization_type = \"AWS_IAM\"` in `{}`, and let CloudFront sign its requests",
                    item.id()
                );
                Finding::about(item, "authorization_type", message, fix).weighing(RULE.severity)
            },
        );
    }
    for item in subject.inventory.all("aws_lambda_permission") {
        findings.examine();
        let view = item.view();
        let fixed =
            ["source_arn", "source_account", "principal_org_id"].iter().any(|name| view.get(name).is_some());
        // With an address that asks for IAM, `*` still needs permissions of the caller's own; without, it does not.
        let address = matches!(view.literal("function_url_auth_type"), Told::Is(kind) if kind == "AWS_IAM");
        if fixed || address {
            continue;
        }
        Answer::of(view.literal("principal"), Answer::Good, |who| who != "*").say(findings, || {
            let message = format!("`{}` lets anyone call the function", item.id());
            let fix = format!("name in `{}` who may call it", item.id());
            Finding::about(item, "principal", message, fix).weighing(RULE.severity)
        });
    }
}
