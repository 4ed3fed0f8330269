//! The instance's own metadata, version 2: a token first, then what is asked for.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use zeroize::Zeroizing;

use super::http::{Answer, Client, Outgoing, Patience};
use super::retry::{Deadline, Tries};
use crate::Secret;
use crate::failure::{Exit, Failure};

/// It answers from the same machine, or not at all.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(1), whole: Duration::from_secs(3) };
/// How long it may take to come up.
const LIMIT: Duration = Duration::from_secs(10);

/// The metadata service, with a token for it.
#[derive(Debug)]
pub(super) struct Metadata<'a> {
    client: &'a Client,
    endpoint: String,
    token: Secret,
    deadline: Deadline,
}

impl<'a> Metadata<'a> {
    /// Asks for a token.
    pub(super) async fn open(
        client: &'a Client,
        variable: &dyn Fn(&str) -> Option<String>,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let disabled =
            variable("AWS_EC2_METADATA_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if disabled {
            return Err(none("AWS_EC2_METADATA_DISABLED is true"));
        }
        let six = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6"));
        let usual = if six { "http://[fd00:ec2::254]" } else { "http://169.254.169.254" };
        let endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or_else(|| usual.to_owned());
        let mut metadata = Self {
            client,
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: Secret::new(String::new()),
            deadline: deadline.at_most(LIMIT),
        };
        let lifetime = vec![("x-aws-ec2-metadata-token-ttl-seconds", "300".to_owned())];
        let answer = metadata.ask(Method::PUT, "/latest/api/token", lifetime).await?;
        if answer.status != StatusCode::OK {
            return Err(none(&format!(
                "the instance's metadata gives no token (status {}): see that it is on (HttpEndpoint)",
                answer.status.as_u16()
            )));
        }
        metadata.token = Secret::new(answer.text().trim().to_owned());
        Ok(metadata)
    }

    /// What is at a path, if there is something.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let token = vec![("x-aws-ec2-metadata-token", self.token.reveal().to_owned())];
        let answer = self.ask(Method::GET, path, token).await?;
        match answer.status {
            StatusCode::OK => Ok(Some(Zeroizing::new(answer.text().to_owned()))),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(none(&format!("the instance's metadata answers {} to {path}", status.as_u16()))),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Answer, Failure> {
        let address = format!("{}{path}", self.endpoint);
        let uri: Uri = address
            .parse()
            .map_err(|_| Failure::configuration("AWS_EC2_METADATA_SERVICE_ENDPOINT is no address"))?;
        let mut tries = Tries::until(self.deadline);
        loop {
            let request =
                Outgoing { method: method.clone(), uri: &uri, headers: headers.clone(), body: Bytes::new() };
            let problem = match self.client.send(request, PATIENCE).await {
                Ok(answer) if !answer.status.is_server_error() => return Ok(answer),
                Ok(answer) => format!("status {}", answer.status.as_u16()),
                Err(error) => error.to_string(),
            };
            if !tries.wait().await {
                return Err(none(&format!(
                    "the instance's metadata at {} does not answer ({}): {problem}; in a container on EC2 its hop \
                     limit must be 2",
                    self.endpoint,
                    tries.summary()
                )));
            }
        }
    }
}

fn none(reason: &str) -> Failure {
    Failure::new(
        Exit::Credentials,
        format!(
            "there are no credentials: neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set, \
             and {reason}"
        ),
    )
}
