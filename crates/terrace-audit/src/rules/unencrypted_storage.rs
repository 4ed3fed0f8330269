//! Storage that is not encrypted at rest.

use terrace_aws::inventory::{Inventory, Item, Told, UnknownName, View};

use super::answer::Answer;
use super::linked;
use super::volumes;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("unencrypted-storage"),
    property: "everything that is stored is encrypted at rest",
    severity: Severity::High,
    what: "Looks at databases (RDS, Aurora, DocumentDB, Neptune, Redshift, ElastiCache, OpenSearch, DAX), file systems, \
           volumes of machines, streams and queues. Finds those whose storage is not encrypted where AWS does not do it \
           by itself. What AWS encrypts always (DynamoDB, ECR, log groups, FSx) or by default (S3 since January 2023, \
           SQS) is no finding. A root volume without a word is encrypted or not as its image is: found for AWS's \
           public images, which never are; for others it depends.",
    why: "Whoever gets at a snapshot, a disk or a copy of it reads all that is in it; and most storage cannot be encrypted \
          later without a move of the data.",
    example: r#"resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
}"#,
    fix: r#"resource "aws_db_instance" "main" {
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  storage_encrypted = true
}"#,
    sources: &[
        "Amazon RDS User Guide, \"Encrypting Amazon RDS resources\"",
        "Amazon EBS User Guide, \"Amazon EBS encryption\"",
        "Amazon S3 User Guide, \"Setting default server-side encryption behavior for Amazon S3 buckets\"",
    ],
    check,
};

struct Row {
    of: &'static str,
    /// The block in which it is said; empty for the resource itself.
    block: &'static str,
    argument: &'static str,
    /// What AWS does where nothing is said.
    without: bool,
}

const fn row(of: &'static str, block: &'static str, argument: &'static str, without: bool) -> Row {
    Row { of, block, argument, without }
}

const ROWS: [Row; 16] = [
    row("aws_db_instance", "", "storage_encrypted", false),
    row("aws_rds_cluster", "", "storage_encrypted", false),
    row("aws_rds_global_cluster", "", "storage_encrypted", false),
    row("aws_docdb_cluster", "", "storage_encrypted", false),
    row("aws_docdbelastic_cluster", "", "storage_encrypted", true),
    row("aws_neptune_cluster", "", "storage_encrypted", false),
    row("aws_efs_file_system", "", "encrypted", false),
    row("aws_ebs_volume", "", "encrypted", false),
    row("aws_ebs_snapshot_copy", "", "encrypted", false),
    row("aws_ami_copy", "", "encrypted", false),
    row("aws_elasticache_replication_group", "", "at_rest_encryption_enabled", false),
    row("aws_opensearch_domain", "encrypt_at_rest", "enabled", false),
    row("aws_elasticsearch_domain", "encrypt_at_rest", "enabled", false),
    row("aws_dax_cluster", "server_side_encryption", "enabled", false),
    row("aws_redshift_cluster", "", "encrypted", false),
    row("aws_sqs_queue", "", "sqs_managed_sse_enabled", true),
];

/// Arguments by which storage takes its encryption from what it is made of.
const MADE_OF: [&str; 6] = [
    "replicate_source_db",
    "replication_source_identifier",
    "global_cluster_identifier",
    "snapshot_identifier",
    "snapshot_id",
    "source_db_cluster_identifier",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for row in &ROWS {
        for item in inventory.all(row.of) {
            findings.examine();
            look(inventory, item, row, findings);
        }
    }
    streams(inventory, findings);
    volumes::check(inventory, findings);
    for bucket in inventory.all("aws_s3_bucket") {
        findings.examine();
        let configuration = "aws_s3_bucket_server_side_encryption_configuration";
        let own = bucket.view().get("server_side_encryption_configuration").is_some();
        if !own && linked::belonging(inventory, configuration, "bucket", bucket).next().is_none() {
            let says = "says nothing of encryption";
            findings.clear(
                Evidence::of(bucket, "", says),
                "S3 encrypts every object that is put since January 2023",
            );
        }
    }
}

fn look(inventory: &Inventory, item: &Item, row: &Row, findings: &mut Findings) {
    let path = if row.block.is_empty() {
        row.argument.to_owned()
    } else {
        format!("{}.{}", row.block, row.argument)
    };
    answer(inventory, item, row).say(findings, || {
        let message = format!("the storage of `{}` is not encrypted", item.id());
        let fix = format!("set `{path} = true` in `{}`", item.id());
        let weight = if row.of == "aws_sqs_queue" { Severity::Low } else { RULE.severity };
        Finding::about(item, &path, message, fix).weighing(weight)
    });
}

fn answer(inventory: &Inventory, item: &Item, row: &Row) -> Answer {
    let view = item.view();
    let told = match row.block {
        "" => view.bool(row.argument),
        block => match view.block(block) {
            Told::Is(block) => block.bool(row.argument),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        },
    };
    let without = match row.of {
        "aws_ebs_volume" if volumes::by_default(inventory, item) => Answer::Good,
        "aws_rds_cluster" if says(view, "engine_mode", "serverless") => Answer::Good,
        "aws_elasticache_replication_group" if says(view, "engine", "valkey") => Answer::Good,
        "aws_redshift_cluster" => Answer::open([UnknownName::new(
            "the version of the AWS provider (before 6, nothing means unencrypted)",
        )]),
        _ => inherited(inventory, item).unwrap_or(Answer::when(row.without)),
    };
    let key = matches!(row.of, "aws_sqs_queue") && view.get("kms_master_key_id").is_some();
    Answer::truth_or(told, without).or(Answer::when(key))
}

/// What follows from the database or snapshot that the storage is made of: a replica is encrypted as its source is.
fn inherited(inventory: &Inventory, item: &Item) -> Option<Answer> {
    let argument = MADE_OF.into_iter().find(|argument| item.view().get(argument).is_some())?;
    let sources = ["aws_db_instance", "aws_rds_cluster"];
    let source = linked::named(inventory, &sources, item.view(), argument);
    if let Some(source) = source.filter(|source| source.view().get("storage_encrypted").is_some()) {
        return Some(Answer::truth(source.view().bool("storage_encrypted"), false));
    }
    let name = format!("whether what `{}` is made of (`{argument}`) is encrypted", item.id());
    Some(Answer::open([UnknownName::new(name)]))
}

fn says(view: View<'_>, argument: &str, word: &str) -> bool {
    matches!(view.literal(argument), Told::Is(said) if said == word)
}

fn streams(inventory: &Inventory, findings: &mut Findings) {
    for item in inventory.all("aws_kinesis_stream") {
        findings.examine();
        Answer::of(item.view().literal("encryption_type"), Answer::Bad, |word| word == "KMS").say(
            findings,
            || {
                let message = format!("the stream `{}` is not encrypted", item.id());
                let fix = format!("set `encryption_type = \"KMS\"` and a key in `{}`", item.id());
                Finding::about(item, "encryption_type", message, fix)
            },
        );
    }
    for item in inventory.all("aws_elasticache_cluster") {
        let redis =
            !says(item.view(), "engine", "memcached") && item.view().get("replication_group_id").is_none();
        if redis {
            findings.examine();
            let message =
                format!("the storage of `{}` is not encrypted: a single node of Redis cannot be", item.id());
            let fix = format!(
                "make `{}` an `aws_elasticache_replication_group` with `at_rest_encryption_enabled`",
                item.id()
            );
            findings.push(Finding::about(item, "engine", message, fix));
        }
    }
}
