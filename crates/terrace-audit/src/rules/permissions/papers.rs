//! Policies of resources, and where they stand.

use terrace_aws::inventory::{Inventory, Item, UnknownName};
use terrace_aws::{Effect, Field as _, PolicyDocument, Statement, Value};

/// A policy, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Paper<'a> {
    pub(super) item: &'a Item,
    pub(super) path: &'static str,
    /// Its text, or what it depends on where that is not told.
    pub(super) document: Result<PolicyDocument, Vec<UnknownName>>,
}

impl<'a> Paper<'a> {
    /// The policy that an argument of an item holds, if it is given.
    pub(super) fn of(item: &'a Item, path: &'static str) -> Option<Self> {
        let value = item.view().get(path)?;
        let untold = || {
            let mut references = Vec::new();
            value.references(&mut references);
            let names = crate::named(&references);
            if names.is_empty() {
                vec![UnknownName::new(format!("`{path}` of `{}`", item.id()))]
            } else {
                names
            }
        };
        let document = match (PolicyDocument::read(Some(value)), value) {
            (Ok(document @ PolicyDocument::Statements(_)), _) => Ok(document),
            (Ok(PolicyDocument::Opaque(_)) | Err(_), Value::Text(text)) if text.literal() == Some("") => {
                return None;
            }
            (Ok(PolicyDocument::Opaque(_)) | Err(_), _) => Err(untold()),
        };
        Some(Self { item, path, document })
    }

    /// Every statement that allows something, with its number.
    pub(super) fn allowing(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let all = match &self.document {
            Ok(PolicyDocument::Statements(all)) => all.as_slice(),
            _ => &[],
        };
        all.iter().enumerate().filter(|(_, statement)| statement.effect == Effect::Allow)
    }

    /// What a policy depends on that is not told.
    pub(super) fn untold(&self) -> Option<&[UnknownName]> {
        self.document.as_ref().err().map(Vec::as_slice)
    }
}

/// How people call a statement.
pub(super) fn called(at: usize, statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
        _ => format!("statement {}", at + 1),
    }
}

/// Every policy of these types and arguments.
pub(super) fn all<'a>(
    inventory: &'a Inventory,
    types: &'static [(&'static str, &'static str)],
) -> Vec<Paper<'a>> {
    let papers =
        types.iter().flat_map(|(of, path)| inventory.all(of).filter_map(move |item| Paper::of(item, path)));
    papers.collect()
}

/// Policies of what is neither a bucket, a role nor an endpoint.
pub(super) const RESOURCES: &[(&str, &str)] = &[
    ("aws_kms_key", "policy"),
    ("aws_kms_key_policy", "policy"),
    ("aws_kms_external_key", "policy"),
    ("aws_secretsmanager_secret", "policy"),
    ("aws_secretsmanager_secret_policy", "policy"),
    ("aws_sqs_queue", "policy"),
    ("aws_sqs_queue_policy", "policy"),
    ("aws_sns_topic", "policy"),
    ("aws_sns_topic_policy", "policy"),
    ("aws_ecr_repository_policy", "policy"),
    ("aws_ecr_registry_policy", "policy"),
    ("aws_efs_file_system_policy", "policy"),
    ("aws_opensearch_domain", "access_policies"),
    ("aws_opensearch_domain_policy", "access_policies"),
    ("aws_elasticsearch_domain", "access_policies"),
    ("aws_elasticsearch_domain_policy", "access_policies"),
    ("aws_dynamodb_resource_policy", "policy"),
    ("aws_kinesis_resource_policy", "policy"),
    ("aws_backup_vault_policy", "policy"),
    ("aws_cloudwatch_event_bus_policy", "policy"),
    ("aws_cloudwatch_log_resource_policy", "policy_document"),
    ("aws_codeartifact_domain_permissions_policy", "policy_document"),
    ("aws_codeartifact_repository_permissions_policy", "policy_document"),
    ("aws_glacier_vault", "access_policy"),
    ("aws_glue_resource_policy", "policy"),
];

/// Policies of buckets and of what leads into them.
pub(super) const BUCKETS: &[(&str, &str)] =
    &[("aws_s3_bucket_policy", "policy"), ("aws_s3_bucket", "policy")];
