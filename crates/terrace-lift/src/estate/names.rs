//! One way to write each resource's name and ARN, wherever a design writes them.
//!
//! A policy says `${aws_s3_bucket.page.arn}/*`, another `arn:aws:s3:::page/*`, a third `arn:aws:s3:::${var.name}-*`. All are
//! brought to the same text, as concrete as the design tells: the account, ids, and what AWS chooses stay references.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Item, ItemId, Told};
use terrace_aws::{Json, Mode, Part, Reference, Text, Value};
use terrace_proof::access::SUFFIX;

/// How many names may stand in each other.
const DEPTH: usize = 4;

/// Names of an inventory's items.
pub(super) struct Names<'i> {
    pub(super) inventory: &'i Inventory,
    pub(super) account: Text,
    pub(super) region: Text,
    pub(super) partition: &'static str,
}

impl<'i> Names<'i> {
    pub(super) fn new(inventory: &'i Inventory) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for region in inventory.items().filter_map(|item| item.region.as_deref()) {
            *counts.entry(region).or_default() += 1;
        }
        let region = counts.into_iter().max_by_key(|(_, count)| *count).map(|(region, _)| region);
        let partition = match region {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let lookup = |kind: &str| ItemId::new(kind, format!("data.{kind}.this")).with_mode(Mode::Data);
        let region = match region {
            Some(region) => Text::from(region),
            None => Text::from(Reference::to_item(lookup("aws_region"), "region")),
        };
        let account = match account(inventory) {
            Some(account) => Text::from(account),
            None => Text::from(Reference::to_item(lookup("aws_caller_identity"), "account_id")),
        };
        Self { inventory, account, region, partition }
    }

    /// The region of an item.
    pub(super) fn region_of(&self, item: &Item) -> Text {
        item.region.as_deref().map_or_else(|| self.region.clone(), Text::from)
    }

    /// A text in which every reference to a known name or ARN is replaced by it.
    pub(super) fn text(&self, text: &Text) -> Text {
        self.replaced(text, DEPTH)
    }

    fn replaced(&self, text: &Text, depth: usize) -> Text {
        text.parts().iter().fold(Text::new(), |all, part| match part {
            Part::Literal(literal) => all.then(literal.as_str()),
            Part::Reference(reference) => match self.concrete(reference, depth) {
                Some(known) => all.then(known),
                None => all.then(reference.clone()),
            },
            Part::Opaque(references) => all.then(Text::opaque(references.clone())),
        })
    }

    /// The same within a document.
    pub(super) fn json(&self, json: &Json) -> Json {
        match json {
            Json::Text(text) => Json::Text(self.text(text)),
            Json::List(items) => Json::List(items.iter().map(|item| self.json(item)).collect()),
            Json::Object(fields) => {
                Json::Object(fields.iter().map(|(key, value)| (key.clone(), self.json(value))).collect())
            }
            Json::Null | Json::Bool(_) | Json::Int(_) => json.clone(),
        }
    }

    /// What an attribute comes to, if that can be said better than by the reference.
    fn concrete(&self, reference: &Reference, depth: usize) -> Option<Text> {
        let depth = depth.checked_sub(1)?;
        let (mode, kind) = reference.target().kind()?;
        let attribute = reference.attribute();
        match (mode, kind, attribute) {
            (Mode::Data, "aws_caller_identity", "account_id" | "id") => return Some(self.account.clone()),
            (Mode::Data, "aws_region", "name" | "id" | "region") => return Some(self.region.clone()),
            (Mode::Data, "aws_partition", "partition" | "id") => return Some(self.partition.into()),
            (Mode::Data, "aws_partition", "dns_suffix") => return Some(self.dns_suffix().into()),
            _ => {}
        }
        let item = self.inventory.target(reference)?;
        if is_master_secret(reference) {
            return Some(self.master_secret(item));
        }
        match (kind, attribute) {
            ("aws_secretsmanager_secret", "arn" | "id")
            | ("aws_iam_policy", "arn" | "id")
            | ("aws_ecs_cluster" | "aws_cloudformation_stack" | "aws_codebuild_project", "arn" | "id")
            | (
                "aws_iam_role"
                | "aws_iam_user"
                | "aws_iam_group"
                | "aws_iam_instance_profile"
                | "aws_ssm_parameter"
                | "aws_s3_bucket"
                | "aws_kms_key"
                | "aws_lambda_function"
                | "aws_instance"
                | "aws_launch_template",
                "arn",
            ) => self.arn_within(item, depth),
            ("aws_kms_alias", "target_key_arn") => {
                let key = self.keyed(item)?;
                self.arn_within(key, depth)
            }
            (
                "aws_secretsmanager_secret_version" | "aws_secretsmanager_secret_policy",
                "arn" | "secret_id",
            ) => {
                let argument = if kind.ends_with("policy") { "secret_arn" } else { "secret_id" };
                let text = item.view().text(argument).known()?;
                Some(self.replaced(&text, depth))
            }
            ("aws_kms_key", "key_id" | "id") => {
                Some(self.literal(item, "key_id").unwrap_or_else(|| own(item, "key_id")))
            }
            ("aws_s3_bucket", "id" | "bucket") => Some(self.named(item, "bucket", depth)),
            ("aws_lambda_function", "function_name" | "id") => Some(self.named(item, "function_name", depth)),
            (
                "aws_iam_role"
                | "aws_iam_user"
                | "aws_iam_group"
                | "aws_iam_instance_profile"
                | "aws_ssm_parameter",
                "name" | "id",
            )
            | (
                "aws_iam_policy" | "aws_secretsmanager_secret" | "aws_ecs_cluster" | "aws_kms_alias",
                "name",
            ) => Some(self.named(item, "name", depth)),
            _ => self.literal(item, attribute).filter(|_| mode == Mode::Managed && !attribute.is_empty()),
        }
    }

    /// The ARN of an item.
    pub(super) fn arn(&self, item: &Item) -> Text {
        self.arn_within(item, DEPTH).unwrap_or_else(|| own(item, "arn"))
    }

    fn arn_within(&self, item: &Item, depth: usize) -> Option<Text> {
        if let Some(arn) = self.literal(item, "arn") {
            return Some(arn);
        }
        let name = |argument: &str| self.named(item, argument, depth);
        let regional = |service: &str, rest: Text| self.arns_of(item, service, rest);
        let iam = |kind: &str, rest: Text| {
            let path = match item.view().text("path") {
                Told::Is(path) => self.replaced(&path, depth),
                Told::Nothing => Text::from("/"),
                Told::Unknown(of) => Text::opaque(of),
            };
            Text::from(format!("arn:{}:iam::", self.partition))
                .then(self.account.clone())
                .then(format!(":{kind}"))
                .then(path)
                .then(rest)
        };
        Some(match item.type_name() {
            "aws_iam_role" => iam("role", name("name")),
            "aws_iam_user" => iam("user", name("name")),
            "aws_iam_group" => iam("group", name("name")),
            "aws_iam_policy" => iam("policy", name("name")),
            "aws_iam_instance_profile" => iam("instance-profile", name("name")),
            "aws_secretsmanager_secret" => {
                let name = Text::from("secret:").then(name("name")).then("-").then(own(item, SUFFIX));
                regional("secretsmanager", name)
            }
            "aws_ssm_parameter" => regional("ssm", Text::from("parameter").then(slashed(&name("name")))),
            "aws_s3_bucket" => Text::from(format!("arn:{}:s3:::", self.partition)).then(name("bucket")),
            "aws_kms_key" => {
                let id = self.literal(item, "key_id").unwrap_or_else(|| own(item, "key_id"));
                regional("kms", Text::from("key/").then(id))
            }
            "aws_lambda_function" => regional("lambda", Text::from("function:").then(name("function_name"))),
            "aws_instance" => regional("ec2", Text::from("instance/").then(self.id(item))),
            "aws_launch_template" => regional("ec2", Text::from("launch-template/").then(self.id(item))),
            "aws_ecs_cluster" => regional("ecs", Text::from("cluster/").then(name("name"))),
            "aws_codebuild_project" => regional("codebuild", Text::from("project/").then(name("name"))),
            "aws_cloudformation_stack" => {
                regional("cloudformation", Text::from("stack/").then(name("name")).then("/*"))
            }
            _ => return None,
        })
    }

    /// An ARN in an item's region: its own, or a pattern of what runs within it or is started by it.
    pub(super) fn arns_of(&self, item: &Item, service: &str, rest: Text) -> Text {
        Text::from(format!("arn:{}:{service}:", self.partition))
            .then(self.region_of(item))
            .then(":")
            .then(self.account.clone())
            .then(":")
            .then(rest)
    }

    /// The secret in which RDS keeps the password of a database.
    pub(super) fn master_secret(&self, item: &Item) -> Text {
        let told = match item.view().block("master_user_secret") {
            Told::Is(block) => block.text("secret_arn").known(),
            Told::Nothing | Told::Unknown(_) => None,
        };
        if let Some(arn) = told.filter(|arn| arn.literal().is_some()) {
            return arn;
        }
        let (kind, attribute) = match item.type_name() {
            "aws_rds_cluster" => ("cluster", "cluster_resource_id"),
            _ => ("db", "resource_id"),
        };
        let id = self.literal(item, attribute).unwrap_or_else(|| own(item, "resource_id"));
        let rest = Text::from(format!("secret:rds!{kind}-")).then(id).then("-").then(own(item, SUFFIX));
        self.arns_of(item, "secretsmanager", rest)
    }

    /// The key that an alias means.
    pub(super) fn keyed(&self, alias: &Item) -> Option<&'i Item> {
        let text = alias.view().text("target_key_id").known()?;
        let reference = text.references().next()?;
        self.inventory.target(reference).filter(|item| item.type_name() == "aws_kms_key")
    }

    fn id(&self, item: &Item) -> Text {
        self.literal(item, "id").unwrap_or_else(|| own(item, "id"))
    }

    fn literal(&self, item: &Item, attribute: &str) -> Option<Text> {
        item.view().literal(attribute).known().filter(|value| !value.is_empty()).map(Text::from)
    }

    /// An item's name; what is not told of it is the item's own.
    pub(super) fn name(&self, item: &Item, argument: &str) -> Text {
        self.named(item, argument, DEPTH)
    }

    fn named(&self, item: &Item, argument: &str, depth: usize) -> Text {
        match item.view().text(argument) {
            Told::Is(text) if text != Text::new() && depth > 0 => self.replaced(&text, depth - 1),
            _ => match item.view().literal(&format!("{argument}_prefix")) {
                Told::Is(prefix) => Text::from(prefix).then(own(item, argument)),
                Told::Nothing | Told::Unknown(_) => own(item, argument),
            },
        }
    }

    const fn dns_suffix(&self) -> &'static str {
        match self.partition.as_bytes() {
            b"aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }
}

/// An attribute of an item, as a reference.
pub(super) fn own(item: &Item, attribute: &str) -> Text {
    Text::from(Reference::to_item(item.id().clone(), attribute))
}

/// A parameter's name as it stands in its ARN: with a slash at the front.
pub(super) fn slashed(name: &Text) -> Text {
    let begins = matches!(name.parts().first(), Some(Part::Literal(literal)) if literal.starts_with('/'));
    if begins { name.clone() } else { Text::from("/").then(name.clone()) }
}

/// `master_user_secret[0].secret_arn`, in each of the ways to write it.
fn is_master_secret(reference: &Reference) -> bool {
    let attribute = reference.attribute();
    attribute.starts_with("master_user_secret")
        && !attribute.starts_with("master_user_secret_kms")
        && (attribute.ends_with("secret_arn") || reference.member() == Some("secret_arn"))
}

/// The account's number, if the design tells it: of the caller, or in the ARN of something of it.
fn account(inventory: &Inventory) -> Option<String> {
    let number = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let caller = inventory.items().find(|item| item.type_name() == "aws_caller_identity");
    if let Some(told) = caller.and_then(|item| item.view().literal("account_id").known()) {
        return Some(told).filter(|told| number(told));
    }
    let of_iam = ["aws_iam_role", "aws_iam_user", "aws_iam_policy"];
    let arns = inventory
        .items()
        .filter(|item| of_iam.contains(&item.type_name()) && item.id().mode() == Mode::Managed)
        .filter_map(|item| match item.record.get("arn") {
            Some(Value::Text(text)) => text.literal().map(str::to_owned),
            _ => None,
        });
    arns.filter_map(|arn| arn.split(':').nth(4).map(str::to_owned)).find(|account| number(account))
}
