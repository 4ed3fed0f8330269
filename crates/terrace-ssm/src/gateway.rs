//! What the gateway between client and agent says of its own.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::message::{Message, MessageType, PayloadType, SYN_FIN};
use crate::{MessageIds, Now};

/// The payload of `channel_closed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChannelClosed {
    /// `channel_closed`.
    pub message_type: String,
    /// A UUID.
    pub message_id: String,
    /// Whom it is for.
    pub destination_id: String,
    /// The session.
    pub session_id: String,
    /// 1.
    pub schema_version: u32,
    /// A date as text.
    pub created_date: String,
    /// Why, in words for a person; empty at an ordinary end.
    pub output: String,
}

impl ChannelClosed {
    /// The words for a person in a payload, whatever else is in it; the payload itself if it is no JSON.
    pub fn output_of(payload: &[u8]) -> String {
        match serde_json::from_slice::<serde_json::Value>(payload) {
            Ok(said) => said.get("Output").and_then(|text| text.as_str()).unwrap_or_default().to_owned(),
            Err(_) => String::from_utf8_lossy(payload).chars().take(1000).collect(),
        }
    }
}

/// The frame that ends a session, with the words that the client prints.
pub fn closed(session_id: &str, output: &str, ids: &mut MessageIds, now: Now) -> Bytes {
    let id = ids.next_id();
    let said = ChannelClosed {
        message_type: MessageType::ChannelClosed.name().to_owned(),
        message_id: id.to_string(),
        destination_id: session_id.to_owned(),
        session_id: session_id.to_owned(),
        schema_version: 1,
        created_date: now.unix_millis.to_string(),
        output: output.to_owned(),
    };
    let payload = Bytes::from(serde_json::to_vec(&said).unwrap_or_default());
    let message = control(MessageType::ChannelClosed, ids, now);
    Message { id, payload, ..message }.encode()
}

/// The frame that asks for no more data.
pub fn paused(ids: &mut MessageIds, now: Now) -> Bytes {
    control(MessageType::PausePublication, ids, now).encode()
}

/// The frame that allows data again.
pub fn started(ids: &mut MessageIds, now: Now) -> Bytes {
    control(MessageType::StartPublication, ids, now).encode()
}

fn control(kind: MessageType, ids: &mut MessageIds, now: Now) -> Message {
    Message {
        kind,
        sequence: 0,
        flags: SYN_FIN,
        id: ids.next_id(),
        created: now.unix_millis.max(1),
        payload_type: PayloadType::NONE,
        payload: Bytes::new(),
    }
}
