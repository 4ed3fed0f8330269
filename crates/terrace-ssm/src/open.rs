//! The first frame after connecting: text, from the client, with the token.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `OpenDataChannelInput` as clients send it. There is no answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OpenDataChannel {
    /// `1.0`.
    pub message_schema_version: String,
    /// A UUID.
    pub request_id: String,
    /// What `StartSession` or `ResumeSession` gave: a secret.
    pub token_value: String,
    /// A UUID that stays for the session.
    #[serde(default)]
    pub client_id: String,
    /// Four numbers.
    #[serde(default)]
    pub client_version: String,
}

impl OpenDataChannel {
    /// The schema version that there is.
    pub const SCHEMA: &'static str = "1.0";

    /// The text of the frame.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a frame's text.
    ///
    /// # Errors
    /// Where it is not such JSON. The error does not repeat the token.
    pub fn decode(text: &str) -> Result<Self, OpenError> {
        serde_json::from_str(text).map_err(|error| OpenError { line: error.line(), column: error.column() })
    }
}

/// Why a text opens no data channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}, column {column}: JSON with MessageSchemaVersion, RequestId, TokenValue, ClientId and ClientVersion was expected"
)]
pub struct OpenError {
    line: usize,
    column: usize,
}

impl fmt::Debug for OpenDataChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenDataChannel")
            .field("request_id", &self.request_id)
            .field("client_id", &self.client_id)
            .field("client_version", &self.client_version)
            .finish_non_exhaustive()
    }
}
