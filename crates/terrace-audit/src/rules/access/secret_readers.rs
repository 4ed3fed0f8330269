//! Who reads the secrets.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Item, ItemId, UnknownName};
use terrace_proof::estate::{HoldingKind, Permissions, Reader, Rest, Verdict, Who};

use crate::tiers::Tier;
use crate::{Evidence, Finding, Findings, Hop, Rule, RuleName, Severity, Subject, roles};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("secret-readers"),
    property: "each secret is read by the tier that needs it, and by nobody else",
    severity: Severity::High,
    what: "Decides for every secret of Secrets Manager, those that RDS keeps for itself among them, who can read it: by IAM's evaluation \
           rules over identity policies, boundaries, the secret's own policy and its key's, and by way of others: assuming or passing a role, \
           running commands on what carries it, changing a policy. Finds readers from outside of the account, the page's tier, and identities \
           that no tier carries. Meant are the roles that the application's tier carries, a task's execution role, and the service that keeps the secret.",
    why: "\"Only the API reads the database password\" is what everybody means and nobody checks: one wildcard in another role, or a role \
          that may be passed on, and it is not so.",
    example: r#"resource "aws_secretsmanager_secret" "db" {
  name = "prod/db"
}

resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  role   = aws_iam_role.deploy.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "secretsmanager:*", Resource = "*" }]
  })
}"#,
    fix: "Name the secret's ARN in the one role that needs it, and take the wildcard, the trust or the passing away from the others. A policy on \
          the secret itself that denies everyone but that role holds whatever else is written.",
    sources: &[
        "AWS IAM User Guide, \"Policy evaluation logic\"",
        "AWS Secrets Manager User Guide, \"Resource-based policies\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let estate = &subject.estate.estate;
    let tiers = roles::tiers(subject);
    let permissions = Permissions::new(estate);
    for holding in &estate.holdings {
        let HoldingKind::Secret { keeper } = &holding.kind else { continue };
        let Some(item) = subject.inventory.get(&holding.id) else { continue };
        findings.examine();
        let readers = permissions.readers(&holding.id).unwrap_or_default();
        let app_reads =
            readers.iter().any(|reader| is_of(&tiers, &reader.who, Tier::App) && reader.is_direct());
        for reader in readers {
            if let Some((severity, words)) = judged(&tiers, &reader, keeper.is_some() || app_reads) {
                let kept = match keeper {
                    Some(_) => format!("the password of `{}`", item.id()),
                    None => format!("`{}`", item.id()),
                };
                findings.push(found(subject, item, &reader, severity, (&words, &kept)));
            }
        }
    }
}

fn is_of(tiers: &BTreeMap<ItemId, BTreeSet<Tier>>, who: &Who, tier: Tier) -> bool {
    matches!(who, Who::Item(id) if tiers.get(id).is_some_and(|of| of.contains(&tier)))
}

/// How bad a reader is, and as what it reads; none: it is meant. `apps`: the secret is the application's.
fn judged(
    tiers: &BTreeMap<ItemId, BTreeSet<Tier>>,
    reader: &Reader,
    apps: bool,
) -> Option<(Severity, String)> {
    let who = match &reader.who {
        outside if outside.is_outside() => {
            return Some((Severity::Critical, "from outside of the account".to_owned()));
        }
        Who::Item(id) => id,
        _ => return None,
    };
    let direct = reader.is_direct();
    match tiers.get(who) {
        Some(of) if of.contains(&Tier::App) => {
            (!direct).then(|| (Severity::Medium, "by way of others".to_owned()))
        }
        Some(of) if of.contains(&Tier::Data) && direct => None,
        Some(of) => {
            let tier = of.iter().next().copied().unwrap_or(Tier::Support);
            let own = !apps && direct;
            (!own).then(|| (Severity::High, format!("of the tier {tier}")))
        }
        None => Some((Severity::Low, "which no tier carries".to_owned())),
    }
}

fn found(
    subject: &Subject<'_>,
    secret: &Item,
    reader: &Reader,
    severity: Severity,
    (as_what, kept): (&str, &str),
) -> Finding {
    let who = &reader.who;
    let perhaps = if reader.verdict == Verdict::Allowed { "" } else { "it may be that " };
    let message = format!("{perhaps}`{who}`, {as_what}, can read {kept}");
    let hops: Vec<Hop> = reader
        .how
        .iter()
        .map(|step| Hop {
            from: step.who.to_string(),
            to: step.to.to_string(),
            packet: String::new(),
            by: step.rests.iter().map(|rest| evidence(subject, rest, &step.to_string())).collect(),
        })
        .collect();
    let first = reader.how.iter().flat_map(|step| &step.rests).next();
    let fix = match first {
        Some(rest) => format!("narrow {rest} so that it does not lead to `{}`", secret.id()),
        None => format!("deny everyone else in a policy of `{}`", secret.id()),
    };
    let mut finding = Finding::about(secret, "", message, fix).weighing(severity).by_way_of(hops);
    if let Some(rest) = first {
        // The fix belongs where the statement stands.
        if let Some(item) = rest.item.as_ref().and_then(|id| subject.inventory.get(id)) {
            finding.item = item.id().clone();
            finding.path.clone_from(&rest.path);
            finding.place = item.place(&rest.path).cloned();
        }
    }
    match &reader.verdict {
        Verdict::Allowed => finding,
        Verdict::Depends(on) => {
            finding.depending(on.iter().map(|unknown| UnknownName::new(unknown.to_string())))
        }
    }
}

fn evidence(subject: &Subject<'_>, rest: &Rest, says: &str) -> Evidence {
    let item = rest.item.clone().unwrap_or_else(|| ItemId::new("aws_iam_policy", rest.policy.clone()));
    let place = subject.inventory.get(&item).and_then(|found| found.place(&rest.path)).cloned();
    Evidence { item, path: rest.path.clone(), says: format!("{says} ({rest})"), place }
}
