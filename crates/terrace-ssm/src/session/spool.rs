//! What has arrived for one stream and is not read yet.
//!
//! A piece is a slice of the message that it came in, and keeps all of that alive. A piece that is short, or less than
//! half of its message, is copied instead, so what is held is at most about twice what is counted.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Copied pieces are put together until there are this many bytes.
const TOGETHER: usize = 4096;
/// Shorter pieces are copied whatever they came in.
const SHORT: usize = 512;

/// Unread bytes, in order.
#[derive(Debug, Default)]
pub(super) struct Spool {
    pieces: VecDeque<Bytes>,
    copied: BytesMut,
    bytes: usize,
}

impl Spool {
    /// Appends a piece of a message whose payload has `whole` bytes.
    pub(super) fn push(&mut self, piece: Bytes, whole: usize) {
        self.bytes += piece.len();
        if piece.len() < SHORT || piece.len().saturating_mul(2) < whole {
            self.copied.extend_from_slice(&piece);
            if self.copied.len() >= TOGETHER {
                self.pieces.push_back(self.copied.split().freeze());
            }
            return;
        }
        if !self.copied.is_empty() {
            self.pieces.push_back(self.copied.split().freeze());
        }
        self.pieces.push_back(piece);
    }

    /// Takes the first piece.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let piece = self.pieces.pop_front();
        let piece = piece.or_else(|| (!self.copied.is_empty()).then(|| self.copied.split().freeze()))?;
        self.bytes = self.bytes.saturating_sub(piece.len());
        Some(piece)
    }

    /// Unread bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
