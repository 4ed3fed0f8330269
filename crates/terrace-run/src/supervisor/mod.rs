//! The whole of `terrace up`.

use std::path::PathBuf;

use terrace_local::LocalPlan;
use terrace_net::Port;
use tokio::sync::{mpsc, watch};

use crate::{Event, Executable};

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct UpOptions {
    /// The folder that the manifest lies in, absolute.
    pub project: PathBuf,
    /// The manifest file's stem: `terrace` for `terrace.toml`.
    pub stem: String,
    /// What runs.
    pub plan: LocalPlan,
    /// The entrance's port, if one must be had.
    pub port: Option<Port>,
    /// Rebuild and replace when sources change.
    pub watch: bool,
    /// Fetch nothing from the network.
    pub offline: bool,
    /// Where database binaries are looked for first.
    pub database_binaries: Option<PathBuf>,
    /// The program that plays Terrace's own parts.
    pub executable: Executable,
}

/// How far a run has been told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// It runs.
    No,
    /// Drain, from the outside in.
    Drain,
    /// End everything at once.
    Now,
}

/// Why a run ended otherwise than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The machine refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What came back.
        source: std::io::Error,
    },
}

/// Runs a system until it is told to stop. Dropping the future ends everything at once.
pub async fn up(
    _options: UpOptions,
    _events: mpsc::UnboundedSender<Event>,
    _stop: watch::Receiver<Stop>,
) -> Result<(), UpError> {
    Ok(())
}
