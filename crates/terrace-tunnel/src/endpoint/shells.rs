//! Shells of the system's replicas: what is begun for one, and between its terminal and the session.
//!
//! GUARANTEE: whoever opens the endpoint says in which folder and with which environment a shell begins; without that there
//! are none. A shell ends with its session.

use std::ffi::OsString;
use std::fmt;
use std::future::poll_fn;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pty_process::{Command, OwnedReadPty, OwnedWritePty, Size};
use terrace_ssm::Arrived;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::system::Replica;
use crate::wire::Shared;

/// What a shell of a replica begins with.
#[derive(Clone)]
pub struct Surroundings {
    /// The folder it begins in.
    pub folder: PathBuf,
    /// All of its environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl fmt::Debug for Surroundings {
    /// Without the environment, which holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("folder", &self.folder).finish_non_exhaustive()
    }
}

type Find = dyn Fn(&Replica) -> Option<Surroundings> + Send + Sync;

/// Finds what a replica's shell begins with.
#[derive(Clone)]
pub struct Shells(Arc<Find>);

impl fmt::Debug for Shells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shells(..)")
    }
}

impl Shells {
    /// Found by this, when a session begins.
    pub fn new(find: impl Fn(&Replica) -> Option<Surroundings> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    pub(super) fn of(&self, replica: &Replica) -> Option<Surroundings> {
        (self.0)(replica)
    }
}

/// A shell that is to be begun.
#[derive(Debug)]
pub(super) struct ShellStart {
    pub(super) surroundings: Surroundings,
    /// What `sh` runs; a shell if there is nothing.
    pub(super) command: Option<String>,
}

/// Tells when a shell has ended, and what is to be said of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(Arc<Mutex<Option<String>>>);

impl Ended {
    /// What is to be said, once it has.
    pub(super) fn said(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn say(&self, shared: &Shared, what: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
        // The driver looks at it.
        shared.act(|_| ());
    }
}

/// Runs a shell to its end.
pub(super) async fn run(start: ShellStart, shared: Arc<Shared>, ended: Ended) {
    let said = match begin(start) {
        Ok((mut child, read, write)) => {
            tokio::select! {
                () = hear(read, &shared) => {}
                () = say(write, &shared) => {}
            }
            let _ = child.wait().await;
            String::new()
        }
        Err(error) => format!("Unable to start command: Failed to start pty: {error}"),
    };
    ended.say(&shared, said);
}

fn begin(start: ShellStart) -> pty_process::Result<(tokio::process::Child, OwnedReadPty, OwnedWritePty)> {
    let (pty, terminal) = pty_process::open()?;
    let ShellStart { surroundings, command } = start;
    let shell = Command::new("/bin/sh").current_dir(surroundings.folder).env_clear();
    let shell = shell.envs(surroundings.environment).env("TERM", "xterm-256color").kill_on_drop(true);
    let shell = match command {
        Some(command) => shell.arg("-c").arg(command),
        None => shell,
    };
    let child = shell.spawn(terminal)?;
    let (read, write) = pty.into_split();
    Ok((child, read, write))
}

/// What it writes goes to the client. On Linux the end is an error: nobody has the terminal any more.
async fn hear(mut terminal: OwnedReadPty, shared: &Shared) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = terminal.read(&mut buffer).await {
        let mut rest = buffer.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            let Some(taken) = poll_fn(|context| shared.poll_say(context, rest)).await else { return };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }
}

/// What is typed goes to it, until the session is over.
async fn say(mut terminal: OwnedWritePty, shared: &Shared) {
    while let Some(arrived) = poll_fn(|context| shared.poll_arrived(context)).await {
        match arrived {
            Arrived::Output(typed) => {
                if terminal.write_all(&typed).await.is_err() {
                    // It ends; what it has written is still to be read.
                    return std::future::pending().await;
                }
            }
            Arrived::Resized(size) => {
                let of = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
                let _ = terminal.resize(Size::new(of(size.rows), of(size.columns)));
            }
            Arrived::Errors(_) | Arrived::Exited(_) => {}
        }
    }
}
