//! The streams of a session: what arrives for each, what each has to send, in turns.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};

use super::spool::Spool;
use crate::mux::{self, Frame, MAX_FRAME, StreamId};
use crate::{Event, Limits, SessionError};

/// Unread bytes of the only stream above which waiting is better than keeping: what smux holds for a session.
const ALONE: usize = 4 * 1024 * 1024;
/// A reader that has taken nothing for this long has stalled; others do not wait for it.
const STALLED: Duration = Duration::from_secs(5);
/// Closing frames of streams that are gone, waiting to be sent.
const CLOSINGS: usize = 65_536;

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

    /// Whether there is something to send.
    pub(super) fn has_output(&self) -> bool {
        !(self.turns.is_empty() && self.closings.is_empty() && self.cut.is_empty())
    }

    /// Appends frames of up to `room` bytes, each stream in its turn.
    pub(super) fn fill(&mut self, to: &mut Vec<u8>, room: usize, events: &mut VecDeque<Event>) {
        let end = to.len().saturating_add(room);
        loop {
            if !self.cut.is_empty() {
                let rest = self.cut.split_to(self.cut.len().min(end.saturating_sub(to.len())));
                to.extend_from_slice(&rest);
            }
            let left = end.saturating_sub(to.len());
            if left > mux::HEADER {
                if !self.turn(to, left - mux::HEADER, events) {
                    return;
                }
            } else if room <= mux::HEADER && left > 0 {
                // Messages too short for a whole frame: it is cut.
                let mut frame = Vec::new();
                if !self.turn(&mut frame, MAX_FRAME, events) {
                    return;
                }
                self.cut.extend_from_slice(&frame);
            } else {
                return;
            }
        }
    }

    /// Appends one frame with at most `most` bytes of data. Whether there was one.
    fn turn(&mut self, to: &mut Vec<u8>, most: usize, events: &mut VecDeque<Event>) -> bool {
        if let Some(id) = self.closings.pop_front() {
            Frame::Fin(id).encode(to);
            return true;
        }
        while let Some(id) = self.turns.pop_front() {
            let Some(stream) = self.all.get_mut(&id) else { continue };
            if stream.opening {
                stream.opening = false;
                Frame::Syn(id).encode(to);
                if !stream.queue.is_empty() || stream.state == State::Closing {
                    self.turns.push_front(id);
                }
                return true;
            }
            if stream.queue.is_empty() {
                if stream.state == State::Closing {
                    self.forget(id);
                    Frame::Fin(id).encode(to);
                    return true;
                }
                continue;
            }
            let size = stream.queue.len().min(most).min(MAX_FRAME);
            to.extend_from_slice(&mux::push_header(id, size));
            to.extend_from_slice(stream.queue.get(..size).unwrap_or_default());
            stream.queue.advance(size);
            self.sent = self.sent.saturating_add(size as u64);
            if stream.wants_room && stream.queue.len() <= self.limits.queue() / 2 {
                stream.wants_room = false;
                events.push_back(Event::Writable(id));
            }
            if !stream.queue.is_empty() || stream.state == State::Closing {
                self.turns.push_back(id);
            }
            return true;
        }
        false
    }

    /// The other side opens a stream. If it is not taken, why not.
    pub(super) fn opened(
        &mut self,
        id: StreamId,
        events: &mut VecDeque<Event>,
    ) -> Result<Option<&'static str>, SessionError> {
        if self.all.contains_key(&id) {
            return Ok(Some("opened a second time"));
        }
        if self.all.len() >= self.limits.streams() {
            self.close(id)?;
            return Ok(Some("one too many, and was closed"));
        }
        self.all.insert(id, Stream::default());
        events.push_back(Event::Accepted(id));
        Ok(None)
    }

    /// The other side closes a stream.
    pub(super) fn closed(&mut self, id: StreamId, events: &mut VecDeque<Event>) {
        let Some(stream) = self.all.get_mut(&id) else { return };
        match stream.state {
            State::Open => {
                stream.state = State::Ended;
                stream.queue = BytesMut::new();
                self.turns.retain(|other| *other != id);
                events.push_back(Event::Finished(id));
                if stream.spool.bytes() == 0 {
                    self.forget(id);
                }
            }
            State::Closing => self.forget(id),
            State::Ended => {}
        }
    }

    /// Data of a stream arrives, in a message whose payload has `whole` bytes.
    pub(super) fn arrived(
        &mut self,
        id: StreamId,
        piece: Bytes,
        whole: usize,
        at: Duration,
        events: &mut VecDeque<Event>,
    ) -> Result<(), SessionError> {
        let Some(stream) = self.all.get_mut(&id).filter(|s| s.state == State::Open) else { return Ok(()) };
        if stream.spool.bytes() == 0 {
            stream.read = at;
        }
        self.spooled += piece.len();
        self.received = self.received.saturating_add(piece.len() as u64);
        stream.spool.push(piece, whole);
        if !stream.told {
            stream.told = true;
            events.push_back(Event::Readable(id));
        }
        if stream.spool.bytes() > self.limits.spool() {
            self.overflow(id, events)?;
        }
        while self.spooled > self.limits.spools() {
            let Some((id, _)) = self.all.iter().max_by_key(|(_, s)| s.spool.bytes()) else { break };
            self.overflow(*id, events)?;
        }
        Ok(())
    }

    /// Whether the socket is better not read: see [`super::Session::wants_input`].
    pub(super) fn hold(&self, at: Duration) -> Hold {
        let mut rest = self.all.values();
        match (rest.next(), rest.next()) {
            (None, _) => Hold::No,
            (Some(only), None) if only.state == State::Open && only.spool.bytes() > self.alone() => {
                Hold::Always
            }
            (Some(_), None) => Hold::No,
            // Few have so much unread at all.
            _ if self.spooled < self.limits.spool() / 4 * 3 => Hold::No,
            _ => self
                .all
                .values()
                .filter(|s| s.state == State::Open && s.spool.bytes() > self.limits.spool() / 4 * 3)
                .map(|s| s.read.saturating_add(STALLED))
                .filter(|until| *until > at)
                .max()
                .map_or(Hold::No, Hold::Until),
        }
    }

    /// Unread bytes of the only stream above which the socket is not read; a message more does not overflow it.
    fn alone(&self) -> usize {
        ALONE.min(self.limits.spool() / 2).min(self.limits.spools() / 2)
    }

    fn overflow(&mut self, id: StreamId, events: &mut VecDeque<Event>) -> Result<(), SessionError> {
        self.forget(id);
        events.push_back(Event::Overflowed(id));
        self.close(id)
    }

    fn close(&mut self, id: StreamId) -> Result<(), SessionError> {
        if self.closings.len() >= CLOSINGS {
            return Err(SessionError::TooManyStreams);
        }
        self.closings.push_back(id);
        Ok(())
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
