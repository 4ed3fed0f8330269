//! `--watch`: stays as the command's parent, and starts it anew when what it was given has changed.
//!
//! SIGHUP reads everything again; by itself it looks at the secrets' versions every `refresh` seconds, a fifth more or
//! less, so that not all machines restart at once. Where reading fails, or nothing changed, the command runs on. Every
//! other signal that a program may take is passed on, orphans are reaped (as process 1 must), and the command's end
//! is its own: by the same code, 128 and the number of the signal if one ended it.

use std::future::pending;
use std::os::unix::process::CommandExt;
use std::pin::Pin;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use crate::aws::Read;
use crate::environment::{Environment, Versions, versions};
use crate::failure::Failure;
use crate::start::Starter;

/// The signals that are passed on.
const PASSED: [Signal; 6] =
    [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGWINCH];

/// Those of them that ask for the end.
const ENDS: [Signal; 3] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT];

/// The signals that come.
struct Signals {
    child: Stream,
    hangup: Stream,
    passed: Vec<(Signal, Stream)>,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let passed = PASSED.map(|number| Ok((number, signal(SignalKind::from_raw(number as i32))?)));
        Ok(Self {
            child: signal(SignalKind::child())?,
            hangup: signal(SignalKind::hangup())?,
            passed: passed.into_iter().collect::<std::io::Result<_>>()?,
        })
    }

    /// The next one that asks for the end, while there is nothing yet that could be asked.
    async fn wanted_end(&mut self) -> Signal {
        loop {
            let number = Self::passed(&mut self.passed).await;
            if ENDS.contains(&number) {
                return number;
            }
        }
    }

    /// The next one that is to be passed on.
    async fn passed(passed: &mut [(Signal, Stream)]) -> Signal {
        std::future::poll_fn(|context| {
            for (number, stream) in &mut *passed {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// What is being read, and how much of it.
type Reading<'a> = Pin<Box<dyn Future<Output = Result<Read, Failure>> + 'a>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Someone asked: everything.
    Asked,
    /// It was time: the secrets.
    Time,
    /// A secret has a new version: everything, to start with.
    Changed,
}

/// The command that runs.
struct Running {
    pid: Pid,
    versions: Versions,
    /// Until when it may end by itself, once it has been asked to make room.
    leaves: Option<Instant>,
    /// Whoever runs us wants the end.
    ending: bool,
}

/// Runs the command until it ends, and comes back with its exit code.
pub(crate) async fn watch(starter: &Starter, say: &dyn Fn(&str)) -> Result<u8, Failure> {
    // As process 1 is anyway: what the command leaves behind is ours to take in.
    nix::sys::prctl::set_child_subreaper(true)
        .map_err(|error| Failure::system("orphans cannot be taken in", error))?;
    let mut signals = Signals::listen().map_err(|error| Failure::system("signals cannot be taken", error))?;
    let first = tokio::select! {
        read = starter.read() => read?,
        number = signals.wanted_end() => return Ok(by_signal(number)),
    };
    let mut environment = starter.prepare(first)?;
    loop {
        let pid = spawn(starter, &environment)?;
        say(&format!("started as process {pid} with {}", environment.summary()));
        let versions = environment.versions().clone();
        let running = Running { pid, versions, leaves: None, ending: false };
        match attend(starter, running, &mut signals, say).await? {
            End::Code(code) => return Ok(code),
            End::Replaced(successor) => environment = successor,
        }
    }
}

/// How one life of the command is over.
enum End {
    Code(u8),
    Replaced(Environment),
}

fn spawn(starter: &Starter, environment: &Environment) -> Result<Pid, Failure> {
    // A group of its own, so that what it leaves behind can be ended with it.
    let child = starter.command(environment).process_group(0).spawn();
    let child = child.map_err(|error| starter.not_started(&error))?;
    i32::try_from(child.id()).map(Pid::from_raw).map_err(|error| Failure::system("a process id", error))
}

async fn attend(
    starter: &Starter,
    mut running: Running,
    signals: &mut Signals,
    say: &dyn Fn(&str),
) -> Result<End, Failure> {
    let grace = Duration::from_secs(starter.config.grace.unwrap_or(30).into());
    let mut look = Instant::now() + interval(starter);
    let mut reading: Option<(Reason, Reading<'_>)> = None;
    let mut asked_again = false;
    let mut successor: Option<Environment> = None;
    loop {
        if let Some(code) = reap(running.pid) {
            let gone = killpg(running.pid, Signal::SIGKILL);
            if gone.is_ok() {
                say("ended what the command left running");
            }
            return Ok(match successor.take().filter(|_| !running.ending) {
                Some(environment) => End::Replaced(environment),
                None => End::Code(code),
            });
        }
        let idle = reading.is_none() && successor.is_none() && !running.ending;
        if asked_again && idle {
            asked_again = false;
            reading = Some((Reason::Asked, Box::pin(starter.read())));
            continue;
        }
        tokio::select! {
            _ended = signals.child.recv() => {}
            _asked = signals.hangup.recv() => asked_again = true,
            number = Signals::passed(&mut signals.passed) => {
                running.ending |= ENDS.contains(&number);
                let _gone = kill(running.pid, number);
            }
            read = current(&mut reading) => {
                let reason = reading.take().map_or(Reason::Time, |(reason, _)| reason);
                look = Instant::now() + interval(starter);
                match judge(starter, reason, read, &running.versions) {
                    Verdict::Stay(None) => {}
                    Verdict::Stay(Some(line)) => say(&line),
                    Verdict::ReadAll => reading = Some((Reason::Changed, Box::pin(starter.read()))),
                    Verdict::Replace(environment) => {
                        say(&format!("what was given to process {} has changed: it is started anew", running.pid));
                        successor = Some(environment);
                        running.leaves = Some(Instant::now() + grace);
                        let _gone = kill(running.pid, Signal::SIGTERM);
                    }
                }
            }
            () = sleep_until(look), if idle => {
                reading = Some((Reason::Time, Box::pin(starter.read_secrets())));
            }
            () = until(running.leaves) => {
                say(&format!("process {} did not end within {} s: killed", running.pid, grace.as_secs()));
                running.leaves = None;
                let _gone = killpg(running.pid, Signal::SIGKILL);
            }
        }
    }
}

/// What follows from what was read.
enum Verdict {
    Stay(Option<String>),
    ReadAll,
    Replace(Environment),
}

fn judge(starter: &Starter, reason: Reason, read: Result<Read, Failure>, known: &Versions) -> Verdict {
    let read = match read {
        Ok(read) => read,
        Err(failure) => return Verdict::Stay(Some(format!("what runs stays as it is: {failure}"))),
    };
    let now = versions(&read);
    if reason == Reason::Time {
        let same = now.iter().all(|(name, version)| known.get(name) == Some(version));
        return if same { Verdict::Stay(None) } else { Verdict::ReadAll };
    }
    if now == *known {
        return Verdict::Stay(Some("read again: nothing has changed".to_owned()));
    }
    match starter.prepare(read) {
        Ok(environment) => Verdict::Replace(environment),
        Err(failure) => Verdict::Stay(Some(format!("what runs stays as it is: {failure}"))),
    }
}

/// The time between two looks: the setting, a fifth more or less.
fn interval(starter: &Starter) -> Duration {
    let seconds = starter.config.refresh.unwrap_or(60).max(1);
    let share = f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX);
    Duration::from_secs(seconds.into()).mul_f64(0.8 + 0.4 * share)
}

async fn current(reading: &mut Option<(Reason, Reading<'_>)>) -> Result<Read, Failure> {
    match reading {
        Some((_, reading)) => reading.await,
        None => pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

/// How shells tell that a signal ended a program.
fn by_signal(number: Signal) -> u8 {
    u8::try_from(128_i32.saturating_add(number as i32)).unwrap_or(u8::MAX)
}

/// Takes in every process that has ended; the exit code of the command if it is among them.
fn reap(command: Pid) -> Option<u8> {
    let mut code = None;
    loop {
        let (pid, status) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, status)) => (pid, u8::try_from(status).unwrap_or(u8::MAX)),
            Ok(WaitStatus::Signaled(pid, number, _)) => (pid, by_signal(number)),
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return code,
            Ok(_) | Err(Errno::EINTR) => continue,
            Err(_) => return code,
        };
        if pid == command {
            code = Some(status);
        }
    }
}
