//! One replica from its start to its end, told as it happens. What follows from it is decided by the set.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use terrace_local::{Process, ServicePlan};
use terrace_net::Port;
use tokio::sync::mpsc;

use super::Surroundings;
use crate::leash::Leashed;
use crate::probe::{HttpProbe, Unwell};
use crate::supervisor::Run;
use crate::{Instance, ports};

/// Between two questions after the health of a replica that serves.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// Bad answers in a row that make it unhealthy.
const BAD: u32 = 3;
/// The shortest and the longest wait between two questions to a replica that starts.
const HURRY: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_millis(200);
/// For how long after what it needs has come back bad answers do not count.
const GRACE: Duration = Duration::from_secs(5);

/// Tells replicas apart, also those that had the same number one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LifeId(pub(super) u64);

/// What a replica tells.
#[derive(Debug)]
pub(super) enum Told {
    /// What it needs is there; it is being started.
    Starting,
    /// It runs.
    Runs(Leashed, Port),
    /// It answers as it should, for the first time.
    Healthy(SocketAddr, Duration),
    /// It answers badly, again and again.
    Unhealthy(String),
    /// It answers well again.
    Recovered,
    /// It did not come to answer in time: what was asked, and what came back. It still runs.
    Late(Lateness),
    /// It has ended, or could not be started, after it had run for so long.
    Exited(String, Duration),
    /// It was asked to end, and nothing of it runs any more.
    Left,
}

/// How a replica failed to become healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lateness {
    pub(super) asked: String,
    pub(super) answered: String,
    pub(super) within: Duration,
}

/// What a life needs to know.
pub(super) struct Life {
    pub(super) id: LifeId,
    pub(super) run: Arc<Run>,
    pub(super) process: Process,
    pub(super) plan: ServicePlan,
    pub(super) probe: HttpProbe,
    pub(super) surroundings: Arc<Surroundings>,
    pub(super) instance: Instance,
    /// How long to wait before it starts.
    pub(super) wait: Duration,
    pub(super) tell: mpsc::UnboundedSender<(LifeId, Told)>,
}

impl Life {
    fn say(&self, told: Told) {
        let _stopped = self.tell.send((self.id, told));
    }

    /// Lives it.
    pub(super) async fn live(self) {
        tokio::time::sleep(self.wait).await;
        self.run.board.built(&self.process.party).await;
        self.run.board.healthy(&self.process.after).await;
        self.say(Told::Starting);
        let begun = Instant::now();
        let (leashed, said, port) = match self.start().await {
            Ok(started) => started,
            Err(reason) => return self.say(Told::Exited(reason, Duration::ZERO)),
        };
        self.say(Told::Runs(leashed.clone(), port));
        let exit = tokio::select! {
            exit = leashed.exited() => exit,
            () = self.answer(begun, port) => leashed.exited().await,
        };
        said.all().await;
        self.say(Told::Exited(exit.to_string(), begun.elapsed()));
    }

    async fn start(&self) -> Result<(Leashed, crate::logs::Said, Port), String> {
        let port = ports::free(None, &[]).map_err(|error| format!("no free port: {error}"))?;
        let folder: PathBuf = self.run.project.join(self.plan.program.folder.as_str());
        let (launch, stdin) = self
            .surroundings
            .launch(&self.plan.program, port, folder, &self.run.executable)
            .map_err(|error| format!("cannot hand over its settings: {error}"))?;
        let started = self.run.start(&self.instance, &launch, stdin).await;
        let (leashed, said) = started.map_err(|error| error.to_string())?;
        Ok((leashed, said, port))
    }

    /// Asks it until it is well, and from then on whether it still is. Ends only when it was late.
    async fn answer(&self, begun: Instant, port: Port) {
        let mut pause = HURRY;
        let address = loop {
            let unwell = match self.probe.ask(port).await {
                Ok(address) => break address,
                Err(unwell) => unwell,
            };
            if begun.elapsed() >= self.probe.start_within {
                return self.say(Told::Late(self.lateness(port, &unwell)));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(PATIENCE);
        };
        self.say(Told::Healthy(address, begun.elapsed()));
        let mut bad = 0_u32;
        let mut blameless_until = Instant::now();
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            let answer = self.probe.ask(port).await;
            if !self.run.board.are_healthy(&self.process.after) {
                // What it needs is down: it would answer no better were it started again.
                blameless_until = Instant::now() + GRACE;
            }
            match answer {
                Ok(_) => {
                    if bad >= BAD {
                        self.say(Told::Recovered);
                    }
                    bad = 0;
                }
                Err(_) if Instant::now() < blameless_until => bad = 0,
                Err(unwell) => {
                    bad += 1;
                    if bad.is_multiple_of(BAD) {
                        let path = &self.probe.path;
                        self.say(Told::Unhealthy(format!("GET {path}: {unwell}, {bad} times in a row")));
                    }
                }
            }
        }
    }

    fn lateness(&self, port: Port, unwell: &Unwell) -> Lateness {
        Lateness {
            asked: format!("GET http://127.0.0.1:{port}{}", self.probe.path),
            answered: unwell.to_string(),
            within: self.probe.start_within,
        }
    }
}
