//! One pool: its targets, its rules, its waiting line; gives out places on targets.
//!
//! A request reads one immutable snapshot. Whoever changes the membership makes a new one under a lock.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use terrace_edge_config::{Pool as Settings, PoolStatus};
use terrace_net::Endpoint;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::choice::{Candidate, Choice, choose};
use super::http1::Connection;
use super::membership::Membership;
use super::moment::Moment;
use super::names::Names;
use super::queue::{Joined, Offer, Queue};
use super::slot::Slot;
use super::target::Target;
use super::{health, random, upkeep};
use crate::failure::Failure;

/// What a request reads.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The rules.
    pub(crate) settings: Settings,
    /// Who takes requests.
    pub(crate) targets: Vec<Arc<Target>>,
    /// Whether some name has never been resolved: who finds no target waits instead of failing.
    pub(crate) resolving: bool,
}

/// A pool.
#[derive(Debug)]
pub(crate) struct Pool {
    snapshot: ArcSwap<Snapshot>,
    queue: Queue,
    membership: Mutex<Membership>,
    names: Arc<Names>,
    upkeep: Mutex<Option<AbortHandle>>,
}

/// The targets that a request has been tried on; three attempts at most, of which two are worth remembering.
#[derive(Debug, Default)]
pub(crate) struct Tried(Vec<Arc<Target>>);

impl Tried {
    /// Remembers one.
    pub(crate) fn add(&mut self, target: &Arc<Target>) {
        if !self.has(target) {
            self.0.push(Arc::clone(target));
        }
    }

    /// Whether it has been tried.
    pub(crate) fn has(&self, target: &Arc<Target>) -> bool {
        self.0.iter().any(|tried| Arc::ptr_eq(tried, target))
    }
}

impl Pool {
    /// A pool; called within the runtime, which runs its checks and its upkeep until it is dropped.
    pub(crate) fn new(settings: Settings, names: Arc<Names>) -> Arc<Self> {
        let wanted = settings.targets.clone();
        let pool = Arc::new(Self {
            snapshot: ArcSwap::from_pointee(Snapshot { settings, targets: Vec::new(), resolving: false }),
            queue: Queue::default(),
            membership: Mutex::default(),
            names,
            upkeep: Mutex::default(),
        });
        pool.set_targets(wanted);
        let task = tokio::spawn(upkeep::run(Arc::downgrade(&pool))).abort_handle();
        *pool.upkeep.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        pool
    }

    /// What holds now.
    pub(crate) fn snapshot(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// Follows new rules and replaces the targets. Targets that stay keep their connections and their standing.
    pub(crate) fn apply(self: &Arc<Self>, settings: Settings) {
        let mut membership = self.lock();
        let wanted = settings.targets.clone();
        let old = self.snapshot.load_full();
        if old.settings.health.is_some() != settings.health.is_some() {
            // How a target stands is judged by other rules now: begin anew, drain the old ones.
            membership.forget_targets();
        }
        let (targets, resolving) = (old.targets.clone(), old.resolving);
        self.snapshot.store(Arc::new(Snapshot { settings, targets, resolving }));
        self.want(&mut membership, wanted);
    }

    /// Replaces the targets.
    pub(crate) fn set_targets(self: &Arc<Self>, wanted: BTreeSet<Endpoint>) {
        self.want(&mut self.lock(), wanted);
    }

    fn want(self: &Arc<Self>, membership: &mut Membership, wanted: BTreeSet<Endpoint>) {
        for name in membership.want(wanted) {
            let task = tokio::spawn(Arc::clone(&self.names).watch(name.clone(), Arc::downgrade(self)));
            membership.watched_by(name, task.abort_handle());
        }
        self.publish(membership);
    }

    /// What a name resolves to now, or why it cannot be said.
    pub(crate) fn resolved(
        self: &Arc<Self>,
        name: &Endpoint,
        answer: Result<BTreeSet<std::net::SocketAddr>, String>,
    ) {
        let mut membership = self.lock();
        membership.resolved(name, answer);
        self.publish(&mut membership);
    }

    fn publish(self: &Arc<Self>, membership: &mut Membership) {
        let old = self.snapshot.load_full();
        let settings = old.settings.clone();
        let checked = settings.health.is_some();
        let changes = membership.targets(checked, settings.deregistration_delay.duration());
        for target in &changes.added {
            if checked {
                let task = tokio::spawn(health::watch(Arc::downgrade(self), Arc::downgrade(target)));
                target.checked_by(task.abort_handle());
            }
        }
        let resolving = membership.is_resolving();
        self.snapshot.store(Arc::new(Snapshot { settings, targets: changes.all, resolving }));
        self.serve_queue();
    }

    /// A place on the best target, now or as soon as there is one.
    pub(crate) async fn acquire(self: &Arc<Self>, tried: &Tried) -> Result<Slot, Failure> {
        if self.queue.len() == 0 {
            match self.offer(tried) {
                Offer::Place(slot) => return Ok(slot),
                Offer::Nobody => return Err(Failure::NoTarget),
                Offer::Full => {}
            }
        }
        self.wait(tried).await
    }

    #[cold]
    async fn wait(self: &Arc<Self>, tried: &Tried) -> Result<Slot, Failure> {
        let (limit, patience) = {
            let snapshot = self.snapshot();
            let limit = usize::try_from(snapshot.settings.queue_length).unwrap_or(usize::MAX);
            (limit, snapshot.settings.queue_timeout.duration())
        };
        let last_look = || match self.offer(tried) {
            Offer::Place(slot) => Some(slot),
            Offer::Full | Offer::Nobody => None,
        };
        match self.queue.join(limit, last_look) {
            Joined::Served(slot) => Ok(slot),
            Joined::Refused => Err(Failure::Saturated),
            Joined::Waiting(place) => {
                // Declared first, dropped last: by then the place is no longer waited for.
                let _leaving = Leaving(&self.queue);
                match timeout(patience, place).await {
                    Ok(Ok(slot)) => Ok(slot),
                    Ok(Err(_)) => Err(Failure::NoTarget),
                    Err(_) => Err(Failure::Saturated),
                }
            }
        }
    }

    /// Lets those who wait have what is free.
    pub(crate) fn serve_queue(self: &Arc<Self>) {
        if self.queue.len() > 0 {
            let nowhere = Tried::default();
            self.queue.serve(|| self.offer(&nowhere));
        }
    }

    fn offer(self: &Arc<Self>, tried: &Tried) -> Offer {
        let snapshot = self.snapshot();
        let limit = snapshot.settings.concurrency.map(std::num::NonZeroU32::get);
        if let [target] = snapshot.targets.as_slice() {
            return self.enter(target, limit).map_or(Offer::Full, Offer::Place);
        }
        let now = Moment::at(Instant::now());
        let slow_start = snapshot.settings.slow_start.duration();
        loop {
            let candidates = snapshot.targets.iter().map(|target| {
                let in_flight = target.in_flight();
                Candidate {
                    standing: target.standing(now),
                    in_flight,
                    ramp: target.ramp(now, slow_start),
                    full: limit.is_some_and(|limit| in_flight >= limit),
                    tried: tried.has(target),
                }
            });
            match choose(candidates, &mut random::next) {
                Choice::Target(place) => {
                    // Another request may have taken the last place in between: look again.
                    if let Some(target) = snapshot.targets.get(place)
                        && let Some(slot) = self.enter(target, limit)
                    {
                        return Offer::Place(slot);
                    }
                }
                Choice::Full => return Offer::Full,
                Choice::Nobody if snapshot.resolving => return Offer::Full,
                Choice::Nobody => return Offer::Nobody,
            }
        }
    }

    fn enter(self: &Arc<Self>, target: &Arc<Target>, limit: Option<u32>) -> Option<Slot> {
        target.enter(limit).then(|| Slot::taken(Arc::clone(self), Arc::clone(target)))
    }

    /// A request on this target failed in a way that counts against it.
    pub(crate) fn count_failure(self: &Arc<Self>, target: &Arc<Target>, why: &'static str) {
        let snapshot = self.snapshot();
        let now = Moment::now();
        let others = snapshot.targets.iter().filter(|t| !Arc::ptr_eq(t, target));
        let last_one = others.clone().all(|t| t.standing(now).is_down());
        if target.failed(&snapshot.settings.ejection, why, last_one) {
            target.idle.clear();
        }
    }

    /// Puts a connection aside for the next request.
    pub(crate) fn keep(&self, target: &Target, connection: Box<Connection>) {
        if !target.is_removed() {
            target.idle.put(connection, Moment::now());
        }
    }

    /// Lets go of what has had its time.
    pub(crate) fn tidy(self: &Arc<Self>) {
        let snapshot = self.snapshot.load_full();
        let now = Moment::now();
        for target in &snapshot.targets {
            target.idle.expire(now, snapshot.settings.keep_alive.duration());
        }
        self.lock().forget_drained(now);
        // An ejection may have ended.
        self.serve_queue();
    }

    /// How it stands.
    pub(crate) fn status(&self) -> PoolStatus {
        let now = Moment::now();
        let mut membership = self.lock();
        membership.forget_drained(now);
        let snapshot = self.snapshot.load_full();
        let targets = snapshot.targets.iter().chain(membership.draining()).map(|t| t.status(now));
        PoolStatus {
            waiting: u64::try_from(self.queue.len()).unwrap_or(u64::MAX),
            targets: targets.chain(membership.unresolved()).collect(),
        }
    }

    /// Why a name could not be resolved the last time, if one could not.
    #[cfg(test)]
    pub(crate) fn names_error(&self) -> Option<String> {
        self.lock().names_error()
    }

    fn lock(&self) -> MutexGuard<'_, Membership> {
        self.membership.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a request that has stopped waiting, for whatever reason, out of the line.
struct Leaving<'a>(&'a Queue);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.forget_gone();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(task) = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}
