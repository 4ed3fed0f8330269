//! Data messages in the order of their numbers, each once.
//!
//! At most 10 000 messages and 16 MiB wait for an earlier one; what does not fit is not acknowledged, so it comes again.

use std::collections::BTreeMap;

use crate::message::{HEADER, Message};

const MESSAGES: usize = 10_000;
const BYTES: usize = 16 * 1024 * 1024;

/// What has arrived and waits for an earlier one.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    expected: i64,
    waiting: BTreeMap<i64, Message>,
    bytes: usize,
}

/// What becomes of a message.
#[derive(Debug)]
pub(super) enum Offer {
    /// It is the next: acknowledge, process, then take what waited for it.
    Next(Message),
    /// It waits for an earlier one: acknowledge.
    Kept,
    /// It was here before: acknowledge again, as the acknowledgement may be lost.
    Again,
    /// There is no room, or its number is none.
    Refused,
}

impl Inbox {
    /// Takes a message.
    pub(super) fn offer(&mut self, message: Message) -> Offer {
        let sequence = message.sequence;
        if sequence < 0 || sequence == i64::MAX {
            return Offer::Refused;
        }
        if sequence == self.expected {
            self.expected = sequence.saturating_add(1);
            return Offer::Next(message);
        }
        if sequence < self.expected || self.waiting.contains_key(&sequence) {
            return Offer::Again;
        }
        let size = HEADER + message.payload.len();
        if self.waiting.len() >= MESSAGES || self.bytes + size > BYTES {
            return Offer::Refused;
        }
        self.bytes += size;
        self.waiting.insert(sequence, message);
        Offer::Kept
    }

    /// The message that waited for the last one.
    pub(super) fn follow(&mut self) -> Option<Message> {
        let message = self.waiting.remove(&self.expected)?;
        self.bytes = self.bytes.saturating_sub(HEADER + message.payload.len());
        self.expected = self.expected.saturating_add(1);
        Some(message)
    }

    /// Bytes that wait.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
