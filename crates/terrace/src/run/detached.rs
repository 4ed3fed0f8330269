//! A run in a process of its own, which goes on when the one that started it has left.
//!
//! The detached process is this program again, in a session of its own, without a terminal. It tells what happens
//! over its standard output until nobody reads that any more.

use std::io::Write as _;
use std::pin::pin;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use terrace_run::{EventKind, Stop, UpOptions};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};

use super::message::{Message, vanished};
use super::{Shown, failure, ready};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::{BEAT, View};
use crate::signals::Signals;

/// The flag that makes `up` the detached process.
pub(crate) const FLAG: &str = "--background";

/// Starts a detached run and shows it until all is healthy.
pub(crate) async fn detach(shown: Shown, printer: Printer) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let mut child = start()?;
    let output = child.stdout.take().ok_or_else(vanished)?;
    let mut lines = BufReader::new(output).lines();
    let mut view = View::new(printer);
    let mut beat = tokio::time::interval(BEAT);
    let mut stopped = false;
    loop {
        tokio::select! {
            biased;
            _ = signals.next() => {
                // The first drains, the second ends at once: the detached process tells them apart itself.
                view.say(if stopped { "ending everything at once" } else { "taking everything down gently" });
                stopped = true;
                terminate(&child);
            }
            line = lines.next_line() => {
                let Some(line) = line? else { break };
                match serde_json::from_str(&line) {
                    Ok(Message::Event(event)) => {
                        view.take(&event);
                        if let EventKind::Ready(reached) = &event.kind {
                            ready::tell(&mut view, reached, event.at, shown, printer)?;
                            printer.say("  it goes on in the background: `terrace status`, `terrace logs`, `terrace stop`");
                            return Ok(Exit::Success);
                        }
                    }
                    Ok(Message::Failed(report)) => {
                        view.settle();
                        return Err(Failure::Untold(Box::new(report)));
                    }
                    Err(_) => {}
                }
            }
            _ = beat.tick(), if view.is_moving() => view.draw(),
        }
    }
    view.settle();
    if stopped { Ok(Exit::Interrupted) } else { Err(vanished()) }
}

fn start() -> Result<Child, Failure> {
    let program = std::env::current_exe()?;
    Command::new(program)
        .args(std::env::args_os().skip(1))
        .arg(FLAG)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::new("the detached run could not be started").because(&error))
}

fn terminate(child: &Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// The detached process: runs until it is told to stop, by a signal or over its socket.
pub(crate) async fn background(options: UpOptions) -> Result<Exit, Failure> {
    // Fails only for the leader of a process group, which then has no terminal to lose.
    let _ = rustix::process::setsid();
    let mut signals = Signals::listen()?;
    let (tell, mut events) = mpsc::unbounded_channel();
    let (stop, stopping) = watch::channel(Stop::No);
    let mut run = pin!(terrace_run::up(options, tell, stopping));
    let outcome = loop {
        tokio::select! {
            biased;
            _ = signals.next() => {
                let next = if *stop.borrow() == Stop::No { Stop::Drain } else { Stop::Now };
                stop.send_replace(next);
            }
            Some(event) = events.recv() => send(&Message::Event(event)),
            outcome = &mut run => break outcome,
        }
    };
    while let Ok(event) = events.try_recv() {
        send(&Message::Event(event));
    }
    match outcome {
        Ok(()) => Ok(Exit::Success),
        Err(error) => {
            let failure = failure::of(&error);
            if let Some(message) = Message::of(failure) {
                send(&message);
            }
            Err(Failure::Told(Exit::Failed))
        }
    }
}

/// Tells whoever started it, if that one still listens.
fn send(message: &Message) {
    let Ok(mut line) = serde_json::to_string(message) else { return };
    line.push('\n');
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}
