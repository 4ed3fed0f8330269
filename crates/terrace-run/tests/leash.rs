//! Whatever a command does, nothing of it is left when its leash is let go.

#![expect(clippy::unwrap_used, reason = "every failure here is a failed test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use terrace_run::Executable;
use terrace_run::leash::{self, Exit, Inherited, Launch, StopSignal};
use terrace_run::logs::Line;

fn executable() -> Executable {
    Executable::at(env!("CARGO_BIN_EXE_terrace-run-parts"))
}

/// A shell command whose descendants can be found by a name that nothing else on the machine has in its environment.
fn marked(line: &str, mark: &str) -> Launch {
    let mut launch = Launch::shell(line, PathBuf::from("/"));
    launch.environment.push(("TERRACE_TEST_MARK".into(), mark.into()));
    launch.stop_within = Duration::from_millis(300);
    launch
}

/// The processes that have that mark, the leash not among them.
fn alive(mark: &str) -> BTreeSet<i32> {
    let text = format!("TERRACE_TEST_MARK={mark}");
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str().and_then(|n| n.parse::<i32>().ok()));
    pids.filter(|pid| {
        let environ = std::fs::read(Path::new("/proc").join(pid.to_string()).join("environ"));
        environ.is_ok_and(|e| e.split(|b| *b == 0).any(|part| part == text.as_bytes()))
    })
    .collect()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn mark(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

#[tokio::test]
async fn output_and_exit_come_back() {
    let mut lines = Vec::new();
    let launch = marked("echo one; echo two >&2; exit 3", &mark("output"));
    let exit = leash::run(&launch, &executable(), |line| lines.push(line.text)).await.unwrap();
    lines.sort();
    assert_eq!((exit, lines), (Exit::Status(3), vec!["one".to_owned(), "two".to_owned()]));
}

#[tokio::test]
async fn what_cannot_be_started_is_said() {
    let mut launch = Launch::shell("true", PathBuf::from("/no/such/folder"));
    let error = leash::start(&launch, None, &executable()).await.unwrap_err().to_string();
    assert_eq!(error, "cannot start /bin/sh in /no/such/folder: No such file or directory (os error 2)");
    launch.folder = PathBuf::from("/");
    launch.program = "/no/such/program".into();
    let mut lines = Vec::new();
    let exit = leash::run(&launch, &executable(), |line| lines.push(line.text)).await.unwrap();
    assert_eq!(exit, Exit::Status(127));
    assert_eq!(lines, ["terrace: cannot run `/no/such/program`: No such file or directory (os error 2)"]);
}

#[tokio::test]
async fn the_environment_is_what_was_asked_for() {
    let mut launch = marked("env", &mark("environment"));
    launch.inherited = Inherited::Basics;
    let mut names = BTreeSet::new();
    let tell = |line: Line| {
        names.insert(line.text.split('=').next().unwrap().to_owned());
    };
    leash::run(&launch, &executable(), tell).await.unwrap();
    assert!(names.contains("PATH") && names.contains("TERRACE_TEST_MARK"), "{names:?}");
    assert!(!names.iter().any(|n| n.starts_with("CARGO")), "{names:?}");
}

#[tokio::test]
async fn a_stop_is_gentle_first() {
    let line = "trap 'echo bye; exit 0' INT; echo up; while :; do sleep 0.02; done";
    let mut launch = marked(line, &mark("gentle"));
    launch.stop_signal = StopSignal::Interrupt;
    launch.stop_within = Duration::from_secs(20);
    let (leashed, output) = leash::start(&launch, None, &executable()).await.unwrap();
    let mut lines = terrace_run::logs::Lines::new(output.stdout, terrace_run::logs::Stream::Out);
    assert_eq!(lines.next().await.unwrap().text, "up");
    leashed.stop();
    assert_eq!(leashed.ended().await, Exit::Status(0));
    assert_eq!(lines.next().await.unwrap().text, "bye");
}

#[tokio::test]
async fn deaf_processes_daemons_and_their_children_end_too() {
    let mark = mark("deaf");
    // A child in a session of its own, one that ignores every polite word, and one that outlives its parent.
    let line = "trap '' TERM INT HUP; setsid sh -c 'sleep 1000 & sleep 1000' & (sleep 1000 &) ; \
                sh -c 'trap \"\" TERM; sleep 1000' & wait; sleep 1000";
    let (leashed, _output) = leash::start(&marked(line, &mark), None, &executable()).await.unwrap();
    until("all run", || alive(&mark).len() >= 6).await;
    leashed.stop();
    assert_eq!(leashed.ended().await, Exit::Signal(9));
    assert_eq!(alive(&mark), BTreeSet::new());
}

#[tokio::test]
async fn a_crash_takes_what_was_started_along() {
    let mark = mark("crash");
    let line = "setsid sleep 1000 & echo up; exec sleep 1000";
    let (leashed, _output) = leash::start(&marked(line, &mark), None, &executable()).await.unwrap();
    until("both run", || alive(&mark).len() == 2).await;
    let pid = nix::unistd::Pid::from_raw(leashed.pid().unwrap().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(leashed.exited().await, Exit::Signal(9));
    assert_eq!(leashed.exited().await.to_string(), "signal 9 (SIGKILL)");
    leashed.ended().await;
    assert_eq!(alive(&mark), BTreeSet::new());
}

#[tokio::test]
async fn letting_go_ends_it() {
    let mark = mark("drop");
    let held =
        leash::start(&marked("sleep 1000 & exec sleep 1000", &mark), None, &executable()).await.unwrap();
    until("both run", || alive(&mark).len() == 2).await;
    drop(held);
    until("all is gone", || alive(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_killed_leash_takes_the_command_along() {
    let mark = mark("killed-leash");
    let (leashed, _output) =
        leash::start(&marked("exec sleep 1000", &mark), None, &executable()).await.unwrap();
    until("it runs", || alive(&mark).len() == 1).await;
    let pid = nix::unistd::Pid::from_raw(leashed.leash().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(leashed.ended().await, Exit::Unknown);
    until("all is gone", || alive(&mark).is_empty()).await;
}
