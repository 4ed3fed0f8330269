//! Databases and stores that answer without TLS.

use terrace_aws::inventory::{Inventory, Item, Told, UnknownName};

use super::answer::Answer;
use super::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("data-tls"),
    property: "databases and stores answer over TLS only",
    severity: Severity::Medium,
    what: "Looks at databases of RDS and Aurora and the parameters that they are set up with, and at caches, search domains, \
           Kafka and file systems of tasks. Finds those that take connections without TLS. PostgreSQL of RDS from version \
           15 and of Aurora from 17 refuses them by itself, unless a parameter says otherwise.",
    why: "Without TLS, passwords and rows are read by whoever sees the network, and a client that could use TLS is talked \
          out of it.",
    example: r#"resource "aws_db_parameter_group" "main" {
  family = "mysql8.0"
}

resource "aws_db_instance" "main" {
  engine               = "mysql"
  engine_version       = "8.0"
  instance_class       = "db.t4g.micro"
  parameter_group_name = aws_db_parameter_group.main.name
}"#,
    fix: r#"resource "aws_db_parameter_group" "main" {
  family = "mysql8.0"
  parameter {
    name  = "require_secure_transport"
    value = "1"
  }
}

resource "aws_db_instance" "main" {
  engine               = "mysql"
  engine_version       = "8.0"
  instance_class       = "db.t4g.micro"
  parameter_group_name = aws_db_parameter_group.main.name
}"#,
    sources: &[
        "Amazon RDS User Guide, \"Using SSL with a PostgreSQL DB instance\"",
        "Amazon RDS User Guide, \"Requiring SSL/TLS for all connections to a MySQL DB instance\"",
        "Amazon Aurora User Guide, \"Securing Aurora PostgreSQL data with SSL/TLS\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in inventory.all("aws_db_instance") {
        database(inventory, item, "parameter_group_name", "aws_db_parameter_group", findings);
    }
    for item in inventory.all("aws_rds_cluster") {
        database(
            inventory,
            item,
            "db_cluster_parameter_group_name",
            "aws_rds_cluster_parameter_group",
            findings,
        );
    }
    flags(inventory, findings);
}

/// The parameter that makes an engine refuse, and the first version that does so by itself; none if it has neither.
fn engine(name: &str) -> Option<(&'static str, Option<u32>)> {
    Some(match name {
        "postgres" => ("rds.force_ssl", Some(15)),
        "aurora-postgresql" => ("rds.force_ssl", Some(17)),
        "mysql" | "mariadb" | "aurora-mysql" | "aurora" => ("require_secure_transport", None),
        name if name.starts_with("sqlserver") => ("rds.force_ssl", None),
        _ => return None,
    })
}

fn database(
    inventory: &Inventory,
    item: &Item,
    argument: &str,
    group: &'static str,
    findings: &mut Findings,
) {
    let name = match item.view().literal("engine") {
        Told::Is(name) => name.to_ascii_lowercase(),
        // The provider's default for a cluster; an instance without one is a replica.
        Told::Nothing if item.type_name() == "aws_rds_cluster" => "aurora".to_owned(),
        Told::Nothing => return,
        Told::Unknown(of) => {
            findings.examine();
            return say(item, "engine", "", Answer::open(crate::named(&of)), findings);
        }
    };
    let Some((parameter, since)) = engine(&name) else { return };
    findings.examine();
    let by_itself = by_itself(item, &name, since);
    let refuses = by_itself.is_good();
    let answer = match linked::named(inventory, &[group], item.view(), argument) {
        Some(group) => said(group, parameter, by_itself),
        None => match item.view().literal(argument) {
            Told::Is(name) if !name.starts_with("default.") => {
                Answer::open([UnknownName::new(format!("the parameter group {name}"))])
            }
            Told::Is(_) | Told::Nothing => by_itself,
            Told::Unknown(of) => Answer::open(crate::named(&of)),
        },
    };
    if refuses && answer.is_good() && item.view().get(argument).is_none() {
        let reason = format!("{name} of this version refuses connections without TLS by itself");
        findings.clear(Evidence::of(item, "engine_version", "sets no parameter that asks for TLS"), reason);
    }
    say(item, argument, parameter, answer, findings);
}

fn by_itself(item: &Item, engine: &str, since: Option<u32>) -> Answer {
    let version = match item.view().literal("engine_version") {
        Told::Is(version) => version,
        Told::Nothing if since.is_none() => return Answer::Bad,
        Told::Nothing => {
            return Answer::open([UnknownName::new(format!("the version of {engine} that AWS takes"))]);
        }
        Told::Unknown(of) => return Answer::open(crate::named(&of)),
    };
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or_default());
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    match (engine, since) {
        (_, Some(since)) => Answer::when(major >= since),
        ("mysql", None) if (major, minor) < (8, 4) => Answer::Bad,
        ("mariadb", None) if (major, minor) < (11, 8) => Answer::Bad,
        ("aurora-mysql", None) if !version.starts_with("8.4") => Answer::Bad,
        ("mysql" | "mariadb" | "aurora-mysql", None) => {
            Answer::open([UnknownName::new(format!("what {engine} {version} does by default"))])
        }
        _ => Answer::Bad,
    }
}

fn said(group: &Item, parameter: &str, by_itself: Answer) -> Answer {
    let parameters = match group.view().blocks("parameter") {
        Told::Is(all) => all,
        Told::Nothing => return by_itself,
        Told::Unknown(of) => return Answer::open(crate::named(&of)),
    };
    let mut said = by_itself;
    for one in parameters {
        match one.literal("name") {
            Told::Is(name) if name == parameter => {
                let on = |value: String| matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "true");
                said = Answer::of(one.literal("value"), Answer::Bad, on);
            }
            Told::Unknown(of) if !said.is_good() => said = Answer::open(crate::named(&of)),
            _ => {}
        }
    }
    said
}

fn say(item: &Item, path: &str, parameter: &str, answer: Answer, findings: &mut Findings) {
    answer.say(findings, || {
        let message = format!("`{}` takes connections without TLS", item.id());
        let fix = match parameter {
            "" => format!(
                "set the engine's parameter that asks for TLS in the parameter group of `{}`",
                item.id()
            ),
            _ => format!("set the parameter `{parameter}` to `1` in the parameter group of `{}`", item.id()),
        };
        Finding::about(item, path, message, fix)
    });
}

/// Blocks and arguments that have to be true, and what AWS does where they are not given.
const FLAGS: [(&str, &[&str], &str, bool); 5] = [
    ("aws_elasticache_replication_group", &[], "transit_encryption_enabled", false),
    ("aws_opensearch_domain", &["node_to_node_encryption"], "enabled", false),
    ("aws_opensearch_domain", &["domain_endpoint_options"], "enforce_https", false),
    ("aws_elasticsearch_domain", &["node_to_node_encryption"], "enabled", false),
    ("aws_elasticsearch_domain", &["domain_endpoint_options"], "enforce_https", false),
];

fn flags(inventory: &Inventory, findings: &mut Findings) {
    for (of, blocks, argument, without) in FLAGS {
        for item in inventory.all(of) {
            findings.examine();
            let told = blocks.iter().try_fold(item.view(), |view, block| match view.block(block) {
                Told::Is(inner) => Ok(inner),
                other => Err(other.map(|_| false)),
            });
            let told = told.map_or_else(|told| told, |view| view.bool(argument));
            let path = blocks.iter().chain([&argument]).copied().collect::<Vec<_>>().join(".");
            Answer::truth(told, without).say(findings, || {
                let message = format!("`{}` takes connections without TLS", item.id());
                let fix = format!("set `{path} = true` in `{}`", item.id());
                Finding::about(item, &path, message, fix)
            });
        }
    }
    for item in inventory.all("aws_msk_cluster") {
        findings.examine();
        let told = match item.view().block("encryption_info").map(|info| info.block("encryption_in_transit"))
        {
            Told::Is(Told::Is(block)) => block.literal("client_broker"),
            Told::Is(Told::Unknown(of)) | Told::Unknown(of) => Told::Unknown(of),
            Told::Is(Told::Nothing) | Told::Nothing => Told::Nothing,
        };
        Answer::of(told, Answer::Good, |word| word == "TLS").say(findings, || {
            let message = format!("`{}` takes connections without TLS", item.id());
            let path = "encryption_info.encryption_in_transit.client_broker";
            Finding::about(item, path, message, format!("set `{path} = \"TLS\"` in `{}`", item.id()))
        });
    }
    for item in inventory.all("aws_ecs_task_definition") {
        for (at, volume) in item.view().blocks("volume").known().unwrap_or_default().into_iter().enumerate() {
            let Told::Is(files) = volume.block("efs_volume_configuration") else { continue };
            findings.examine();
            let path = format!("volume[{at}].efs_volume_configuration.transit_encryption");
            Answer::of(files.literal("transit_encryption"), Answer::Bad, |word| word == "ENABLED").say(
                findings,
                || {
                    let message = format!("`{}` reads its file system without TLS", item.id());
                    Finding::about(
                        item,
                        &path,
                        message,
                        format!("set `{path} = \"ENABLED\"` in `{}`", item.id()),
                    )
                },
            );
        }
    }
}
