//! Messages, read by the crate and by the plain reader.

use bytes::Bytes;
use proptest::prelude::*;
use terrace_ssm::message::{Message, MessageType, PayloadType};
use uuid::Uuid;

use crate::naive::{self, Fields};

fn of(message: &Message) -> Fields {
    Fields {
        kind: message.kind.name().to_owned(),
        created: message.created,
        sequence: message.sequence,
        flags: message.flags,
        id: message.id.into_bytes(),
        payload_type: message.payload_type.0,
        payload: message.payload.to_vec(),
    }
}

fn kind() -> impl Strategy<Value = MessageType> {
    prop_oneof![
        Just(MessageType::InputStreamData),
        Just(MessageType::OutputStreamData),
        Just(MessageType::Acknowledge),
        Just(MessageType::ChannelClosed),
        Just(MessageType::AgentSessionState),
        "[a-z_]{1,14}x".prop_map(MessageType::Other),
    ]
}

prop_compose! {
    fn message()(
        kind in kind(),
        sequence in any::<i64>(),
        flags in any::<u64>(),
        id in any::<[u8; 16]>(),
        created in 1..u64::MAX,
        payload_type in any::<u32>(),
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) -> Message {
        Message {
            kind,
            sequence,
            flags,
            id: Uuid::from_bytes(id),
            created,
            payload_type: PayloadType(payload_type),
            payload: Bytes::from(payload),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_by_both(message in message()) {
        let frame = message.encode();
        prop_assert_eq!(naive::message(&frame), Some(of(&message)));
        prop_assert_eq!(Message::decode(&frame), Ok(message));
    }

    #[test]
    fn what_was_changed_is_judged_alike(
        message in message(),
        changes in prop::collection::vec((0..200_usize, any::<u8>()), 0..4),
        length in prop::option::of(0..200_usize),
        date in any::<bool>(),
        unmeasured in any::<bool>(),
        publication in any::<bool>(),
        nul in any::<bool>(),
    ) {
        let mut frame = message.encode().to_vec();
        if publication {
            frame[4..36].copy_from_slice(b"pause_publication               ");
        }
        if nul {
            frame[4..36].iter_mut().filter(|b| **b == b' ').for_each(|b| *b = 0);
        }
        if !date {
            frame[40..48].fill(0);
        }
        if unmeasured {
            frame[116..120].fill(0);
        }
        for (at, byte) in changes {
            if let Some(place) = frame.get_mut(at) {
                *place = byte;
            }
        }
        frame.truncate(length.unwrap_or(frame.len()));
        let read = Message::decode(&Bytes::from(frame.clone())).ok();
        let mut plain = naive::message(&frame);
        // Of what concerns publication nothing but the type is looked at.
        if let (Some(plain), Some(read)) = (&mut plain, &read)
            && matches!(read.kind, MessageType::StartPublication | MessageType::PausePublication)
        {
            *plain = Fields { kind: plain.kind.clone(), ..of(read) };
        }
        prop_assert_eq!(read.as_ref().map(of), plain);
    }

    #[test]
    fn a_header_may_be_longer(message in message(), more in 1..40_usize) {
        let mut frame = message.encode().to_vec();
        frame[..4].copy_from_slice(&u32::try_from(116 + more).unwrap().to_be_bytes());
        frame.splice(120..120, vec![0xee; more]);
        prop_assert_eq!(Message::decode(&Bytes::from(frame)), Ok(message));
    }

    #[test]
    fn anything_is_judged_alike(frame in prop::collection::vec(any::<u8>(), 0..200)) {
        let read = Message::decode(&Bytes::from(frame.clone())).ok();
        prop_assert_eq!(read.as_ref().map(of), naive::message(&frame));
    }
}
