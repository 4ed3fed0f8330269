//! A leash: the tiny process between Terrace and each process it starts, which ends that process and everything
//! it started when Terrace lets go, be it by `kill -9`.

mod command;
pub(crate) mod descendants;
mod hold;
mod process;
mod wire;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

pub use hold::{LaunchError, Leashed, Output, run, start};
pub use process::main;

/// The name of a leash's process, as `ps` shows it.
pub(crate) const NAME: &str = "terrace-leash";

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

impl Inherited {
    fn keeps(self, name: &OsStr) -> bool {
        const BASICS: [&str; 8] = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL"];
        let name = name.to_str();
        self == Self::Everything || name.is_some_and(|n| BASICS.contains(&n) || n.starts_with("LC_"))
    }
}

impl fmt::Debug for Launch {
    /// Without the values of the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&OsString> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("Launch")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("environment", &names)
            .field("folder", &self.folder)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl Launch {
    /// A command line for a POSIX shell, with all that Terrace has in its environment, ended by SIGTERM.
    pub fn shell(line: &str, folder: PathBuf) -> Self {
        Self {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), terrace_boot::replacing(line).into()],
            environment: Vec::new(),
            inherited: Inherited::Everything,
            folder,
            identity: None,
            stop_signal: StopSignal::Terminate,
            stop_within: Duration::from_secs(10),
        }
    }
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

impl StopSignal {
    fn signal(self) -> Signal {
        match self {
            Self::Terminate => Signal::SIGTERM,
            Self::Interrupt => Signal::SIGINT,
        }
    }
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

impl Exit {
    /// Whether it says that all went well.
    pub fn is_success(self) -> bool {
        self == Self::Status(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code) => write!(f, "exit status {code}"),
            Self::Signal(number) => match Signal::try_from(*number) {
                Ok(signal) => write!(f, "signal {number} ({signal})"),
                Err(_) => write!(f, "signal {number}"),
            },
            Self::Unknown => f.write_str("an unknown end: its leash was killed"),
        }
    }
}
