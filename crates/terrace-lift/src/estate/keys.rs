//! Keys, who may use them, and which key something is encrypted with.

use terrace_aws::inventory::{Item, Told};
use terrace_aws::{PolicyDocument, PrincipalKind as By, Statement, Text, Value};
use terrace_proof::estate::{Key, KeyUse, Writing, WritingId};

use super::Lifting;
use super::identities::tags;
use super::papers;

impl<'i> Lifting<'_, 'i> {
    pub(super) fn keys(&mut self) {
        let beside = self.all("aws_kms_key_policy");
        let grants = self.all("aws_kms_grant");
        for item in self.all("aws_kms_key") {
            let mut policies = Vec::new();
            if let Some(value) = item.view().get("policy") {
                policies.extend(papers::write(&mut self.estate, self.names, item, "policy", value));
            }
            for other in self.of_key(&beside, item) {
                if let Some(value) = other.view().get("policy") {
                    policies.extend(papers::write(&mut self.estate, self.names, other, "policy", value));
                }
            }
            if policies.is_empty() {
                policies.push(self.default_policy(item));
            }
            for grant in self.of_key(&grants, item) {
                policies.push(self.grant(grant));
            }
            let (id, arn) = (item.id().clone(), self.names.arn(item));
            self.estate.keys.push(Key { id, arn, policies, tags: tags(item.view()) });
        }
    }

    /// The policy of a key without one: the account, by its policies (KMS Developer Guide, "Default key policy").
    fn default_policy(&mut self, item: &Item) -> WritingId {
        let root = Text::from(format!("arn:{}:iam::", self.names.partition))
            .then(self.names.account.clone())
            .then(":root");
        let all = Statement::allow("Enable IAM User Permissions", ["kms:*"])
            .to(By::Aws, root)
            .on([Text::from("*")]);
        self.estate.write(Writing {
            name: format!("{}: the default policy", item.id()),
            item: Some(item.id().clone()),
            path: String::new(),
            document: PolicyDocument::Statements(vec![all]),
        })
    }

    /// A grant, as a statement of the key's policy.
    fn grant(&mut self, item: &Item) -> WritingId {
        let view = item.view();
        let document = match (view.text("grantee_principal"), view.texts("operations")) {
            (Told::Is(who), Told::Is(operations)) => {
                let actions = operations.iter().filter_map(Text::literal).map(|one| format!("kms:{one}"));
                let mut statement = Statement::allow("Grant", []);
                statement.actions = terrace_aws::Scope::Only(actions.collect());
                let statement = statement.to(By::Aws, self.names.text(&who)).on([Text::from("*")]);
                let constraints = view.block("constraints").known();
                let equals = constraints.and_then(|one| one.map("encryption_context_equals").known());
                let statement = equals.into_iter().flatten().fold(statement, |statement, (key, value)| {
                    let key = format!("kms:EncryptionContext:{key}");
                    statement.when("StringEquals", &key, [self.names.text(&value)])
                });
                PolicyDocument::Statements(vec![statement])
            }
            _ => PolicyDocument::Opaque(std::collections::BTreeSet::new()),
        };
        self.estate.write(Writing {
            name: item.id().to_string(),
            item: Some(item.id().clone()),
            path: "operations".to_owned(),
            document: papers::if_there(item, document),
        })
    }

    /// Those that name this key.
    fn of_key(&self, those: &[&'i Item], key: &Item) -> Vec<&'i Item> {
        those.iter().filter(|one| self.key_item(one, "key_id") == Some(key)).copied().collect()
    }

    /// The key that an argument names by id, ARN or alias.
    fn key_item(&self, item: &Item, argument: &str) -> Option<&Item> {
        let text = item.view().text(argument).known()?;
        self.key_of(&text)
    }

    fn key_of(&self, text: &Text) -> Option<&Item> {
        let inventory = self.names.inventory;
        if let Some(target) = text.reference().and_then(|reference| inventory.target(reference)) {
            return match target.type_name() {
                "aws_kms_key" => Some(target),
                "aws_kms_alias" => self.names.keyed(target),
                _ => None,
            };
        }
        let wanted = self.names.text(text);
        let by_key = self.all("aws_kms_key").into_iter().find(|item| {
            self.names.arn(item) == wanted || item.view().text("key_id").known().as_ref() == Some(&wanted)
        });
        by_key.or_else(|| {
            let literal = wanted.literal()?;
            let alias = literal.split_once(":alias/").map_or(literal, |(_, name)| name);
            let alias = alias.strip_prefix("alias/").unwrap_or(alias);
            let found = self.all("aws_kms_alias").into_iter().find(|item| {
                let name = self.names.name(item, "name");
                name.literal().is_some_and(|name| name.strip_prefix("alias/") == Some(alias))
            })?;
            self.names.keyed(found)
        })
    }

    /// With which key a value says that something is encrypted; without one, with AWS's key of the service.
    pub(super) fn key_use(&self, value: Option<&Value>) -> KeyUse {
        let text = match value {
            None => return KeyUse::Aws,
            Some(Value::Text(text)) if *text == Text::new() => return KeyUse::Aws,
            Some(Value::Text(text)) => text,
            Some(other) => return KeyUse::Unknown(Self::unknowns(other)),
        };
        let own = self.key_of(text).map(|item| item.id().clone());
        if let Some(at) = own.and_then(|id| self.estate.keys.iter().position(|key| key.id == id)) {
            return KeyUse::Own(at);
        }
        let concrete = self.names.text(text);
        let looked_up = text.reference().and_then(|reference| self.names.inventory.target(reference));
        let name = looked_up.and_then(|item| item.view().literal("name").known());
        match name.as_deref().or(concrete.literal()) {
            Some(literal) if literal.contains("alias/aws/") => KeyUse::Aws,
            Some(_) => KeyUse::Foreign(concrete),
            None if concrete.references().any(|reference| reference.item().is_some()) => {
                KeyUse::Foreign(concrete)
            }
            None => KeyUse::Unknown(papers::untold(concrete.references().cloned().collect())),
        }
    }
}
