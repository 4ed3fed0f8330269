//! The migration: brings the database's tables to what the code expects, before any of the code starts, and again
//! before what was rebuilt takes its place.
//!
//! Guarantees: one runs at a time, and not while its folder is being built; what needs it starts only after one has
//! ended well; one that fails later changes nothing of what runs; it is asked to end, and has ended, before the
//! database goes.

use std::sync::Arc;
use std::time::Instant;

use terrace_local::{Process, Program};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Run, Stop, UpError, end, told};
use crate::control::Phase;
use crate::leash::Leashed;
use crate::replicas::Surroundings;
use crate::{EventKind, Instance, build, ports};

/// Who waits for a migration to end.
pub(super) type Wish = oneshot::Sender<Result<(), String>>;

/// The supervisor of a migration.
pub(super) struct Migration {
    pub(super) run: Arc<Run>,
    pub(super) process: Process,
    pub(super) program: Program,
    pub(super) surroundings: Arc<Surroundings>,
    pub(super) wishes: mpsc::UnboundedReceiver<Wish>,
    pub(super) stop: watch::Receiver<Stop>,
}

/// How one of its runs is over.
enum Over {
    Well,
    Badly(String),
    Stopped,
}

impl Migration {
    /// Migrates as soon as that is possible, and then whenever it is wished, until the run is told to stop.
    pub(super) async fn supervise(mut self) -> Result<(), UpError> {
        let instance = Instance { process: self.process.name.clone(), replica: None };
        self.run.board.enter(&instance, Phase::Waiting, |_| {});
        let outcome = self.attend(&instance).await;
        self.run.board.remove(&instance);
        outcome
    }

    async fn attend(&mut self, instance: &Instance) -> Result<(), UpError> {
        let possible = async {
            self.run.board.built(&self.process.party).await;
            self.run.board.healthy(&self.process.after).await;
        };
        tokio::select! {
            () = possible => {}
            () = told(&mut self.stop, Stop::Drain) => return Ok(()),
        }
        match self.once(instance).await {
            Over::Well => self.run.board.set_healthy(&self.process.name, true),
            Over::Stopped => return Ok(()),
            Over::Badly(reason) => return Err(self.failure(instance.clone(), reason)),
        }
        loop {
            let mut waiting = tokio::select! {
                Some(wish) = self.wishes.recv() => vec![wish],
                () = told(&mut self.stop, Stop::Drain) => return Ok(()),
            };
            // Who has come by now has what they wish migrated in place.
            waiting.extend(std::iter::from_fn(|| self.wishes.try_recv().ok()));
            let outcome = match self.once(instance).await {
                Over::Well => Ok(()),
                Over::Stopped => return Ok(()),
                Over::Badly(reason) => Err(self.failed(instance, reason)),
            };
            for wish in waiting {
                let _nobody = wish.send(outcome.clone());
            }
        }
    }

    /// Runs the command to its end, or until the run is told to stop.
    async fn once(&mut self, instance: &Instance) -> Over {
        let folder = self.run.project.join(self.program.folder.as_str());
        let waits = || {
            let text = format!("waits for a build in `{}`", folder.display());
            self.run.hub.tell(EventKind::Note { process: Some(instance.process.clone()), text });
        };
        let _alone = tokio::select! {
            alone = build::alone_in(&folder, waits) => alone,
            () = told(&mut self.stop, Stop::Drain) => return Over::Stopped,
        };
        let begun = Instant::now();
        self.run.hub.tell(EventKind::Starting { instance: instance.clone() });
        self.run.board.enter(instance, Phase::Starting, |_| {});
        let (leashed, said) = match self.start(instance).await {
            Ok(started) => started,
            Err(reason) => return Over::Badly(reason),
        };
        self.run.board.enter(instance, Phase::Starting, |entry| entry.pid = leashed.pid());
        let exit = tokio::select! {
            exit = leashed.exited() => exit,
            () = told(&mut self.stop, Stop::Drain) => {
                self.run.board.enter(instance, Phase::Draining, |_| {});
                end(&leashed, &mut self.stop).await;
                said.all().await;
                self.run.hub.tell(EventKind::Stopped { instance: instance.clone() });
                return Over::Stopped;
            }
        };
        // What it left running ends before anything else begins.
        tokio::select! {
            _exit = leashed.ended() => {}
            () = told(&mut self.stop, Stop::Drain) => end(&leashed, &mut self.stop).await,
        }
        said.all().await;
        if !exit.is_success() {
            return Over::Badly(exit.to_string());
        }
        self.run.board.enter(instance, Phase::Done, |_| {});
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.run.hub.tell(EventKind::Finished { instance: instance.clone(), millis });
        Over::Well
    }

    async fn start(&self, instance: &Instance) -> Result<(Leashed, crate::logs::Said), String> {
        // It listens on nothing. What reads the app's settings finds all of them none the less.
        let port = ports::free(None, &[]).map_err(|error| format!("no free port: {error}"))?;
        let folder = self.run.project.join(self.program.folder.as_str());
        let (launch, stdin) = self
            .surroundings
            .launch(&self.program, port, folder, &self.run.executable)
            .map_err(|error| format!("cannot hand over its settings: {error}"))?;
        self.run.start(instance, &launch, stdin).await.map_err(|error| error.to_string())
    }

    /// The first one failed.
    fn failure(&self, instance: Instance, reason: String) -> UpError {
        let last_lines = self.run.journal.last(&instance);
        UpError::Migration { command: self.program.run.clone(), instance, reason, last_lines }
    }

    /// A later one failed: what runs goes on, and whoever waited is told.
    fn failed(&self, instance: &Instance, reason: String) -> String {
        self.run.board.enter(instance, Phase::Unhealthy, |entry| {
            entry.pid = None;
            entry.reason = Some(reason.clone());
        });
        let text = format!("`{instance}` failed ({reason}): what runs stays as it is");
        let last_lines = self.run.journal.last(instance);
        self.run.hub.tell(EventKind::Failed { instance: instance.clone(), reason, last_lines });
        text
    }
}
