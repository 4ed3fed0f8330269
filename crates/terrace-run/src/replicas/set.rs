//! The set itself: starts, counts, publishes, lets go.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use terrace_local::{Backoff, Process, ServicePlan};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::Surroundings;
use super::life::{Life, LifeId, Told};
use super::restart::Roll;
use super::scaling::Scaling;
use crate::control::Phase;
use crate::edge_process::{EdgeCommand, EdgeHandle};
use crate::leash::Leashed;
use crate::probe::HttpProbe;
use crate::supervisor::{Run, UpError, told};
use crate::{EventKind, Instance, Stop};

/// Crashes in a row, before the first time that all were healthy, that end the run.
const PATIENCE: u32 = 3;
/// How long the edges may take to see a replica's last responses out.
const DRAIN: Duration = Duration::from_secs(15);

/// What a set is told while it runs.
#[derive(Debug)]
pub(crate) enum ServiceCommand {
    /// Replace all replicas one by one, or one of them.
    Restart(Option<NonZeroU16>, oneshot::Sender<Result<(), String>>),
}

/// The way to a set.
#[derive(Clone, Debug)]
pub(crate) struct ServiceHandle {
    pub(crate) process: Process,
    pub(crate) commands: mpsc::UnboundedSender<ServiceCommand>,
}

/// How a replica stands in its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not healthy yet.
    Coming,
    /// Gets requests.
    Serving(SocketAddr),
    /// Gets none any more.
    Leaving,
}

/// One replica.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) instance: Instance,
    pub(super) standing: Standing,
    pub(super) leashed: Option<Leashed>,
    /// Whose place it is to take once it is healthy.
    pub(super) replaces: Option<LifeId>,
    life: AbortHandle,
}

impl Drop for Replica {
    /// Its life holds its leash: whoever is forgotten is let go.
    fn drop(&mut self) {
        self.life.abort();
    }
}

/// The replicas of one service.
pub(crate) struct ReplicaSet {
    pub(super) run: Arc<Run>,
    pub(super) process: Process,
    pub(super) plan: ServicePlan,
    probe: HttpProbe,
    surroundings: Arc<Surroundings>,
    edges: Vec<EdgeHandle>,
    commands: mpsc::UnboundedReceiver<ServiceCommand>,
    stop: watch::Receiver<Stop>,
    tell: mpsc::UnboundedSender<(LifeId, Told)>,
    told: mpsc::UnboundedReceiver<(LifeId, Told)>,
    next: u64,
    pub(super) replicas: BTreeMap<LifeId, Replica>,
    backoffs: BTreeMap<NonZeroU16, Backoff>,
    pub(super) desired: u16,
    pub(super) roll: Roll,
    pub(super) scaling: Scaling,
    was_healthy: bool,
}

impl ReplicaSet {
    /// A set without replicas yet, and the way to it. `edges` are all of the run's.
    pub(crate) fn new(
        run: Arc<Run>,
        process: &Process,
        plan: &ServicePlan,
        probe: HttpProbe,
        surroundings: Arc<Surroundings>,
        edges: &[EdgeHandle],
        stop: watch::Receiver<Stop>,
    ) -> (Self, ServiceHandle) {
        let (sender, commands) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let set = Self {
            run,
            process: process.clone(),
            plan: plan.clone(),
            probe,
            surroundings,
            edges: edges.iter().filter(|edge| edge.targets(&process.name)).cloned().collect(),
            commands,
            stop,
            tell,
            told,
            next: 0,
            replicas: BTreeMap::new(),
            backoffs: BTreeMap::new(),
            desired: plan.capacity.min(),
            roll: Roll::default(),
            scaling: Scaling::new(plan.capacity),
            was_healthy: false,
        };
        (set, ServiceHandle { process: process.clone(), commands: sender })
    }

    /// Keeps the replicas until the run is told to stop.
    pub(crate) async fn supervise(mut self) -> Result<(), UpError> {
        let mut clock = tokio::time::interval(Duration::from_secs(1));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.reconcile();
        loop {
            tokio::select! {
                Some((id, told)) = self.told.recv() => self.hear(id, told)?,
                Some(command) = self.commands.recv() => match command {
                    ServiceCommand::Restart(which, done) => self.restart(which, done),
                },
                _tick = clock.tick() => self.measure().await,
                () = told(&mut self.stop, Stop::Drain) => {
                    self.end().await;
                    return Ok(());
                }
            }
        }
    }

    fn hear(&mut self, id: LifeId, what: Told) -> Result<(), UpError> {
        let Some(replica) = self.replicas.get_mut(&id) else { return Ok(()) };
        let instance = replica.instance.clone();
        match what {
            Told::Starting => {
                self.run.hub.tell(EventKind::Starting { instance: instance.clone() });
                self.run.board.enter(&instance, Phase::Starting, |_| {});
            }
            Told::Runs(leashed, port) => {
                self.run.board.enter(&instance, Phase::Starting, |entry| {
                    entry.pid = leashed.pid();
                    entry.address = Some(format!("127.0.0.1:{port}"));
                });
                replica.leashed = Some(leashed);
            }
            Told::Healthy(address, took) => {
                if replica.standing == Standing::Coming {
                    self.came(id, address, took);
                }
            }
            Told::Recovered => self.run.board.enter(&instance, Phase::Healthy, |_| {}),
            Told::Unhealthy(reason) => self.unhealthy(id, reason),
            Told::Late(_) if replica.standing == Standing::Leaving => {}
            Told::Late(late) => {
                let reason = format!("{}: {}", late.asked, late.answered);
                if !self.was_healthy {
                    return Err(UpError::NeverHealthy {
                        last_lines: self.run.journal.last(&instance),
                        instance,
                        asked: late.asked,
                        answered: late.answered,
                        within: late.within,
                    });
                }
                if let Some(leashed) = &replica.leashed {
                    leashed.kill();
                }
                return self.gone(id, &reason, late.within);
            }
            Told::Exited(reason, stood) => return self.gone(id, &reason, stood),
            Told::Left => {
                self.replicas.remove(&id);
                self.run.board.remove(&instance);
                self.run.hub.tell(EventKind::Stopped { instance });
            }
        }
        Ok(())
    }

    fn came(&mut self, id: LifeId, address: SocketAddr, took: Duration) {
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        replica.standing = Standing::Serving(address);
        let (instance, old) = (replica.instance.clone(), replica.replaces.take());
        self.run.board.enter(&instance, Phase::Healthy, |entry| entry.address = Some(address.to_string()));
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.run.hub.tell(EventKind::Healthy { instance: instance.clone(), millis });
        self.publish();
        if let Some((old, leaver)) = old.and_then(|old| Some((old, self.replicas.get(&old)?))) {
            self.run.hub.tell(EventKind::Replaced { old: leaver.instance.clone(), new: instance });
            self.leave(old);
        }
        self.roll_on();
    }

    /// A replica is no longer there, and was not asked to go.
    fn gone(&mut self, id: LifeId, reason: &str, stood: Duration) -> Result<(), UpError> {
        let Some(replica) = self.replicas.get(&id) else { return Ok(()) };
        if replica.standing == Standing::Leaving {
            // Whoever waits for it to leave tells when it has.
            return Ok(());
        }
        let Some(replica) = self.replicas.remove(&id) else { return Ok(()) };
        self.publish();
        let (instance, replaces) = (replica.instance.clone(), replica.replaces);
        drop(replica);
        let last_lines = self.run.journal.last(&instance);
        let backoff = instance.replica.map(|number| self.backoffs.entry(number).or_default());
        let (wait, crashes) = backoff.map_or((Backoff::LONGEST, 1), |backoff| {
            let wait = backoff.after_crash(stood);
            (wait, backoff.crashes())
        });
        if !self.was_healthy && crashes >= PATIENCE {
            return Err(UpError::CrashedAtStart { instance, reason: reason.to_owned(), last_lines });
        }
        if replaces.is_some() {
            self.run.hub.tell(EventKind::Crashed {
                instance: instance.clone(),
                reason: reason.to_owned(),
                last_lines,
            });
            self.run.board.remove(&instance);
            self.roll_failed(&instance, reason);
            return Ok(());
        }
        self.run.crashed(&instance, reason, last_lines, wait);
        // A successor that is on its way takes the place; else the same number starts anew.
        let successor = self.replicas.values_mut().find(|other| other.replaces == Some(id));
        if let Some(successor) = successor {
            successor.replaces = None;
            self.run.board.remove(&instance);
        } else if self.count() < self.desired {
            self.begin(instance, wait, None);
        } else {
            self.run.board.remove(&instance);
        }
        self.roll_on();
        Ok(())
    }

    /// How many there are, those that leave and those that are to take another's place not counted.
    pub(super) fn count(&self) -> u16 {
        let staying = self
            .replicas
            .values()
            .filter(|replica| replica.standing != Standing::Leaving && replica.replaces.is_none());
        u16::try_from(staying.count()).unwrap_or(u16::MAX)
    }

    /// Starts what is missing, lets go of what is too many.
    pub(super) fn reconcile(&mut self) {
        while self.count() < self.desired {
            let instance = self.free_instance();
            self.begin(instance, Duration::ZERO, None);
        }
        while self.count() > self.desired {
            let staying = self
                .replicas
                .iter()
                .filter(|(_, replica)| replica.standing != Standing::Leaving && replica.replaces.is_none());
            let Some(last) = staying.max_by_key(|(_, replica)| replica.instance.replica) else { return };
            let id = *last.0;
            self.leave(id);
        }
    }

    /// The lowest number that nobody has.
    pub(super) fn free_instance(&self) -> Instance {
        let taken: BTreeSet<_> = self.replicas.values().filter_map(|r| r.instance.replica).collect();
        let number = (1..=u16::MAX).filter_map(NonZeroU16::new).find(|number| !taken.contains(number));
        Instance { process: self.process.name.clone(), replica: number }
    }

    pub(super) fn begin(&mut self, instance: Instance, wait: Duration, replaces: Option<LifeId>) -> LifeId {
        let id = LifeId(self.next);
        self.next = self.next.saturating_add(1);
        if wait.is_zero() {
            self.run.board.enter(&instance, Phase::Waiting, |_| {});
        }
        let life = Life {
            id,
            run: Arc::clone(&self.run),
            process: self.process.clone(),
            plan: self.plan.clone(),
            probe: self.probe.clone(),
            surroundings: Arc::clone(&self.surroundings),
            instance: instance.clone(),
            wait,
            tell: self.tell.clone(),
        };
        let life = tokio::spawn(life.live()).abort_handle();
        let replica = Replica { instance, standing: Standing::Coming, leashed: None, replaces, life };
        self.replicas.insert(id, replica);
        id
    }

    /// Tells the edges who serves, and the board whether anyone does.
    fn publish(&mut self) {
        let serving: BTreeSet<SocketAddr> = self
            .replicas
            .values()
            .filter_map(|replica| match replica.standing {
                Standing::Serving(address) => Some(address),
                Standing::Coming | Standing::Leaving => None,
            })
            .collect();
        let enough = serving.len() >= usize::from(self.plan.capacity.min());
        self.was_healthy |= enough;
        let healthy = if self.was_healthy { !serving.is_empty() } else { enough };
        self.run.set_addresses(&self.process.name, serving.clone());
        for edge in &self.edges {
            edge.tell(EdgeCommand::Targets(self.process.name.clone(), serving.clone()));
        }
        self.run.board.set_healthy(&self.process.name, healthy);
    }

    /// Takes a replica out of the edges, waits until nothing is in flight to it, ends it.
    pub(super) fn leave(&mut self, id: LifeId) {
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        let before = std::mem::replace(&mut replica.standing, Standing::Leaving);
        if before == Standing::Leaving {
            return;
        }
        let (instance, leashed) = (replica.instance.clone(), replica.leashed.clone());
        self.run.board.enter(&instance, Phase::Draining, |_| {});
        let Some(leashed) = leashed else {
            // Not there yet. Should it just be starting: dropping its life lets go of its leash.
            replica.life.abort();
            let _stopped = self.tell.send((id, Told::Left));
            return;
        };
        self.publish();
        let waits: Vec<_> = match before {
            Standing::Serving(address) => self.edges.iter().map(|edge| self.drained(edge, address)).collect(),
            Standing::Coming | Standing::Leaving => Vec::new(),
        };
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let all = async {
                for wait in waits {
                    let _edge_stopped = wait.await;
                }
            };
            let _late = tokio::time::timeout(DRAIN, all).await;
            leashed.stop();
            leashed.ended().await;
            let _stopped = tell.send((id, Told::Left));
        });
    }

    fn drained(&self, edge: &EdgeHandle, address: SocketAddr) -> oneshot::Receiver<()> {
        let (done, wait) = oneshot::channel();
        edge.tell(EdgeCommand::Drained(self.process.name.clone(), address, done));
        wait
    }

    /// Ends all: gently, and at once when that is what the run is told.
    async fn end(&mut self) {
        let mut open = Vec::new();
        for replica in self.replicas.values() {
            self.run.board.enter(&replica.instance, Phase::Draining, |_| {});
            match &replica.leashed {
                Some(leashed) => {
                    leashed.stop();
                    open.push((replica.instance.clone(), leashed.clone()));
                }
                None => replica.life.abort(),
            }
        }
        for (instance, leashed) in open {
            tokio::select! {
                _exit = leashed.ended() => {}
                () = told(&mut self.stop, Stop::Now) => {
                    self.replicas.values().filter_map(|r| r.leashed.as_ref()).for_each(Leashed::kill);
                    leashed.ended().await;
                }
            }
            self.run.board.remove(&instance);
            self.run.hub.tell(EventKind::Stopped { instance });
        }
        self.run.board.set_healthy(&self.process.name, false);
    }
}
