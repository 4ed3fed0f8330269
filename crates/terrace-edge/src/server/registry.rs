//! Every open client connection, so that all can be counted, timed and told to end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::connection_state::{ConnectionState, Signal};
use super::shared::Shared;

/// The open connections of an edge.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    open: Mutex<BTreeMap<u64, Arc<ConnectionState>>>,
    next: AtomicU64,
    emptied: Notify,
}

impl Registry {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<ConnectionState>>> {
        // The map is whole between any two statements that hold the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open.
    pub(crate) fn count(&self) -> u64 {
        self.open().len() as u64
    }

    /// Tells every connection.
    pub(crate) fn tell_all(&self, signal: Signal) {
        let all: Vec<_> = self.open().values().map(Arc::clone).collect();
        for connection in all {
            connection.tell(signal);
        }
    }

    /// Tells those that overstay.
    pub(crate) fn sweep(&self, head: Duration, idle: Duration) {
        let told: Vec<_> = self
            .open()
            .values()
            .filter_map(|connection| {
                let verdict = connection.verdict(head, idle);
                (verdict > connection.signal()).then(|| (Arc::clone(connection), verdict))
            })
            .collect();
        for (connection, verdict) in told {
            connection.tell(verdict);
        }
    }

    /// Waits until none is open.
    pub(crate) async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.open().is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

/// The place of a connection; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Registration {
    shared: Arc<Shared>,
    id: u64,
    _permit: OwnedSemaphorePermit,
}

impl Registration {
    /// Enters a connection.
    pub(crate) fn new(
        shared: Arc<Shared>,
        connection: Arc<ConnectionState>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let id = shared.registry.next.fetch_add(1, Ordering::Relaxed);
        shared.registry.open().insert(id, connection);
        Self { shared, id, _permit: permit }
    }

    /// The edge it belongs to.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut open = self.shared.registry.open();
        open.remove(&self.id);
        if open.is_empty() {
            self.shared.registry.emptied.notify_waiters();
        }
    }
}
