//! What an error of AWS means for a start: try again, get new credentials, or give up with a line that helps.

use http::StatusCode;
use serde::Deserialize;

use super::http::Answer;
use crate::failure::{Exit, Failure, one_line};

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct Fault {
    status: StatusCode,
    code: String,
    message: String,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Later it may be better.
    Again,
    /// With other credentials it may be better.
    Renew,
    /// None.
    GiveUp,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

/// What was asked for, as people and policies name it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `ssm:GetParametersByPath`
    pub(crate) permission: &'static str,
    /// The path, name or ARN.
    pub(crate) what: String,
    /// What a policy's `Resource` would be.
    pub(crate) resource: String,
}

impl Fault {
    /// Reads an error answer. Only its code and message are kept.
    pub(crate) fn of(answer: &Answer) -> Self {
        let body: Option<Body> = serde_json::from_slice(&answer.body).ok();
        let (kind, message) = body.map(|body| (body.kind, body.message)).unwrap_or_default();
        let kind = answer.error_type.clone().unwrap_or(kind);
        // `com.amazonaws.ssm#ThrottlingException:http://…`
        let code = kind.rsplit('#').next().and_then(|code| code.split(':').next()).unwrap_or_default();
        Self { status: answer.status, code: one_line(code), message: one_line(&message) }
    }

    pub(crate) fn remedy(&self) -> Remedy {
        match self.code.as_str() {
            "ExpiredTokenException"
            | "ExpiredToken"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId" => Remedy::Renew,
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "TooManyUpdates"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "InternalServerError"
            | "InternalServiceError"
            | "InternalFailure"
            | "ServiceUnavailable" => Remedy::Again,
            _ if self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS => {
                Remedy::Again
            }
            _ => Remedy::GiveUp,
        }
    }

    /// The line for whoever has to mend it.
    pub(crate) fn failure(&self, asked: &Asked, tried: &str) -> Failure {
        let Asked { permission, what, resource } = asked;
        let said = self.said();
        let (exit, text) = match self.code.as_str() {
            "AccessDeniedException" | "AccessDenied" => {
                let (permission, resource) = denied(&self.message).unwrap_or((permission, resource.as_str()));
                (
                    Exit::Denied,
                    format!(
                        "{} on {what} is denied: allow `{permission}` on `{resource}` to this role, and see that \
                         no endpoint policy forbids it; {said}",
                        asked.permission
                    ),
                )
            }
            "ResourceNotFoundException" | "ParameterNotFound" => (
                Exit::Missing,
                format!("{what} is not there: make it, or give it a value ({permission}); {said}"),
            ),
            "DecryptionFailure" | "InvalidKeyId" => (
                Exit::Denied,
                format!("{what} cannot be decrypted: allow `kms:Decrypt` on its key to this role; {said}"),
            ),
            "ExpiredTokenException"
            | "ExpiredToken"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId" => (
                Exit::Credentials,
                format!("{permission} on {what}: the credentials have expired or are not valid; {said}"),
            ),
            "InvalidSignatureException" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed" => (
                Exit::Credentials,
                format!(
                    "{permission} on {what}: the signature is refused: see that this machine's clock is right \
                     and the secret key is whole; {said}"
                ),
            ),
            _ if self.remedy() == Remedy::Again => {
                (Exit::Unreachable, format!("{permission} on {what} got no good answer ({tried}); {said}"))
            }
            _ => (Exit::Value, format!("{permission} on {what} is refused; {said}")),
        };
        Failure::new(exit, text)
    }

    pub(crate) fn said(&self) -> String {
        let code = if self.code.is_empty() { self.status.as_str() } else { &self.code };
        match self.message.as_str() {
            "" => format!("AWS says {code}"),
            message => format!("AWS says {code}: {message}"),
        }
    }
}

/// The permission and resource that the message itself names: "… not authorized to perform: kms:Decrypt on resource: …".
fn denied(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let permission = rest.split_whitespace().next()?;
    let (_, rest) = rest.split_once("on resource: ")?;
    let resource = rest.split_whitespace().next()?;
    Some((permission, resource.trim_end_matches(['.', ','])))
}
