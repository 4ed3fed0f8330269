//! Every way a run can fail, each with what was wrong, where, and what to do.

use std::io;
use std::time::Duration;

use terrace_local::UnresolvedError;
use terrace_net::Port;
use terrace_topology::CommandLine;

use crate::Instance;
use crate::build::BuildError;
use crate::database::DatabaseError;
use crate::ports::PortHolder;
use crate::state::{LockError, SecretsError, StateError};

/// Why a run ended otherwise than by being told to. Everything it had started is ended.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The project is up already, or its lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A build failed.
    #[error("{0}")]
    Build(Box<BuildError>),
    /// There is no database server.
    #[error("{0}")]
    Database(Box<DatabaseError>),
    /// A secret is not known.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The port that was asked for is taken.
    #[error("port {port} is taken{}; choose another with `--port`, or none to get a free one", by(holder.as_ref()))]
    PortTaken {
        /// Which.
        port: Port,
        /// By whom, if that can be seen.
        holder: Option<PortHolder>,
    },
    /// A process ended again and again before it was ever healthy.
    #[error("`{instance}` does not stay up: {reason}\n{}", indented(last_lines))]
    CrashedAtStart {
        /// Which.
        instance: Instance,
        /// How it ended the last time.
        reason: String,
        /// What it said last.
        last_lines: Vec<String>,
    },
    /// A replica ran and never answered as it should.
    #[error(
        "`{instance}` did not become healthy within {} s: {asked}: {answered}\n{}",
        within.as_secs(),
        indented(last_lines)
    )]
    NeverHealthy {
        /// Which.
        instance: Instance,
        /// What was asked of it.
        asked: String,
        /// What came back the last time.
        answered: String,
        /// How long it had.
        within: Duration,
        /// What it said last.
        last_lines: Vec<String>,
    },
    /// The migration did not end well, so nothing that needs it was started.
    #[error("`{instance}` failed ({reason}): `{command}`\n{}", indented(last_lines))]
    Migration {
        /// What plays it.
        instance: Instance,
        /// What ran.
        command: CommandLine,
        /// How it ended.
        reason: String,
        /// What it said last.
        last_lines: Vec<String>,
    },
    /// The plan contradicts itself.
    #[error(transparent)]
    Plan(#[from] UnresolvedError),
    /// A part of the runner failed in a way that nobody foresaw.
    #[error("`{0}` is no longer supervised: this is a bug in Terrace, please report it")]
    Lost(String),
    /// The machine refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What came back.
        source: io::Error,
    },
}

impl From<BuildError> for UpError {
    fn from(error: BuildError) -> Self {
        Self::Build(Box::new(error))
    }
}

impl From<DatabaseError> for UpError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(Box::new(error))
    }
}

impl UpError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

fn by(holder: Option<&PortHolder>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}

fn indented(lines: &[String]) -> String {
    if lines.is_empty() {
        return "  it printed nothing".to_owned();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("  | {line}")).collect();
    lines.join("\n")
}
