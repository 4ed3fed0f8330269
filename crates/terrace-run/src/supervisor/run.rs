//! What all parts of one run share.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use terrace_local::{Addresses, ProcessName};

use super::Board;
use crate::control::{Phase, RehearsalStatus};
use crate::hub::Hub;
use crate::leash::{self, Launch, LaunchError, Leashed};
use crate::logs::{Journal, Said};
use crate::state::StateFolder;
use crate::{EventKind, Executable, Instance};

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    /// The project's folder.
    pub(crate) project: PathBuf,
    /// Where its state lies.
    pub(crate) state: StateFolder,
    /// What plays Terrace's own parts.
    pub(crate) executable: Executable,
    /// What happens.
    pub(crate) hub: Hub,
    /// How everything stands.
    pub(crate) board: Board,
    /// What everything says.
    pub(crate) journal: Journal,
    /// Found in the environment of everything that this run starts, and of nothing else.
    pub(crate) mark: OsString,
    addresses: Mutex<Addresses>,
    rehearsal: Mutex<Option<RehearsalStatus>>,
}

pub(crate) use crate::state::MARK;

impl Run {
    pub(crate) fn new(
        project: PathBuf,
        state: StateFolder,
        executable: Executable,
        hub: Hub,
        journal: Journal,
    ) -> Self {
        Self {
            mark: state.path().as_os_str().to_owned(),
            project,
            state,
            executable,
            hub,
            board: Board::new(),
            journal,
            addresses: Mutex::new(Addresses::new()),
            rehearsal: Mutex::new(None),
        }
    }

    /// Starts a process of this run; what it says goes to the journal.
    pub(crate) async fn start(
        &self,
        instance: &Instance,
        launch: &Launch,
        stdin: Option<OwnedFd>,
    ) -> Result<(Leashed, Said), LaunchError> {
        let mut launch = launch.clone();
        launch.environment.push((MARK.into(), self.mark.clone()));
        let (leashed, output) = leash::start(&launch, stdin, &self.executable).await?;
        self.journal.forget(instance);
        let said = self.journal.keep(instance, output);
        Ok((leashed, said))
    }

    /// Where every process is reached now.
    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says where a process is reached from now on.
    pub(crate) fn set_addresses(&self, process: &ProcessName, addresses: BTreeSet<SocketAddr>) {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).insert(process.clone(), addresses);
    }

    /// Where the way in is rehearsed now.
    pub(crate) fn rehearsal(&self) -> Option<RehearsalStatus> {
        self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says where the way in is rehearsed from now on.
    pub(crate) fn set_rehearsal(&self, status: Option<RehearsalStatus>) {
        *self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Tells that a process ended by itself and is started again after a wait.
    pub(crate) fn crashed(&self, instance: &Instance, reason: &str, last_lines: Vec<String>, wait: Duration) {
        let after_millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.journal.remark(instance, format!("{reason}; started again in {after_millis} ms"));
        self.hub.tell(EventKind::Crashed {
            instance: instance.clone(),
            reason: reason.to_owned(),
            last_lines,
        });
        self.hub.tell(EventKind::Restarting { instance: instance.clone(), after_millis });
        self.board.enter(instance, Phase::Backoff, |entry| {
            entry.restarts = entry.restarts.saturating_add(1);
            entry.reason = Some(reason.to_owned());
        });
    }
}
