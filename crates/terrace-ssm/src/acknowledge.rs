//! An acknowledgement: one for each data message, found by its sequence number.

use bytes::Bytes;
use serde::Deserialize;
use uuid::Uuid;

use crate::message::{self, Head, PayloadType, SYN_FIN};

/// What an acknowledgement says; the payload is JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Acknowledge {
    /// The type of what arrived.
    #[serde(rename = "AcknowledgedMessageType", default)]
    pub kind: String,
    /// The id of what arrived, as text.
    #[serde(rename = "AcknowledgedMessageId", default)]
    pub id: String,
    /// The place of what arrived; this alone is looked at.
    #[serde(rename = "AcknowledgedMessageSequenceNumber")]
    pub sequence: i64,
}

/// Only the part that is looked at.
#[derive(Deserialize)]
struct Sequence {
    #[serde(rename = "AcknowledgedMessageSequenceNumber")]
    sequence: i64,
}

impl Acknowledge {
    /// Reads a payload.
    ///
    /// # Errors
    /// Where it is not such JSON.
    pub fn decode(payload: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(payload)
    }

    /// The sequence number alone.
    pub(crate) fn sequence_of(payload: &[u8]) -> Result<i64, serde_json::Error> {
        serde_json::from_slice::<Sequence>(payload).map(|found| found.sequence)
    }
}

/// The whole frame that acknowledges the message `acknowledged` of type `kind` (one of ours, so nothing to escape).
pub(crate) fn frame(kind: &'static str, acknowledged: Uuid, sequence: i64, id: Uuid, created: u64) -> Bytes {
    let mut text = Uuid::encode_buffer();
    let mut frame = message::begin(208);
    for part in [
        r#"{"AcknowledgedMessageType":""#,
        kind,
        r#"","AcknowledgedMessageId":""#,
        acknowledged.hyphenated().encode_lower(&mut text),
        r#"","AcknowledgedMessageSequenceNumber":"#,
        &sequence.to_string(),
        r#","IsSequentialMessage":true}"#,
    ] {
        frame.extend_from_slice(part.as_bytes());
    }
    let payload_type = PayloadType::NONE;
    message::complete(
        frame,
        &Head { kind: "acknowledge", sequence: 0, flags: SYN_FIN, id, created, payload_type },
    )
}
