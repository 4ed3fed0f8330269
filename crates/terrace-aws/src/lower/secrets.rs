//! The system's key, and the settings that services start with: plain ones in Parameter Store, secret ones in
//! Secrets Manager. Where releases are apart ([`Foundation::Apart`]) plain ones come with them, and nothing is kept of them
//! here.
//!
//! GUARANTEE: the value of no secret is in the graph, in a plan or in a state. Generated ones are made by AWS during
//! the run that first writes them; existing ones are only looked up.

use std::collections::{BTreeMap, BTreeSet};

use terrace_topology::{GeneratedLength, PartyName, SecretSource, Service, SettingName, Shape};

mod key;

pub(crate) use key::{ALARMS, for_alarms as key_for_alarms};

use super::data::Data;
use super::foundation::Foundation;
use super::{Draft, Refusal, arns, codes};
use crate::catalog::limits;
use crate::resource::{
    ExistingSecret, KmsKey, Parameter, ParameterType, RandomPassword, Secret, SecretVersion, Tags,
};
use crate::{Address, Arn, Concern, Ref, Statement, Text};

/// For how many days a deleted secret can be had back. Its name is taken for as long: outside production that would
/// keep a system from being made again after it was destroyed, so there it goes at once.
const SECRET_WINDOW: (u32, u32) = (30, 0);

/// What others need of the settings.
pub(crate) struct Secrets {
    /// The key that encrypts what is kept.
    pub(crate) key: Ref<KmsKey>,
    /// The path of each service's parameters, if it has any, with the slash at its end: `/items/prod/app/`.
    pub(crate) parameters: BTreeMap<PartyName, String>,
    /// The parameter of each plain setting of the manifest, if they are kept as parameters.
    pub(crate) variables: BTreeMap<PartyName, BTreeMap<SettingName, Ref<Parameter, Arn>>>,
    /// What has to be there before a service starts: its parameters, and the values of its secrets.
    pub(crate) before: BTreeMap<PartyName, Vec<Address>>,
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

pub(crate) fn lower(draft: &mut Draft<'_>) -> Secrets {
    refuse_reserved(draft);
    let key = key::lower(draft);
    let topology = draft.topology;
    let mut taken = BTreeSet::new();
    let mut secrets = Secrets {
        key,
        parameters: BTreeMap::new(),
        variables: BTreeMap::new(),
        before: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    for (party, service) in &topology.services {
        let path = draft.naming.path(party.as_str());
        let mut before = Vec::new();
        let kept = draft.foundation == Foundation::Within;
        let variables = if kept {
            plain(draft, (party, service), &mut taken, &mut before)
        } else {
            fits(draft, party, service);
            BTreeMap::new()
        };
        let mut own = BTreeMap::new();
        for (setting, source) in &service.secrets {
            let label = label(party, setting.as_str(), &mut taken);
            let arn = match source {
                SecretSource::Generated(length) => {
                    let name = format!("{}/{setting}", path.trim_start_matches('/'));
                    let (arn, version) =
                        generated(draft, &secrets.key, (party, setting), &label, name, *length);
                    before.extend(version.address());
                    arn
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
        if kept {
            secrets.parameters.insert(party.clone(), format!("{path}/"));
        }
        secrets.settings.insert(party.clone(), own);
        secrets.variables.insert(party.clone(), variables);
        secrets.before.insert(party.clone(), before);
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
) -> (Text, Ref<SecretVersion>) {
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
    let version = draft
        .place(Concern::Secrets, &[label])
        .why("Written once and kept in no state. Another version number writes a new value.")
        .put(SecretVersion {
            secret_id: secret.clone(),
            secret_string_wo: random.attribute(),
            secret_string_wo_version: 1,
        });
    (Text::from(secret.attribute::<Arn>()), version)
}

/// How many letters and digits hold as much chance as so many random bytes: log2(62) is above 5.95 bits.
fn characters(length: GeneratedLength) -> u32 {
    (u32::from(length.bytes()) * 800).div_ceil(595)
}

/// Plain settings. On machines what Terrace itself sets is among them; containers are told that by ECS.
fn plain(
    draft: &mut Draft<'_>,
    (party, service): (&PartyName, &Service),
    taken: &mut BTreeSet<String>,
    before: &mut Vec<Address>,
) -> BTreeMap<SettingName, Ref<Parameter, Arn>> {
    let mut made = BTreeMap::new();
    for (setting, value) in &service.variables {
        check(draft, party, setting, value.as_str());
        let parameter = parameter(draft, party, setting.as_str(), value.as_str(), taken);
        before.extend(parameter.address());
        made.insert(setting.clone(), parameter.attribute());
    }
    if draft.topology.shape == Shape::Machines {
        let port = service.port.to_string();
        let own = |name: &str| service.variables.keys().any(|known| known.as_str() == name);
        for (name, value) in [("HOST", "0.0.0.0"), ("PORT", &port)] {
            if !own(name) {
                before.extend(parameter(draft, party, name, value, taken).address());
            }
        }
    }
    made
}

fn parameter(
    draft: &mut Draft<'_>,
    party: &PartyName,
    name: &str,
    value: &str,
    taken: &mut BTreeSet<String>,
) -> Ref<Parameter> {
    let label = label(party, name, taken);
    let name = format!("{}/{name}", draft.naming.path(party.as_str()));
    draft.place(Concern::Secrets, &[&label]).put(Parameter {
        name: Text::from(name),
        description: None,
        r#type: ParameterType::String,
        value: Text::from(value),
        tags: Tags::new(),
    })
}

/// Values that Parameter Store refuses (Systems Manager API, `PutParameter`).
fn check(draft: &mut Draft<'_>, party: &PartyName, setting: &SettingName, value: &str) {
    let refuse = |message: String| {
        Refusal::new(codes::PARAMETER_VALUE, format!("{party}.variables.{setting}"), message)
    };
    if value.is_empty() {
        let refusal = refuse(format!("`{setting}` is empty, and Parameter Store keeps no empty values"));
        draft.refuse(refusal.help(format!("leave `{setting}` out, or give it a value")));
    } else if nests(value) {
        let refusal = refuse(format!(
            "`{setting}` has `{{{{…}}}}` in it, which Parameter Store takes for another parameter"
        ));
        draft.refuse(refusal.help("keep it as a secret: `{ secret = \"…\" }` in `secrets`"));
    }
}

/// What a task definition holds beside settings and secrets, bytes, with room to spare.
const DEFINITION: usize = 8 * 1024;
/// What it holds of a secret beside its name: the ARN above all.
const SECRET: usize = 256;

/// Refuses settings for which a task definition has no room; machines fetch theirs as a file.
fn fits(draft: &mut Draft<'_>, party: &PartyName, service: &Service) {
    if draft.topology.shape != Shape::Containers {
        return;
    }
    // Their JSON is a text within the definition's.
    let all: BTreeMap<&str, &str> =
        service.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let within = serde_json::Value::from(serde_json::json!(all).to_string()).to_string();
    let secrets: usize = service.secrets.keys().map(|name| name.as_str().len() + SECRET).sum();
    let room = limits::TASK_DEFINITION.saturating_sub(DEFINITION + secrets);
    if within.len() > room {
        let message =
            format!("the settings come to {} bytes, and a task definition has room for {room}", within.len());
        let refusal = Refusal::new(codes::SETTINGS_SIZE, format!("{party}.variables"), message);
        draft.refuse(
            refusal.help("put what is long into a file of the project's, and name that in a setting"),
        );
    }
}

/// Whether a value has `{{…}}` in it.
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
