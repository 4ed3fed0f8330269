//! What a shell says and is told: pieces in their order, without the multiplexer.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::message::PayloadType;
use crate::{Arrived, Event, Limits, SessionError};

/// Pieces of the same kind are put together until there are this many bytes; so what is held is what is counted.
const CHUNK: usize = 16 * 1024;
/// What a piece costs beside its bytes.
const OVERHEAD: usize = 64;
/// Unread bytes above which waiting is better than keeping.
const UNREAD: usize = 4 * 1024 * 1024;
/// What the agent writes before an exit code.
const EXIT_CODE: &str = "EXIT_CODE: ";

/// A shell, in either role.
#[derive(Debug)]
pub(super) struct Shell {
    limits: Limits,
    /// There was a handshake; agents have none for most shells.
    pub(super) greeted: bool,
    /// The size of the terminal, as long as it cannot be sent.
    pub(super) size: Option<Bytes>,
    queue: Pieces,
    wants_room: bool,
    spool: Pieces,
    told: bool,
    sent: u64,
    received: u64,
}

/// Bytes of several kinds, in order.
#[derive(Debug, Default)]
struct Pieces {
    all: VecDeque<(PayloadType, BytesMut)>,
    bytes: usize,
}

impl Pieces {
    fn push(&mut self, kind: PayloadType, mut data: &[u8]) {
        while !data.is_empty() {
            match self.all.back_mut() {
                Some((last, piece)) if *last == kind && is_text(kind) && piece.len() < CHUNK => {
                    let (now, rest) = data.split_at_checked(CHUNK - piece.len()).unwrap_or((data, &[]));
                    piece.extend_from_slice(now);
                    self.bytes = self.bytes.saturating_add(now.len());
                    data = rest;
                }
                _ => {
                    self.all.push_back((kind, BytesMut::new()));
                    self.bytes = self.bytes.saturating_add(OVERHEAD);
                    if !is_text(kind) {
                        if let Some((_, piece)) = self.all.back_mut() {
                            piece.extend_from_slice(data);
                        }
                        self.bytes = self.bytes.saturating_add(data.len());
                        return;
                    }
                }
            }
        }
    }

    /// Up to `most` bytes of what comes first; what is no text is never cut.
    fn pop(&mut self, most: usize) -> Option<(PayloadType, Bytes)> {
        let (kind, piece) = self.all.front_mut()?;
        let (kind, size) = (*kind, if is_text(*kind) { piece.len().min(most) } else { piece.len() });
        let part = piece.split_to(size).freeze();
        self.bytes = self.bytes.saturating_sub(size);
        if piece.is_empty() {
            self.all.pop_front();
            self.bytes = self.bytes.saturating_sub(OVERHEAD);
        }
        Some((kind, part))
    }
}

/// Whether pieces of a kind may be cut and put together.
const fn is_text(kind: PayloadType) -> bool {
    matches!(kind, PayloadType::OUTPUT | PayloadType::ERRORS)
}

impl Shell {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            greeted: false,
            size: None,
            queue: Pieces::default(),
            wants_room: false,
            spool: Pieces::default(),
            told: false,
            sent: 0,
            received: 0,
        }
    }

    /// Queues as much as there is room for.
    pub(super) fn write(&mut self, kind: PayloadType, data: &[u8]) -> usize {
        let room = self.limits.queue().saturating_sub(self.queue.bytes);
        let taken = data.get(..room).unwrap_or(data);
        self.wants_room = taken.len() < data.len();
        self.queue.push(kind, taken);
        taken.len()
    }

    /// Queues how the shell has ended, whatever room there is.
    pub(super) fn exit(&mut self, code: i32) {
        self.queue.push(PayloadType::EXIT_CODE, format!("{EXIT_CODE}{code}").as_bytes());
    }

    pub(super) fn has_output(&self) -> bool {
        !self.queue.all.is_empty()
    }

    /// The next payload to send.
    pub(super) fn next(&mut self, events: &mut VecDeque<Event>) -> Option<(PayloadType, Bytes)> {
        let (kind, payload) = self.queue.pop(self.limits.payload())?;
        self.sent = self.sent.saturating_add(payload.len() as u64);
        if self.wants_room && self.queue.bytes <= self.limits.queue() / 2 {
            self.wants_room = false;
            events.push_back(Event::Room);
        }
        Some((kind, payload))
    }

    /// Something has come.
    pub(super) fn arrived(
        &mut self,
        kind: PayloadType,
        payload: &[u8],
        events: &mut VecDeque<Event>,
    ) -> Result<(), SessionError> {
        self.received = self.received.saturating_add(payload.len() as u64);
        self.spool.push(kind, payload);
        if !self.told && !self.spool.all.is_empty() {
            self.told = true;
            events.push_back(Event::Arrived);
        }
        if self.spool.bytes > self.limits.spool() { Err(SessionError::Unread) } else { Ok(()) }
    }

    /// The next piece that has come; what cannot be read is left out.
    pub(super) fn read(&mut self) -> Option<Arrived> {
        loop {
            let Some((kind, payload)) = self.spool.pop(CHUNK) else {
                self.told = false;
                return None;
            };
            let arrived = match kind {
                PayloadType::ERRORS => Some(Arrived::Errors(payload)),
                PayloadType::EXIT_CODE => exit_code(&payload).map(Arrived::Exited),
                PayloadType::SIZE => serde_json::from_slice(&payload).ok().map(Arrived::Resized),
                _ => Some(Arrived::Output(payload)),
            };
            if arrived.is_some() {
                return arrived;
            }
        }
    }

    /// Whether the socket is better not read: see `Session::wants_input`. `quiet` if nothing is to be acknowledged.
    pub(super) fn is_full(&self, quiet: bool) -> bool {
        quiet && self.spool.bytes > UNREAD.min(self.limits.spool() / 2)
    }

    pub(super) const fn spooled(&self) -> usize {
        self.spool.bytes
    }

    /// Bytes sent and received.
    pub(super) const fn bytes(&self) -> (u64, u64) {
        (self.sent, self.received)
    }
}

fn exit_code(payload: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(payload).ok()?;
    text.strip_prefix(EXIT_CODE).unwrap_or(text).trim().parse().ok()
}
