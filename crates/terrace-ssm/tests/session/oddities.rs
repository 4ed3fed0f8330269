//! What official plugins and agents do, as the reference has it.

use bytes::Bytes;
use terrace_ssm::message::{Message, MessageType, PayloadType};
use terrace_ssm::mux::Frame;
use terrace_ssm::{Event, Limits, StreamId};

use crate::peer::{COMPLETE, Peer, REQUEST, Sent};

/// The plugin sends a message before it remembers it: an acknowledgement that overtakes leaves it waiting, and it sends
/// the same 10 times a second until it is acknowledged again.
#[test]
fn what_was_acknowledged_is_acknowledged_again() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    peer.frames(&[Frame::Syn(StreamId::FIRST)]);
    let again = peer.data(1, PayloadType::OUTPUT, b"\x01\x00\x00\x00\x03\x00\x00\x00");
    peer.sent();
    for _ in 0..5 {
        peer.receive(&again);
    }
    assert_eq!(peer.sent(), vec![Sent::Acknowledged(1); 5]);
    assert_eq!(peer.session.statistics().duplicates, 5);
    assert_eq!(peer.events(), [Event::Accepted(StreamId::FIRST)]);
}

/// The agent ends the handshake before its port session is ready, and acknowledges nothing until it is.
#[test]
fn an_agent_that_is_not_ready_gets_it_again() {
    let mut peer = Peer::of_ready_client(Limits::default());
    peer.session.open();
    assert_eq!(peer.sent().len(), 1);
    peer.wait(250);
    assert_eq!(peer.sent(), [Sent::Frames(1, vec!["SYN 3".to_owned()])]);
    peer.acknowledge(1);
    assert!(peer.session.is_quiet());
}

/// The gateway pads with NUL, and gives publication messages nothing but a type.
#[test]
fn padding_and_empty_headers() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    let mut frame = vec![0; 120];
    frame[4..21].copy_from_slice(b"pause_publication");
    peer.session.receive(Bytes::from(frame), peer.now());
    assert_eq!(peer.events(), [Event::Paused]);
    let message = Message {
        kind: MessageType::ChannelClosed,
        payload: Bytes::from_static(br#"{"Output":"Session timed out."}"#),
        ..peer.data(0, PayloadType::NONE, b"")
    };
    let mut frame = message.encode().to_vec();
    frame[4..36].iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = 0);
    peer.session.receive(Bytes::from(frame), peer.now());
    assert_eq!(peer.events(), [Event::Closed { output: "Session timed out.".to_owned() }]);
}

/// The plugin turns a message that is one byte 0x0A into 0x0D. Nothing does here.
#[test]
fn a_lone_newline_crosses() {
    let limits = Limits::default().with_payload(1).unwrap();
    let mut client = Peer::of_ready_client(limits);
    let mut agent = Peer::of_ready_agent(Limits::default());
    let stream = client.session.open().unwrap();
    client.session.write(stream, b"\n");
    let mut frames = 0;
    while let Some(frame) = client.session.transmit(client.now()) {
        assert!(Message::decode(&frame).unwrap().payload.len() == 1, "cut into single bytes");
        agent.session.receive(frame, agent.now());
        frames += 1;
    }
    assert_eq!(frames, 17);
    assert_eq!(agent.session.read(stream).unwrap(), "\n");
}

/// A changed payload is not processed and not acknowledged; the same again, unharmed, is.
#[test]
fn a_changed_message_does_not_count() {
    let mut peer = Peer::of_client(Limits::default());
    let good = peer.data(0, PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes()).encode();
    let mut bad = good.to_vec();
    *bad.last_mut().unwrap() ^= 1;
    peer.session.receive(Bytes::from(bad), peer.now());
    assert_eq!(peer.sent(), []);
    assert!(matches!(&peer.events()[..], [Event::Ignored(why)] if why.contains("SHA-256")));
    peer.session.receive(good, peer.now());
    assert!(matches!(peer.sent()[..], [Sent::Acknowledged(0), Sent::Data(..)]));
}

/// The wrong direction's data, and types that do not reach either side, have no effect.
#[test]
fn messages_for_others() {
    let mut peer = Peer::of_ready_client(Limits::default());
    for kind in [
        MessageType::InputStreamData,
        MessageType::AgentSessionState,
        MessageType::Other("interactive_shell".to_owned()),
    ] {
        peer.receive(&Message { kind, ..peer.data(2, PayloadType::OUTPUT, b"x") });
    }
    assert_eq!(peer.sent(), []);
    assert_eq!(peer.session.statistics().ignored, 3);
}

/// Without an end of the handshake the plugin hangs without a word; we say so after 15 s, also over a reconnect.
#[test]
fn the_wait_for_a_handshake_begins_anew_with_a_connection() {
    let mut peer = Peer::of_client(Limits::default());
    peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes());
    peer.wait(14_000);
    peer.session.disconnected();
    peer.session.connected(peer.now());
    peer.wait(14_000);
    assert_eq!(peer.events(), []);
    peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
    assert!(matches!(peer.events()[..], [Event::Ready { .. }]));
}
