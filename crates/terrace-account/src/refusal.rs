//! What an answer that is no success says, and what that means.
//!
//! "Common errors" of each service's API reference; "Access denied error messages" of the IAM User Guide.

use serde_json::Value as Json;

use crate::Xml;

/// No message of AWS's is longer, encoded ones aside.
const LONGEST: usize = 4000;
/// As much of a message as is told.
const TOLD: usize = 300;

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Refusal {
    status: u16,
    code: String,
    message: String,
    cause: Cause,
    region: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// The service answered so.
    Answered,
    /// Nobody answered, or not as a service of AWS does.
    Unanswered,
    /// The connection broke, so that nobody knows whether the call came through.
    Cut,
    /// There are no credentials (any more) to sign with.
    Unsigned,
}

impl Refusal {
    /// Of a call that came to nothing before or after AWS.
    pub(crate) fn unsent(message: impl ToString) -> Self {
        let message = cut(&message.to_string(), LONGEST);
        Self { status: 0, code: String::new(), message, cause: Cause::Unanswered, region: None }
    }

    /// Of a call whose connection broke, or could not be made.
    pub(crate) fn cut(message: impl ToString) -> Self {
        Self { cause: Cause::Cut, ..Self::unsent(message) }
    }

    /// With the region where a bucket is.
    pub(crate) fn about(self, region: Option<&str>) -> Self {
        Self { region: region.map(str::to_owned).or(self.region), ..self }
    }

    /// With the code that stands in a header, as services with paths and JSON have it (`x-amzn-errortype`).
    pub(crate) fn called(self, code: Option<&str>) -> Self {
        match code {
            Some(code) if self.code.is_empty() => Self { code: bare(code), ..self },
            _ => self,
        }
    }

    /// Of a call that nobody could sign.
    pub(crate) fn unsigned(message: impl ToString) -> Self {
        Self { cause: Cause::Unsigned, ..Self::unsent(message) }
    }

    /// What an answer of this status says, in JSON or XML.
    pub(crate) fn answered(status: u16, text: &str) -> Self {
        let of = |code: &str, message: &str| Self {
            status,
            code: cut(code, TOLD),
            message: cut(message, LONGEST),
            cause: Cause::Answered,
            region: None,
        };
        if let Ok(json) = serde_json::from_str::<Json>(text) {
            let word =
                |names: &[&str]| names.iter().find_map(|name| json.get(name)?.as_str()).unwrap_or_default();
            return of(&bare(word(&["__type", "code", "Code"])), word(&["message", "Message"]));
        }
        let found = Xml::parse(text).ok();
        let word = |name: &str| {
            found.as_ref().and_then(|xml| Some(xml.find(name)?.own().to_owned())).unwrap_or_default()
        };
        let region = Some(word("Region")).filter(|region| !region.is_empty());
        of(&word("Code"), &word("Message")).about(region.as_deref())
    }

    /// The status of the answer; 0 if there was none.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// AWS's word for it: `AccessDeniedException`; empty if there is none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What AWS, or the network, says.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Code and message, not too long.
    pub fn text(&self) -> String {
        let message = cut(&self.message, TOLD);
        match (self.code.as_str(), message.as_str()) {
            ("", "") => format!("HTTP {}", self.status),
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        }
    }

    /// There is none of what was asked for.
    pub fn is_absent(&self) -> bool {
        self.status == 404 || self.code.contains("NotFound") || self.code.contains("NoSuch")
    }

    /// The credentials were good once: AWS says that they have expired, or none can be had any more.
    pub fn is_expired(&self) -> bool {
        let words = ["ExpiredToken", "TokenRefreshRequired", "ExpiredCredential"];
        self.cause == Cause::Unsigned
            || words.iter().any(|word| self.code.contains(word))
            || (self.code == "RequestExpired" && !self.is_skewed())
    }

    /// AWS does not know the credentials, or they do not fit together.
    pub fn is_unknown(&self) -> bool {
        let words = [
            "InvalidClientTokenId",
            "UnrecognizedClient",
            "InvalidAccessKeyId",
            "AuthFailure",
            "MissingAuthenticationToken",
            "IncompleteSignature",
            "SignatureDoesNotMatch",
            "InvalidSignature",
        ];
        !self.is_skewed() && words.iter().any(|word| self.code.contains(word))
    }

    /// The clock of this machine is too far from AWS's.
    pub fn is_skewed(&self) -> bool {
        self.code.contains("RequestTimeTooSkewed")
            || self.code.contains("RequestInTheFuture")
            || ["Signature expired", "Signature not yet current"]
                .iter()
                .any(|word| self.message.contains(word))
    }

    /// A permission is missing, or something forbids it.
    pub fn is_denied(&self) -> bool {
        let denied = self.status == 403
            || ["Denied", "Unauthorized", "NotAuthorized"].iter().any(|word| self.code.contains(word));
        denied && !self.is_expired() && !self.is_unknown() && !self.is_skewed()
    }

    /// AWS was asked too much: the same may well be answered in a moment.
    pub fn is_throttled(&self) -> bool {
        let words =
            ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete"];
        self.status == 429 || words.iter().any(|word| self.code.contains(word))
    }

    /// Nobody answered, or not as a service of AWS does.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.cause, Cause::Unanswered | Cause::Cut)
    }

    /// The connection broke or could not be made: nobody knows whether the call came through.
    pub fn is_cut(&self) -> bool {
        self.cause == Cause::Cut
    }

    /// Whether the call may have been carried out all the same: it was cut off, or answered with a fault of AWS's own.
    pub fn is_doubtful(&self) -> bool {
        self.is_cut() || self.status >= 500
    }

    /// Where the bucket is that was asked for elsewhere (`x-amz-bucket-region`).
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Which permission is missing, if AWS says so.
    pub fn denial(&self) -> Option<Denial> {
        if self.is_denied() { Denial::read(&self.message) } else { None }
    }
}

/// `com.amazonaws.ecs#ClientException:http://…` without what stands around it.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    cut(code.split(':').next().unwrap_or(code), TOLD)
}

fn cut(text: &str, at: usize) -> String {
    text.chars().take(at).collect()
}

/// What AWS tells of a permission that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who asked, as an ARN.
    pub who: Option<String>,
    /// `ssm:StartSession`.
    pub action: String,
    /// An ARN, if it is told.
    pub resource: Option<String>,
    /// Something forbids it, so that allowing it is not enough: `a service control policy`.
    pub forbidden_by: Option<String>,
}

impl Denial {
    /// Reads `User: … is not authorized to perform: ssm:StartSession on resource: … because …`, which may stand within more text.
    pub fn read(message: &str) -> Option<Self> {
        let (before, after) = message.split_once("is not authorized to perform: ")?;
        let word = |text: &str| {
            let end = text.split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or_default();
            Some(end.trim_end_matches('.').to_owned()).filter(|word| !word.is_empty())
        };
        let action = word(after)?;
        if !action.contains(':') {
            return None;
        }
        let who = before.rsplit_once("User: ").and_then(|(_, who)| word(who));
        let resource = after.split_once("on resource: ").and_then(|(_, resource)| word(resource));
        let forbidden_by = after.split_once("with an explicit deny").map(|(_, by)| {
            let by = by.trim().trim_start_matches("in ").trim_end_matches('.');
            if by.is_empty() { "a policy".to_owned() } else { by.to_owned() }
        });
        Some(Self { who, action, resource: resource.filter(|one| one.contains(':')), forbidden_by })
    }
}
