//! The other side of a session, made by hand.

use std::time::Duration;

use bytes::Bytes;
use terrace_ssm::acknowledge::Acknowledge;
use terrace_ssm::message::{Message, MessageType, PayloadType, SYN_FIN};
use terrace_ssm::mux::{Decoder, Frame};
use terrace_ssm::{Event, Limits, MessageIds, Now, PortProperties, Session, ShellKind};
use uuid::Uuid;

pub(crate) const REQUEST: &str = r#"{"AgentVersion":"3.3.3572.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{"host":"db","portNumber":"5432","localPortNumber":"15432","type":"LocalPortForwarding"}}}]}"#;
pub(crate) const SHELL_REQUEST: &str = r#"{"AgentVersion":"3.1.1732.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"InteractiveCommands","Properties":null}}]}"#;
pub(crate) const RESPONSE: &str = r#"{"ClientVersion":"1.2.764.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}"#;
pub(crate) const COMPLETE: &str = r#"{"HandshakeTimeToComplete":1000,"CustomerMessage":"Hello"}"#;

/// What a frame from the session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Acknowledged(i64),
    Data(i64, PayloadType, String),
    /// Frames of the multiplexer, each in a word.
    Frames(i64, Vec<String>),
}

/// A session, and what its peer has sent.
pub(crate) struct Peer {
    pub(crate) session: Session,
    pub(crate) at: Duration,
    pub(crate) sequence: i64,
    kind: MessageType,
}

impl Peer {
    pub(crate) fn of_client(limits: Limits) -> Self {
        Self::of(Session::client(limits, MessageIds::new([1; 16])), MessageType::OutputStreamData)
    }

    pub(crate) fn of_agent(limits: Limits) -> Self {
        let properties = PortProperties {
            host: "db".to_owned(),
            port_number: "5432".to_owned(),
            local_port_number: "15432".to_owned(),
            kind: PortProperties::LOCAL_PORT_FORWARDING.to_owned(),
        };
        let session = Session::agent(properties, "Hello", limits, MessageIds::new([1; 16]));
        Self::of(session, MessageType::InputStreamData)
    }

    pub(crate) fn of_shell(limits: Limits) -> Self {
        Self::of(Session::shell(limits, MessageIds::new([1; 16])), MessageType::OutputStreamData)
    }

    pub(crate) fn of_shell_agent(kind: Option<ShellKind>, limits: Limits) -> Self {
        Self::of(Session::shell_agent(kind, limits, MessageIds::new([1; 16])), MessageType::InputStreamData)
    }

    fn of(session: Session, kind: MessageType) -> Self {
        let mut peer = Self { session, at: Duration::ZERO, sequence: 0, kind };
        peer.session.connected(peer.now());
        peer
    }

    /// A client that has shaken hands.
    pub(crate) fn of_ready_client(limits: Limits) -> Self {
        let mut peer = Self::of_client(limits);
        peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes());
        peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
        peer.sent();
        peer.acknowledge(0);
        assert!(matches!(peer.events()[..], [Event::Ready { .. }]));
        peer
    }

    /// An agent that has shaken hands.
    pub(crate) fn of_ready_agent(limits: Limits) -> Self {
        let mut peer = Self::of_agent(limits);
        peer.say(PayloadType::HANDSHAKE_RESPONSE, RESPONSE.as_bytes());
        peer.sent();
        peer.acknowledge(0);
        peer.acknowledge(1);
        assert!(matches!(peer.events()[..], [Event::Ready { .. }]));
        peer
    }

    pub(crate) fn now(&self) -> Now {
        Now { at: self.at, unix_millis: 1_700_000_000_000 }
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.at += Duration::from_millis(millis);
        let now = self.now();
        self.session.tick(now);
    }

    /// A data message.
    pub(crate) fn data(&self, sequence: i64, payload_type: PayloadType, payload: &[u8]) -> Message {
        Message {
            kind: self.kind.clone(),
            sequence,
            flags: 0,
            id: Uuid::from_u128(sequence.unsigned_abs().into()),
            created: 1,
            payload_type,
            payload: Bytes::copy_from_slice(payload),
        }
    }

    pub(crate) fn receive(&mut self, message: &Message) {
        let now = self.now();
        self.session.receive(message.encode(), now);
    }

    /// The next data message.
    pub(crate) fn say(&mut self, payload_type: PayloadType, payload: &[u8]) {
        let message = self.data(self.sequence, payload_type, payload);
        self.sequence += 1;
        self.receive(&message);
    }

    pub(crate) fn frames(&mut self, frames: &[Frame]) {
        let mut payload = Vec::new();
        frames.iter().for_each(|frame| frame.encode(&mut payload));
        self.say(PayloadType::OUTPUT, &payload);
    }

    pub(crate) fn control(&mut self, kind: MessageType, payload: &str) {
        let message = Message {
            kind,
            sequence: 0,
            flags: SYN_FIN,
            id: Uuid::from_u128(7),
            created: 1,
            payload_type: PayloadType::NONE,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
        };
        self.receive(&message);
    }

    pub(crate) fn acknowledge(&mut self, sequence: i64) {
        let text = format!(
            r#"{{"AcknowledgedMessageType":"x","AcknowledgedMessageId":"y","AcknowledgedMessageSequenceNumber":{sequence},"IsSequentialMessage":true}}"#
        );
        self.control(MessageType::Acknowledge, &text);
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.event()).collect()
    }

    /// All that the session sends now.
    pub(crate) fn sent(&mut self) -> Vec<Sent> {
        let now = self.now();
        let mut sent = Vec::new();
        while let Some(frame) = self.session.transmit(now) {
            let message = Message::decode(&frame).unwrap();
            let first = self.kind == MessageType::InputStreamData && message.sequence == 0;
            let flags = if message.kind == MessageType::Acknowledge { SYN_FIN } else { u64::from(first) };
            assert_eq!(message.flags, flags, "an agent's first message begins the sequence");
            sent.push(match (&message.kind, message.payload_type) {
                (MessageType::Acknowledge, _) => {
                    assert_eq!((message.sequence, message.flags), (0, SYN_FIN));
                    let said = Acknowledge::decode(&message.payload).unwrap();
                    assert_eq!(said.kind, self.kind.name());
                    Sent::Acknowledged(said.sequence)
                }
                (_, PayloadType::OUTPUT) => Sent::Frames(message.sequence, words(&message.payload)),
                (_, payload_type) => {
                    let text = String::from_utf8_lossy(&message.payload).into_owned();
                    Sent::Data(message.sequence, payload_type, text)
                }
            });
        }
        assert!(self.session.deadline().is_none_or(|at| at > self.at), "a deadline that has passed");
        sent
    }
}

fn words(payload: &Bytes) -> Vec<String> {
    let mut decoder = Decoder::new();
    decoder.feed(payload.clone());
    let frames = std::iter::from_fn(|| decoder.next_frame().unwrap());
    frames
        .map(|frame| match frame {
            Frame::Syn(stream) => format!("SYN {stream}"),
            Frame::Fin(stream) => format!("FIN {stream}"),
            Frame::Nop(stream) => format!("NOP {stream}"),
            Frame::Push(stream, data) if data.len() > 20 => format!("PSH {stream} {} bytes", data.len()),
            Frame::Push(stream, data) => format!("PSH {stream} {}", String::from_utf8_lossy(&data)),
        })
        .collect()
}
