//! Who hands on any role.

use terrace_aws::Scope;

use super::width;
use crate::rules::answer::Answer;
use crate::{Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("role-passing"),
    property: "nobody hands on roles but those that are named",
    severity: Severity::High,
    what: "Looks at statements that allow `iam:PassRole`. Finds those on every role; of low weight where the service that it is \
           handed to is named (`iam:PassedToService`).",
    why: "Whoever may hand any role to a machine, a task or a function that it starts acts as the most powerful role there is.",
    example: r#"resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }]
  })
}"#,
    fix: r#"resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/items-app"
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    }]
  })
}"#,
    sources: &["IAM User Guide, \"Grant a user permissions to pass a role to an AWS service\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for held in width::held(subject) {
        for (called, statement) in held.allowing() {
            // What allows everything is found as that.
            if width::is_everything(statement) || width::among(statement, &["iam:passrole"]).is_empty() {
                continue;
            }
            findings.examine();
            let some = match &statement.resources {
                Some(Scope::Only(all)) => Answer::when(!all.iter().any(|one| {
                    let text = one.to_string();
                    text == "*" || text.ends_with(":role/*") || text.ends_with(":*")
                })),
                _ => Answer::Bad,
            };
            let service =
                statement.conditions.iter().any(|one| one.key.eq_ignore_ascii_case("iam:PassedToService"));
            let weight = if service { Severity::Low } else { RULE.severity };
            some.say(findings, || {
                let message = format!("{called} of `{}` lets any role be handed on", held.item.id());
                held.finding(message, "name the roles, and the service by `iam:PassedToService`")
                    .weighing(weight)
            });
        }
    }
}
