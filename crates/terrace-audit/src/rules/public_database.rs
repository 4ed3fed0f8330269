//! Databases with a public address.

use terrace_aws::inventory::{Told, UnknownName};

use super::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("public-database"),
    property: "no database has a public address",
    severity: Severity::High,
    what: "Looks at databases, warehouses, brokers and replication servers. Finds those that ask for a public address \
           (`publicly_accessible`), whatever their security groups let in.",
    why: "Then a single rule of a group, or a login that is guessed or leaked, is all that stands between the internet and the data.",
    example: r#"resource "aws_db_instance" "main" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  publicly_accessible = true
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  publicly_accessible = false
}"#,
    sources: &["Amazon RDS User Guide, \"Hiding a DB instance in a VPC from the internet\""],
    check,
};

const TYPES: [&str; 7] = [
    "aws_db_instance",
    "aws_rds_cluster_instance",
    "aws_neptune_cluster_instance",
    "aws_redshift_cluster",
    "aws_redshiftserverless_workgroup",
    "aws_dms_replication_instance",
    "aws_mq_broker",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for item in TYPES.into_iter().flat_map(|of| subject.inventory.all(of)) {
        findings.examine();
        let told = item.view().bool("publicly_accessible");
        let answer = if told.is_nothing() && item.type_name() == "aws_redshift_cluster" {
            // Terraform's provider took it as true before its version 6.
            Answer::open([UnknownName::new(
                "the version of the AWS provider (before 6, nothing means public)",
            )])
        } else {
            Answer::no(told, false)
        };
        answer.say(findings, || {
            let message = format!("`{}` asks for a public address", item.id());
            let fix = format!("set `publicly_accessible = false` in `{}`", item.id());
            Finding::about(item, "publicly_accessible", message, fix).weighing(RULE.severity)
        });
    }
    for item in subject.inventory.all("aws_msk_cluster") {
        findings.examine();
        let access = item.view().block("broker_node_group_info").map(|info| info.block("connectivity_info"));
        let Told::Is(Told::Is(access)) = access else { continue };
        let Told::Is(access) = access.block("public_access") else { continue };
        Answer::of(access.literal("type"), Answer::Good, |word| word == "DISABLED").say(findings, || {
            let path = "broker_node_group_info.connectivity_info.public_access.type";
            let message = format!("the brokers of `{}` ask for public addresses", item.id());
            let fix = format!("set `{path} = \"DISABLED\"` in `{}`", item.id());
            Finding::about(item, path, message, fix).weighing(RULE.severity)
        });
    }
}
