//! The end of a leash that Terrace holds.

use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::sync::watch;

use super::wire::{Order, Report, send};
use super::{Exit, Launch};
use crate::Executable;
use crate::logs::{Line, Lines, Stream};

/// Why a command could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The leash itself could not be started.
    #[error("cannot start `{program}`: {source}")]
    Leash {
        /// What was to run under it.
        program: String,
        /// What came back.
        source: std::io::Error,
    },
    /// The leash could not start the command.
    #[error("cannot start {0}")]
    Command(String),
}

/// What the command prints: straight from it, through no one's hands.
#[derive(Debug)]
pub struct Output {
    /// Its standard output.
    pub stdout: ChildStdout,
    /// Its standard error.
    pub stderr: ChildStderr,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Starting,
    Running(u32),
    Failed(String),
    Exited(Exit),
    Ended(Exit),
}

/// A command that runs under a leash. When the last clone is dropped, the leash asks the command to end, and after
/// its time ends it and all it started.
#[derive(Clone, Debug)]
pub struct Leashed {
    orders: Arc<Orders>,
    leash: u32,
    standing: watch::Receiver<Standing>,
}

/// The way to the leash. That it closes is an order too.
#[derive(Debug)]
struct Orders(UnixStream);

impl Drop for Orders {
    fn drop(&mut self) {
        let _gone = self.0.shutdown(Shutdown::Write);
    }
}

/// Starts a command under a leash, with a descriptor as its standard input if one is given. Comes back when the
/// command runs.
pub async fn start(
    launch: &Launch,
    stdin: Option<OwnedFd>,
    executable: &Executable,
) -> Result<(Leashed, Output), LaunchError> {
    let (leashed, output) = begin(launch, stdin, executable)
        .map_err(|source| LaunchError::Leash { program: launch.program.display().to_string(), source })?;
    let mut standing = leashed.standing.clone();
    let standing = standing.wait_for(|standing| *standing != Standing::Starting).await;
    if let Ok(Standing::Failed(reason)) = standing.as_deref() {
        return Err(LaunchError::Command(reason.clone()));
    }
    drop(standing);
    Ok((leashed, output))
}

fn begin(
    launch: &Launch,
    stdin: Option<OwnedFd>,
    executable: &Executable,
) -> std::io::Result<(Leashed, Output)> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut child = Command::new(executable)
        .arg0("terrace")
        .arg(Executable::LEASH)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Out of the terminal's foreground group: Ctrl-C is Terrace's to answer.
        .process_group(0)
        .spawn()?;
    let leash = child.id().unwrap_or_default();
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    };
    send(&ours, launch, stdin.as_ref().map(AsFd::as_fd))?;
    ours.set_nonblocking(true)?;
    let reports = tokio::net::UnixStream::from_std(ours.try_clone()?)?;
    let (tell, standing) = watch::channel(Standing::Starting);
    let orders = Arc::new(Orders(ours));
    tokio::spawn(async move {
        follow(reports, &tell).await;
        let _status = child.wait().await;
    });
    Ok((Leashed { orders, leash, standing }, Output { stdout, stderr }))
}

/// Turns what the leash tells into its standing, until it has nothing more to tell.
async fn follow(reports: tokio::net::UnixStream, tell: &watch::Sender<Standing>) {
    let mut lines = BufReader::new(reports).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(report) = serde_json::from_str::<Report>(&line) else { continue };
        tell.send_modify(|standing| {
            *standing = match report {
                Report::Started { pid } => Standing::Running(pid),
                Report::Failed { reason } => Standing::Failed(reason),
                Report::Exited(exit) => Standing::Exited(exit),
                Report::Ended => Standing::Ended(match standing {
                    Standing::Exited(exit) => *exit,
                    _ => Exit::Unknown,
                }),
            };
        });
    }
    tell.send_modify(|standing| match standing {
        Standing::Ended(_) | Standing::Failed(_) => {}
        Standing::Exited(exit) => *standing = Standing::Ended(*exit),
        Standing::Starting => *standing = Standing::Failed("it: the leash ended at once".to_owned()),
        Standing::Running(_) => *standing = Standing::Ended(Exit::Unknown),
    });
}

impl Leashed {
    /// The command's process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        match *self.standing.borrow() {
            Standing::Running(pid) => Some(pid),
            _ => None,
        }
    }

    /// The leash's process id: everything that the command starts is below it.
    pub fn leash(&self) -> u32 {
        self.leash
    }

    /// Asks the command to end; after its time it is killed.
    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    /// Ends the command and all it started at once.
    pub fn kill(&self) {
        self.order(Order::Kill);
    }

    fn order(&self, order: Order) {
        // One byte into an empty buffer; an error says that the leash has gone, and then there is nobody to tell.
        let _gone = std::io::Write::write(&mut &self.orders.0, &[order.byte()]);
    }

    /// Waits until the command has ended; what it started may still be ending.
    pub async fn exited(&self) -> Exit {
        self.wait(|standing| match standing {
            Standing::Exited(exit) | Standing::Ended(exit) => Some(*exit),
            Standing::Failed(_) => Some(Exit::Unknown),
            Standing::Starting | Standing::Running(_) => None,
        })
        .await
    }

    /// Waits until nothing that the command started runs any more.
    pub async fn ended(&self) -> Exit {
        self.wait(|standing| match standing {
            Standing::Ended(exit) => Some(*exit),
            Standing::Failed(_) => Some(Exit::Unknown),
            Standing::Starting | Standing::Running(_) | Standing::Exited(_) => None,
        })
        .await
    }

    async fn wait(&self, find: impl Fn(&Standing) -> Option<Exit>) -> Exit {
        let mut standing = self.standing.clone();
        loop {
            if let Some(exit) = find(&standing.borrow_and_update()) {
                return exit;
            }
            if standing.changed().await.is_err() {
                return Exit::Unknown;
            }
        }
    }
}

/// Runs a command to its end, telling every line it prints. Dropping the future ends the command.
pub async fn run(
    launch: &Launch,
    executable: &Executable,
    mut tell: impl FnMut(Line),
) -> Result<Exit, LaunchError> {
    let (leashed, output) = start(launch, None, executable).await?;
    let mut out = Lines::new(output.stdout, Stream::Out);
    let mut err = Lines::new(output.stderr, Stream::Err);
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        let line = tokio::select! {
            line = out.next(), if out_open => { out_open = line.is_some(); line }
            line = err.next(), if err_open => { err_open = line.is_some(); line }
        };
        line.into_iter().for_each(&mut tell);
    }
    Ok(leashed.ended().await)
}
