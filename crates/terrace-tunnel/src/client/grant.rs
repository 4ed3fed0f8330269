//! What Session Manager grants: a session, where its channel is, and the token that opens it.

use std::fmt;

use serde_json::Value as Json;
use zeroize::Zeroizing;

use crate::wire::{StreamUrl, StreamUrlError};

/// A session's id: `<user>-<17 characters>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// As AWS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sessions of whoever started this one, as an ARN of a policy names them. (`${aws:userid}-*`, which the documentation
    /// has, is true of no role: there the id begins with the session's name, and the variable with the role's id.)
    pub(crate) fn own(&self, region: &str) -> String {
        let partition = terrace_account::service::partition(region);
        let whose = self.0.rsplit_once('-').map_or(self.0.as_str(), |(whose, _)| whose);
        format!("arn:{partition}:ssm:*:*:session/{whose}-*")
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `ssm:StartSession` and `ssm:ResumeSession` answer. The token is wiped when it is let go, and never shown.
#[derive(Clone)]
pub struct Grant {
    session: SessionId,
    token: Zeroizing<String>,
    url: Option<StreamUrl>,
}

/// Why an answer grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// It is no JSON object.
    #[error("the answer is no JSON object with SessionId, TokenValue and StreamUrl")]
    Shape,
    /// A field is missing or too long.
    #[error("the answer has no usable `{0}`")]
    Field(&'static str),
    /// The address is none.
    #[error(transparent)]
    Url(#[from] StreamUrlError),
}

impl Grant {
    /// Reads an answer; the case of its fields does not count (`aws ecs execute-command` writes them small).
    ///
    /// # Errors
    /// If a field is missing or wrong. An empty token is neither: it says that the session is over. Without an address the
    /// channel is where it was. Errors never repeat the token.
    pub fn read(answer: &Json) -> Result<Self, GrantError> {
        let fields = answer.as_object().ok_or(GrantError::Shape)?;
        let field = |name: &'static str| {
            let found = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| value.as_str())
        };
        // An id that is no id would show up in lines that tools read.
        let session = field("SessionId")
            .filter(|id| !id.is_empty() && id.len() <= 96)
            .filter(|id| id.bytes().all(|b| b.is_ascii_graphic()))
            .ok_or(GrantError::Field("SessionId"))?;
        let token = Zeroizing::new(field("TokenValue").ok_or(GrantError::Field("TokenValue"))?.to_owned());
        let url = match field("StreamUrl").unwrap_or_default() {
            "" => None,
            url => Some(url.parse()?),
        };
        Ok(Self { session: SessionId(session.to_owned()), token, url })
    }

    /// The session.
    pub const fn session(&self) -> &SessionId {
        &self.session
    }

    /// The token that opens its channel; none if the session is over.
    pub(crate) fn token(&self) -> Option<&str> {
        Some(self.token.as_str()).filter(|token| !token.is_empty())
    }

    /// Where its channel is; none if it is where it was.
    pub(crate) const fn url(&self) -> Option<&StreamUrl> {
        self.url.as_ref()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("session", &self.session)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_grant_is_read_in_either_case_and_hides_its_token() {
        let cases = [
            json!({"SessionId": "me-0a1", "TokenValue": "secret", "StreamUrl": "wss://h/v1/data-channel/me-0a1?role=x"}),
            json!({"sessionId": "ecs-0a1", "tokenValue": "secret", "streamUrl": "wss://h/v1"}),
            json!({"SessionId": "me-0a1", "TokenValue": "", "StreamUrl": ""}),
            json!({"SessionId": "me-0a1", "TokenValue": "secret", "StreamUrl": "ws://example.com/"}),
            json!({"SessionId": "me 0a1\n", "TokenValue": "secret", "StreamUrl": "wss://h/"}),
            json!({"SessionId": "me-0a1", "StreamUrl": "wss://h/"}),
            json!("secret"),
        ];
        let told: Vec<String> = cases
            .iter()
            .map(|case| {
                Grant::read(case).map_or_else(|error| error.to_string(), |grant| format!("{grant:?}"))
            })
            .collect();
        assert!(told.iter().all(|line| !line.contains("secret")), "{told:?}");
        insta::assert_snapshot!(told.join("\n"), @r#"
        Grant { session: SessionId("me-0a1"), url: Some(StreamUrl(wss://h/v1/data-channel/me-0a1)), .. }
        Grant { session: SessionId("ecs-0a1"), url: Some(StreamUrl(wss://h/v1)), .. }
        Grant { session: SessionId("me-0a1"), url: None, .. }
        the stream URL leads to example.com without TLS; only this machine's own endpoint may have `ws://`
        the answer has no usable `SessionId`
        the answer has no usable `TokenValue`
        the answer is no JSON object with SessionId, TokenValue and StreamUrl
        "#);
    }
}
