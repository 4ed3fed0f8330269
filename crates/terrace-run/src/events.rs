//! What happens during a run, as values: the command line renders them, the control socket replays them.

use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use terrace_local::ProcessName;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds since the run began.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A process, or one replica of it, as people see it: `data`, `web`, `app-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// Which process of the plan.
    pub process: ProcessName,
    /// Which replica of it; none for what is never replicated.
    pub replica: Option<NonZeroU16>,
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.replica {
            Some(replica) => write!(f, "{}-{replica}", self.process),
            None => self.process.fmt(f),
        }
    }
}

/// A part of the system that will run, told before anything starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub process: ProcessName,
    /// What it is, in a few words: `PostgreSQL 16`, `web tier`, `2 to 6 replicas`.
    pub what: String,
    /// What it waits for.
    pub after: Vec<ProcessName>,
    /// How many of it there are at first; 1 for what is never replicated.
    pub replicas: u16,
    /// Whether it is built before it starts.
    pub built: bool,
}

/// Where something is reached, once all is healthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// The page, for a browser: `http://localhost:8080/`.
    pub url: String,
    /// Address (`host:port`) by instance name; no secret is in it.
    pub endpoints: std::collections::BTreeMap<String, String>,
    /// Where the way into the database is rehearsed, if it is: `http://127.0.0.1:40123`.
    #[serde(default)]
    pub rehearsal: Option<String>,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventKind {
    /// The run began: the first event of all.
    Began {
        /// Whose.
        system: String,
        /// `ec2` or `fargate`.
        shape: String,
        /// The process that supervises.
        pid: u32,
        /// What will run, in order of start.
        parts: Vec<Part>,
    },
    /// A build runs.
    BuildStarted {
        /// Whose.
        party: String,
        /// What runs.
        command: String,
    },
    /// A build printed a line.
    BuildLine {
        /// Whose.
        party: String,
        /// The line.
        line: String,
    },
    /// Nothing had changed since the last build.
    BuildSkipped {
        /// Whose.
        party: String,
    },
    /// A build is done.
    BuildFinished {
        /// Whose.
        party: String,
        /// How long it took.
        millis: u64,
    },
    /// A build failed.
    BuildFailed {
        /// Whose.
        party: String,
        /// Why, one line.
        reason: String,
    },
    /// A process is being started.
    Starting {
        /// Which.
        instance: Instance,
    },
    /// A process answers as it should.
    Healthy {
        /// Which.
        instance: Instance,
        /// From its start.
        millis: u64,
    },
    /// A process that runs once ended well.
    Finished {
        /// Which.
        instance: Instance,
        /// From its start.
        millis: u64,
    },
    /// A process that runs once did not end well, and is not started again by itself: what runs stays as it is.
    Failed {
        /// Which.
        instance: Instance,
        /// How, one line.
        reason: String,
        /// What it said last.
        last_lines: Vec<String>,
    },
    /// A process no longer answers as it should; it is being replaced.
    Unhealthy {
        /// Which.
        instance: Instance,
        /// What was asked and what came back, one line.
        reason: String,
    },
    /// A process ended by itself.
    Crashed {
        /// Which.
        instance: Instance,
        /// How, one line: `exit status 1`, `signal 9 (SIGKILL)`.
        reason: String,
        /// What it said last.
        last_lines: Vec<String>,
    },
    /// A crashed process is started again after a wait.
    Restarting {
        /// Which.
        instance: Instance,
        /// How long the wait is.
        after_millis: u64,
    },
    /// One replica took the place of another.
    Replaced {
        /// Who left.
        old: Instance,
        /// Who came.
        new: Instance,
    },
    /// The number of replicas changed.
    Scaled {
        /// Of which process.
        process: ProcessName,
        /// From so many.
        from: u16,
        /// To so many.
        to: u16,
        /// Mean CPU use of a replica, percent of one core, that led to it.
        cpu_percent: u16,
    },
    /// A process that was asked to end has ended.
    Stopped {
        /// Which.
        instance: Instance,
    },
    /// Something worth knowing that is no failure.
    Note {
        /// Of whom, if of one.
        process: Option<ProcessName>,
        /// One line.
        text: String,
    },
    /// Sources changed (`--watch`): what follows is the rebuild.
    Changed {
        /// Whose.
        party: String,
        /// One of the files.
        path: String,
    },
    /// Everything is healthy. Said once; `Changed` and `Crashed` may follow.
    Ready(Reached),
    /// Everything is being taken down, from the outside in.
    Stopping,
    /// Nothing runs any more: the last event of all.
    Ended,
}
