//! The database server, kept alive on its port over its data.

use std::sync::Arc;
use std::time::{Duration, Instant};

use terrace_local::{Backoff, Process};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Run, Stop, UpError, end, told};
use crate::control::Phase;
use crate::database::Prepared;
use crate::leash::Leashed;
use crate::{EventKind, Instance};

/// How long a start may take, with a recovery after a crash in it.
const START: Duration = Duration::from_secs(120);
/// Between two questions after its health.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// Bad answers in a row that make it unhealthy.
const BAD: u32 = 3;
/// Failed starts before the first good one that end the run.
const PATIENCE: u32 = 3;

/// The supervisor of the database server.
pub(super) struct Database {
    pub(super) run: Arc<Run>,
    pub(super) process: Process,
    pub(super) prepared: Prepared,
    pub(super) restarts: mpsc::UnboundedReceiver<oneshot::Sender<Result<(), String>>>,
    pub(super) stop: watch::Receiver<Stop>,
}

/// Why one life of the server is over.
enum Gone {
    Stopped,
    Crashed(String),
    Restart(oneshot::Sender<Result<(), String>>),
}

impl Database {
    /// Keeps the server alive until it is told to stop.
    pub(super) async fn supervise(mut self) -> Result<(), UpError> {
        let instance = Instance { process: self.process.name.clone(), replica: None };
        let mut backoff = Backoff::new();
        let mut served = false;
        let mut asked_to = None;
        loop {
            let begun = Instant::now();
            let gone = self.once(&instance, &mut served, &mut asked_to).await;
            self.run.board.set_healthy(&self.process.name, false);
            let crash = match gone {
                Gone::Stopped => {
                    self.run.board.remove(&instance);
                    self.run.hub.tell(EventKind::Stopped { instance });
                    return Ok(());
                }
                Gone::Restart(done) => {
                    asked_to = Some(done);
                    continue;
                }
                Gone::Crashed(reason) => reason,
            };
            let wait = backoff.after_crash(begun.elapsed());
            let last_lines = self.run.journal.last(&instance);
            if !served && backoff.crashes() >= PATIENCE {
                return Err(UpError::CrashedAtStart { instance, reason: crash, last_lines });
            }
            self.run.crashed(&instance, &crash, last_lines, wait);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = told(&mut self.stop, Stop::Drain) => return Ok(()),
            }
        }
    }

    async fn once(
        &mut self,
        instance: &Instance,
        served: &mut bool,
        asked_to: &mut Option<oneshot::Sender<Result<(), String>>>,
    ) -> Gone {
        let begun = Instant::now();
        self.run.hub.tell(EventKind::Starting { instance: instance.clone() });
        self.run.board.enter(instance, Phase::Starting, |_| {});
        if let Err(error) = self.prepared.before_start().await {
            return Gone::Crashed(error.to_string());
        }
        let (leashed, said) = match self.run.start(instance, &self.prepared.launch, None).await {
            Ok(started) => started,
            Err(error) => return Gone::Crashed(error.to_string()),
        };
        self.run.board.enter(instance, Phase::Starting, |entry| {
            entry.pid = leashed.pid();
            entry.address = Some(self.prepared.access.endpoint.to_string());
        });
        let unready = tokio::select! {
            ready = self.prepared.ready(START) => ready.err().map(|error| error.to_string()),
            exit = leashed.exited() => Some(exit.to_string()),
            () = told(&mut self.stop, Stop::Drain) => {
                end(&leashed, &mut self.stop).await;
                return Gone::Stopped;
            }
        };
        if let Some(reason) = unready {
            leashed.stop();
            leashed.ended().await;
            said.all().await;
            return Gone::Crashed(reason);
        }
        *served = true;
        self.run.board.enter(instance, Phase::Healthy, |_| {});
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.run.hub.tell(EventKind::Healthy { instance: instance.clone(), millis });
        self.run.board.set_healthy(&self.process.name, true);
        if let Some(done) = asked_to.take() {
            let _nobody = done.send(Ok(()));
        }
        let gone = self.attend(instance, &leashed).await;
        said.all().await;
        gone
    }

    async fn attend(&mut self, instance: &Instance, leashed: &Leashed) -> Gone {
        let mut bad = 0_u32;
        let mut clock = tokio::time::interval(ASK_EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                exit = leashed.exited() => {
                    self.run.board.set_healthy(&self.process.name, false);
                    // Its other processes must be gone before a successor touches the data.
                    leashed.ended().await;
                    return Gone::Crashed(exit.to_string());
                }
                () = told(&mut self.stop, Stop::Drain) => {
                    self.run.board.enter(instance, Phase::Draining, |_| {});
                    end(leashed, &mut self.stop).await;
                    return Gone::Stopped;
                }
                Some(done) = self.restarts.recv() => {
                    self.run.board.set_healthy(&self.process.name, false);
                    end(leashed, &mut self.stop).await;
                    return Gone::Restart(done);
                }
                _tick = clock.tick() => match self.prepared.probe().await {
                    Ok(()) => {
                        if bad >= BAD {
                            self.run.board.enter(instance, Phase::Healthy, |_| {});
                        }
                        bad = 0;
                    }
                    // Said, and left alone: a server that is busy gets no better by being killed.
                    Err(error) => {
                        bad = bad.saturating_add(1);
                        if bad == BAD {
                            let reason = format!("a query failed {bad} times in a row: {error}");
                            self.run.board.enter(instance, Phase::Unhealthy, |entry| {
                                entry.reason = Some(reason.clone());
                            });
                            self.run.hub.tell(EventKind::Unhealthy { instance: instance.clone(), reason });
                        }
                    }
                },
            }
        }
    }
}
