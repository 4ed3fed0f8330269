//! What arrives for streams, and what becomes of a stream that nobody reads.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Hold, State, Stream, Streams};
use crate::mux::StreamId;
use crate::{Event, SessionError};

/// Unread bytes of the only stream above which waiting is better than keeping: what smux holds for a session.
const ALONE: usize = 4 * 1024 * 1024;
/// A reader that has taken nothing for this long has stalled; others do not wait for it.
const STALLED: Duration = Duration::from_secs(5);
/// Closing frames of streams that are gone, waiting to be sent.
const CLOSINGS: usize = 65_536;

impl Streams {
    /// The other side opens a stream. If it is not taken, why not.
    pub(in crate::session) fn opened(
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
    pub(in crate::session) fn closed(&mut self, id: StreamId, events: &mut VecDeque<Event>) {
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

    /// Data of a stream arrives.
    pub(in crate::session) fn arrived(
        &mut self,
        id: StreamId,
        piece: Bytes,
        at: Duration,
        events: &mut VecDeque<Event>,
    ) -> Result<(), SessionError> {
        let Some(stream) = self.all.get_mut(&id).filter(|s| s.state == State::Open) else { return Ok(()) };
        if stream.spool.bytes() == 0 {
            stream.read = at;
        }
        self.spooled += piece.len();
        self.received = self.received.saturating_add(piece.len() as u64);
        stream.spool.push(piece);
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

    /// Whether the socket is better not read: see `Session::wants_input`. `quiet` if nothing is to be acknowledged.
    pub(in crate::session) fn hold(&self, at: Duration, quiet: bool) -> Hold {
        let full = self.limits.spool() / 4 * 3;
        let mut open = self.all.values();
        let (first, second) = (open.next(), open.next());
        if let (Some(only), None, true) = (first, second, quiet)
            && only.state == State::Open
            && only.spool.bytes() > self.alone()
        {
            return Hold::Always;
        }
        if self.spooled <= full {
            return Hold::No;
        }
        let read =
            self.all.values().filter(|s| s.state == State::Open && s.spool.bytes() > full).map(|s| s.read);
        let until = read.max().map(|read| read.saturating_add(STALLED)).filter(|until| *until > at);
        until.map_or(Hold::No, Hold::Until)
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
}
