//! What depends on the time: sending again, giving up, pace, pause.

use std::time::Duration;

use terrace_ssm::message::{MessageType, PayloadType};
use terrace_ssm::mux::Frame;
use terrace_ssm::{Event, Limits, Pace, SessionError, StreamId};

use crate::peer::{Peer, Sent};

fn numbers(sent: &[Sent]) -> Vec<i64> {
    sent.iter()
        .filter_map(|sent| match sent {
            Sent::Data(sequence, ..) | Sent::Frames(sequence, _) => Some(*sequence),
            Sent::Acknowledged(_) => None,
        })
        .collect()
}

/// A client that has sent messages 1 to `count`.
fn busy(count: usize) -> Peer {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    peer.session.write(stream, &vec![0; 1016 * count - 8]);
    assert_eq!(numbers(&peer.sent()).len(), count);
    peer
}

#[test]
fn the_oldest_is_sent_again_and_the_wait_doubles() {
    let mut peer = busy(3);
    let mut again = Vec::new();
    for _ in 0..70 {
        peer.wait(100);
        again.extend(numbers(&peer.sent()).into_iter().map(|number| (number, peer.at.as_millis())));
    }
    assert!(again.len() >= 4 && again.iter().all(|(number, _)| (1..=3).contains(number)), "{again:?}");
    let waits: Vec<u128> = again.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    assert!(waits.is_sorted() && waits[0] < 500 && *waits.last().unwrap() == 1000, "{waits:?}");
}

#[test]
fn what_was_sent_three_later_and_has_arrived_means_loss() {
    let mut peer = busy(6);
    peer.acknowledge(3);
    peer.acknowledge(2);
    assert_eq!(peer.sent(), []);
    peer.acknowledge(4);
    assert_eq!(numbers(&peer.sent()), [1]);
    peer.acknowledge(5);
    peer.acknowledge(6);
    assert_eq!(peer.sent(), [], "once, until that is lost too");
    peer.acknowledge(1);
    assert!(peer.session.is_quiet());
    assert_eq!(peer.session.statistics().retransmissions, 1);
}

#[test]
fn a_new_connection_sends_all_again_in_order() {
    let mut peer = busy(4);
    peer.acknowledge(2);
    peer.session.disconnected();
    assert_eq!((peer.sent(), peer.session.deadline()), (vec![], None));
    peer.wait(400_000);
    assert_eq!(peer.events(), []);
    peer.session.connected(peer.now());
    assert_eq!(numbers(&peer.sent()), [1, 3, 4]);
}

#[test]
fn after_five_minutes_without_an_answer_nobody_is_there() {
    let mut peer = busy(2);
    for _ in 0..2999 {
        peer.wait(100);
        peer.sent();
    }
    assert_eq!(peer.events(), []);
    peer.wait(100);
    assert_eq!(peer.events(), [Event::Failed(SessionError::Unacknowledged)]);
    let mut peer = busy(2);
    for step in 0..10_000 {
        peer.wait(100);
        peer.sent();
        if step == 2000 {
            peer.acknowledge(1);
        }
        if step < 4900 {
            assert_eq!(peer.events(), [], "an answer counts from when it came");
        }
    }
}

#[test]
fn the_window_bounds_what_is_in_flight() {
    let mut peer = Peer::of_ready_client(Limits::default().with_window(10 * 1144).unwrap());
    let stream = peer.session.open().unwrap();
    peer.session.write(stream, &[0; 100_000]);
    assert_eq!(numbers(&peer.sent()), (1..=10).collect::<Vec<_>>());
    peer.acknowledge(2);
    assert_eq!(numbers(&peer.sent()), [11]);
    assert!(peer.session.statistics().unacknowledged_bytes <= 10 * 1144);
    peer.say(PayloadType::OUTPUT, b"");
    assert_eq!(peer.sent(), [Sent::Acknowledged(2)], "acknowledgements pass");
}

/// Official receivers keep 10 000 messages that wait for an earlier one.
#[test]
fn no_message_goes_too_far_ahead_of_one_that_is_missing() {
    let mut peer = Peer::of_ready_client(Limits::default());
    let stream = peer.session.open().unwrap();
    let mut last = 0;
    for _ in 0..1000 {
        peer.session.write(stream, &[0; 100_000]);
        for sequence in numbers(&peer.sent()) {
            last = last.max(sequence);
            if sequence != 1 {
                peer.acknowledge(sequence);
            }
        }
    }
    assert_eq!(last, 8000);
    peer.acknowledge(1);
    assert!(peer.sent().len() > 10);
}

#[test]
fn an_agent_is_paced_and_catches_up_when_its_timer_is_late() {
    let mut peer = Peer::of_ready_agent(Limits::default().with_pace(Some(Pace::AGENT)));
    peer.frames(&[Frame::Syn(StreamId::FIRST)]);
    peer.events();
    peer.sent();
    // A second's messages, once by a timer that is exact and once by one that is 5 ms late each time.
    for late in [0, 5] {
        let mut count = 0;
        let end = peer.at + Duration::from_secs(1);
        while peer.at < end {
            peer.session.write(StreamId::FIRST, &[0; 100_000]);
            for sequence in numbers(&peer.sent()) {
                count += 1;
                peer.acknowledge(sequence);
            }
            peer.at = peer.session.deadline().unwrap() + Duration::from_millis(late);
            peer.session.tick(peer.now());
        }
        assert!((735..=745).contains(&count), "{count}");
        peer.at += Duration::from_secs(10);
    }
}

#[test]
fn a_paused_agent_acknowledges_and_sends_nothing() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    peer.frames(&[Frame::Syn(StreamId::FIRST)]);
    peer.sent();
    for way in 0..3 {
        peer.control(MessageType::PausePublication, "");
        peer.control(MessageType::PausePublication, "");
        peer.session.write(StreamId::FIRST, b"x");
        assert_eq!(peer.sent(), [], "{way}");
        peer.wait(600_000);
        assert_eq!((peer.sent(), peer.session.deadline()), (vec![], None));
        match way {
            0 => peer.control(MessageType::StartPublication, ""),
            1 => peer.acknowledge(2),
            _ => peer.frames(&[Frame::Nop(StreamId::FIRST)]),
        }
        let events = peer.events();
        assert_eq!(events[events.len() - 2..], [Event::Paused, Event::Resumed]);
        let sent = numbers(&peer.sent());
        assert!(sent.contains(&(way + 2)), "{way} {sent:?}");
        sent.into_iter().for_each(|sequence| peer.acknowledge(sequence));
    }
}

#[test]
fn a_paused_client_only_tells() {
    let mut peer = Peer::of_ready_client(Limits::default());
    peer.control(MessageType::PausePublication, "");
    peer.session.open();
    assert_eq!(numbers(&peer.sent()), [1]);
    peer.control(MessageType::StartPublication, "");
    assert_eq!(peer.events(), [Event::Paused, Event::Resumed]);
}

#[test]
fn a_closed_channel_is_silent() {
    let mut peer = busy(2);
    peer.control(MessageType::ChannelClosed, r#"{"Output":"Gone."}"#);
    peer.frames(&[Frame::Nop(StreamId::FIRST)]);
    assert_eq!(peer.events(), [Event::Closed { output: "Gone.".to_owned() }]);
    peer.wait(600_000);
    assert_eq!((peer.sent(), peer.session.deadline(), peer.session.open()), (vec![], None, None));
}
