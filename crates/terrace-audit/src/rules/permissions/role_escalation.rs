//! Who gives itself more.

use super::width;
use crate::{Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("role-escalation"),
    property: "nobody can give itself more permissions",
    severity: Severity::High,
    what: "Looks at statements that allow changing identities, their policies or who may assume them, or the code that runs with \
           another role, on every resource. What allows everything is found by roles-too-wide.",
    why: "Such a permission is every permission: one call, and the policy says whatever one likes.",
    example: r#"resource "aws_iam_policy" "helpdesk" {
  name = "helpdesk"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:AttachRolePolicy", "iam:ListRoles"], Resource = "*" }]
  })
}"#,
    fix: r#"resource "aws_iam_policy" "helpdesk" {
  name = "helpdesk"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:ListRoles", Resource = "*" }]
  })
}"#,
    sources: &[
        "IAM User Guide, \"Permissions boundaries for IAM entities\"",
        "Rhino Security Labs, \"AWS IAM Privilege Escalation\"",
    ],
    check,
};

/// Each is enough by itself (lower case).
const ENOUGH: [&str; 20] = [
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:deleterolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:putgrouppolicy",
    "iam:putrolepermissionsboundary",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
    "lambda:updatefunctioncode",
    "ssm:sendcommand",
    "ssm:startsession",
    "cloudformation:updatestack",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for held in width::held(subject) {
        for (called, statement) in held.allowing() {
            findings.examine();
            let ways = width::among(statement, &ENOUGH);
            if width::is_everything(statement) || ways.is_empty() {
                continue;
            }
            width::narrow(statement).say(findings, || {
                let written = width::covering(statement, &ENOUGH);
                let some: Vec<&str> = if written.is_empty() { ways } else { written };
                let some = some.into_iter().take(3).collect::<Vec<_>>().join(", ");
                let message =
                    format!("{called} of `{}` lets its holder gain permissions by {some}", held.item.id());
                held.finding(message, "take these actions out, or name the resources that are meant")
                    .weighing(RULE.severity)
            });
        }
    }
}
