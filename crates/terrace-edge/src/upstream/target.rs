//! One target: an address, how it stands, what it has in flight, its idle connections.
//!
//! What every request reads lies in atomics; what changes rarely (reasons, counts of failures) behind a lock that
//! the path of a fine request never takes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use terrace_edge_config::{Ejection, TargetState, TargetStatus};
use terrace_net::Endpoint;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::choice::{Ramp, Standing};
use super::ejection::Offences;
use super::idle::Idle;
use super::moment::Moment;

const INITIAL: u8 = 0;
const HEALTHY: u8 = 1;
const UNHEALTHY: u8 = 2;

/// A target.
#[derive(Debug)]
pub(crate) struct Target {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The connections that wait for a request.
    pub(crate) idle: Idle,
    endpoint: Endpoint,
    in_flight: AtomicU32,
    verdict: AtomicU8,
    healthy_since: AtomicU64,
    ejected_until: AtomicU64,
    /// Whether anything is remembered against it, so that a success has something to clear.
    suspect: AtomicBool,
    removed: AtomicBool,
    record: Mutex<Record>,
    checks: OnceLock<AbortHandle>,
    end: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Record {
    offences: Offences,
    /// Why its checks fail.
    unhealthy: Option<String>,
    /// Why it was left out.
    ejected: Option<&'static str>,
}

impl Target {
    /// A target that nothing is known of. Without checks it counts as healthy until it fails.
    pub(crate) fn new(endpoint: Endpoint, address: SocketAddr, checked: bool) -> Self {
        Self {
            address,
            idle: Idle::default(),
            endpoint,
            in_flight: AtomicU32::new(0),
            verdict: AtomicU8::new(if checked { INITIAL } else { HEALTHY }),
            healthy_since: AtomicU64::new(if checked { 0 } else { Moment::now().raw() }),
            ejected_until: AtomicU64::new(0),
            suspect: AtomicBool::new(false),
            removed: AtomicBool::new(false),
            record: Mutex::default(),
            checks: OnceLock::new(),
            end: watch::Sender::new(false),
        }
    }

    /// Hands over the task that checks its health; it ends with the target.
    pub(crate) fn checked_by(&self, task: AbortHandle) {
        if let Err(task) = self.checks.set(task) {
            task.abort();
        }
    }

    /// How it stands.
    pub(crate) fn standing(&self, now: Moment) -> Standing {
        match self.verdict.load(Ordering::Relaxed) {
            UNHEALTHY => Standing::Unhealthy,
            _ if now.raw() < self.ejected_until.load(Ordering::Relaxed) => Standing::Ejected,
            INITIAL => Standing::Initial,
            _ => Standing::Healthy,
        }
    }

    /// How far its slow start has come.
    pub(crate) fn ramp(&self, now: Moment, slow_start: Duration) -> Ramp {
        if slow_start.is_zero() {
            return Ramp::FULL;
        }
        let since = Moment::from_raw(self.healthy_since.load(Ordering::Relaxed));
        Ramp::of(now.since(since).as_millis(), slow_start.as_millis())
    }

    /// Its requests in flight.
    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Takes a place, unless there are `limit` already.
    pub(crate) fn enter(&self, limit: Option<u32>) -> bool {
        let Some(limit) = limit else {
            self.in_flight.fetch_add(1, Ordering::SeqCst);
            return true;
        };
        self.in_flight
            .try_update(
                Ordering::SeqCst,
                Ordering::SeqCst,
                |n| {
                    if n < limit { n.checked_add(1) } else { None }
                },
            )
            .is_ok()
    }

    /// Gives a place back.
    pub(crate) fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
    }

    /// A request ended well.
    pub(crate) fn succeeded(&self) {
        if self.suspect.load(Ordering::Relaxed) {
            self.record().offences.succeeded(Moment::now());
        }
    }

    /// A request failed, and why. `last_one` says that no other target takes requests. True if it is now left out.
    pub(crate) fn failed(&self, rules: &Ejection, why: &'static str, last_one: bool) -> bool {
        self.suspect.store(true, Ordering::Relaxed);
        let mut record = self.record();
        let Some(until) = record.offences.failed(Moment::now(), rules, last_one) else { return false };
        record.ejected = Some(why);
        self.ejected_until.store(until.raw(), Ordering::Relaxed);
        true
    }

    /// It is now healthy. True if it was not before.
    pub(crate) fn found_healthy(&self) -> bool {
        let before = self.verdict.load(Ordering::Relaxed);
        if before == HEALTHY {
            return false;
        }
        self.record().unhealthy = None;
        self.healthy_since.store(Moment::now().raw(), Ordering::Relaxed);
        self.verdict.store(HEALTHY, Ordering::Relaxed);
        true
    }

    /// It is now unhealthy, and why.
    pub(crate) fn found_unhealthy(&self, why: String) {
        self.record().unhealthy = Some(why);
        self.verdict.store(UNHEALTHY, Ordering::Relaxed);
        self.idle.clear();
    }

    /// Its last check failed, which does not change how it stands; the reason is the latest one.
    pub(crate) fn doubted(&self, why: String) {
        if self.verdict.load(Ordering::Relaxed) != HEALTHY {
            self.record().unhealthy = Some(why);
        }
    }

    /// It was taken out of its pool: no new requests, no kept connections, no checks.
    pub(crate) fn remove(&self) {
        self.removed.store(true, Ordering::SeqCst);
        if let Some(checks) = self.checks.get() {
            checks.abort();
        }
        self.idle.clear();
    }

    /// Whether it was taken out.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::SeqCst)
    }

    /// Ends what has no end of its own (tunnels).
    pub(crate) fn end(&self) {
        self.end.send_replace(true);
    }

    /// Waits for [`Target::end`].
    pub(crate) async fn ended(&self) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.end.subscribe().wait_for(|ended| *ended).await;
    }

    /// For people.
    pub(crate) fn status(&self, now: Moment) -> TargetStatus {
        let (state, reason) = if self.is_removed() {
            (TargetState::Draining, None)
        } else {
            let record = self.record();
            match self.standing(now) {
                Standing::Healthy => (TargetState::Healthy, None),
                Standing::Initial => (TargetState::Initial, record.unhealthy.clone()),
                Standing::Unhealthy => (TargetState::Unhealthy, record.unhealthy.clone()),
                Standing::Ejected => (TargetState::Ejected, record.ejected.map(str::to_owned)),
            }
        };
        TargetStatus { target: self.endpoint.clone(), state, in_flight: u64::from(self.in_flight()), reason }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(checks) = self.checks.get() {
            checks.abort();
        }
    }
}
