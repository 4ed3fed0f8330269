//! Streams, frame by frame.

use bytes::Bytes;
use terrace_ssm::message::PayloadType;
use terrace_ssm::mux::{Frame, MuxError};
use terrace_ssm::{Event, Limits, SessionError, StreamId};

use crate::peer::{Peer, Sent};

const THREE: StreamId = StreamId::new(3);
const FIVE: StreamId = StreamId::new(5);

fn push(stream: StreamId, data: &'static [u8]) -> Frame {
    Frame::Push(stream, Bytes::from_static(data))
}

#[test]
fn a_stream_is_opened_written_and_closed() {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    assert_eq!(peer.session.write(stream, b"hello\n"), 6);
    peer.session.finish(stream);
    assert_eq!(peer.session.write(stream, b"more"), 0);
    assert_eq!(peer.session.streams(), 0);
    let frames = ["SYN 3", "PSH 3 hello\n", "FIN 3"].map(str::to_owned).to_vec();
    assert_eq!(peer.sent(), [Sent::Frames(1, frames)]);
    peer.frames(&[push(THREE, b"late"), Frame::Fin(THREE)]);
    assert_eq!((peer.session.read(stream), peer.events()), (None, vec![]));
}

#[test]
fn streams_take_turns() {
    let mut peer = Peer::of_ready_client(Limits::default().with_payload(108).unwrap());
    let (a, b) = (peer.session.open().unwrap(), peer.session.open().unwrap());
    peer.session.write(a, &[1; 250]);
    peer.session.write(b, &[2; 120]);
    let sent: Vec<String> = peer
        .sent()
        .into_iter()
        .filter_map(|sent| if let Sent::Frames(_, words) = sent { Some(words.join(", ")) } else { None })
        .collect();
    assert_eq!(
        sent,
        [
            "SYN 3, PSH 3 92 bytes",
            "SYN 5, PSH 5 92 bytes",
            "PSH 3 100 bytes",
            "PSH 5 28 bytes, PSH 3 58 bytes",
        ]
    );
}

#[test]
fn what_arrived_before_the_end_is_read_after_it() {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    peer.sent();
    peer.frames(&[push(stream, b"first"), push(stream, b"second")]);
    peer.frames(&[Frame::Nop(stream), push(stream, b"third"), Frame::Fin(stream)]);
    assert_eq!(peer.events(), [Event::Readable(stream), Event::Finished(stream)]);
    assert_eq!(peer.session.write(stream, b"too late"), 0);
    let mut read = Vec::new();
    while let Some(piece) = peer.session.read(stream) {
        read.extend_from_slice(&piece);
    }
    assert_eq!(read, b"firstsecondthird");
    assert_eq!(peer.sent(), [Sent::Acknowledged(2), Sent::Acknowledged(3)], "no closing is answered");
    assert_eq!(peer.session.statistics().spooled_bytes, 0);
}

#[test]
fn readable_is_told_again_only_after_the_end_was_seen() {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    peer.frames(&[push(stream, b"a")]);
    peer.frames(&[push(stream, b"b")]);
    assert_eq!(peer.events(), [Event::Readable(stream)]);
    assert!(peer.session.read(stream).is_some());
    peer.frames(&[push(stream, b"c")]);
    assert_eq!(peer.events(), []);
    while peer.session.read(stream).is_some() {}
    peer.frames(&[push(stream, b"d")]);
    assert_eq!(peer.events(), [Event::Readable(stream)]);
}

#[test]
fn writable_follows_when_the_queue_is_half_empty() {
    let limits = Limits::default().with_queue(4000).unwrap().with_window(1).unwrap();
    let mut peer = Peer::of_ready_client(limits);
    let stream = peer.session.open().unwrap();
    assert_eq!(peer.session.write(stream, &[0; 5000]), 4000);
    assert_eq!(peer.session.write(stream, &[0; 5000]), 0);
    assert_eq!(peer.sent().len(), 1, "one message in flight");
    assert_eq!(peer.events(), []);
    peer.acknowledge(1);
    assert_eq!(peer.sent().len(), 1);
    assert_eq!(peer.events(), [Event::Writable(stream)]);
    peer.acknowledge(2);
    assert_eq!(peer.sent().len(), 1);
    assert_eq!(peer.events(), [], "told once");
    assert_eq!(peer.session.write(stream, &[0; 5000]), 4000 - 960);
}

#[test]
fn an_agent_accepts_and_refuses() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    assert_eq!(peer.session.open(), None, "only clients open");
    peer.frames(&[Frame::Syn(THREE), push(THREE, b"query"), Frame::Syn(FIVE), Frame::Syn(FIVE)]);
    let events = peer.events();
    assert_eq!(events[..3], [Event::Accepted(THREE), Event::Readable(THREE), Event::Accepted(FIVE)]);
    assert!(matches!(events[3..], [Event::Ignored(_)]));
    peer.session.refuse(FIVE);
    peer.session.refuse(FIVE);
    let sent = peer.sent();
    assert_eq!(
        sent[1..],
        [
            Sent::Data(2, PayloadType::FLAG, "\0\0\0\u{3}".to_owned()),
            Sent::Frames(3, vec!["FIN 5".to_owned()])
        ]
    );
    assert_eq!(peer.session.streams(), 1);
}

#[test]
fn a_client_is_told_that_connecting_failed() {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    peer.say(PayloadType::FLAG, &[0, 0, 0, 3]);
    peer.frames(&[Frame::Fin(stream)]);
    assert_eq!(peer.events(), [Event::ConnectFailed, Event::Finished(stream)]);
    assert_eq!(peer.session.streams(), 0);
}

#[test]
fn unknown_streams_are_dropped() {
    let mut peer = Peer::of_ready_client(Limits::default());
    peer.frames(&[push(FIVE, b"x"), Frame::Fin(FIVE), Frame::Nop(FIVE)]);
    assert_eq!(peer.events(), []);
    peer.frames(&[Frame::Syn(FIVE)]);
    assert!(matches!(peer.events()[..], [Event::Ignored(_)]), "agents open nothing");
    assert_eq!(peer.session.streams(), 0);
}

#[test]
fn too_many_streams_are_closed_and_far_too_many_end_the_session() {
    let mut peer = Peer::of_ready_agent(Limits::default().with_streams(1).unwrap());
    peer.frames(&[Frame::Syn(THREE), Frame::Syn(FIVE)]);
    assert!(matches!(peer.events()[..], [Event::Accepted(THREE), Event::Ignored(_)]));
    assert_eq!(peer.sent()[1..], [Sent::Frames(2, vec!["FIN 5".to_owned()])]);
    let frames: Vec<Frame> = (5..5000).map(|number| Frame::Syn(StreamId::new(number))).collect();
    for _ in 0..20 {
        peer.frames(&frames);
    }
    assert!(peer.events().contains(&Event::Failed(SessionError::TooManyStreams)));
    let mut peer = Peer::of_ready_client(Limits::default().with_streams(1).unwrap());
    assert!(peer.session.open().is_some());
    assert_eq!(peer.session.open(), None);
}

#[test]
fn wrong_bytes_end_the_session() {
    let cases = [
        (&b"\x02\x00\x00\x00\x03\x00\x00\x00"[..], MuxError::Version(2)),
        (b"\x01\x04\x00\x00\x03\x00\x00\x00", MuxError::Command(4)),
        (b"\x01\x00\x01\x00\x03\x00\x00\x00x", MuxError::Length { command: 0, length: 1 }),
    ];
    for (bytes, error) in cases {
        let mut peer = Peer::of_ready_agent(Limits::default());
        peer.say(PayloadType::OUTPUT, bytes);
        peer.frames(&[Frame::Syn(THREE)]);
        assert_eq!(peer.events(), [Event::Failed(SessionError::Multiplexer(error))]);
        assert_eq!(peer.sent(), [Sent::Acknowledged(1), Sent::Acknowledged(2)]);
    }
}

#[test]
fn frames_may_be_cut_anywhere() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    let mut bytes = Vec::new();
    [Frame::Syn(THREE), push(THREE, b"0123456789"), Frame::Fin(THREE)]
        .iter()
        .for_each(|f| f.encode(&mut bytes));
    for byte in bytes {
        peer.say(PayloadType::OUTPUT, &[byte]);
    }
    assert_eq!(peer.events(), [Event::Accepted(THREE), Event::Readable(THREE), Event::Finished(THREE)]);
    assert_eq!(peer.session.read(THREE).unwrap(), "0123456789");
}
