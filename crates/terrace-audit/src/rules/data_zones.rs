//! Databases that stand in one zone.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Inventory, Item, Presence, Told, View};

use super::answer::Answer;
use super::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("data-zones"),
    property: "a database outlives the loss of a zone",
    severity: Severity::Medium,
    what: "Looks at databases of RDS, clusters of Aurora, DocumentDB and Neptune, caches and search domains. Finds those \
           whose servers stand in one zone: without a standby, with one server, or without a spread over zones.",
    why: "A zone fails as a whole, and a server fails oftener; without a second one elsewhere the application stands still \
          until somebody restores a backup.",
    example: r#"resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
  multi_az       = true
}"#,
    sources: &[
        "Amazon RDS User Guide, \"Configuring and managing a Multi-AZ deployment for Amazon RDS\"",
        "Amazon Aurora User Guide, \"High availability for Amazon Aurora\"",
    ],
    check,
};

/// Clusters, and the servers that stand in them.
const CLUSTERS: [(&str, &str); 3] = [
    ("aws_rds_cluster", "aws_rds_cluster_instance"),
    ("aws_docdb_cluster", "aws_docdb_cluster_instance"),
    ("aws_neptune_cluster", "aws_neptune_cluster_instance"),
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in
        inventory.all("aws_db_instance").filter(|item| item.view().get("replicate_source_db").is_none())
    {
        findings.examine();
        Answer::truth(item.view().bool("multi_az"), false).say(findings, || {
            let message = format!("`{}` has no standby in another zone", item.id());
            let fix = format!("set `multi_az = true` in `{}`", item.id());
            Finding::about(item, "multi_az", message, fix)
        });
    }
    for (of, server) in CLUSTERS {
        for item in inventory.all(of) {
            findings.examine();
            cluster(inventory, item, server, findings);
        }
    }
    for item in inventory.all("aws_elasticache_replication_group") {
        findings.examine();
        let view = item.view();
        let answer = Answer::truth(view.bool("multi_az_enabled"), false);
        answer.say(findings, || {
            let message = format!("the cache `{}` does not go on in another zone", item.id());
            let fix = format!(
                "set `automatic_failover_enabled = true` and `multi_az_enabled = true` in `{}`",
                item.id()
            );
            Finding::about(item, "multi_az_enabled", message, fix).weighing(Severity::Low)
        });
    }
    for item in linked::all(inventory, &["aws_opensearch_domain", "aws_elasticsearch_domain"]) {
        findings.examine();
        let told = match item.view().block("cluster_config") {
            Told::Is(block) => block.bool("zone_awareness_enabled"),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        };
        Answer::truth(told, false).say(findings, || {
            let message = format!("the nodes of `{}` stand in one zone", item.id());
            let fix = format!("set `cluster_config.zone_awareness_enabled = true` in `{}`", item.id());
            Finding::about(item, "cluster_config.zone_awareness_enabled", message, fix)
                .weighing(Severity::Low)
        });
    }
}

fn cluster(inventory: &Inventory, item: &Item, server: &str, findings: &mut Findings) {
    let view = item.view();
    // A cluster of RDS (not Aurora) has its servers in three zones by itself; Aurora Serverless of old finds another.
    if view.get("db_cluster_instance_class").is_some() || says(view, "engine_mode", "serverless") {
        return;
    }
    let servers: Vec<&Item> = linked::belonging(inventory, server, "cluster_identifier", item).collect();
    let sure: Vec<&Item> = servers.iter().copied().filter(|one| one.presence == Presence::Sure).collect();
    let open = servers.iter().filter_map(|one| match &one.presence {
        Presence::Depends(on) => Some(on.iter().cloned()),
        Presence::Sure => None,
    });
    let open: BTreeSet<_> = open.flatten().collect();
    let zones = sure.iter().map(|one| one.view().text("availability_zone"));
    let spread = if sure.len() < 2 { Answer::Bad } else { linked::apart(zones) };
    let answer = if open.is_empty() { spread } else { spread.or(Answer::open(open)) };
    let message = match servers.as_slice() {
        [] => format!("`{}` has no server", item.id()),
        [_] => format!("`{}` has one server", item.id()),
        _ => format!("all servers of `{}` stand in one zone", item.id()),
    };
    answer.say(findings, || {
        let fix = format!("add an `{server}` to `{}` in another zone", item.id());
        Finding::about(item, "", message, fix)
    });
}

fn says(view: View<'_>, argument: &str, word: &str) -> bool {
    matches!(view.literal(argument), Told::Is(said) if said == word)
}
