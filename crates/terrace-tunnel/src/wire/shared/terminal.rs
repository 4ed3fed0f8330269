//! A shared session that is a shell, for whoever says and hears something.

use std::task::{Context, Poll, Waker};

use terrace_ssm::Arrived;

use super::{Shared, note, wake};

/// Who waits for the shell.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    pub(super) read: Option<Waker>,
    pub(super) write: Option<Waker>,
    pub(super) over: bool,
}

impl Terminal {
    /// Whoever waits has something to look at.
    pub(super) fn stir(&mut self, woken: &mut Vec<Waker>) {
        woken.extend(self.read.take());
        woken.extend(self.write.take());
    }
}

impl Shared {
    /// The next piece that has arrived; `None` when there was all and the session is over.
    pub fn poll_arrived(&self, context: &Context<'_>) -> Poll<Option<Arrived>> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Some(arrived) = state.session.arrived() {
            state.received = true;
            let driver = if state.held && state.session.wants_input() { state.driver.take() } else { None };
            drop(guard);
            wake(driver);
            return Poll::Ready(Some(arrived));
        }
        if state.terminal.over {
            return Poll::Ready(None);
        }
        note(&mut state.terminal.read, context);
        Poll::Pending
    }

    /// Says as much as there is room for; `None` when the session is over.
    pub fn poll_say(&self, context: &Context<'_>, data: &[u8]) -> Poll<Option<usize>> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if state.terminal.over {
            return Poll::Ready(None);
        }
        let taken = state.session.say(data);
        if taken == 0 && !data.is_empty() {
            note(&mut state.terminal.write, context);
            return Poll::Pending;
        }
        let driver = state.driver.take();
        drop(guard);
        wake(driver);
        Poll::Ready(Some(taken))
    }
}
