//! A client in the foreground: its terminal is ours, signals reach it as its errand calls for, and what it reads its
//! password from is gone when it has ended.

use std::future::Future;
use std::os::unix::process::ExitStatusExt as _;

use rustix::process::{Pid, Signal, kill_process};
use terrace_run::database::clients::Ready;
use tokio::process::{Child, Command};

use crate::failure::Failure;
use crate::signals::{Asked, Signals};

/// Whose business Ctrl-C is while the client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// The client's: it cancels a statement with it, and stays.
    Client,
    /// Ours: it ends the client, and the command with it.
    Command,
}

/// How a client ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, with this exit code.
    Code(u8),
    /// It was told to, or the tunnel under it is gone.
    Interrupted,
}

/// Runs a client to its end. `beside` goes on as long as it runs (a tunnel's events); when that ends, the client is
/// told to end too.
pub(crate) async fn run(
    ready: Ready,
    interrupt: Interrupt,
    signals: &mut Signals,
    beside: impl Future<Output = ()>,
) -> Result<Ended, Failure> {
    let title = ready.command.get_program().to_owned();
    let (command, _options) = ready.into_parts();
    let mut command = Command::from(command);
    command.kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|error| Failure::new(format!("{} could not be started", title.display())).because(&error))?;
    let mut beside = std::pin::pin!(beside);
    let (mut told, mut alone) = (false, false);
    loop {
        tokio::select! {
            ended = child.wait() => {
                let status = ended?;
                if told {
                    return Ok(Ended::Interrupted);
                }
                // As shells have it: 128 and the signal's number.
                let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
                return Ok(Ended::Code(u8::try_from(code).unwrap_or(1)));
            }
            asked = signals.next() => {
                if asked != Asked::Interrupt || interrupt == Interrupt::Command {
                    told = true;
                    terminate(&child);
                }
            }
            () = &mut beside, if !alone => {
                (told, alone) = (true, true);
                terminate(&child);
            }
        }
    }
}

fn terminate(child: &Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}
