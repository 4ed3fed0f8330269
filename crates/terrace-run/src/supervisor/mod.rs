//! The whole of `terrace up`: what is started when, what follows when something ends, and the way down.

mod board;
mod builds;
mod database;
mod error;
mod migration;
mod run;
mod sockets;
mod supervision;
mod sweep;

use std::path::PathBuf;
use std::sync::Arc;

use terrace_local::LocalPlan;
use terrace_net::Port;
use tokio::sync::{mpsc, watch};

pub(crate) use board::Board;
pub use error::UpError;
pub(crate) use run::Run;

use crate::control::{About, Fate, Server};
use crate::hub::Hub;
use crate::leash::Leashed;
use crate::logs::Journal;
use crate::state::StateFolder;
use crate::{Event, EventKind, Executable, Rehearsal};

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
    /// Where the database server's programs are; nowhere else is looked.
    pub database_binaries: Option<PathBuf>,
    /// How the way into the database is rehearsed, if it is.
    pub rehearsal: Option<Rehearsal>,
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

/// Waits until a stop of at least that force is told, or whoever would tell it is gone.
pub(crate) async fn told(stop: &mut watch::Receiver<Stop>, least: Stop) {
    let _gone = stop.wait_for(|stop| *stop >= least).await;
}

/// Ends what a leash holds; at once when that is what the run is told.
async fn end(leashed: &Leashed, stop: &mut watch::Receiver<Stop>) {
    leashed.stop();
    tokio::select! {
        _exit = leashed.ended() => {}
        () = told(stop, Stop::Now) => {
            leashed.kill();
            leashed.ended().await;
        }
    }
}

/// Runs a system until it is told to stop, or fails. Nothing of it runs any more when this returns; when its future
/// is dropped, the leashes end everything by themselves.
pub async fn up(
    options: UpOptions,
    events: mpsc::UnboundedSender<Event>,
    stop: watch::Receiver<Stop>,
) -> Result<(), UpError> {
    let state = StateFolder::open(&options.project, &options.stem)?;
    let lock = state.lock()?;
    let hub = Hub::new(events);
    let complaints = hub.clone();
    let journal = Journal::open(state.logs(), move |complaint| complaints.note(complaint))
        .map_err(UpError::io("cannot start the thread that writes logs"))?;
    let (project, executable) = (options.project.clone(), options.executable.clone());
    let run = Arc::new(Run::new(project, state, executable, hub, journal));
    let (ask, asked) = mpsc::unbounded_channel();
    let fate = watch::Sender::new(Fate::default());
    let about = About::of(&options.plan);
    let server = Server::open(Arc::clone(&run), about, fate.subscribe(), ask)
        .map_err(UpError::io("cannot make the control socket"))?;

    let outcome = supervision::supervise(&run, options, lock, &fate, asked, stop).await;

    run.hub.tell(EventKind::Ended);
    run.journal.flush().await;
    fate.send_modify(|fate| {
        fate.failed = outcome.as_ref().err().map(ToString::to_string).or(fate.failed.take());
        fate.ended = true;
    });
    server.close().await;
    outcome
}
