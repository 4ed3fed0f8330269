//! Passwords that whoever applies the design knows and that its state keeps.

use terrace_aws::inventory::{Inventory, Item, Told, View};
use terrace_aws::{Text, Value};

use super::names;
use crate::rules::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("secrets-in-state"),
    property: "no password or secret goes through the design's own state",
    severity: Severity::Medium,
    what: "Looks at passwords of databases, caches, brokers and search domains, at the values of secrets and secure parameters, \
           and at passwords and keys that Terraform itself makes. Finds those that are given as an argument that is kept in \
           the state: of high weight where the value stands in the files (or is a variable's default), of medium weight \
           where it comes from elsewhere. A value that AWS makes (`manage_master_user_password`), a write-only argument \
           (`password_wo`, `secret_string_wo`) and a dynamic reference to a secret are no finding.",
    why: "The state keeps it in plain. Whoever can read the state's bucket, a plan's file or a runner's disk knows the password.",
    example: r#"resource "random_password" "db" {
  length = 32
}

resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
  username       = "app"
  password       = random_password.db.result
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  username                    = "app"
  manage_master_user_password = true
}"#,
    sources: &[
        "Terraform documentation, \"Sensitive data in state\" and \"Write-only arguments\"",
        "Amazon RDS User Guide, \"Password management with Amazon RDS and AWS Secrets Manager\"",
    ],
    check,
};

struct Row {
    of: &'static str,
    blocks: &'static [&'static str],
    argument: &'static str,
    better: &'static str,
}

const fn row(
    of: &'static str,
    blocks: &'static [&'static str],
    argument: &'static str,
    better: &'static str,
) -> Row {
    Row { of, blocks, argument, better }
}

const MANAGED: &str = "`manage_master_user_password = true`";
const WRITE: &str = "`secret_string_wo` with an ephemeral value";

const ROWS: [Row; 17] = [
    row("aws_db_instance", &[], "password", MANAGED),
    row("aws_rds_cluster", &[], "master_password", MANAGED),
    row("aws_redshift_cluster", &[], "master_password", "`manage_master_password = true`"),
    row("aws_redshiftserverless_namespace", &[], "admin_user_password", "`manage_admin_password = true`"),
    row("aws_docdb_cluster", &[], "master_password", MANAGED),
    row(
        "aws_elasticache_replication_group",
        &[],
        "auth_token",
        "users with IAM authentication (`user_group_ids`)",
    ),
    row("aws_elasticache_user", &[], "passwords", "`authentication_mode { type = \"iam\" }`"),
    row("aws_memorydb_user", &["authentication_mode"], "passwords", "`type = \"iam\"`"),
    row(
        "aws_opensearch_domain",
        &["advanced_security_options", "master_user_options"],
        "master_user_password",
        "`master_user_arn`",
    ),
    row("aws_mq_broker", &["user"], "password", "a password that is set outside"),
    row("aws_dms_endpoint", &[], "password", "`secrets_manager_arn`"),
    row("aws_directory_service_directory", &[], "password", "a password that is set outside"),
    row("aws_secretsmanager_secret_version", &[], "secret_string", WRITE),
    row("aws_secretsmanager_secret_version", &[], "secret_binary", WRITE),
    row("aws_ssm_parameter", &[], "value", "`value_wo` with an ephemeral value"),
    row("aws_iam_user_login_profile", &[], "password", "no login profile, but IAM Identity Center"),
    row("aws_cognito_user", &[], "password", "a password that the user sets"),
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for row in &ROWS {
        for item in inventory.all(row.of) {
            let plain = row.of == "aws_ssm_parameter"
                && !matches!(item.view().literal("type"), Told::Is(kind) if kind == "SecureString");
            if plain {
                continue;
            }
            findings.examine();
            let views: Vec<View<'_>> = row.blocks.iter().fold(vec![item.view()], |views, block| {
                views.into_iter().flat_map(|view| view.blocks(block).known().unwrap_or_default()).collect()
            });
            for value in views.into_iter().filter_map(|view| view.get(row.argument)) {
                look(item, row, value, findings);
            }
        }
    }
    made(inventory, findings);
}

fn look(item: &Item, row: &Row, value: &Value, findings: &mut Findings) {
    let path = row.blocks.iter().chain([&row.argument]).copied().collect::<Vec<_>>().join(".");
    let text = match value {
        Value::Text(text) | Value::Base64(text) => Some(text),
        _ => None,
    };
    let literal = text.and_then(Text::literal);
    // A place for a value that somebody else writes later is left with a stand-in.
    let kept = matches!(row.of, "aws_secretsmanager_secret_version" | "aws_ssm_parameter");
    let harmless = literal.is_some_and(|value| {
        value.is_empty() || value.starts_with("{{resolve:") || (kept && names::is_stand_in(value))
    });
    if harmless {
        return;
    }
    let (message, weight) = if literal.is_some() {
        (
            format!("`{path}` of `{}` stands in the files, and in every state of the design", item.id()),
            Severity::High,
        )
    } else {
        (
            format!(
                "`{path}` of `{}` is given by whoever applies the design, and kept in its state",
                item.id()
            ),
            RULE.severity,
        )
    };
    // What is made of several things in a way that is not told may turn out to be nothing; a variable is not.
    let answer = match value {
        Value::Opaque(of) if of.len() != 1 => Answer::open(crate::named(of)),
        _ if kept && only_public(value) => Answer::Good,
        _ => Answer::Bad,
    };
    answer.say(findings, || {
        let fix = format!("replace `{path}` in `{}` by {}", item.id(), row.better);
        Finding::about(item, &path, message, fix).weighing(weight)
    });
}

/// Whether a document holds no secret: only names, addresses and the like of other resources.
fn only_public(value: &Value) -> bool {
    let Value::Json(json) = value else { return false };
    let mut leaves = Vec::new();
    super::text::leaves("", json, &mut leaves);
    !leaves
        .iter()
        .any(|(name, text)| names::is_secret(name) && !text.literal().is_some_and(names::is_stand_in))
}

/// Passwords and keys that are made by Terraform are kept by it, whatever they are used for.
fn made(inventory: &Inventory, findings: &mut Findings) {
    let kinds = [
        ("random_password", "an `ephemeral \"random_password\"`, or a password that AWS makes"),
        ("tls_private_key", "a key that is made outside, or `ephemeral \"tls_private_key\"`"),
        ("aws_iam_access_key", "a role instead of a user with a key"),
    ];
    for (of, better) in kinds {
        for item in inventory.all(of) {
            findings.examine();
            if of == "aws_iam_access_key" && item.view().get("pgp_key").is_some() {
                continue;
            }
            let message = format!("what `{}` makes is kept in the state in plain", item.id());
            let fix = format!("replace `{}` by {better}", item.id());
            findings.push(Finding::about(item, "", message, fix).weighing(Severity::Low));
        }
    }
}
