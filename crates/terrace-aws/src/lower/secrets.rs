//! The system's key, and the settings that services start with: plain ones in Parameter Store, secret ones in
//! Secrets Manager.
//!
//! GUARANTEE: the value of no secret is in the graph, in a plan or in a state. Generated ones are made by AWS during
//! the run that first writes them; existing ones are only looked up.

use std::collections::{BTreeMap, BTreeSet};

use terrace_topology::{GeneratedLength, PartyName, Region, SecretSource, SettingName};

use super::data::Data;
use super::{Draft, Refusal, arns, codes, endpoints};
use crate::catalog::limits;
use crate::resource::{
    ExistingSecret, KmsAlias, KmsKey, Parameter, ParameterType, RandomPassword, Secret, SecretVersion, Tags,
};
use crate::{Arn, Concern, KeyId, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// For how many days a deleted key can be had back: the most there is, and the least.
const KEY_WINDOW: (u32, u32) = (30, 7);

/// For how many days a deleted secret can be had back. Its name is taken for as long: outside production that would
/// keep a system from being made again after it was destroyed, so there it goes at once.
const SECRET_WINDOW: (u32, u32) = (30, 0);

/// What others need of the settings.
pub(crate) struct Secrets {
    /// The key that encrypts what is kept.
    pub(crate) key: Ref<KmsKey>,
    /// The path of each service's parameters, with the slash at its end: `/items/prod/app/`.
    pub(crate) parameters: BTreeMap<PartyName, String>,
    /// The ARN of each secret setting of each service; the whole secret is the value.
    pub(crate) settings: BTreeMap<PartyName, BTreeMap<SettingName, Text>>,
}

impl Secrets {
    /// The key, as an argument takes it.
    pub(crate) fn key_arn(&self) -> Ref<KmsKey, Arn> {
        self.key.attribute()
    }

    /// What the role that starts a service may read: its own parameters and secrets, and the database's.
    pub(crate) fn reads(&self, draft: &Draft<'_>, data: &Data, party: &PartyName) -> Vec<Statement> {
        let mut statements = Vec::new();
        if let Some(path) = self.parameters.get(party) {
            let path = path.trim_matches('/');
            statements.push(Statement::allow("OwnParameters", ["ssm:GetParametersByPath"]).on([
                arns::regional(draft, "ssm", &format!("parameter/{path}")),
                arns::regional(draft, "ssm", &format!("parameter/{path}/*")),
            ]));
        }
        let mut secrets: Vec<Text> =
            self.settings.get(party).into_iter().flatten().map(|(_, arn)| arn.clone()).collect();
        secrets.sort();
        secrets.dedup();
        secrets.push(data.secret.clone());
        statements
            .push(Statement::allow("OwnSecrets", ["secretsmanager:GetSecretValue"]).on(secrets.clone()));
        // Existing secrets may be encrypted with keys of their own: any key, but for these secrets alone.
        let region = &draft.topology.region;
        let suffix = arns::partition(draft).dns_suffix();
        statements.push(
            Statement::allow("DecryptOwnSecrets", ["kms:Decrypt"])
                .on([arns::regional(draft, "kms", "key/*")])
                .when(
                    "StringEquals",
                    "kms:ViaService",
                    [Text::from(format!("secretsmanager.{region}.{suffix}"))],
                )
                .when("StringEquals", "kms:EncryptionContext:SecretARN", secrets),
        );
        statements
    }
}

/// The key and its name.
pub(crate) fn key(draft: &mut Draft<'_>) -> Ref<KmsKey> {
    let production = draft.topology.production;
    let policy = key_policy(draft);
    let (tags, name) =
        (draft.name_tag(""), draft.naming.of("", limits::KEY_ALIAS.saturating_sub("alias/".len())));
    let key = draft
        .place(Concern::Secrets, &["main"])
        .why(
            "One key for all that is kept: database, secrets, logs, alarms. Who may use it is said here and,",
        )
        .why("for the account's own roles, in their policies.")
        .put(KmsKey {
            description: Text::from(format!("What {} keeps", name)),
            enable_key_rotation: true,
            deletion_window_in_days: if production { KEY_WINDOW.0 } else { KEY_WINDOW.1 },
            policy,
            tags,
        });
    draft
        .place(Concern::Secrets, &["main"])
        .put(KmsAlias { name: Text::from(format!("alias/{name}")), target_key_id: key.attribute::<KeyId>() });
    key
}

/// A key for what tells of alarms in another region: keys do not leave theirs.
pub(crate) fn key_for_alarms(draft: &mut Draft<'_>, label: &str, region: &Region) -> Ref<KmsKey> {
    let production = draft.topology.production;
    let policy = PolicyDocument::Statements(vec![
        account_by_its_policies(draft),
        alarms(["cloudwatch.amazonaws.com"]),
    ]);
    let tags = draft.name_tag(label);
    let description = format!("Alarms of {} in {region}", draft.naming.stem());
    draft.place(Concern::Secrets, &[label]).in_region(region.clone()).put(KmsKey {
        description: Text::from(description),
        enable_key_rotation: true,
        deletion_window_in_days: if production { KEY_WINDOW.0 } else { KEY_WINDOW.1 },
        policy,
        tags,
    })
}

fn account_by_its_policies(draft: &Draft<'_>) -> Statement {
    Statement::allow("AccountByItsPolicies", ["kms:*"])
        .to(PrincipalKind::Aws, arns::global(draft, "iam", "root"))
        .on([Text::from("*")])
}

/// What sends messages to an encrypted topic.
fn alarms<const N: usize>(services: [&str; N]) -> Statement {
    let statement = Statement::allow("Alarms", ["kms:Decrypt", "kms:GenerateDataKey*"]);
    services
        .into_iter()
        .fold(statement, |statement, service| statement.to(PrincipalKind::Service, service))
        .on([Text::from("*")])
        .when("StringEquals", "aws:SourceAccount", [endpoints::account()])
}

/// The account by its roles' policies; CloudWatch Logs for this account's log groups; what sends messages to the
/// topic of the alarms ("Encrypt log data in CloudWatch Logs using AWS KMS"; Amazon SNS, "Key management").
fn key_policy(draft: &Draft<'_>) -> PolicyDocument {
    let (region, suffix) = (&draft.topology.region, arns::partition(draft).dns_suffix());
    let logs = Statement::allow(
        "LogGroups",
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    )
    .to(PrincipalKind::Service, format!("logs.{region}.{suffix}"))
    .on([Text::from("*")])
    .when(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        [arns::regional(draft, "logs", "log-group:*")],
    );
    let alarms = if super::budget::tells_the_topic(draft) {
        alarms(["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"])
    } else {
        alarms(["cloudwatch.amazonaws.com", "events.amazonaws.com"])
    };
    PolicyDocument::Statements(vec![account_by_its_policies(draft), logs, alarms])
}

pub(crate) fn lower(draft: &mut Draft<'_>) -> Secrets {
    refuse_reserved(draft);
    let key = key(draft);
    let topology = draft.topology;
    let mut taken = BTreeSet::new();
    let mut secrets = Secrets { key, parameters: BTreeMap::new(), settings: BTreeMap::new() };
    for (party, service) in &topology.services {
        let path = draft.naming.path(party.as_str());
        plain(draft, party, &mut taken);
        let mut own = BTreeMap::new();
        for (setting, source) in &service.secrets {
            let label = label(party, setting.as_str(), &mut taken);
            let arn = match source {
                SecretSource::Generated(length) => {
                    let name = format!("{}/{setting}", path.trim_start_matches('/'));
                    generated(draft, &secrets.key, (party, setting), &label, name, *length)
                }
                SecretSource::Existing(name) => Text::from(
                    draft
                        .place(Concern::Secrets, &[&label])
                        .put(ExistingSecret { name: Text::from(name.as_str()) })
                        .attribute::<Arn>(),
                ),
            };
            own.insert(setting.clone(), arn);
        }
        secrets.parameters.insert(party.clone(), format!("{path}/"));
        secrets.settings.insert(party.clone(), own);
    }
    secrets
}

/// A label for a setting. Settings may differ in what labels do not tell (case), so they are counted then.
fn label(party: &PartyName, setting: &str, taken: &mut BTreeSet<String>) -> String {
    let stem: String =
        format!("{party}_{setting}").to_ascii_lowercase().replace('-', "_").chars().take(50).collect();
    let mut label = stem.clone();
    let mut count = 1;
    while !taken.insert(label.clone()) {
        count += 1;
        label = format!("{stem}_{count}");
    }
    label
}

/// A secret that AWS makes up once.
fn generated(
    draft: &mut Draft<'_>,
    key: &Ref<KmsKey>,
    (party, setting): (&PartyName, &SettingName),
    label: &str,
    name: String,
    length: GeneratedLength,
) -> Text {
    let production = draft.topology.production;
    let tags = draft.party_tags(&format!("{party}-{setting}"), party);
    let secret = draft.place(Concern::Secrets, &[label]).put(Secret {
        name: Text::from(name),
        description: Text::from(format!("{setting} of {party}, made once")),
        kms_key_id: Some(key.attribute()),
        recovery_window_in_days: if production { SECRET_WINDOW.0 } else { SECRET_WINDOW.1 },
        tags,
    });
    let random = draft
        .place(Concern::Secrets, &[label])
        .put(RandomPassword { password_length: characters(length), exclude_punctuation: true });
    draft
        .place(Concern::Secrets, &[label])
        .why("Written once and kept in no state. Another version number writes a new value.")
        .put(SecretVersion {
            secret_id: secret.clone(),
            secret_string_wo: random.attribute(),
            secret_string_wo_version: 1,
        });
    Text::from(secret.attribute::<Arn>())
}

/// How many letters and digits hold as much chance as so many random bytes: log2(62) is above 5.95 bits.
fn characters(length: GeneratedLength) -> u32 {
    (u32::from(length.bytes()) * 800).div_ceil(595)
}

/// Plain settings, with what Terrace itself sets.
fn plain(draft: &mut Draft<'_>, party: &PartyName, taken: &mut BTreeSet<String>) {
    let Some(service) = draft.topology.services.get(party) else { return };
    let mut values: BTreeMap<&str, String> = BTreeMap::from([("HOST", "0.0.0.0".to_owned())]);
    for (name, value) in &service.variables {
        let setting = format!("{party}.variables.{name}");
        if value.as_str().is_empty() {
            let refusal = Refusal::new(
                codes::PARAMETER_VALUE,
                setting,
                format!("`{name}` is empty, and Parameter Store keeps no empty values"),
            );
            draft.refuse(refusal.help(format!("leave `{name}` out, or give it a value")));
        } else if nests(value.as_str()) {
            let refusal = Refusal::new(
                codes::PARAMETER_VALUE,
                setting,
                format!(
                    "`{name}` has `{{{{…}}}}` in it, which Parameter Store takes for another parameter and refuses"
                ),
            );
            draft.refuse(refusal.help("keep it as a secret: `{ secret = \"…\" }` in `secrets`"));
        }
        values.insert(name.as_str(), value.as_str().to_owned());
    }
    values.insert("PORT", service.port.to_string());
    for (name, value) in values {
        let label = label(party, name, taken);
        let name = format!("{}/{name}", draft.naming.path(party.as_str()));
        draft.place(Concern::Secrets, &[&label]).put(Parameter {
            name: Text::from(name),
            description: None,
            r#type: ParameterType::String,
            value: Text::from(value),
            tags: Tags::new(),
        });
    }
}

/// Whether a value has `{{…}}` in it (Systems Manager API, `PutParameter`).
fn nests(value: &str) -> bool {
    value.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))
}

/// Parameter Store keeps names that begin with `aws` or `ssm` for AWS (Systems Manager API, `PutParameter`).
fn refuse_reserved(draft: &mut Draft<'_>) {
    let name = draft.topology.name.as_str();
    if let Some(kept) = ["aws", "ssm"].into_iter().find(|kept| name.starts_with(kept)) {
        let message = format!(
            "AWS keeps parameters whose names begin with `{kept}` for itself, so `{name}` cannot have any"
        );
        draft.refuse(Refusal::new(codes::RESERVED_NAME, "name", message).help("choose another name"));
    }
}
