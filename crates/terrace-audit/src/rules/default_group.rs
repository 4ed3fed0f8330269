//! The group that every network is born with.

use terrace_aws::inventory::{Inventory, Item, Told};

use super::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("default-group"),
    property: "nothing uses the default security group of its network, and the group lets nothing in or out",
    severity: Severity::Low,
    what: "Looks at networks and at whatever carries security groups. Finds instances, load balancers, databases and services \
           that name no group and so carry the network's default group; default groups that have rules; and networks \
           whose default group is left as AWS makes it: open to itself and outwards.",
    why: "What is put into the default group by an oversight reaches everything else that is, and is reached by it.",
    example: r#"resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}"#,
    fix: r#"resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}"#,
    sources: &["Amazon VPC User Guide, \"Default security groups for your VPCs\""],
    check,
};

/// What carries groups, and the arguments that name them; where none is given the default group is carried.
const CARRIERS: [(&str, &[&str]); 8] = [
    (
        "aws_instance",
        &[
            "vpc_security_group_ids",
            "security_groups",
            "network_interface",
            "launch_template",
            "primary_network_interface",
        ],
    ),
    ("aws_launch_template", &["vpc_security_group_ids", "security_group_names", "network_interfaces"]),
    ("aws_launch_configuration", &["security_groups"]),
    ("aws_db_instance", &["vpc_security_group_ids", "replicate_source_db"]),
    ("aws_rds_cluster", &["vpc_security_group_ids"]),
    (
        "aws_elasticache_replication_group",
        &["security_group_ids", "security_group_names", "global_replication_group_id"],
    ),
    ("aws_efs_mount_target", &["security_groups"]),
    ("aws_network_interface", &["security_groups"]),
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for (of, arguments) in CARRIERS {
        for item in inventory.all(of) {
            findings.examine();
            if !arguments.iter().any(|argument| item.view().get(argument).is_some()) {
                carries(item, arguments, findings);
            }
        }
    }
    balancers(inventory, findings);
    for item in inventory.all("aws_default_security_group") {
        findings.examine();
        for argument in ["ingress", "egress"] {
            // What is not told may be no rule at all.
            let rules = match item.view().blocks(argument) {
                Told::Is(rules) => !rules.is_empty(),
                Told::Nothing => false,
                Told::Unknown(_) => continue,
            };
            if rules {
                let message = format!("the default group `{}` has rules", item.id());
                let fix = format!(
                    "remove `{argument}` from `{}` and make a group of its own for what needs it",
                    item.id()
                );
                findings.push(Finding::about(item, argument, message, fix).weighing(RULE.severity));
            }
        }
    }
    for item in inventory.all("aws_vpc") {
        findings.examine();
        if linked::belonging(inventory, "aws_default_security_group", "vpc_id", item).next().is_none() {
            let message = format!("the default group of `{}` is open to itself and outwards", item.id());
            let fix = format!("add an `aws_default_security_group` without rules for `{}`", item.id());
            findings.push(Finding::about(item, "", message, fix).weighing(RULE.severity));
        }
    }
}

fn carries(item: &Item, arguments: &[&str], findings: &mut Findings) {
    let argument = arguments.first().copied().unwrap_or_default();
    let message = format!("`{}` names no security group and carries the default one", item.id());
    let fix = format!("set `{argument}` in `{}`", item.id());
    findings.push(Finding::about(item, argument, message, fix).weighing(Severity::Medium));
}

fn balancers(inventory: &Inventory, findings: &mut Findings) {
    for item in linked::all(inventory, &["aws_lb", "aws_alb"]) {
        findings.examine();
        let view = item.view();
        // A network load balancer without groups has none at all.
        let application = matches!(view.literal("load_balancer_type"), Told::Nothing)
            || matches!(view.literal("load_balancer_type"), Told::Is(word) if word == "application");
        if application && view.get("security_groups").is_none() {
            carries(item, &["security_groups"], findings);
        }
    }
    for item in inventory.all("aws_ecs_service") {
        let Told::Is(network) = item.view().block("network_configuration") else { continue };
        findings.examine();
        if network.get("security_groups").is_none() {
            carries(item, &["network_configuration.security_groups"], findings);
        }
    }
}
