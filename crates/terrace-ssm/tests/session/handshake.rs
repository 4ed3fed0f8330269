//! What is said before the first byte, and who is refused.

use terrace_ssm::message::{Flag, PayloadType};
use terrace_ssm::{Event, Limits, SessionError, Version};

use crate::peer::{COMPLETE, Peer, REQUEST, RESPONSE, Sent};

#[test]
fn a_client_answers_and_waits_for_the_end() {
    let mut peer = Peer::of_client(Limits::default());
    assert_eq!(peer.sent(), [], "a client does not begin");
    peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes());
    let answer = Sent::Data(0, PayloadType::HANDSHAKE_RESPONSE, RESPONSE.to_owned());
    assert_eq!(peer.sent(), [Sent::Acknowledged(0), answer]);
    assert_eq!(peer.events(), []);
    assert_eq!(peer.session.open(), None, "before the end of the handshake the agent drops what it gets");
    peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
    let events = peer.events();
    let [Event::Ready { peer: version, properties, message }] = &events[..] else {
        unreachable_events(&events)
    };
    assert_eq!((*version, message.as_str()), (Version::AGENT, "Hello"));
    assert_eq!((properties.host.as_str(), properties.port_number.as_str()), ("db", "5432"));
    assert_eq!(peer.session.open().map(|stream| stream.get()), Some(3));
    assert_eq!(peer.session.open().map(|stream| stream.get()), Some(5));
    assert_eq!(peer.sent(), [Sent::Acknowledged(1), Sent::Frames(1, vec!["SYN 3".into(), "SYN 5".into()])]);
}

#[expect(clippy::panic, reason = "a test may stop where it is wrong")]
fn unreachable_events(events: &[Event]) -> ! {
    panic!("{events:?}")
}

#[test]
fn an_agent_asks_and_ends() {
    let mut peer = Peer::of_agent(Limits::default());
    assert_eq!(peer.sent(), [Sent::Data(0, PayloadType::HANDSHAKE_REQUEST, REQUEST.to_owned())]);
    peer.acknowledge(0);
    peer.at += std::time::Duration::from_millis(5);
    peer.say(PayloadType::HANDSHAKE_RESPONSE, RESPONSE.as_bytes());
    let end = r#"{"HandshakeTimeToComplete":5000000,"CustomerMessage":"Hello"}"#.to_owned();
    assert_eq!(peer.sent(), [Sent::Acknowledged(0), Sent::Data(1, PayloadType::HANDSHAKE_COMPLETE, end)]);
    assert!(matches!(&peer.events()[..], [Event::Ready { peer, .. }] if *peer == Version::CLIENT));
}

/// A request with something else in place of something, the statuses that are answered, and what becomes of the session.
#[test]
fn agents_that_are_refused() {
    let old = |announced: &str| {
        Some(SessionError::PeerTooOld {
            announced: announced.to_owned(),
            needed: "an SSM agent newer than 3.0.196.0, best the newest; update the agent on the target",
        })
    };
    let kms =
        r#""RequestedClientActions":[{"ActionType":"KMSEncryption","ActionParameters":{"KMSKeyId":"k"}},"#;
    let other = r#""RequestedClientActions":[{"ActionType":"Dance"},"#;
    let cases = [
        ("3.3.3572.0", "3.0.196.1", vec![1], None),
        ("3.3.3572.0", "3.0.196.0", vec![2], old("3.0.196.0")),
        ("3.3.3572.0", "3.4", vec![2], old("3.4")),
        ("3.3.3572.0", "", vec![2], old("")),
        (r#""RequestedClientActions":["#, kms, vec![2, 1], Some(SessionError::Encryption)),
        (r#""RequestedClientActions":["#, other, vec![3, 1], None),
        ("\"Port\"", "\"Standard_Stream\"", vec![2], Some(SessionError::Kind("Standard_Stream".to_owned()))),
        ("\"LocalPortForwarding\"", "\"\"", vec![2], Some(SessionError::Kind("Port of type ``".to_owned()))),
    ];
    for (from, to, statuses, failure) in cases {
        let mut peer = Peer::of_client(Limits::default());
        peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.replace(from, to).as_bytes());
        let sent = peer.sent();
        let [_, Sent::Data(0, PayloadType::HANDSHAKE_RESPONSE, answer)] = &sent[..] else {
            unreachable_events(&peer.events())
        };
        let found: Vec<u64> =
            serde_json::from_str::<serde_json::Value>(answer).unwrap()["ProcessedClientActions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|action| action["ActionStatus"].as_u64().unwrap())
                .collect();
        assert_eq!(found, statuses, "{to}");
        peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
        match (&peer.events()[..], failure) {
            ([Event::Failed(error)], Some(expected)) => assert_eq!(*error, expected),
            ([Event::Ready { .. }], None) => {}
            (events, _) => unreachable_events(events),
        }
    }
}

#[test]
fn requests_that_cannot_be_read() {
    for text in
        ["", "{}", "[]", r#"{"AgentVersion":"3.3.3572.0","RequestedClientActions":null}"#, "\u{0}\u{ff}"]
    {
        let mut peer = Peer::of_client(Limits::default());
        peer.say(PayloadType::HANDSHAKE_REQUEST, text.as_bytes());
        assert!(matches!(peer.events()[..], [Event::Failed(SessionError::Handshake(_))]), "{text}");
    }
}

type Judge = fn(&SessionError) -> bool;

#[test]
fn clients_that_are_refused() {
    let cases: [(&str, &str, Judge); 4] = [
        ("1.2.764.0", "1.1.69.9", |e| matches!(e, SessionError::PeerTooOld { .. })),
        ("1.2.764.0", "0.3.1", |e| matches!(e, SessionError::PeerTooOld { .. })),
        ("\"ActionStatus\":1", "\"ActionStatus\":3", |e| matches!(e, SessionError::Refused { .. })),
        ("{", "", |e| matches!(e, SessionError::Handshake(_))),
    ];
    for (from, to, expected) in cases {
        let mut peer = Peer::of_agent(Limits::default());
        peer.sent();
        peer.say(PayloadType::HANDSHAKE_RESPONSE, RESPONSE.replace(from, to).as_bytes());
        assert!(matches!(&peer.events()[..], [Event::Failed(error)] if expected(error)), "{to}");
        assert_eq!(peer.sent(), [Sent::Acknowledged(0)], "no end of the handshake");
        assert_eq!(peer.session.deadline(), None);
    }
    let mut peer = Peer::of_agent(Limits::default());
    peer.say(PayloadType::HANDSHAKE_RESPONSE, RESPONSE.replace("1.2.764.0", "1.1.70.0").as_bytes());
    assert!(matches!(peer.events()[..], [Event::Ready { .. }]));
}

#[test]
fn neither_side_waits_longer_than_fifteen_seconds() {
    for mut peer in [Peer::of_client(Limits::default()), Peer::of_agent(Limits::default())] {
        peer.sent();
        peer.wait(14_999);
        assert_eq!(peer.events(), []);
        peer.wait(1);
        assert_eq!(peer.events(), [Event::Failed(SessionError::HandshakeTimeout)]);
        peer.wait(100_000);
        assert_eq!(peer.events(), [], "told once");
    }
}

#[test]
fn what_comes_twice_or_too_early_has_no_effect() {
    let mut peer = Peer::of_client(Limits::default());
    peer.say(PayloadType::OUTPUT, b"\x01\x02\x01\x00\x03\x00\x00\x00x");
    peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
    peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes());
    peer.say(PayloadType::HANDSHAKE_REQUEST, REQUEST.as_bytes());
    peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
    peer.say(PayloadType::HANDSHAKE_COMPLETE, COMPLETE.as_bytes());
    let events = peer.events();
    let ready = events.iter().filter(|event| matches!(event, Event::Ready { .. })).count();
    let ignored = events.iter().filter(|event| matches!(event, Event::Ignored(_))).count();
    assert_eq!((ready, ignored, events.len()), (1, 4, 5), "{events:?}");
    assert_eq!(peer.session.statistics().ignored, 4);
}

#[test]
fn a_session_ends_by_a_flag() {
    let mut client = Peer::of_ready_client(Limits::default());
    let stream = client.session.open().unwrap();
    client.session.write(stream, b"never sent");
    client.session.terminate();
    client.session.terminate();
    let flag = Sent::Data(1, PayloadType::FLAG, "\0\0\0\u{2}".to_owned());
    assert_eq!(client.sent(), std::slice::from_ref(&flag));
    assert!(!client.session.is_quiet());
    assert_eq!((client.session.open(), client.session.write(stream, b"x")), (None, 0));
    client.wait(1000);
    assert_eq!(client.sent(), [flag], "sent again like data");
    client.acknowledge(1);
    assert!(client.session.is_quiet());

    let mut agent = Peer::of_ready_agent(Limits::default());
    agent.say(PayloadType::FLAG, &Flag::TerminateSession.encode());
    assert_eq!(agent.events(), [Event::Terminated]);
    assert_eq!(agent.sent(), [Sent::Acknowledged(1)]);
}
