//! What is kept: secrets, parameters, buckets.

use terrace_aws::inventory::{Item, ItemId, Told};
use terrace_aws::{Text, Value};
use terrace_proof::estate::{Holding, HoldingKind, KeyUse, WritingId};

use super::Lifting;
use super::identities::tags;
use super::names::slashed;
use super::papers;

impl<'i> Lifting<'_, 'i> {
    pub(super) fn holdings(&mut self) {
        self.secrets();
        self.parameters();
        self.buckets();
    }

    fn hold(&mut self, item: &Item, kind: HoldingKind, arn: Text, policies: Vec<WritingId>, key: KeyUse) {
        let (id, region, tags) = (item.id().clone(), self.names.region_of(item), tags(item.view()));
        self.estate.holdings.push(Holding { id, kind, arn, region, policies, key, tags });
    }

    /// The policies that items of a type put beside what they name in an argument.
    fn beside(&mut self, type_name: &'static str, argument: &str, of: &Item) -> Vec<WritingId> {
        let mut found = Vec::new();
        for item in self.all(type_name) {
            if self.names_item(item, argument, of)
                && let Some(value) = item.view().get("policy")
            {
                found.extend(papers::write(&mut self.estate, self.names, item, "policy", value));
            }
        }
        found
    }

    /// Whether an argument names an item: by reference, or by its ARN or name.
    fn names_item(&self, item: &Item, argument: &str, of: &Item) -> bool {
        let Some(text) = item.view().text(argument).known() else { return false };
        let referred: Option<&ItemId> = text.reference().and_then(|reference| reference.item());
        if referred == Some(of.id()) && argument == "bucket" {
            return true;
        }
        let wanted = self.names.text(&text);
        let name = if of.type_name() == "aws_s3_bucket" { "bucket" } else { "name" };
        let database = matches!(of.type_name(), "aws_db_instance" | "aws_rds_cluster");
        let arn = if database { self.names.master_secret(of) } else { self.names.arn(of) };
        wanted == arn || (!database && wanted == self.names.name(of, name))
    }

    fn secrets(&mut self) {
        for item in self.all("aws_secretsmanager_secret") {
            let mut policies = Vec::new();
            if let Some(value) = item.view().get("policy").filter(|value| !is_empty(value)) {
                policies.extend(papers::write(&mut self.estate, self.names, item, "policy", value));
            }
            policies.extend(self.beside("aws_secretsmanager_secret_policy", "secret_arn", item));
            let key = self.key_use(item.view().get("kms_key_id"));
            let keeper = item.view().literal("owning_service").known();
            self.hold(item, HoldingKind::Secret { keeper }, self.names.arn(item), policies, key);
        }
        for type_name in ["aws_db_instance", "aws_rds_cluster"] {
            for item in self.all(type_name) {
                if item.view().bool("manage_master_user_password").known() != Some(true) {
                    continue;
                }
                let key = self.key_use(item.view().get("master_user_secret_kms_key_id"));
                let kind = HoldingKind::Secret { keeper: Some("rds.amazonaws.com".to_owned()) };
                let policies = self.beside("aws_secretsmanager_secret_policy", "secret_arn", item);
                self.hold(item, kind, self.names.master_secret(item), policies, key);
            }
        }
    }

    fn parameters(&mut self) {
        for item in self.all("aws_ssm_parameter") {
            let key = match item.view().literal("type") {
                Told::Is(kind) if kind == "SecureString" => self.key_use(item.view().get("key_id")),
                Told::Unknown(of) => KeyUse::Unknown(papers::untold(of)),
                Told::Is(_) | Told::Nothing => KeyUse::None,
            };
            let name = slashed(&self.names.name(item, "name"));
            self.hold(item, HoldingKind::Parameter { name }, self.names.arn(item), Vec::new(), key);
        }
    }

    fn buckets(&mut self) {
        for item in self.all("aws_s3_bucket") {
            let mut policies = Vec::new();
            if let Some(value) = item.view().get("policy").filter(|value| !is_empty(value)) {
                policies.extend(papers::write(&mut self.estate, self.names, item, "policy", value));
            }
            policies.extend(self.beside("aws_s3_bucket_policy", "bucket", item));
            let (shut, key) = (self.shut(item), self.bucket_key(item));
            self.hold(item, HoldingKind::Bucket { shut }, self.names.arn(item), policies, key);
        }
    }

    /// Whether a bucket is shut to the public by a public access block of its own or of the account.
    fn shut(&self, bucket: &Item) -> Option<bool> {
        let own = self.all("aws_s3_bucket_public_access_block");
        let of_bucket = own.into_iter().filter(|block| self.names_item(block, "bucket", bucket));
        let all: Vec<&Item> = of_bucket.chain(self.all("aws_s3_account_public_access_block")).collect();
        let mut open = None;
        for block in all {
            for argument in ["block_public_policy", "restrict_public_buckets"] {
                match block.view().bool(argument) {
                    Told::Is(true) if papers::presence(block).is_empty() => return Some(true),
                    Told::Is(true) | Told::Unknown(_) => return None,
                    Told::Is(false) | Told::Nothing => open = Some(false),
                }
            }
        }
        open
    }

    fn bucket_key(&self, bucket: &'i Item) -> KeyUse {
        const TYPE: &str = "aws_s3_bucket_server_side_encryption_configuration";
        let beside = self.all(TYPE);
        let beside = beside.iter().find(|item| self.names_item(item, "bucket", bucket));
        let inline = bucket.view().block("server_side_encryption_configuration").known();
        let Some(configuration) = beside.map(|item| item.view()).or(inline) else { return KeyUse::None };
        let rule = match configuration.block("rule") {
            Told::Is(rule) => rule.block("apply_server_side_encryption_by_default"),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        };
        match rule {
            Told::Is(rule) => match rule.literal("sse_algorithm") {
                Told::Is(algorithm) if algorithm.starts_with("aws:kms") => {
                    self.key_use(rule.get("kms_master_key_id"))
                }
                Told::Is(_) | Told::Nothing => KeyUse::None,
                Told::Unknown(of) => KeyUse::Unknown(papers::untold(of)),
            },
            Told::Nothing => KeyUse::None,
            Told::Unknown(of) => KeyUse::Unknown(papers::untold(of)),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Text(text) if matches!(text.literal(), Some("" | "{}")))
}
