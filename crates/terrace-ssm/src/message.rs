//! The binary message of a data channel: a header of 120 bytes, big-endian, and a payload.
//!
//! `ClientMessage` and `AgentMessage` in the official sources; the layout is the same (`clientmessage.go`,
//! `messageparser.go`):
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 4 | header length: 116, the payload begins 4 further |
//! | 4 | 32 | type, ASCII, padded with spaces |
//! | 36 | 4 | schema version: 1 |
//! | 40 | 8 | created, milliseconds since 1970, never 0 |
//! | 48 | 8 | sequence number |
//! | 56 | 8 | flags |
//! | 64 | 16 | id: the UUID's last 8 bytes, then its first 8 |
//! | 80 | 32 | SHA-256 of the payload |
//! | 112 | 4 | payload type |
//! | 116 | 4 | payload length |

use bytes::Bytes;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes before the payload as we send them.
pub const HEADER: usize = 120;

const HEADER_LENGTH: u32 = 116;
const TYPE: usize = 32;

/// What a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// Client to agent, in sequence, acknowledged.
    InputStreamData,
    /// Agent to client, in sequence, acknowledged.
    OutputStreamData,
    /// Either way: one message of the other side arrived.
    Acknowledge,
    /// Gateway to either: the session is over.
    ChannelClosed,
    /// Gateway to either: data may be sent again.
    StartPublication,
    /// Gateway to either: no data for now.
    PausePublication,
    /// Agent to gateway.
    AgentSessionState,
    /// What is not known, at most 32 bytes.
    Other(String),
}

impl MessageType {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::InputStreamData => "input_stream_data",
            Self::OutputStreamData => "output_stream_data",
            Self::Acknowledge => "acknowledge",
            Self::ChannelClosed => "channel_closed",
            Self::StartPublication => "start_publication",
            Self::PausePublication => "pause_publication",
            Self::AgentSessionState => "agent_session_state",
            Self::Other(name) => name,
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "input_stream_data" => Self::InputStreamData,
            "output_stream_data" => Self::OutputStreamData,
            "acknowledge" => Self::Acknowledge,
            "channel_closed" => Self::ChannelClosed,
            "start_publication" => Self::StartPublication,
            "pause_publication" => Self::PausePublication,
            "agent_session_state" => Self::AgentSessionState,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether nothing of such a message but its type is looked at.
    const fn is_publication(&self) -> bool {
        matches!(self, Self::StartPublication | Self::PausePublication)
    }
}

/// What the payload of a data message is; 0 in all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PayloadType(pub u32);

impl PayloadType {
    /// None: acknowledgements and what the gateway says.
    pub const NONE: Self = Self(0);
    /// Bytes of the session.
    pub const OUTPUT: Self = Self(1);
    /// The size of the client's terminal, as JSON.
    pub const SIZE: Self = Self(3);
    /// The agent asks.
    pub const HANDSHAKE_REQUEST: Self = Self(5);
    /// The client answers.
    pub const HANDSHAKE_RESPONSE: Self = Self(6);
    /// The agent is content.
    pub const HANDSHAKE_COMPLETE: Self = Self(7);
    /// A [`Flag`].
    pub const FLAG: Self = Self(10);
    /// What a command writes to standard error, where that is apart.
    pub const ERRORS: Self = Self(11);
    /// How a command has ended, as text.
    pub const EXIT_CODE: Self = Self(12);
}

/// Flags of a header: the first message of a sequence.
pub const SYN: u64 = 1;
/// Flags of a header: what acknowledgements bear, first and last in one.
pub const SYN_FIN: u64 = 3;

/// The payload of a message of type [`PayloadType::FLAG`]: one number of four bytes, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The client's connection ended; only without the multiplexer.
    DisconnectToPort,
    /// The client ends the session.
    TerminateSession,
    /// The agent could not connect.
    ConnectToPortError,
}

impl Flag {
    /// The payload.
    pub const fn encode(self) -> [u8; 4] {
        match self {
            Self::DisconnectToPort => [0, 0, 0, 1],
            Self::TerminateSession => [0, 0, 0, 2],
            Self::ConnectToPortError => [0, 0, 0, 3],
        }
    }

    /// The flag that a payload is, if it is one.
    pub const fn decode(payload: &[u8]) -> Option<Self> {
        match payload {
            [0, 0, 0, 1] => Some(Self::DisconnectToPort),
            [0, 0, 0, 2] => Some(Self::TerminateSession),
            [0, 0, 0, 3] => Some(Self::ConnectToPortError),
            _ => None,
        }
    }
}

/// One binary WebSocket frame. Of what the gateway says about publication, only `kind` is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is for.
    pub kind: MessageType,
    /// Its place among the data messages of its direction, from 0.
    pub sequence: i64,
    /// [`SYN`] on an agent's first, [`SYN_FIN`] on acknowledgements, else 0.
    pub flags: u64,
    /// Its name.
    pub id: Uuid,
    /// Milliseconds since 1970.
    pub created: u64,
    /// What the payload is.
    pub payload_type: PayloadType,
    /// The rest of the frame.
    pub payload: Bytes,
}

/// Why a frame is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It ends within the header.
    #[error("a message has a header of 120 bytes, but the frame has {0} bytes")]
    Short(usize),
    /// The payload's place is not within the frame, or within the header.
    #[error("the header says that it is {0} bytes long, but it is at least 116 and ends within the frame")]
    HeaderLength(u32),
    /// The type is not text.
    #[error("the type of the message is not ASCII text")]
    Type,
    /// There is no date.
    #[error("the message has no date of creation")]
    Created,
    /// The payload is not what was sent.
    #[error("the payload's SHA-256 is not the one in the header: it changed on the way")]
    Digest,
}

impl Message {
    /// The frame, in one allocation. A name of more than 32 bytes is cut.
    pub fn encode(&self) -> Bytes {
        let mut frame = begin(self.payload.len());
        frame.extend_from_slice(&self.payload);
        complete(frame, &self.head())
    }

    fn head(&self) -> Head<'_> {
        Head {
            kind: self.kind.name(),
            sequence: self.sequence,
            flags: self.flags,
            id: self.id,
            created: self.created,
            payload_type: self.payload_type,
        }
    }

    /// Reads a frame; the payload is a slice of it.
    ///
    /// # Errors
    /// What the official receivers refuse: a header that does not fit, no date, a digest that is another one (looked
    /// at where the header gives a payload length other than 0).
    pub fn decode(frame: &Bytes) -> Result<Self, MessageError> {
        let mut fields = Fields(frame);
        let short = || MessageError::Short(frame.len());
        let header_length = u32::from_be_bytes(fields.take().ok_or_else(short)?);
        let kind = kind(fields.take::<TYPE>().ok_or_else(short)?)?;
        if kind.is_publication() {
            return Ok(Self::publication(kind));
        }
        let _schema: [u8; 4] = fields.take().ok_or_else(short)?;
        let created = u64::from_be_bytes(fields.take().ok_or_else(short)?);
        let sequence = i64::from_be_bytes(fields.take().ok_or_else(short)?);
        let flags = u64::from_be_bytes(fields.take().ok_or_else(short)?);
        let low: [u8; 8] = fields.take().ok_or_else(short)?;
        let high: [u8; 8] = fields.take().ok_or_else(short)?;
        let digest: [u8; 32] = fields.take().ok_or_else(short)?;
        let payload_type = PayloadType(u32::from_be_bytes(fields.take().ok_or_else(short)?));
        let payload_length = u32::from_be_bytes(fields.take().ok_or_else(short)?);
        let start = usize::try_from(header_length).ok().and_then(|n| n.checked_add(4));
        let start = start.filter(|n| (HEADER..=frame.len()).contains(n));
        let payload = frame.slice(start.ok_or(MessageError::HeaderLength(header_length))?..);
        if created == 0 {
            return Err(MessageError::Created);
        }
        if payload_length != 0 && digest_of(&payload) != digest {
            return Err(MessageError::Digest);
        }
        let id = Uuid::from_u64_pair(u64::from_be_bytes(high), u64::from_be_bytes(low));
        Ok(Self { kind, sequence, flags, id, created, payload_type, payload })
    }

    /// Of a message about publication nothing else counts.
    pub(crate) fn publication(kind: MessageType) -> Self {
        Self {
            kind,
            sequence: 0,
            flags: SYN_FIN,
            id: Uuid::nil(),
            created: 1,
            payload_type: PayloadType::NONE,
            payload: Bytes::new(),
        }
    }
}

/// A header without what follows from the payload.
pub(crate) struct Head<'a> {
    pub(crate) kind: &'a str,
    pub(crate) sequence: i64,
    pub(crate) flags: u64,
    pub(crate) id: Uuid,
    pub(crate) created: u64,
    pub(crate) payload_type: PayloadType,
}

/// A frame that the payload is to be appended to.
pub(crate) fn begin(payload: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEADER.saturating_add(payload));
    frame.resize(HEADER, 0);
    frame
}

/// Writes the header before the payload that was appended.
pub(crate) fn complete(mut frame: Vec<u8>, head: &Head<'_>) -> Bytes {
    if let Some((header, payload)) = frame.split_at_mut_checked(HEADER) {
        let mut name = [b' '; TYPE];
        name.iter_mut().zip(head.kind.bytes()).for_each(|(to, from)| *to = from);
        let (high, low) = head.id.as_u64_pair();
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let mut to = header.iter_mut();
        let mut put = |bytes: &[u8]| bytes.iter().zip(to.by_ref()).for_each(|(from, to)| *to = *from);
        put(&HEADER_LENGTH.to_be_bytes());
        put(&name);
        put(&1_u32.to_be_bytes());
        put(&head.created.max(1).to_be_bytes());
        put(&head.sequence.to_be_bytes());
        put(&head.flags.to_be_bytes());
        put(&low.to_be_bytes());
        put(&high.to_be_bytes());
        put(&digest_of(payload));
        put(&head.payload_type.0.to_be_bytes());
        put(&length.to_be_bytes());
    }
    // It may wait long to be acknowledged.
    if frame.len() < frame.capacity() / 2 {
        frame.shrink_to_fit();
    }
    Bytes::from(frame)
}

fn digest_of(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(payload).into()
}

fn kind(name: [u8; TYPE]) -> Result<MessageType, MessageError> {
    let name = std::str::from_utf8(&name).map_err(|_| MessageError::Type)?;
    if !name.is_ascii() {
        return Err(MessageError::Type);
    }
    Ok(MessageType::of(name.trim_matches(|c: char| c == '\0' || c.is_ascii_whitespace())))
}

/// Fields one after another.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }
}
