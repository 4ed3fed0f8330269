//! Data that one mistake deletes.

use terrace_aws::inventory::Item;

use super::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("data-deletion"),
    property: "no data goes away by one mistake",
    severity: Severity::Medium,
    what: "Looks at databases, tables, user pools, secrets and buckets. Finds databases that are deleted without being \
           unlocked before (`deletion_protection`), and that leave no snapshot behind (`skip_final_snapshot`); secrets \
           that are gone at once; and buckets that Terraform empties (`force_destroy`).",
    why: "A wrong `destroy`, a renamed resource or a stolen credential deletes the database and, with it, its automatic backups.",
    example: r#"resource "aws_db_instance" "main" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  skip_final_snapshot = true
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine                    = "postgres"
  instance_class            = "db.t4g.micro"
  deletion_protection       = true
  final_snapshot_identifier = "main-last"
}"#,
    sources: &[
        "Amazon RDS User Guide, \"Deleting a DB instance\"",
        "AWS Secrets Manager User Guide, \"Delete an AWS Secrets Manager secret\"",
    ],
    check,
};

/// What can be locked, and by which argument.
const LOCKS: [(&str, &str, Severity); 5] = [
    ("aws_db_instance", "deletion_protection", Severity::Medium),
    ("aws_rds_cluster", "deletion_protection", Severity::Medium),
    ("aws_docdb_cluster", "deletion_protection", Severity::Medium),
    ("aws_neptune_cluster", "deletion_protection", Severity::Medium),
    ("aws_dynamodb_table", "deletion_protection_enabled", Severity::Low),
];

/// What leaves a snapshot behind unless it is told not to.
const SNAPSHOTS: [&str; 5] = [
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_redshift_cluster",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for (of, argument, weight) in LOCKS {
        for item in inventory.all(of).filter(|item| !is_replica(item)) {
            findings.examine();
            Answer::truth(item.view().bool(argument), false).say(findings, || {
                let message = format!("`{}` can be deleted without being unlocked before", item.id());
                let fix = format!("set `{argument} = true` in `{}`", item.id());
                Finding::about(item, argument, message, fix).weighing(weight)
            });
        }
    }
    for item in SNAPSHOTS.into_iter().flat_map(|of| inventory.all(of)).filter(|item| !is_replica(item)) {
        findings.examine();
        Answer::no(item.view().bool("skip_final_snapshot"), false).say(findings, || {
            let message = format!("`{}` leaves no snapshot behind when it is deleted", item.id());
            let fix = format!(
                "remove `skip_final_snapshot` from `{}` and set `final_snapshot_identifier`",
                item.id()
            );
            Finding::about(item, "skip_final_snapshot", message, fix).weighing(Severity::Low)
        });
    }
    for item in inventory.all("aws_cognito_user_pool") {
        findings.examine();
        Answer::of(item.view().literal("deletion_protection"), Answer::Bad, |word| word == "ACTIVE").say(
            findings,
            || {
                let message =
                    format!("the users of `{}` can be deleted without it being unlocked before", item.id());
                let fix = format!("set `deletion_protection = \"ACTIVE\"` in `{}`", item.id());
                Finding::about(item, "deletion_protection", message, fix).weighing(Severity::Low)
            },
        );
    }
    for item in inventory.all("aws_secretsmanager_secret") {
        findings.examine();
        Answer::of(item.view().int("recovery_window_in_days"), Answer::Good, |days| days > 0).say(
            findings,
            || {
                let message = format!("the secret `{}` is gone at once when it is deleted", item.id());
                let fix = format!("remove `recovery_window_in_days = 0` from `{}`", item.id());
                Finding::about(item, "recovery_window_in_days", message, fix).weighing(Severity::Low)
            },
        );
    }
    for item in inventory.all("aws_s3_bucket") {
        findings.examine();
        Answer::no(item.view().bool("force_destroy"), false).say(findings, || {
            let message = format!("Terraform deletes `{}` with everything in it", item.id());
            let fix = format!("remove `force_destroy` from `{}`", item.id());
            Finding::about(item, "force_destroy", message, fix).weighing(Severity::Low)
        });
    }
}

fn is_replica(item: &Item) -> bool {
    item.view().get("replicate_source_db").is_some()
}
