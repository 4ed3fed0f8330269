//! Credentials from where AWS puts them: the environment, the container's endpoint, the instance's metadata.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>, without what only a person's
//! machine has (profiles, single sign-on).

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use serde::Deserialize;

use super::http::{Client, Outgoing, Patience};
use super::imds::Metadata;
use super::retry::{Deadline, Tries};
use crate::Secret;
use crate::config::Config;
use crate::failure::{Exit, Failure};

/// The address of the credentials of a task on ECS.
const CONTAINER: &str = "http://169.254.170.2";
const PATIENCE: Patience = Patience { connect: Duration::from_secs(2), whole: Duration::from_secs(5) };

/// What calls are signed with.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: Secret,
    pub(super) session_token: Option<Secret>,
    /// Whether asking again may give others.
    pub(super) renewable: bool,
}

/// As the container's endpoint and the metadata answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    access_key_id: String,
    secret_access_key: Secret,
    token: Option<Secret>,
}

impl From<Role> for Credentials {
    fn from(role: Role) -> Self {
        Self {
            access_key_id: role.access_key_id,
            secret_access_key: role.secret_access_key,
            session_token: role.token,
            renewable: true,
        }
    }
}

/// What is needed to look for credentials and the region.
pub(super) struct Search<'a> {
    pub(super) client: &'a Client,
    pub(super) config: &'a Config,
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) deadline: Deadline,
}

impl Search<'_> {
    /// The region.
    pub(super) async fn region(&self) -> Result<String, Failure> {
        let given = self.config.region.clone();
        let given = given.or_else(|| self.given("AWS_REGION")).or_else(|| self.given("AWS_DEFAULT_REGION"));
        let given = given.or_else(|| self.config.region_of_secrets());
        let region = match given {
            Some(region) => region,
            None => {
                let metadata = Metadata::open(self.client, self.variable, self.deadline).await;
                let metadata = metadata.map_err(|error| {
                    Failure::new(error.exit(), format!("the region is not known: set AWS_REGION ({error})"))
                })?;
                let region = metadata.get("/latest/meta-data/placement/region").await?;
                region.map(|text| text.trim().to_owned()).unwrap_or_default()
            }
        };
        let fits = !region.is_empty()
            && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(region)
        } else {
            Err(Failure::configuration(format!(
                "`{region}` is no region, expected one such as `eu-central-1`"
            )))
        }
    }

    /// The credentials of the first place that has some.
    pub(super) async fn credentials(&self) -> Result<Credentials, Failure> {
        if let Some(given) = &self.config.credentials {
            return Ok(Credentials {
                access_key_id: given.access_key_id.clone(),
                secret_access_key: given.secret_access_key.clone(),
                session_token: None,
                renewable: false,
            });
        }
        if let Some(access_key_id) = self.given("AWS_ACCESS_KEY_ID") {
            let secret = self.given("AWS_SECRET_ACCESS_KEY").ok_or_else(|| {
                let text = "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both or none";
                Failure::new(Exit::Credentials, text)
            })?;
            return Ok(Credentials {
                access_key_id,
                secret_access_key: Secret::new(secret),
                session_token: self.given("AWS_SESSION_TOKEN").map(Secret::new),
                renewable: false,
            });
        }
        let relative = self.given("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        let address = relative.map(|path| format!("{CONTAINER}{path}"));
        match address.or_else(|| self.given("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
            Some(address) => self.of_container(&address).await,
            None => self.of_instance().await,
        }
    }

    fn given(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.is_empty())
    }

    async fn of_container(&self, address: &str) -> Result<Credentials, Failure> {
        let wrong = |reason: &str| {
            Failure::new(Exit::Credentials, format!("the container's credentials at `{address}`: {reason}"))
        };
        let uri: Uri = address.parse().map_err(|_| wrong("this is no address"))?;
        if uri.scheme_str() != Some("https") && !may_be_plain(uri.host().unwrap_or_default()) {
            return Err(wrong(
                "over http only an address of this machine or of the container service is asked",
            ));
        }
        let mut tries = Tries::until(self.deadline);
        loop {
            let token = self.authorization().map_err(|reason| wrong(&reason))?;
            let headers: Vec<_> = token.into_iter().map(|token| ("authorization", token)).collect();
            let request = Outgoing { method: Method::GET, uri: &uri, headers, body: Bytes::new() };
            let problem = match self.client.send(request, PATIENCE).await {
                Ok(answer) if answer.status == StatusCode::OK => {
                    let role: Role = serde_json::from_slice(&answer.body)
                        .map_err(|_| wrong("the answer is not of the expected form"))?;
                    return Ok(role.into());
                }
                Ok(answer) if answer.status.is_client_error() => {
                    let status = answer.status.as_u16();
                    return Err(wrong(&format!("status {status}: see that the task has a role")));
                }
                Ok(answer) => format!("status {}", answer.status.as_u16()),
                Err(error) => error.to_string(),
            };
            if !tries.wait().await {
                return Err(wrong(&format!("no good answer ({}): {problem}", tries.summary())));
            }
        }
    }

    /// The token that goes with the request; its file is read each time, because it changes.
    fn authorization(&self) -> Result<Option<String>, String> {
        let token = match self.given("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            None => self.given("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            Some(file) => match std::fs::read_to_string(&file) {
                Ok(text) => Some(text.trim().to_owned()),
                Err(error) => return Err(format!("the token in `{file}` cannot be read: {error}")),
            },
        };
        match token {
            Some(token) if token.contains(['\r', '\n']) => Err("the token has line ends in it".to_owned()),
            token => Ok(token),
        }
    }

    async fn of_instance(&self) -> Result<Credentials, Failure> {
        const PATH: &str = "/latest/meta-data/iam/security-credentials/";
        let metadata = Metadata::open(self.client, self.variable, self.deadline).await?;
        let roles = metadata.get(PATH).await?;
        let role =
            roles.as_deref().and_then(|text| text.lines().next()).unwrap_or_default().trim().to_owned();
        if role.is_empty() {
            let text = "there are no credentials: the instance has no profile; attach one with a role";
            return Err(Failure::new(Exit::Credentials, text));
        }
        let text = metadata.get(&format!("{PATH}{role}")).await?;
        let found: Option<Role> = text.and_then(|text| serde_json::from_str(&text).ok());
        found.map(Credentials::from).ok_or_else(|| {
            let text =
                format!("there are no credentials for the instance's role `{role}`: does it still exist?");
            Failure::new(Exit::Credentials, text)
        })
    }
}

/// The hosts that SDKs ask over plain HTTP: this machine, and the addresses of ECS and EKS.
fn may_be_plain(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let known = ["localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
    known.contains(&host) || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}
