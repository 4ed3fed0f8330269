//! The streams of a session, as their owners see them: opened, written, read, closed.

mod arrive;
mod turns;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::spool::Spool;
use crate::Limits;
use crate::mux::StreamId;

/// All streams that are not gone.
#[derive(Debug)]
pub(super) struct Streams {
    limits: Limits,
    all: BTreeMap<StreamId, Stream>,
    /// Streams with something to send, each once, in turn.
    turns: VecDeque<StreamId>,
    /// Streams that are gone and whose closing is still to be sent.
    closings: VecDeque<StreamId>,
    /// The rest of a frame that did not fit into a message.
    cut: BytesMut,
    next: Option<StreamId>,
    spooled: usize,
    sent: u64,
    received: u64,
}

#[derive(Debug, Default)]
struct Stream {
    spool: Spool,
    queue: BytesMut,
    state: State,
    /// Its opening is still to be sent.
    opening: bool,
    /// The reader was told of what is there, and has not come to its end.
    told: bool,
    /// The writer was given less room than it asked for.
    wants_room: bool,
    /// When something was read last, or arrived first.
    read: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// We close it after what is queued.
    Closing,
    /// The other side closed it; what arrived is still to be read.
    Ended,
}

/// Whether reading the socket should wait for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    No,
    Until(Duration),
    Always,
}

impl Streams {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            all: BTreeMap::new(),
            turns: VecDeque::new(),
            closings: VecDeque::new(),
            cut: BytesMut::new(),
            next: Some(StreamId::FIRST),
            spooled: 0,
            sent: 0,
            received: 0,
        }
    }

    /// Opens the next stream of the client.
    pub(super) fn open(&mut self) -> Option<StreamId> {
        if self.all.len() >= self.limits.streams() {
            return None;
        }
        let id = self.next?;
        self.next = id.following();
        self.all.insert(id, Stream { opening: true, ..Stream::default() });
        self.turns.push_back(id);
        Some(id)
    }

    pub(super) fn write(&mut self, id: StreamId, data: &[u8]) -> usize {
        let Some(stream) = self.all.get_mut(&id).filter(|s| s.state == State::Open) else { return 0 };
        let room = self.limits.queue().saturating_sub(stream.queue.len());
        let taken = data.get(..room).unwrap_or(data);
        stream.wants_room = taken.len() < data.len();
        if !taken.is_empty() {
            if stream.queue.is_empty() && !stream.opening {
                self.turns.push_back(id);
            }
            stream.queue.extend_from_slice(taken);
        }
        taken.len()
    }

    pub(super) fn read(&mut self, id: StreamId, at: Duration) -> Option<Bytes> {
        let stream = self.all.get_mut(&id).filter(|s| s.state != State::Closing)?;
        stream.read = at;
        let piece = stream.spool.pop();
        match &piece {
            Some(piece) => self.spooled = self.spooled.saturating_sub(piece.len()),
            None if stream.state == State::Ended => self.forget(id),
            None => stream.told = false,
        }
        piece
    }

    pub(super) fn finish(&mut self, id: StreamId) {
        match self.all.get_mut(&id) {
            Some(stream) if stream.state == State::Open => {
                self.spooled = self.spooled.saturating_sub(stream.spool.bytes());
                stream.spool = Spool::default();
                stream.state = State::Closing;
                stream.wants_room = false;
                if stream.queue.is_empty() && !stream.opening {
                    self.turns.push_back(id);
                }
            }
            Some(stream) if stream.state == State::Ended => self.forget(id),
            _ => {}
        }
    }

    /// Closes a stream without what is queued. Whether there was such a stream.
    pub(super) fn abandon(&mut self, id: StreamId) -> bool {
        if !self.all.get(&id).is_some_and(|s| s.state == State::Open) {
            return false;
        }
        self.forget(id);
        self.closings.push_back(id);
        true
    }

    /// Streams that are open.
    pub(super) fn open_now(&self) -> usize {
        self.all.values().filter(|s| s.state == State::Open).count()
    }

    pub(super) const fn spooled(&self) -> usize {
        self.spooled
    }

    /// Bytes of streams sent and received.
    pub(super) const fn bytes(&self) -> (u64, u64) {
        (self.sent, self.received)
    }

    fn forget(&mut self, id: StreamId) {
        if let Some(stream) = self.all.remove(&id) {
            self.spooled = self.spooled.saturating_sub(stream.spool.bytes());
            if !stream.queue.is_empty() || stream.opening || stream.state == State::Closing {
                self.turns.retain(|other| *other != id);
            }
        }
    }
}
