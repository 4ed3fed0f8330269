//! A leash: the tiny process between Terrace and each process it starts, which ends that process and everything
//! it started when Terrace lets go, be it by `kill -9`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A command to be started under a leash. Its standard input is empty, its output comes to Terrace.
#[derive(Clone, Serialize, Deserialize)]
pub struct Launch {
    /// The program; looked up in `PATH` if it has no slash.
    pub program: OsString,
    /// Its arguments. They can be read by every user of the machine: no secret belongs here.
    pub args: Vec<OsString>,
    /// What is set in its environment, secrets included.
    pub environment: Vec<(OsString, OsString)>,
    /// What else is in its environment.
    pub inherited: Inherited,
    /// Where it runs.
    pub folder: PathBuf,
    /// As whom it runs; as the current user if none.
    pub identity: Option<Identity>,
    /// What asks it to end. The command itself gets it; what it started gets it when it is gone.
    pub stop_signal: StopSignal,
    /// How long it may take to end before it is killed.
    pub stop_within: Duration,
}

/// What a command finds in its environment besides what is set for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inherited {
    /// All that Terrace has.
    Everything,
    /// `PATH`, `HOME`, `LANG`, `LC_*`, `TZ`, `TMPDIR`, `USER`, `LOGNAME`, `SHELL`.
    Basics,
}

/// A user to become. `no_new_privs` is set with it, and all other groups are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// A signal that asks a process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopSignal {
    /// SIGTERM: what every server understands.
    Terminate,
    /// SIGINT: PostgreSQL's fast shutdown.
    Interrupt,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// Its leash was ended by force, and everything with it.
    Unknown,
}
