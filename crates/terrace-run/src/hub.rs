//! Everything that has happened in a run, for whoever comes late, and what happens, for whoever is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{broadcast, mpsc};

use crate::{Event, EventKind};

/// Events that are kept. The first stays; after that the oldest lines of builds go first, then the oldest of all.
const KEPT: usize = 4000;

/// The events of a run. Clones are the same hub.
#[derive(Clone, Debug)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    began: Instant,
    outward: mpsc::UnboundedSender<Event>,
    history: Mutex<Vec<Event>>,
    followers: broadcast::Sender<Event>,
}

impl Hub {
    /// A hub that has seen nothing, and tells all to `outward` too.
    pub(crate) fn new(outward: mpsc::UnboundedSender<Event>) -> Self {
        let inner = Inner {
            began: Instant::now(),
            outward,
            history: Mutex::new(Vec::new()),
            followers: broadcast::Sender::new(KEPT),
        };
        Self(Arc::new(inner))
    }

    fn history(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what happened.
    pub(crate) fn tell(&self, kind: EventKind) {
        let mut history = self.history();
        let at = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let event = Event { at, kind };
        if history.len() >= KEPT {
            let oldest = history.iter().position(|e| matches!(e.kind, EventKind::BuildLine { .. }));
            history.remove(oldest.unwrap_or(1));
        }
        history.push(event.clone());
        // Sent while the history is held: a follower that begins now sees it there or here, not in both.
        let _nobody = self.0.followers.send(event.clone());
        let _nobody = self.0.outward.send(event);
    }

    /// A note about no process in particular.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.tell(EventKind::Note { process: None, text: text.into() });
    }

    /// What has happened, and what will.
    pub(crate) fn follow(&self) -> (Vec<Event>, broadcast::Receiver<Event>) {
        let history = self.history();
        (history.clone(), self.0.followers.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_late_sees_the_first_and_no_more_than_is_kept() {
        let (outward, mut all) = mpsc::unbounded_channel();
        let hub = Hub::new(outward);
        hub.note("first");
        hub.tell(EventKind::Stopping);
        for _ in 0..KEPT {
            hub.tell(EventKind::BuildLine { party: "web".to_owned(), line: "x".to_owned() });
        }
        let (history, mut later) = hub.follow();
        assert_eq!(history.len(), KEPT);
        assert!(matches!(history[0].kind, EventKind::Note { .. }));
        assert!(matches!(history[1].kind, EventKind::Stopping));
        hub.tell(EventKind::Ended);
        assert_eq!(later.try_recv().unwrap().kind, EventKind::Ended);
        let mut count = 0;
        while all.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, KEPT + 3);
    }
}
