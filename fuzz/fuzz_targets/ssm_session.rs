//! Whatever frames come, whenever: no session of either role panics, sends without end, keeps more than its bounds, or
//! names a deadline that has passed.
//! Run with `cargo +nightly fuzz run ssm_session`.
#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use terrace_ssm::message::{Message, MessageType, PayloadType};
use terrace_ssm::{Limits, MessageIds, Now, PortProperties, Session, StreamId};
use uuid::Uuid;

const RESPONSE: &str = r#"{"ClientVersion":"1.2.764.0","ProcessedClientActions":[]}"#;
const REQUEST: &str = r#"{"AgentVersion":"3.3.3572.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{"type":"LocalPortForwarding"}}}]}"#;

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// A whole frame.
    Frame(&'a [u8]),
    /// A payload in a good frame, with the next sequence number or another.
    Data {
        ahead: i8,
        payload_type: u8,
        payload: &'a [u8],
    },
    Mux(Vec<(u8, u8, &'a [u8])>),
    Acknowledge(u8),
    Pause,
    Start,
    Wait(u16),
    Connect,
    Disconnect,
    Open,
    Write(u8, u16),
    Read(u8),
    Finish(u8),
    Refuse(u8),
    Terminate,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    agent: bool,
    ready: bool,
    steps: Vec<Step<'a>>,
}

struct Peer {
    session: Session,
    kind: MessageType,
    sequence: i64,
    now: Now,
}

impl Peer {
    fn message(&self, kind: MessageType, sequence: i64, number: u32, payload: &[u8]) -> Bytes {
        let payload = Bytes::copy_from_slice(payload);
        let (flags, id, created, payload_type) = (0, Uuid::nil(), 1, PayloadType(number));
        Message { kind, sequence, flags, id, created, payload_type, payload }.encode()
    }

    fn say(&mut self, number: u32, payload: &[u8]) {
        let frame = self.message(self.kind.clone(), self.sequence, number, payload);
        self.sequence += 1;
        self.session.receive(frame, self.now);
    }

    fn settle(&mut self) {
        self.session.tick(self.now);
        let mut frames = 0;
        while self.session.transmit(self.now).is_some() {
            frames += 1;
            assert!(frames < 3000, "an end to what is sent at once");
        }
        while self.session.event().is_some() {}
        assert!(self.session.deadline().is_none_or(|at| at > self.now.at));
        let held = self.session.statistics();
        assert!(held.unacknowledged_bytes <= 1 << 20 && held.spooled_bytes <= 1 << 17);
    }
}

fuzz_target!(|input: Input<'_>| {
    let limits = Limits::default().with_spool(1 << 16).expect("a spool");
    let limits = limits.with_spools(1 << 17).expect("spools").with_streams(9).expect("streams");
    let ids = MessageIds::new([1; 16]);
    let (session, kind) = if input.agent {
        (Session::agent(PortProperties::default(), "", limits, ids), MessageType::InputStreamData)
    } else {
        (Session::client(limits, ids), MessageType::OutputStreamData)
    };
    let mut peer =
        Peer { session, kind, sequence: 0, now: Now { at: Duration::from_secs(1), unix_millis: 1 } };
    peer.session.connected(peer.now);
    if input.ready && input.agent {
        peer.say(6, RESPONSE.as_bytes());
    } else if input.ready {
        peer.say(5, REQUEST.as_bytes());
        peer.say(7, b"{}");
    }
    peer.settle();
    for step in input.steps {
        let now = peer.now;
        match step {
            Step::Frame(bytes) => peer.session.receive(Bytes::copy_from_slice(bytes), now),
            Step::Data { ahead: 0, payload_type, payload } => peer.say(payload_type.into(), payload),
            Step::Data { ahead, payload_type, payload } => {
                let sequence = peer.sequence + i64::from(ahead);
                let frame = peer.message(peer.kind.clone(), sequence, payload_type.into(), payload);
                peer.session.receive(frame, now);
            }
            Step::Mux(frames) => {
                let mut payload = Vec::new();
                for (command, stream, data) in frames {
                    let data = if command % 4 == 2 { data } else { &[] };
                    let data = data.get(..255).unwrap_or(data);
                    payload.extend_from_slice(&[1, command % 4, data.len() as u8, 0, stream % 16, 0, 0, 0]);
                    payload.extend_from_slice(data);
                }
                peer.say(1, &payload);
            }
            Step::Acknowledge(number) => {
                let text = format!(r#"{{"AcknowledgedMessageSequenceNumber":{number}}}"#);
                let frame = peer.message(MessageType::Acknowledge, 0, 0, text.as_bytes());
                peer.session.receive(frame, now);
            }
            Step::Pause => {
                let frame = peer.message(MessageType::PausePublication, 0, 0, b"");
                peer.session.receive(frame, now);
            }
            Step::Start => {
                let frame = peer.message(MessageType::StartPublication, 0, 0, b"");
                peer.session.receive(frame, now);
            }
            Step::Wait(millis) => peer.now.at += Duration::from_millis(millis.into()),
            Step::Connect => peer.session.connected(now),
            Step::Disconnect => peer.session.disconnected(),
            Step::Open => drop(peer.session.open()),
            Step::Write(stream, size) => {
                peer.session.write(StreamId::new(stream.into()), &vec![1; size.into()]);
            }
            Step::Read(stream) => drop(peer.session.read(StreamId::new(stream.into()))),
            Step::Finish(stream) => peer.session.finish(StreamId::new(stream.into())),
            Step::Refuse(stream) => peer.session.refuse(StreamId::new(stream.into())),
            Step::Terminate => peer.session.terminate(),
        }
        peer.settle();
    }
});
