//! The leash as a process of its own: one thread, no runtime, nothing kept but the command it holds.
//!
//! It is a child subreaper, so whatever the command starts, daemons that call `setsid` included, ends up below it
//! and is found. It ends only when nothing is left.

use std::ffi::{CString, OsString};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::descendants::ProcessTable;
use super::wire::{Order, Report, receive};
use super::{Exit, Inherited, Launch, command};

/// What is left of a crashed command may take this long to end by itself.
const LEFTOVERS: Duration = Duration::from_secs(3);
/// How often what does not want to end is killed again.
const AGAIN: Duration = Duration::from_millis(20);

/// Runs the hidden subcommand `__leash` with what follows it on the command line, and says how it ended.
///
/// Without arguments it is the leash, spoken to over its standard input; `exec …` is what the leash starts, which
/// turns into the command.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let outcome = match args.next() {
        None => hold(),
        Some(word) if word == "exec" => Err(command::exec(args)),
        Some(word) => Err(format!("`{}` is nothing a leash knows", word.display())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // The reader of this is the log of the process that was to be started.
            let _gone = writeln!(std::io::stderr(), "terrace: {reason}");
            ExitCode::from(127)
        }
    }
}

fn hold() -> Result<(), String> {
    let explain =
        |what: &'static str| move |error: std::io::Error| format!("the leash cannot {what}: {error}");
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map_err(explain("take its socket"))?;
    let socket = UnixStream::from(socket);
    let signals = prepare().map_err(std::io::Error::from).map_err(explain("set itself up"))?;
    let (launch, stdin, orders) = receive(&socket).map_err(explain("read its launch"))?;
    let mut leash = match start(&launch, stdin) {
        Ok(pid) => {
            Leash { socket, signals, launch, command: Some(pid), ending: None, alone: false, gone: false }
        }
        Err(error) => {
            let reason = format!("{} in {}: {error}", launch.program.display(), launch.folder.display());
            say(&socket, &Report::Failed { reason });
            return Ok(());
        }
    };
    leash.tell(&Report::Started { pid: leash.command.map_or(0, |pid| pid.as_raw().unsigned_abs()) });
    for byte in orders {
        leash.obey(Order::of(byte));
    }
    leash.run().map_err(|error| format!("the leash cannot wait: {error}"))
}

/// Signals wait in a descriptor, and orphans of the command come to this process.
fn prepare() -> nix::Result<SignalFd> {
    if let Ok(name) = CString::new(super::NAME) {
        let _unnamed = nix::sys::prctl::set_name(&name);
    }
    nix::sys::prctl::set_child_subreaper(true)?;
    let mut mask = SigSet::empty();
    for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        mask.add(signal);
    }
    mask.thread_block()?;
    SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

fn start(launch: &Launch, stdin: Option<OwnedFd>) -> std::io::Result<Pid> {
    // Not by its path: a new build may have taken its place.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("terrace").arg(crate::Executable::LEASH).arg("exec").args(command::arguments(launch));
    if launch.inherited == Inherited::Basics {
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| launch.inherited.keeps(name)));
    }
    command
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&launch.folder)
        .stdin(stdin.map_or_else(Stdio::null, Stdio::from))
        .process_group(0);
    let child = command.spawn()?;
    i32::try_from(child.id()).map(Pid::from_raw).map_err(std::io::Error::other)
}

fn say(socket: &UnixStream, report: &Report) -> bool {
    let Ok(mut line) = serde_json::to_vec(report) else { return false };
    line.push(b'\n');
    (&*socket).write_all(&line).is_ok()
}

/// The command is on its way out.
#[derive(Clone, Copy)]
struct Ending {
    /// When patience ends.
    until: Instant,
    /// Whether what the command left behind has been asked to end.
    asked_rest: bool,
}

struct Leash {
    socket: UnixStream,
    signals: SignalFd,
    launch: Launch,
    /// The command, while it runs.
    command: Option<Pid>,
    ending: Option<Ending>,
    /// Nobody gives orders any more.
    alone: bool,
    /// Nobody listens any more.
    gone: bool,
}

impl Leash {
    fn tell(&mut self, report: &Report) {
        if !self.gone {
            self.gone = !say(&self.socket, report);
        }
    }

    fn obey(&mut self, order: Option<Order>) {
        match order {
            None => {}
            Some(Order::Stop) => self.stop(),
            Some(Order::Kill) => self.ending = Some(Ending { until: Instant::now(), asked_rest: true }),
        }
    }

    fn stop(&mut self) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(Ending { until: Instant::now() + self.launch.stop_within, asked_rest: false });
        if let Some(pid) = self.command {
            let _gone = kill(pid, self.launch.stop_signal.signal());
            // A stopped process takes no signal but this.
            let _gone = kill(pid, Signal::SIGCONT);
        }
    }

    fn run(&mut self) -> nix::Result<()> {
        loop {
            if self.reap()? {
                self.tell(&Report::Ended);
                return Ok(());
            }
            let wait = self.press();
            self.listen(wait)?;
        }
    }

    /// Takes the ended ones; whether none is left.
    fn reap(&mut self) -> nix::Result<bool> {
        loop {
            let (pid, exit) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, status)) => (pid, Exit::Status(status)),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, Exit::Signal(signal as i32)),
                Ok(WaitStatus::StillAlive) => return Ok(false),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(Errno::ECHILD) => return Ok(true),
                Err(error) => return Err(error),
            };
            if self.command == Some(pid) {
                self.command = None;
                self.tell(&Report::Exited(exit));
                if self.ending.is_none() {
                    let patience = self.launch.stop_within.min(LEFTOVERS);
                    self.ending = Some(Ending { until: Instant::now() + patience, asked_rest: false });
                }
            }
        }
    }

    /// Does what the ending asks for by now; how long nothing more has to be done.
    fn press(&mut self) -> PollTimeout {
        let Some(ending) = &mut self.ending else { return PollTimeout::NONE };
        let now = Instant::now();
        if now >= ending.until {
            signal_all(Signal::SIGKILL);
            return timeout(AGAIN);
        }
        if self.command.is_none() && !ending.asked_rest {
            ending.asked_rest = true;
            signal_all(Signal::SIGTERM);
        }
        timeout(ending.until.saturating_duration_since(now))
    }

    fn listen(&mut self, wait: PollTimeout) -> nix::Result<()> {
        let mut sources = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        if !self.alone {
            sources.push(PollFd::new(self.socket.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut sources, wait) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
        let spoken = sources.get(1).and_then(PollFd::any).unwrap_or(false);
        while let Some(signal) = self.signals.read_signal()? {
            if signal.ssi_signo != Signal::SIGCHLD as u32 {
                self.stop();
            }
        }
        if spoken {
            let mut orders = [0; 16];
            match (&self.socket).read(&mut orders) {
                Ok(0) | Err(_) => {
                    self.alone = true;
                    self.stop();
                }
                Ok(count) => {
                    for byte in orders.into_iter().take(count) {
                        self.obey(Order::of(byte));
                    }
                }
            }
        }
        Ok(())
    }
}

fn timeout(wait: Duration) -> PollTimeout {
    // Rounded up, so that the moment has come when the wait is over.
    PollTimeout::try_from(wait.saturating_add(Duration::from_millis(1))).unwrap_or(PollTimeout::MAX)
}

fn signal_all(signal: Signal) {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    for pid in ProcessTable::read().below(own) {
        let _gone = kill(Pid::from_raw(pid), signal);
        if signal != Signal::SIGKILL {
            let _gone = kill(Pid::from_raw(pid), Signal::SIGCONT);
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Status(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Unknown,
        }
    }
}
