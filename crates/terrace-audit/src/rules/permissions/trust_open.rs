//! Roles that strangers assume.

use terrace_aws::inventory::UnknownName;
use terrace_aws::{PrincipalKind, Scope, Statement, Target, Text};

use super::openness;
use super::papers::{self, Paper};
use crate::rules::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("trust-open"),
    property: "no role is assumed by strangers",
    severity: Severity::Critical,
    what: "Looks at the trust policies of roles. Finds those that anyone may assume; those that trust an identity provider \
           (GitHub, GitLab, a cluster) without saying which of its subjects, or for all of them; and, of medium weight, those \
           that trust the whole of another account without an external id or an organisation.",
    why: "Whoever assumes the role has everything that it may do. A provider such as GitHub vouches for millions of people.",
    example: r#"resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
    }]
  })
}"#,
    fix: r#"resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:ours/items:ref:refs/heads/main"
      } }
    }]
  })
}"#,
    sources: &[
        "IAM User Guide, \"Create a role for OpenID Connect federation\"",
        "IAM User Guide, \"Access to AWS accounts owned by third parties\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let account = &subject.estate.estate.account;
    for paper in papers::all(subject.inventory, &[("aws_iam_role", "assume_role_policy")]) {
        findings.examine();
        if let Some(on) = paper.untold() {
            Answer::open(on.iter().cloned()).say(findings, || {
                let message = format!("anyone may assume `{}`", paper.item.id());
                finding(&paper, message, "say who may assume it").weighing(Severity::Low)
            });
        }
        for (at, statement) in paper.allowing() {
            let called = papers::called(at, statement);
            let item = paper.item.id();
            openness::closed(statement).say(findings, || {
                finding(&paper, format!("{called} lets anyone assume `{item}`"), "name who may assume it")
            });
            subjects(statement).say(findings, || {
                let message =
                    format!("{called} lets everyone whom the identity provider vouches for assume `{item}`");
                finding(&paper, message, "add a condition on the provider's `sub`").weighing(Severity::High)
            });
            for name in accounts(statement) {
                foreign(name, account).or(guarded(statement)).say(findings, || {
                    let message = format!(
                        "{called} lets all of another account assume `{item}`, without an external id"
                    );
                    finding(&paper, message, "name one role of it, or ask for `sts:ExternalId`")
                        .weighing(Severity::Medium)
                });
            }
        }
    }
}

fn finding(paper: &Paper<'_>, message: String, fix: &str) -> Finding {
    let fix = format!("in `{}` of `{}`: {fix}", paper.path, paper.item.id());
    Finding::about(paper.item, paper.path, message, fix).weighing(RULE.severity)
}

/// Whether a statement that trusts an OpenID Connect provider says whom of it.
fn subjects(statement: &Statement) -> Answer {
    let Some(Scope::Only(all)) = &statement.principals else { return Answer::Good };
    let Some(providers) = all.get(&PrincipalKind::Federated) else { return Answer::Good };
    let open_id = openness::speaks_of(statement, &["sts:assumerolewithwebidentity"]);
    let cognito = providers.iter().any(|name| name.literal().is_some_and(|name| name.contains("cognito")));
    if !open_id {
        return Answer::Good;
    }
    // What an identity pool of Cognito vouches for is told by its audience.
    let keys: &[&str] =
        if cognito { &[":aud"] } else { &[":sub", ":repository", ":job_workflow_ref", ":repository_id"] };
    let wanted = statement.conditions.iter().filter(|one| {
        let (key, operator) = (one.key.to_ascii_lowercase(), one.operator.to_ascii_lowercase());
        keys.iter().any(|end| key.ends_with(end))
            && !operator.contains("not")
            && !operator.ends_with("ifexists")
    });
    let each = wanted.map(|one| {
        let like = one.operator.to_ascii_lowercase().contains("like");
        one.values.iter().map(|value| names_subject(value, like)).fold(Answer::Good, Answer::and)
    });
    each.fold(Answer::Bad, Answer::or)
}

fn names_subject(value: &Text, like: bool) -> Answer {
    match value.literal() {
        Some(literal) => Answer::when(
            !like || !matches!(literal, "*" | "repo:*" | "repo:*/*" | "repo:*:*" | "project_path:*"),
        ),
        None if like && value.parts().len() == 1 => Answer::open(crate::named(value.references())),
        None => Answer::Good,
    }
}

/// Accounts that are trusted as a whole.
fn accounts(statement: &Statement) -> Vec<&Text> {
    let Some(Scope::Only(all)) = &statement.principals else { return Vec::new() };
    let is_whole = |name: &&Text| match name.literal() {
        Some(literal) => {
            literal.ends_with(":root") || (literal.len() == 12 && literal.chars().all(|c| c.is_ascii_digit()))
        }
        None => name.to_string().ends_with(":root"),
    };
    all.get(&PrincipalKind::Aws).into_iter().flatten().filter(is_whole).collect()
}

/// Good if it is this account.
fn foreign(name: &Text, own: &Text) -> Answer {
    let told = name.references().next();
    if let Some(reference) = told {
        return match reference.target() {
            Target::Unknown(unknown) => Answer::open([unknown.clone()]),
            _ => Answer::Good,
        };
    }
    let literal = name.literal().unwrap_or_default();
    let number = literal.split(':').nth(4).unwrap_or(literal);
    match own.literal() {
        Some(own) => Answer::when(own == number),
        None => Answer::open([UnknownName::new("the number of this account")]),
    }
}

/// Whether something more than the account's word is asked for.
fn guarded(statement: &Statement) -> Answer {
    const KEYS: [&str; 6] = [
        "sts:externalid",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalarn",
        "aws:multifactorauthpresent",
        "sts:sourceidentity",
    ];
    Answer::when(statement.conditions.iter().any(|one| {
        let key = one.key.to_ascii_lowercase();
        KEYS.contains(&key.as_str()) || key.starts_with("aws:principaltag/")
    }))
}
