//! What the AWS CLI hands over.

use serde_json::Value as Json;
use zeroize::Zeroizing;

use crate::client::{Grant, GrantError};

/// Says that the answer is in the environment, in the variable of that name.
const IN_ENVIRONMENT: &str = "AWS_SSM_START_SESSION_RESPONSE";

/// Documents of AWS whose sessions are no forwarded port.
const NO_PORT: &[&str] = &[
    "AWS-PasswordReset",
    "AWS-StartInteractiveCommand",
    "AWS-StartNonInteractiveCommand",
    "AWS-StartSSHSession",
    "SSM-SessionManagerRunShell",
];

/// A session that was started, and how.
#[derive(Clone, Debug)]
pub struct Call {
    grant: Grant,
    region: String,
    profile: Option<String>,
    request: Json,
    endpoint: Option<String>,
}

/// Why the arguments are no call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Too few or too many.
    #[error(
        "{0} arguments were given; the AWS CLI gives six: what StartSession answered, region, `StartSession`, profile, request, address. Call `aws ssm start-session`, not this program"
    )]
    Count(usize),
    /// Something else is wished for.
    #[error("`{0}` is not served here; only `StartSession` is")]
    Operation(String),
    /// The variable is not there.
    #[error("the variable {0} is not in the environment; the AWS CLI puts there what StartSession answered")]
    Variable(String),
    /// What StartSession answered is not understood.
    #[error("what StartSession answered is not understood: {0}")]
    Grant(#[from] GrantError),
    /// The request is no JSON.
    #[error("the request is no JSON (line {0}, column {1})")]
    Request(usize, usize),
}

impl Call {
    /// Reads the arguments, without the program's name.
    ///
    /// # Errors
    /// If they are not those of the AWS CLI. An error never repeats the answer, which holds a token.
    pub fn read(
        arguments: &[String],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CallError> {
        // Old versions of the AWS CLI end after the operation.
        let [answer, region, operation, rest @ ..] = arguments else {
            return Err(CallError::Count(arguments.len()));
        };
        if rest.len() > 3 {
            return Err(CallError::Count(arguments.len()));
        }
        if operation != "StartSession" {
            return Err(CallError::Operation(operation.chars().take(60).collect()));
        }
        let answer = if answer.starts_with(IN_ENVIRONMENT) {
            let found = environment(answer).filter(|value| !value.is_empty());
            found.ok_or_else(|| CallError::Variable(answer.chars().take(100).collect()))?
        } else {
            answer.clone()
        };
        let answer = Zeroizing::new(answer);
        let answer: Json = serde_json::from_str(&answer).map_err(|_| GrantError::Shape)?;
        let grant = Grant::read(&answer)?;
        if grant.url().is_none() {
            return Err(GrantError::Field("StreamUrl").into());
        }
        let mut rest = rest.iter().map(|word| Some(word.clone()).filter(|word| !word.is_empty()));
        let (profile, request, endpoint) =
            (rest.next().flatten(), rest.next().flatten(), rest.next().flatten());
        let request = match request {
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| CallError::Request(error.line(), error.column()))?,
            None => Json::Null,
        };
        Ok(Self { grant, region: region.clone(), profile, request, endpoint })
    }

    /// What was granted.
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Where.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// As whom, if a profile was named.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// What was asked of StartSession.
    pub const fn request(&self) -> &Json {
        &self.request
    }

    /// Whom ResumeSession and TerminateSession go to, if not AWS.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// What to tell if the request is for a session that is certainly no forwarded port.
    pub fn no_port(&self) -> Option<String> {
        let document = self.request.get("DocumentName").and_then(Json::as_str);
        let what = match document {
            Some(name) if NO_PORT.contains(&name) => format!("`{name}` is"),
            // Of old versions of the AWS CLI nothing is known.
            None if self.request.is_object() => "a session without a document is a shell,".to_owned(),
            _ => return None,
        };
        Some(format!(
            "{what} no forwarded port, and ports are all that Terrace serves as a plugin; take AWS's own plugin for it, or ask for a port: --document-name AWS-StartPortForwardingSessionToRemoteHost"
        ))
    }
}
