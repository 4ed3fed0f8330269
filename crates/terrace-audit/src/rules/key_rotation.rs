//! Keys that stay the same.

use terrace_aws::inventory::Told;

use super::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("key-rotation"),
    property: "keys of KMS are rotated every year",
    severity: Severity::Low,
    what: "Looks at symmetric keys of KMS. Finds those that AWS does not rotate. Keys for signatures and keys whose \
           material is imported cannot be rotated by AWS and are no finding.",
    why: "Rotation limits how much is encrypted with one key, costs nothing to operate, and standards ask for it.",
    example: r#"resource "aws_kms_key" "main" {
  description = "what is stored"
}"#,
    fix: r#"resource "aws_kms_key" "main" {
  description         = "what is stored"
  enable_key_rotation = true
}"#,
    sources: &["AWS KMS Developer Guide, \"Rotate AWS KMS keys\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for item in subject.inventory.all("aws_kms_key") {
        let view = item.view();
        let symmetric = ["customer_master_key_spec", "key_spec"]
            .iter()
            .all(|name| !matches!(view.literal(name), Told::Is(spec) if spec != "SYMMETRIC_DEFAULT"));
        let elsewhere = view.get("custom_key_store_id").is_some();
        // AWS turns its own keys every year; an account tells of them as of any other.
        let of_aws = matches!(view.literal("key_manager"), Told::Is(who) if who == "AWS");
        if !symmetric || elsewhere || of_aws {
            continue;
        }
        findings.examine();
        Answer::truth(view.bool("enable_key_rotation"), false).say(findings, || {
            let message = format!("the key `{}` is never rotated", item.id());
            let fix = format!("set `enable_key_rotation = true` in `{}`", item.id());
            Finding::about(item, "enable_key_rotation", message, fix).weighing(RULE.severity)
        });
    }
}
