//! One stream of a shared session, for the task that has its connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use terrace_ssm::StreamId;

use super::{Read, Reset, Shared, note, wake};

/// One stream of a shared session; finished when it is dropped.
#[derive(Debug)]
pub struct Stream {
    shared: Arc<Shared>,
    id: StreamId,
}

impl Stream {
    pub(super) const fn new(shared: Arc<Shared>, id: StreamId) -> Self {
        Self { shared, id }
    }

    /// Its number in the session.
    pub const fn id(&self) -> StreamId {
        self.id
    }

    /// Takes what has arrived, about `most` bytes of it.
    pub fn poll_read(&self, context: &Context<'_>, into: &mut VecDeque<Bytes>, most: usize) -> Poll<Read> {
        let mut guard = self.shared.lock();
        let state = &mut *guard;
        let mut taken = 0;
        let Some(ends) = state.streams.get_mut(&self.id) else {
            return Poll::Ready(Read::Reset(Reset::Over));
        };
        if let Some(reset) = ends.reset {
            return Poll::Ready(Read::Reset(reset));
        }
        while taken < most
            && let Some(piece) = state.session.read(self.id)
        {
            taken += piece.len();
            into.push_back(piece);
        }
        if taken > 0 {
            let driver = if state.held && state.session.wants_input() { state.driver.take() } else { None };
            drop(guard);
            wake(driver);
            return Poll::Ready(Read::Some(taken));
        }
        match (ends.finished, ends.refused) {
            (true, true) => Poll::Ready(Read::Refused),
            (true, false) => Poll::Ready(Read::Finished),
            (false, _) => {
                note(&mut ends.read, context);
                Poll::Pending
            }
        }
    }

    /// Ready when it was cut off, also while nobody reads it.
    pub fn poll_cut(&self, context: &Context<'_>) -> Poll<Reset> {
        let mut state = self.shared.lock();
        let Some(ends) = state.streams.get_mut(&self.id) else { return Poll::Ready(Reset::Over) };
        match ends.reset {
            Some(reset) => Poll::Ready(reset),
            None => {
                note(&mut ends.cut, context);
                Poll::Pending
            }
        }
    }

    /// Gives bytes to be sent; how many were taken. Pending also when the stream is at its end, which reading tells.
    pub fn poll_write(&self, context: &Context<'_>, data: &[u8]) -> Poll<usize> {
        let mut guard = self.shared.lock();
        let state = &mut *guard;
        let Some(ends) = state.streams.get_mut(&self.id) else { return Poll::Pending };
        if ends.finished || ends.reset.is_some() {
            return Poll::Pending;
        }
        match state.session.write(self.id, data) {
            0 => {
                note(&mut ends.write, context);
                Poll::Pending
            }
            taken => {
                let driver = state.driver.take();
                drop(guard);
                wake(driver);
                Poll::Ready(taken)
            }
        }
    }

    /// Tells the far side that it could not be connected. For the agent's side.
    pub fn refuse(self) {
        let mut state = self.shared.lock();
        state.streams.remove(&self.id);
        state.session.refuse(self.id);
        let driver = state.driver.take();
        drop(state);
        wake(driver);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let known = state.streams.remove(&self.id);
        // One that was cut off is unknown to the session.
        if known.is_some_and(|ends| ends.reset.is_none()) {
            state.session.finish(self.id);
        }
        let driver = state.driver.take();
        drop(state);
        wake(driver);
    }
}
