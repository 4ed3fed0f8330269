//! One call of a service: signed, sent, tried again while that may help.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::credentials::{Credentials, Search};
use super::error::{Asked, Fault, Remedy};
use super::http::{Answer, Client, Outgoing, Patience};
use super::retry::{Deadline, Tries};
use super::sign::{CONTENT_TYPE, Unsigned, date};
use crate::config::Config;
use crate::failure::{Exit, Failure};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(3), whole: Duration::from_secs(10) };

/// A service of AWS.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    ParameterStore,
    SecretsManager,
}

impl Service {
    /// Its name in signatures and addresses.
    fn name(self) -> &'static str {
        match self {
            Self::ParameterStore => "ssm",
            Self::SecretsManager => "secretsmanager",
        }
    }

    /// The variable that names its endpoint.
    fn variable(self) -> &'static str {
        match self {
            Self::ParameterStore => "AWS_ENDPOINT_URL_SSM",
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        }
    }
}

/// The way to AWS during one reading.
pub(super) struct Caller<'a> {
    client: &'a Client,
    config: &'a Config,
    variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    deadline: Deadline,
    region: String,
    credentials: Mutex<Credentials>,
}

impl<'a> Caller<'a> {
    /// Finds region and credentials.
    pub(super) async fn open(
        client: &'a Client,
        config: &'a Config,
        variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let search = Search { client, config, variable, deadline };
        let region = search.region().await?;
        let credentials = Mutex::new(search.credentials().await?);
        Ok(Self { client, config, variable, deadline, region, credentials })
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Makes a call until there is an answer or the limit has passed.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        service: Service,
        target: &str,
        input: &impl Serialize,
        asked: &Asked,
    ) -> Result<T, Failure> {
        let uri = self.endpoint(service)?;
        let body = serde_json::to_vec(input).map_err(|error| Failure::system("a request", error))?;
        let body = Bytes::from(body);
        let mut tries = Tries::until(self.deadline);
        loop {
            let credentials = self.credentials.lock().await.clone();
            let request = self.signed(service, target, &uri, body.clone(), &credentials);
            let fault = match self.client.send(request, PATIENCE).await {
                Ok(answer) if answer.status == StatusCode::OK => return understood(&answer, asked),
                Ok(answer) => Fault::of(&answer),
                Err(error) => {
                    if tries.wait().await {
                        continue;
                    }
                    return Err(Failure::new(
                        Exit::Unreachable,
                        format!(
                            "{} on {}: {uri} cannot be reached ({}): {error}; is there a way to it, such as a VPC \
                             endpoint whose group lets this machine in?",
                            asked.permission,
                            asked.what,
                            tries.summary()
                        ),
                    ));
                }
            };
            let worth = match fault.remedy() {
                Remedy::Again => true,
                Remedy::Renew => credentials.renewable,
                Remedy::GiveUp => false,
            };
            if !worth || !tries.wait().await {
                return Err(fault.failure(asked, &tries.summary()));
            }
            if fault.remedy() == Remedy::Renew {
                self.renew(&credentials).await?;
            }
        }
    }

    /// Asks for credentials anew, unless another call has done so meanwhile.
    async fn renew(&self, old: &Credentials) -> Result<(), Failure> {
        let mut current = self.credentials.lock().await;
        if current.access_key_id == old.access_key_id && current.session_token == old.session_token {
            let Self { client, config, variable, deadline, .. } = *self;
            *current = Search { client, config, variable, deadline }.credentials().await?;
        }
        Ok(())
    }

    fn endpoint(&self, service: Service) -> Result<Uri, Failure> {
        let given = |name: &str| (self.variable)(name).filter(|text| !text.is_empty());
        let own = self.config.endpoint.clone();
        let own = own.or_else(|| given(service.variable())).or_else(|| given("AWS_ENDPOINT_URL"));
        let text = own.unwrap_or_else(|| {
            let domain = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://{}.{}.{domain}", service.name(), self.region)
        });
        let uri = text.parse::<Uri>().ok().filter(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
        });
        uri.ok_or_else(|| Failure::configuration(format!("`{text}` is no endpoint, expected https://…")))
    }

    fn signed<'u>(
        &self,
        service: Service,
        target: &str,
        uri: &'u Uri,
        body: Bytes,
        credentials: &Credentials,
    ) -> Outgoing<'u> {
        let now = date(SystemTime::now());
        let unsigned = Unsigned {
            access_key_id: &credentials.access_key_id,
            session_token: credentials.session_token.as_ref(),
            region: &self.region,
            service: service.name(),
            host: uri.authority().map_or("", |authority| authority.as_str()),
            target,
            date: &now,
            body: &body,
        };
        let authorization = unsigned.authorization(&credentials.secret_access_key);
        let mut headers = vec![
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-amz-target", target.to_owned()),
            ("x-amz-date", now),
            ("authorization", authorization),
            ("user-agent", concat!("terrace-boot/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        if let Some(token) = &credentials.session_token {
            headers.push(("x-amz-security-token", token.reveal().to_owned()));
        }
        Outgoing { method: Method::POST, uri, headers, body }
    }
}

/// The answer's value. What it says is not repeated in the error: it may be a secret.
fn understood<T: DeserializeOwned>(answer: &Answer, asked: &Asked) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Failure::new(
            Exit::Unreachable,
            format!(
                "{} on {}: the answer is not of the expected form ({place}); is there something in between?",
                asked.permission, asked.what
            ),
        )
    })
}
