//! Reads everything that a start needs: the parameters below a path, page by page, and each secret once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::{Caller, Service};
use super::error::Asked;
use super::http::Client;
use super::retry::Deadline;
use crate::Secret;
use crate::config::Config;
use crate::failure::Failure;

/// Tells values apart without being one: the version of a parameter or secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(String);

/// A parameter. Any may hold what is not for everyone, so its value is wiped as a secret's is.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Its whole name: `/items/prod/app/LOG_LEVEL`.
    pub(crate) name: String,
    pub(crate) value: Secret,
    /// Whether it is a `SecureString`.
    pub(crate) secure: bool,
    pub(crate) version: Version,
}

/// All that was read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) parameters: Vec<Parameter>,
    /// By ARN or name.
    pub(crate) secrets: BTreeMap<String, (Secret, Version)>,
}

/// Reads it, as often as it is asked to.
#[derive(Debug)]
pub(crate) struct Reader {
    client: Client,
    limit: Duration,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetParametersByPath<'a> {
    path: &'a str,
    recursive: bool,
    with_decryption: bool,
    max_results: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ParametersPage {
    #[serde(default)]
    parameters: Vec<ParameterItem>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterItem {
    name: String,
    #[serde(rename = "Type", default)]
    kind: String,
    value: Secret,
    #[serde(default)]
    version: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue<'a> {
    secret_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretValue {
    secret_string: Option<Secret>,
    #[serde(default)]
    version_id: String,
}

impl Reader {
    pub(crate) fn new(
        config: &Config,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Self, Failure> {
        // Whoever runs the stores on this machine speaks plain HTTP: no certificates are needed.
        let plain = config.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let bundle = variable("AWS_CA_BUNDLE").filter(|path| !path.is_empty() && !plain);
        let client = Client::new(bundle.as_deref().map(Path::new))
            .map_err(|error| Failure::configuration(error.to_string()))?;
        Ok(Self { client, limit: Duration::from_secs(config.limit.unwrap_or(60).into()) })
    }

    /// Reads what the configuration names; parameters only if `parameters` says so.
    pub(crate) async fn read(
        &self,
        config: &Config,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
        parameters: bool,
    ) -> Result<Read, Failure> {
        let mut read = Read::default();
        let path = config.parameters.as_ref().filter(|_| parameters);
        let wanted = config.secrets_wanted();
        if path.is_none() && wanted.is_empty() {
            return Ok(read);
        }
        let deadline = Deadline::within(self.limit);
        let caller = Caller::open(&self.client, config, variable, deadline).await?;
        if let Some(path) = path {
            read.parameters = parameters_below(&caller, path.as_str()).await?;
        }
        for secret in wanted {
            read.secrets.insert(secret.to_owned(), secret_value(&caller, secret).await?);
        }
        Ok(read)
    }
}

async fn parameters_below(caller: &Caller<'_>, path: &str) -> Result<Vec<Parameter>, Failure> {
    let resource = format!("arn:aws:ssm:{}:*:parameter{}", caller.region(), path.trim_end_matches('/'));
    let asked = Asked { permission: "ssm:GetParametersByPath", what: path.to_owned(), resource };
    let mut all = Vec::new();
    let mut next_token = None;
    loop {
        // Ten is the most that there may be on a page.
        let input = GetParametersByPath {
            path,
            recursive: false,
            with_decryption: true,
            max_results: 10,
            next_token,
        };
        let page: ParametersPage =
            caller.call(Service::ParameterStore, "AmazonSSM.GetParametersByPath", &input, &asked).await?;
        all.extend(page.parameters.into_iter().map(|item| Parameter {
            name: item.name,
            value: item.value,
            secure: item.kind == "SecureString",
            version: Version(item.version.to_string()),
        }));
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(all);
        }
    }
}

async fn secret_value(caller: &Caller<'_>, secret: &str) -> Result<(Secret, Version), Failure> {
    let resource = if secret.starts_with("arn:") {
        secret.to_owned()
    } else {
        format!("arn:aws:secretsmanager:{}:*:secret:{secret}-??????", caller.region())
    };
    let asked = Asked {
        permission: "secretsmanager:GetSecretValue",
        what: format!("the secret `{secret}`"),
        resource,
    };
    let input = GetSecretValue { secret_id: secret };
    let value: SecretValue =
        caller.call(Service::SecretsManager, "secretsmanager.GetSecretValue", &input, &asked).await?;
    let text = value.secret_string.ok_or_else(|| {
        let text = format!("the secret `{secret}` is binary: give it a text (SecretString)");
        Failure::new(crate::Exit::Value, text)
    })?;
    Ok((text, Version(value.version_id)))
}
