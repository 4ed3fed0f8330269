//! How every process stands, for `terrace status` and for those that wait for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use terrace_local::ProcessName;
use terrace_topology::PartyName;
use tokio::sync::watch;

use crate::Instance;
use crate::control::{InstanceStatus, Phase};

/// The standing of all processes of a run. Clones are the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entries: Mutex<BTreeMap<Instance, Entry>>,
    healthy: watch::Sender<BTreeSet<ProcessName>>,
    built: watch::Sender<BTreeSet<PartyName>>,
    changed: watch::Sender<()>,
}

/// How one stands.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) phase: Phase,
    since: Instant,
    pub(crate) pid: Option<u32>,
    pub(crate) address: Option<String>,
    pub(crate) restarts: u32,
    pub(crate) cpu_percent: Option<u32>,
    pub(crate) reason: Option<String>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            entries: Mutex::new(BTreeMap::new()),
            healthy: watch::Sender::new(BTreeSet::new()),
            built: watch::Sender::new(BTreeSet::new()),
            changed: watch::Sender::new(()),
        }))
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Instance, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an instance into a phase, and changes what else is to be said about it.
    pub(crate) fn enter(&self, instance: &Instance, phase: Phase, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries();
        let entry = entries.entry(instance.clone()).or_insert_with(|| Entry {
            phase,
            since: Instant::now(),
            pid: None,
            address: None,
            restarts: 0,
            cpu_percent: None,
            reason: None,
        });
        if entry.phase != phase {
            entry.phase = phase;
            entry.since = Instant::now();
        }
        match phase {
            Phase::Healthy => entry.reason = None,
            Phase::Done => {
                entry.reason = None;
                entry.pid = None;
            }
            Phase::Waiting | Phase::Backoff => {
                entry.pid = None;
                entry.cpu_percent = None;
            }
            Phase::Starting | Phase::Unhealthy | Phase::Draining => {}
        }
        change(entry);
        drop(entries);
        self.0.changed.send_replace(());
    }

    /// Tells that something is not as it was: who stands where, and how.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Says how much of a core an instance uses.
    pub(crate) fn uses(&self, instance: &Instance, cpu_percent: u32) {
        if let Some(entry) = self.entries().get_mut(instance) {
            entry.cpu_percent = Some(cpu_percent);
        }
    }

    /// Forgets an instance that has gone.
    pub(crate) fn remove(&self, instance: &Instance) {
        self.entries().remove(instance);
        self.0.changed.send_replace(());
    }

    /// All of them, in the order of `order`, then by replica.
    pub(crate) fn statuses(&self, order: &[ProcessName]) -> Vec<InstanceStatus> {
        let entries = self.entries();
        let mut all: Vec<InstanceStatus> = entries
            .iter()
            .map(|(instance, entry)| InstanceStatus {
                instance: instance.clone(),
                phase: entry.phase,
                pid: entry.pid,
                address: entry.address.clone(),
                millis: u64::try_from(entry.since.elapsed().as_millis()).unwrap_or(u64::MAX),
                restarts: entry.restarts,
                cpu_percent: entry.cpu_percent,
                reason: entry.reason.clone(),
            })
            .collect();
        all.sort_by_key(|status| {
            (order.iter().position(|name| *name == status.instance.process), status.instance.replica)
        });
        all
    }

    /// Says whether a process as a whole is healthy.
    pub(crate) fn set_healthy(&self, process: &ProcessName, healthy: bool) {
        self.0
            .healthy
            .send_if_modified(|set| if healthy { set.insert(process.clone()) } else { set.remove(process) });
    }

    /// Whether all of these are healthy now.
    pub(crate) fn are_healthy(&self, processes: &[ProcessName]) -> bool {
        let set = self.0.healthy.borrow();
        processes.iter().all(|process| set.contains(process))
    }

    /// Waits until all of these are healthy at once.
    pub(crate) async fn healthy(&self, processes: &[ProcessName]) {
        let mut healthy = self.0.healthy.subscribe();
        // The sender lives as long as this board.
        let _all = healthy.wait_for(|set| processes.iter().all(|process| set.contains(process))).await;
    }

    /// Says that a party is built.
    pub(crate) fn set_built(&self, party: &PartyName) {
        self.0.built.send_if_modified(|set| set.insert(party.clone()));
    }

    /// Waits until a party is built.
    pub(crate) async fn built(&self, party: &PartyName) {
        let mut built = self.0.built.subscribe();
        let _built = built.wait_for(|set| set.contains(party)).await;
    }
}
