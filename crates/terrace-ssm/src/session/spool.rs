//! What has arrived for one stream and is not read yet.
//!
//! A piece of a message keeps all of what it came in alive: the message, and whatever else was read from the socket with it,
//! for other streams also. So pieces are copied together, and what is held is what is counted and one chunk.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Pieces are put together until there are this many bytes.
const CHUNK: usize = 16 * 1024;

/// Unread bytes, in order.
#[derive(Debug, Default)]
pub(super) struct Spool {
    full: VecDeque<Bytes>,
    last: BytesMut,
    bytes: usize,
}

impl Spool {
    /// Appends a piece.
    pub(super) fn push(&mut self, mut piece: Bytes) {
        self.bytes += piece.len();
        while !piece.is_empty() {
            if self.last.is_empty() {
                self.last.reserve(CHUNK);
            }
            let part = piece.split_to(piece.len().min(CHUNK.saturating_sub(self.last.len())));
            self.last.extend_from_slice(&part);
            if self.last.len() >= CHUNK {
                self.full.push_back(self.last.split().freeze());
            }
        }
    }

    /// Takes what comes first.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let first = self.full.pop_front();
        let first = first.or_else(|| (!self.last.is_empty()).then(|| self.last.split().freeze()))?;
        self.bytes = self.bytes.saturating_sub(first.len());
        Some(first)
    }

    /// Unread bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_does_not_keep_alive_what_it_came_in() {
        let read: Vec<u8> = (0..1 << 17).map(|n: u32| (n ^ (n >> 8)).to_le_bytes()[0]).collect();
        let read = Bytes::from(read);
        for length in [1, 512, 1016, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK] {
            let mut spool = Spool::default();
            let mut read_back = Vec::new();
            for from in (0..read.len() - length).step_by(length) {
                spool.push(read.slice(from..from + length));
            }
            assert!(read.is_unique());
            let unread = spool.bytes();
            while let Some(piece) = spool.pop() {
                assert!(piece.len() <= CHUNK);
                read_back.extend_from_slice(&piece);
            }
            assert_eq!((read_back.len(), spool.bytes()), (unread, 0));
            assert!(read.starts_with(&read_back));
        }
    }
}
