//! Whatever comes, a session does not panic, does not grow without bound, and its deadline lies ahead.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use terrace_ssm::message::{Message, MessageType, PayloadType};
use terrace_ssm::{Event, Limits, Now, ShellKind, StreamId, WindowSize};
use uuid::Uuid;

use crate::peer::{COMPLETE, Peer, REQUEST, RESPONSE, SHELL_REQUEST};

#[derive(Clone, Debug)]
enum Step {
    Receive(Message, Option<(usize, u8)>),
    Raw(Vec<u8>),
    Wait(u64),
    Connect,
    Disconnect,
    Open,
    Write(u32, usize),
    Read(u32),
    Finish(u32),
    Refuse(u32),
    Terminate,
}

fn kind() -> impl Strategy<Value = MessageType> {
    prop_oneof![
        4 => Just(MessageType::InputStreamData),
        4 => Just(MessageType::OutputStreamData),
        2 => Just(MessageType::Acknowledge),
        1 => Just(MessageType::StartPublication),
        1 => Just(MessageType::PausePublication),
        1 => Just(MessageType::AgentSessionState),
    ]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let mux = prop::collection::vec(
        (0..5_u8, 0..9_u8, 0..12_u8).prop_map(|(command, stream, length)| {
            let mut frame = vec![1, command, length * (command / 2), 0, stream, 0, 0, 0];
            frame.extend(std::iter::repeat_n(7, usize::from(length * (command / 2))));
            frame
        }),
        0..6,
    );
    prop_oneof![
        6 => mux.prop_map(|frames| frames.concat()),
        1 => Just(REQUEST.as_bytes().to_vec()),
        1 => Just(SHELL_REQUEST.as_bytes().to_vec()),
        1 => Just(br#"{"cols":80,"rows":24}"#.to_vec()),
        1 => Just(b"EXIT_CODE: 3".to_vec()),
        1 => Just(RESPONSE.as_bytes().to_vec()),
        1 => Just(COMPLETE.as_bytes().to_vec()),
        3 => any::<i64>().prop_map(|n| format!(r#"{{"AcknowledgedMessageSequenceNumber":{n}}}"#).into_bytes()),
        3 => (0..30_i64).prop_map(|n| format!(r#"{{"AcknowledgedMessageSequenceNumber":{n}}}"#).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let sequence = prop_oneof![8 => 0..20_i64, 1 => any::<i64>()];
    let payload_type = prop_oneof![6 => Just(1_u32), 4 => 0..13_u32, 1 => any::<u32>()];
    let change = prop::option::weighted(0.1, (0..200_usize, any::<u8>()));
    let message = (kind(), sequence, payload_type, payload(), change).prop_map(
        |(kind, sequence, number, payload, change)| {
            let payload = Bytes::from(payload);
            let payload_type = PayloadType(number);
            let (flags, id, created) = (0, Uuid::nil(), 1);
            Step::Receive(Message { kind, sequence, flags, id, created, payload_type, payload }, change)
        },
    );
    prop_oneof![
        20 => message,
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Step::Raw),
        4 => prop_oneof![0..500_u64, Just(600_000), Just(u64::MAX)].prop_map(Step::Wait),
        1 => Just(Step::Connect),
        1 => Just(Step::Disconnect),
        2 => Just(Step::Open),
        4 => (0..9_u32, 0..5000_usize).prop_map(|(stream, size)| Step::Write(stream, size)),
        4 => (0..9_u32).prop_map(Step::Read),
        2 => (0..9_u32).prop_map(Step::Finish),
        1 => (0..9_u32).prop_map(Step::Refuse),
        1 => Just(Step::Terminate),
    ]
}

fn run(mut peer: Peer, steps: Vec<Step>) {
    let (mut connected, mut failures) = (true, 0);
    for step in steps {
        let now = peer.now();
        match step {
            Step::Receive(message, None) => peer.receive(&message),
            Step::Receive(message, Some((at, byte))) => {
                let mut frame = message.encode().to_vec();
                let length = frame.len();
                frame[at % length] = byte;
                peer.session.receive(Bytes::from(frame), now);
            }
            Step::Raw(frame) => peer.session.receive(Bytes::from(frame), now),
            Step::Wait(u64::MAX) => peer.at = Duration::MAX,
            Step::Wait(millis) => peer.at = peer.at.saturating_add(Duration::from_millis(millis)),
            Step::Connect => {
                connected = true;
                peer.session.connected(now);
            }
            Step::Disconnect => {
                connected = false;
                peer.session.disconnected();
            }
            Step::Open => {
                let _ = peer.session.open();
                peer.session.resize(WindowSize { columns: 80, rows: 24 });
            }
            Step::Write(stream, size) => {
                let taken = peer.session.write(StreamId::new(stream), &vec![1; size]);
                assert!(taken <= size);
                assert!(peer.session.say(&vec![1; size]) <= size);
            }
            Step::Read(stream) => {
                let _ = peer.session.read(StreamId::new(stream));
                let _ = peer.session.arrived();
            }
            Step::Finish(stream) => {
                peer.session.finish(StreamId::new(stream));
                peer.session.exit(3);
            }
            Step::Refuse(stream) => {
                peer.session.refuse(StreamId::new(stream));
                assert!(peer.session.complain(b"wrong") <= 5);
            }
            Step::Terminate => peer.session.terminate(),
        }
        let now = Now { at: peer.at, ..peer.now() };
        peer.session.tick(now);
        let mut frames = 0;
        while let Some(frame) = peer.session.transmit(now) {
            assert!(connected);
            frames += 1;
            assert!(frames < 200, "an end to what is sent at once");
            Message::decode(&frame).unwrap();
        }
        while let Some(event) = peer.session.event() {
            failures += usize::from(matches!(event, Event::Failed(_)));
        }
        if peer.at < Duration::from_secs(1 << 40) {
            assert!(peer.session.deadline().is_none_or(|at| at > peer.at));
        }
        assert!(peer.session.statistics().unacknowledged_bytes < 1 << 20);
    }
    assert!(failures <= 1, "a session fails once");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn into_a_client(steps in prop::collection::vec(step(), 0..60), ready in any::<bool>()) {
        let limits = Limits::default();
        run(if ready { Peer::of_ready_client(limits) } else { Peer::of_client(limits) }, steps);
    }

    #[test]
    fn into_a_shell(steps in prop::collection::vec(step(), 0..60)) {
        run(Peer::of_shell(Limits::default()), steps);
    }

    #[test]
    fn into_the_agent_of_a_shell(steps in prop::collection::vec(step(), 0..60), greets in any::<bool>()) {
        let kind = greets.then_some(ShellKind::Interactive);
        run(Peer::of_shell_agent(kind, Limits::default()), steps);
    }

    #[test]
    fn into_an_agent(steps in prop::collection::vec(step(), 0..60), ready in any::<bool>()) {
        let limits = Limits::default();
        run(if ready { Peer::of_ready_agent(limits) } else { Peer::of_agent(limits) }, steps);
    }
}
