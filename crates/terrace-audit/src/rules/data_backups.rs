//! Data without backups, or with few.

use terrace_aws::inventory::{Inventory, Item, Told};

use super::answer::Answer;
use super::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("data-backups"),
    property: "every database keeps backups of a week at least",
    severity: Severity::Medium,
    what: "Looks at databases, clusters, tables and file systems. Finds those that keep no automatic backups, and as of low \
           weight those that keep them for less than seven days. A replica is not looked at, and what AWS Backup selects \
           is cleared.",
    why: "What is deleted or spoilt by a mistake, an application or an attacker is noticed days later; then there must be \
          a state to go back to.",
    example: r#"resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine                  = "postgres"
  instance_class          = "db.t4g.micro"
  backup_retention_period = 14
}"#,
    sources: &[
        "Amazon RDS User Guide, \"Backup retention period\"",
        "Amazon DynamoDB Developer Guide, \"Point-in-time backups for DynamoDB\"",
    ],
    check,
};

/// A week.
const DAYS: i64 = 7;

struct Row {
    of: &'static str,
    argument: &'static str,
    /// How many days AWS or the provider takes.
    without: i64,
}

const ROWS: [Row; 5] = [
    Row { of: "aws_db_instance", argument: "backup_retention_period", without: 0 },
    Row { of: "aws_rds_cluster", argument: "backup_retention_period", without: 1 },
    Row { of: "aws_docdb_cluster", argument: "backup_retention_period", without: 1 },
    Row { of: "aws_neptune_cluster", argument: "backup_retention_period", without: 1 },
    Row { of: "aws_redshift_cluster", argument: "automated_snapshot_retention_period", without: 1 },
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for row in &ROWS {
        for item in inventory.all(row.of).filter(|item| !is_replica(item)) {
            findings.examine();
            if selected(inventory, item) {
                findings
                    .clear(Evidence::of(item, row.argument, "keeps few backups"), "AWS Backup keeps them");
                continue;
            }
            days(item, row, findings);
        }
    }
    for item in inventory.all("aws_dynamodb_table") {
        findings.examine();
        let told = match item.view().block("point_in_time_recovery") {
            Told::Is(block) => block.bool("enabled"),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        };
        Answer::truth(told, false).or(Answer::when(selected(inventory, item))).say(findings, || {
            let message = format!("the table `{}` cannot be taken back to a point in time", item.id());
            let fix = format!("add `point_in_time_recovery {{ enabled = true }}` to `{}`", item.id());
            Finding::about(item, "point_in_time_recovery.enabled", message, fix).weighing(Severity::Low)
        });
    }
    for item in inventory.all("aws_efs_file_system") {
        findings.examine();
        let policy = linked::belonging(inventory, "aws_efs_backup_policy", "file_system_id", item).next();
        if policy.is_none() && !selected(inventory, item) {
            let message = format!("the file system `{}` has no backups", item.id());
            let fix = format!("add an `aws_efs_backup_policy` for `{}`", item.id());
            findings.push(Finding::about(item, "", message, fix).weighing(Severity::Low));
        }
    }
}

fn is_replica(item: &Item) -> bool {
    ["replicate_source_db", "replication_source_identifier"]
        .iter()
        .any(|name| item.view().get(name).is_some())
}

/// Whether AWS Backup takes the item by name; what it takes by tags is not decided here.
fn selected(inventory: &Inventory, item: &Item) -> bool {
    linked::belonging(inventory, "aws_backup_selection", "resources", item).next().is_some()
}

fn days(item: &Item, row: &Row, findings: &mut Findings) {
    let told = item.view().int(row.argument);
    let known = match &told {
        Told::Is(days) => Some(*days),
        Told::Nothing => Some(row.without),
        Told::Unknown(_) => None,
    };
    Answer::of(told, Answer::when(row.without >= DAYS), |days| days >= DAYS).say(findings, || {
        let (message, weight) = match known {
            Some(0) => (format!("`{}` keeps no automatic backups", item.id()), RULE.severity),
            Some(1) => (format!("`{}` keeps its backups for one day", item.id()), Severity::Low),
            Some(days) => (format!("`{}` keeps its backups for {days} days", item.id()), Severity::Low),
            None => (format!("`{}` keeps its backups for less than {DAYS} days", item.id()), Severity::Low),
        };
        let fix = format!("set `{} = {DAYS}` or more in `{}`", row.argument, item.id());
        Finding::about(item, row.argument, message, fix).weighing(weight)
    });
}
