//! Between the terminal and the shell: keys one way, what is written the other, and what is to be told beside it.

use std::io::Read as _;

use terrace_ssm::{Arrived, SessionError};
use terrace_tunnel::client::shell::Shell;
use terrace_tunnel::client::{Over, TunnelEvent};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::report::Marks;
use super::terminal::{self, Raw};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::style::{WARNING, paint};

/// How the agent begins when it could not start a command.
const UNSTARTED: &str = "Unable to start command";
/// What is kept of what was written, to find out why nothing was started.
const KEPT: usize = 2048;

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With this exit code.
    Code(u8),
    /// In order, and nobody knows with which code.
    Over,
    /// It was not begun, for there is no shell; the agent's words.
    NoShell(String),
    /// It was not begun; the agent's words.
    Unstarted(String),
    /// Somebody here ended it.
    Interrupted,
    /// The protocol cannot go on.
    Failed(SessionError),
    /// The session was lost.
    Broken(String),
}

/// Carries until the session is over, or a signal ends it. `marked` if what runs there ends with a mark.
pub(super) async fn carry(
    shell: &Shell,
    events: mpsc::Receiver<TunnelEvent>,
    (marks, marked): (Marks, bool),
    interactive: bool,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Ended, Failure> {
    let raw = if interactive { Some(Raw::enter()?) } else { None };
    let mut said = Said { marks, kept: Vec::new(), exited: None };
    let interrupted = {
        let hear = hear(shell, &mut said);
        tokio::select! {
            heard = hear => { heard?; false }
            () = keys(shell), if interactive => true,
            () = sizes(shell), if interactive => false,
            () = tell(events, interactive, printer) => false,
            _ = signals.next() => true,
        }
    };
    if interrupted {
        drop(raw);
        return Ok(Ended::Interrupted);
    }
    let over = shell.over().await;
    // From here on lines are lines again.
    drop(raw);
    Ok(said.ended(over, marked))
}

/// What the shell has written.
struct Said {
    marks: Marks,
    kept: Vec<u8>,
    exited: Option<u8>,
}

impl Said {
    fn ended(self, over: Over, marked: bool) -> Ended {
        if let Some(code) = self.marks.code().or(self.exited) {
            return Ended::Code(code);
        }
        let mut written = String::from_utf8_lossy(&self.kept).into_owned();
        if let Over::Closed { output } = &over {
            written.push_str(output);
        }
        if written.contains(UNSTARTED) {
            let written = written.trim().to_owned();
            let no_shell = marked && written.contains("/bin/sh");
            return if no_shell { Ended::NoShell(written) } else { Ended::Unstarted(written) };
        }
        match over {
            Over::Failed(error) => Ended::Failed(error),
            Over::Closed { .. } if !marked => Ended::Over,
            other => Ended::Broken(other.to_string()),
        }
    }
}

/// Writes what comes until there is no more. A reader that left ends it.
async fn hear(shell: &Shell, said: &mut Said) -> Result<(), Failure> {
    while let Some(arrived) = shell.hear().await {
        match arrived {
            Arrived::Output(piece) => {
                let room = KEPT.saturating_sub(said.kept.len());
                said.kept.extend(piece.iter().take(room));
                write(&mut std::io::stdout(), &said.marks.pass(&piece))?;
            }
            Arrived::Errors(piece) => write(&mut std::io::stderr(), &piece)?,
            Arrived::Exited(code) => said.exited = Some(u8::try_from(code).unwrap_or(1)),
            Arrived::Resized(_) => {}
        }
    }
    let rest = said.marks.rest();
    write(&mut std::io::stdout(), &rest)
}

/// As it came: a shell's bytes are its terminal's business, not ours.
fn write(to: &mut impl std::io::Write, piece: &[u8]) -> Result<(), Failure> {
    to.write_all(piece)?;
    to.flush()?;
    Ok(())
}

/// Says every key, until the keyboard is gone: somebody has closed the window.
async fn keys(shell: &Shell) {
    let mut keyboard = keyboard();
    while let Some(typed) = keyboard.recv().await {
        if !shell.say(&typed).await {
            // It is over, which is heard by whoever listens.
            return std::future::pending().await;
        }
    }
}

/// What is typed. A read cannot be broken off: its thread is left behind.
fn keyboard() -> mpsc::Receiver<Vec<u8>> {
    let (sender, typed) = mpsc::channel(64);
    std::thread::spawn(move || {
        let (mut stdin, mut buffer) = (std::io::stdin(), [0; 1024]);
        while let Ok(count @ 1..) = stdin.read(&mut buffer) {
            if sender.blocking_send(buffer.get(..count).unwrap_or_default().to_vec()).is_err() {
                break;
            }
        }
    });
    typed
}

/// Tells each new size; goes on for ever.
async fn sizes(shell: &Shell) {
    if let Ok(mut changes) = signal(SignalKind::window_change()) {
        while changes.recv().await.is_some() {
            if let Some(size) = terminal::size() {
                shell.resize(size);
            }
        }
    }
    std::future::pending().await
}

/// Tells trouble; goes on for ever.
async fn tell(mut events: mpsc::Receiver<TunnelEvent>, interactive: bool, printer: Printer) {
    let mut troubled = false;
    while let Some(event) = events.recv().await {
        let text = match &event {
            // Each hour the gateway does this, and nothing comes of it.
            TunnelEvent::Reconnecting { attempt: 0..=1, .. } => continue,
            TunnelEvent::Reconnecting { .. } => {
                troubled = true;
                event.to_string()
            }
            TunnelEvent::Resumed { .. } if troubled => {
                troubled = false;
                event.to_string()
            }
            _ => continue,
        };
        // In a raw terminal a line end does not go back to the line's beginning.
        let (begin, end) = if interactive { ("\r\n", "\r\n") } else { ("", "\n") };
        printer.say(format!("{begin}{}{end}", paint(WARNING, text)));
    }
    std::future::pending().await
}
