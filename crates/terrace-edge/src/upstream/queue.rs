//! Who waits for a free place in a pool: first come, first served, and never more than the pool allows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::slot::Slot;

/// A waiting line.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    line: Mutex<VecDeque<oneshot::Sender<Slot>>>,
    /// The length of the line, to be read without the lock. Raised before the last look for a free place: whoever
    /// frees one either sees the line, or is seen.
    length: AtomicUsize,
}

impl Queue {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.length.load(Ordering::SeqCst)
    }

    /// Joins the line, unless `limit` wait already; `last_look` is asked for a free place when nobody waits.
    pub(crate) fn join(&self, limit: usize, last_look: impl FnOnce() -> Option<Slot>) -> Joined {
        let mut line = self.lock();
        line.retain(|waiting| !waiting.is_closed());
        self.length.store(line.len().saturating_add(1), Ordering::SeqCst);
        let slot = if line.is_empty() { last_look() } else { None };
        let joined = match slot {
            Some(slot) => Joined::Served(slot),
            None if line.len() >= limit => Joined::Refused,
            None => {
                let (sender, receiver) = oneshot::channel();
                line.push_back(sender);
                Joined::Waiting(receiver)
            }
        };
        self.length.store(line.len(), Ordering::SeqCst);
        joined
    }

    /// Takes those out of the line who no longer wait.
    pub(crate) fn forget_gone(&self) {
        let mut line = self.lock();
        line.retain(|waiting| !waiting.is_closed());
        self.length.store(line.len(), Ordering::SeqCst);
    }

    /// Serves the line for as long as `next` has places. `Offer::Nobody` sends everybody away.
    pub(crate) fn serve(&self, mut next: impl FnMut() -> Offer) {
        if self.len() == 0 {
            return;
        }
        // Places that nobody took are given back only after the lock is: giving back serves the line again.
        let mut returned = Vec::new();
        let mut line = self.lock();
        loop {
            line.retain(|waiting| !waiting.is_closed());
            if line.is_empty() {
                break;
            }
            match next() {
                Offer::Place(slot) => {
                    if let Some(first) = line.pop_front()
                        && let Err(slot) = first.send(slot)
                    {
                        returned.push(slot);
                    }
                }
                Offer::Full => break,
                Offer::Nobody => line.clear(),
            }
        }
        self.length.store(line.len(), Ordering::SeqCst);
        drop(line);
        drop(returned);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<oneshot::Sender<Slot>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of joining.
#[derive(Debug)]
pub(crate) enum Joined {
    /// A place was free after all.
    Served(Slot),
    /// The place will come through this; an error means that the pool has no target any more.
    Waiting(oneshot::Receiver<Slot>),
    /// Too many wait.
    Refused,
}

/// What there is for the first in line.
#[derive(Debug)]
pub(crate) enum Offer {
    /// A place.
    Place(Slot),
    /// Nothing yet.
    Full,
    /// Nothing, ever.
    Nobody,
}
