//! What a client and a run say to each other: one JSON object a line. A connection carries one request and its
//! answers; the run closes it when there is no more to say.

use serde::{Deserialize, Serialize};
use terrace_net::Port;

use crate::logs::{LogLine, LogQuery};
use crate::{Event, Instance, Reached};

/// What a run is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Request {
    /// How things stand. Answer: one `status`.
    Status,
    /// All that has happened, and what will, until the run has ended. Answer: `event`s.
    Events,
    /// Answer when all is healthy: `reached`; `failed` if that can no longer come.
    WaitHealthy,
    /// Log lines. Answer: `log`s, and `missed` where lines came too fast.
    Logs {
        /// Which.
        query: LogQuery,
        /// Whether those to come are wanted too.
        follow: bool,
    },
    /// Replace a process (`app`, all of its replicas one by one) or one replica (`app-2`). Answer: `done` once the
    /// successors are healthy, or `failed`.
    Restart {
        /// Which.
        target: String,
    },
    /// Stop the run. Answer: `done` when nothing runs any more.
    Stop {
        /// At once, without draining.
        now: bool,
    },
}

/// What a run answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// How things stand.
    Status(Box<RunStatus>),
    /// Something happened.
    Event(Event),
    /// Everything is healthy, and where it is.
    Reached(Reached),
    /// A line of a log.
    Log(LogLine),
    /// So many lines came too fast for this client.
    Missed(u64),
    /// It is done.
    Done,
    /// It is not done, and why, one line.
    Failed(String),
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStatus {
    /// Whose.
    pub system: String,
    /// `ec2` or `fargate`.
    pub shape: String,
    /// The process that supervises.
    pub pid: u32,
    /// Since when, seconds since 1970-01-01T00:00:00Z.
    pub since: u64,
    /// Whether it is on its way out.
    pub stopping: bool,
    /// Where it is reached, once everything has been healthy.
    pub reached: Option<Reached>,
    /// What runs, in order of start.
    pub instances: Vec<InstanceStatus>,
    /// Where the way in is rehearsed, while it is.
    #[serde(default)]
    pub rehearsal: Option<RehearsalStatus>,
}

/// The endpoint at which the way into the database is rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalStatus {
    /// What is given as `--endpoint-url`.
    pub url: String,
    /// The region that it is said to be in.
    pub region: String,
    /// The environment that it stands for, if it is one.
    pub environment: Option<String>,
    /// What is given as `--target` now: one for each replica that is healthy.
    pub targets: Vec<String>,
    /// The database's host name there.
    pub host: String,
    /// Its port there.
    pub port: Option<Port>,
    /// What goes wrong in sessions, as it was asked for; empty if nothing was.
    pub faults: String,
}

impl RunStatus {
    /// Whether everything is healthy now.
    pub fn is_healthy(&self) -> bool {
        let is_well = |status: &InstanceStatus| matches!(status.phase, Phase::Healthy | Phase::Done);
        self.reached.is_some() && !self.stopping && self.instances.iter().all(is_well)
    }
}

/// How one process or replica stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// Which.
    pub instance: Instance,
    /// In which phase.
    pub phase: Phase,
    /// The process that plays it.
    pub pid: Option<u32>,
    /// Where it listens, `host:port`.
    pub address: Option<String>,
    /// For how long it has been in this phase, milliseconds.
    pub millis: u64,
    /// How often it was started again.
    pub restarts: u32,
    /// CPU use of it and all it started over the last second, percent of one core.
    pub cpu_percent: Option<u32>,
    /// Why it is not healthy, one line.
    pub reason: Option<String>,
}

/// The phases of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Waits for what must be healthy before it.
    Waiting,
    /// Runs, and does not answer as it should yet.
    Starting,
    /// Answers as it should.
    Healthy,
    /// Did, and does no more; or ended badly, and is not started again.
    Unhealthy,
    /// Crashed, and waits to be started again.
    Backoff,
    /// Takes nothing new, finishes what it has.
    Draining,
    /// Ran to its end, which was a good one.
    Done,
}
