//! The rule of receiving, beside a plain model of it: a list of what was offered, searched each time.

use proptest::prelude::*;
use terrace_ssm::message::PayloadType;
use terrace_ssm::{Event, Limits, StreamId};

use crate::peer::{Peer, Sent};

/// Bytes of a stream in messages of odd lengths, each of the multiplexer's bytes in order.
fn messages(count: usize) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut bytes = vec![1, 0, 0, 0, 3, 0, 0, 0];
    let mut data = Vec::new();
    for frame in 0..count * 2 {
        let length = frame * 7 % 23;
        bytes.extend_from_slice(&[1, 2, u8::try_from(length).unwrap(), 0, 3, 0, 0, 0]);
        for index in 0..length {
            let byte = u8::try_from((frame * 31 + index) % 256).unwrap();
            bytes.push(byte);
            data.push(byte);
        }
    }
    let size = bytes.len().div_ceil(count);
    (bytes.chunks(size).map(<[u8]>::to_vec).collect(), data)
}

/// What must be acknowledged, and how many messages have been processed.
#[derive(Default)]
struct Model {
    offered: Vec<i64>,
}

impl Model {
    fn offer(&mut self, sequence: i64) {
        self.offered.push(sequence);
    }

    fn processed(&self) -> i64 {
        let mut next = 1;
        while self.offered.contains(&next) {
            next += 1;
        }
        next
    }
}

proptest! {
    #[test]
    fn messages_in_any_order(order in prop::collection::vec(1..30_i64, 0..120)) {
        let (messages, data) = messages(29);
        let mut peer = Peer::of_ready_agent(Limits::default());
        let mut model = Model::default();
        let mut read = Vec::new();
        for sequence in order {
            let Some(payload) = messages.get(usize::try_from(sequence - 1).unwrap()) else { continue };
            let message = peer.data(sequence, PayloadType::OUTPUT, payload);
            peer.receive(&message);
            model.offer(sequence);
            prop_assert_eq!(peer.sent(), vec![Sent::Acknowledged(sequence)]);
            while let Some(piece) = peer.session.read(StreamId::FIRST) {
                read.extend_from_slice(&piece);
            }
            let statistics = peer.session.statistics();
            // The answer of the handshake was the first.
            prop_assert_eq!(statistics.messages_received, model.processed().unsigned_abs());
            let distinct: std::collections::BTreeSet<&i64> = model.offered.iter().collect();
            prop_assert_eq!(statistics.duplicates, (model.offered.len() - distinct.len()) as u64);
            prop_assert!(data.starts_with(&read));
        }
        if model.processed() == i64::try_from(messages.len()).unwrap() + 1 {
            prop_assert_eq!(read, data);
        }
        prop_assert!(peer.events().iter().all(|event| !matches!(event, Event::Failed(_) | Event::Ignored(_))));
    }
}

#[test]
fn what_is_too_far_ahead_is_not_acknowledged_and_bounded() {
    let mut peer = Peer::of_ready_agent(Limits::default());
    let large = vec![1; 32_768];
    let mut kept = 0;
    for sequence in 2..2000 {
        let message = peer.data(sequence, PayloadType::OUTPUT, &large);
        peer.receive(&message);
        kept += peer.sent().len();
    }
    assert!((500..520).contains(&kept), "{kept}");
    assert!(peer.session.statistics().reordering_bytes <= 16 * 1024 * 1024);
    let mut peer = Peer::of_ready_agent(Limits::default());
    let kept = (2..20_000_i64).filter(|sequence| {
        let message = peer.data(*sequence, PayloadType::OUTPUT, b"");
        peer.receive(&message);
        !peer.sent().is_empty()
    });
    assert_eq!(kept.count(), 10_000);
    peer.receive(&peer.data(i64::MAX, PayloadType::OUTPUT, b""));
    peer.receive(&peer.data(-1, PayloadType::OUTPUT, b""));
    assert_eq!(peer.sent(), []);
    peer.frames(&[]);
    assert_eq!(peer.session.statistics().messages_received, 10_002);
}
