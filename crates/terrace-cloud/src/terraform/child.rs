//! One run of Terraform as a process: in a group of its own, tied to this one, its lines as they come.
//!
//! GUARANTEE: the terminal's Ctrl-C does not reach it; [`Stop`] does. Should this process end, in whatever way, a Terraform
//! that only looks is asked to stop, and one that makes changes brings them to their end: it still has where to write what it
//! says, saves the state and lets its lock go. When a run is over, nothing that it started is left.
//!
//! Why changes go on: what a provider asks AWS for in the moment in which it is stopped is made by AWS, and no state knows of
//! it. A person who interrupts takes that; a process that is killed must not cost it.
//!
//! The tie is a pipe of which this process holds one end and never writes to; a shell beside Terraform waits at the other.
//! (Parent-death signals go with the thread that forked, and cannot be had without `unsafe`.) Terraform's lines go to a file
//! and not to a pipe: who writes to a pipe that nobody reads any more is ended at once, in the middle of a change.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use super::folder::Folder;
use super::program::Program;
use super::stop::Stop;
use super::surroundings::Surroundings;

/// Waits beside Terraform for the end of the pipe, then asks it to stop; `$$` is the shell that becomes Terraform.
const TIED: &str = r#"
exec 3<&0 </dev/null
( exec >/dev/null 2>&1; read -r word <&3 || kill -INT "$$" ) &
exec 3<&-
exec "$@"
"#;
/// Without the tie.
const FREE: &str = r#"exec "$@" </dev/null"#;
/// No line of Terraform's is longer; of one that is, the rest is lost.
const LONGEST: usize = 64 << 20;

/// How long what is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two looks at what Terraform said.
    pub look: Duration,
    /// From the second time that it is asked to stop until it is ended.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        // Terraform itself gives up five seconds after it was asked twice.
        Self { look: Duration::from_millis(50), grace: Duration::from_secs(6) }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// How often it was asked to stop.
    pub(super) asked: u8,
}

impl Ended {
    /// In words: `exit code 1`, `signal 9`.
    pub(super) fn text(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no exit code".to_owned(),
        }
    }
}

/// Runs Terraform with these arguments in the folder; each of its lines is handed on.
pub(super) async fn run(
    (program, folder, surroundings): (&Program, &Folder, &Surroundings),
    arguments: &[OsString],
    (pace, stop): (Pace, &mut Stop),
    mut on_line: impl FnMut(&str),
) -> std::io::Result<Ended> {
    let (lines, errors) = folder.outlets()?;
    let changes = arguments.first().is_some_and(|first| first == "apply");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", if changes { FREE } else { TIED }, "terrace"]).arg(program.path()).args(arguments);
    command.current_dir(folder.path()).env_clear().envs(surroundings.variables());
    if surroundings.logs() {
        command.env("TF_LOG_PATH", folder.log()?);
    }
    command.stdin(Stdio::piped()).stdout(lines).stderr(errors).process_group(0);
    folder.begins();
    let mut child = command.spawn()?;
    // Let go when this is dropped, whatever happens; then Terraform stops.
    let _tie = child.stdin.take();
    drop(command);
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    // Whoever does not wait any more, and lives, does not want it any more.
    let mut given_up = GivenUp(group);
    if let Some(id) = child.id() {
        folder.held_by(id)?;
    }
    let mut tail = Tail { file: folder.lines()?, rest: Vec::new() };
    let mut looks = tokio::time::interval(pace.look);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = 0;
    let mut patience: Option<Instant> = None;
    let status = loop {
        let end = patience.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            status = child.wait() => break status?,
            times = stop.beyond(asked) => {
                // Terraform counts its interrupts: at the second it gives up what it has begun.
                for _ in asked..times.min(2) {
                    send(group, Signal::SIGINT);
                }
                asked = times;
                if asked > 1 {
                    let grace = if asked > 2 { Duration::ZERO } else { pace.grace };
                    patience = Some(Instant::now() + grace);
                }
            }
            () = sleep_until(end), if patience.is_some() => {
                patience = None;
                end_all(group);
            }
            _ = looks.tick() => tail.take(&mut on_line)?,
        }
    };
    given_up.0 = None;
    end_all(group);
    all_ended(group).await;
    folder.over();
    tail.take(&mut on_line)?;
    tail.finish(&mut on_line);
    folder.held_by(std::process::id())?;
    Ok(Ended { status, asked })
}

/// Asks to stop when it is dropped.
struct GivenUp(Option<Pid>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        send(self.0, Signal::SIGINT);
    }
}

fn send(to: Option<Pid>, signal: Signal) {
    if let Some(to) = to {
        // It may be over.
        let _gone = kill(to, signal);
    }
}

fn end_all(group: Option<Pid>) {
    if let Some(group) = group {
        let _gone = killpg(group, Signal::SIGKILL);
    }
}

/// Waits until nobody is left of the group, which a kill does not do. What has ended is counted for as long as nobody has asked
/// after it, so that there is an end to this too.
async fn all_ended(group: Option<Pid>) {
    let Some(group) = group else { return };
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..200 {
        if killpg(group, None).is_err() {
            return;
        }
        looks.tick().await;
    }
}

/// The end of a file that grows, line by line.
struct Tail {
    file: File,
    rest: Vec<u8>,
}

impl Tail {
    fn take(&mut self, on_line: &mut impl FnMut(&str)) -> std::io::Result<()> {
        let mut chunk = vec![0; 64 << 10];
        loop {
            let count = self.file.read(&mut chunk)?;
            if count == 0 {
                return Ok(());
            }
            for piece in chunk.get(..count).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
                let room = LONGEST.saturating_sub(self.rest.len());
                self.rest.extend(piece.iter().take(room));
                if piece.ends_with(b"\n") {
                    self.finish(on_line);
                }
            }
        }
    }

    fn finish(&mut self, on_line: &mut impl FnMut(&str)) {
        let line = std::mem::take(&mut self.rest);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.is_empty() {
            on_line(line);
        }
    }
}
