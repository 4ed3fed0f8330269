//! `--watch`: the parent that starts the application anew when what it was given has changed.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, Stage};

/// Says what it was given, and ends when it is asked to.
const APP: &str =
    "trap 'echo asked; exit 0' TERM; echo \"$$ $KEY $LEVEL\"; while :; do sleep 1000 & wait $!; done";

fn stage(key: &str) -> Stage {
    let stage = Stage::new();
    stage.aws.secret("s", key);
    stage.aws.parameter("/a/LEVEL", "info");
    stage
}

fn config(refresh: u32) -> Value {
    json!({
        "parameters": "/a/", "secrets": {"KEY": {"secret": "s"}}, "refresh": refresh, "grace": 1
    })
}

#[test]
fn a_rotated_secret_is_noticed_and_the_application_gets_it() {
    let stage = stage("planted-one");
    let started = stage.program(&config(1)).args(["--watch", "--", "sh", "-c", APP]).start();
    let first = started.line();
    assert!(first.ends_with(" planted-one info"), "{first}");
    stage.aws.secret("s", "planted-two");
    assert_eq!(started.line(), "asked");
    let second = started.line();
    assert!(second.ends_with(" planted-two info"), "{second}");

    // Nobody who looks at processes sees it.
    let all: Vec<_> = procfs::process::all_processes().unwrap().filter_map(Result::ok).collect();
    let own = |p: &procfs::process::Process| {
        p.stat().is_ok_and(|stat| stat.ppid == started.pid() || stat.pid == started.pid())
    };
    let lines: Vec<_> = all.iter().filter(|p| own(p)).filter_map(|p| p.cmdline().ok()).flatten().collect();
    assert!(lines.len() >= 2 && lines.iter().all(|line| !line.contains("planted-")), "{lines:?}");

    started.signal(Signal::SIGTERM);
    let ended = started.ended();
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "asked"), "{}", ended.err);
    assert!(!ended.err.contains("planted"), "{}", ended.err);
    assert!(ended.err.contains("it is started anew"), "{}", ended.err);
}

#[test]
fn a_hangup_reads_everything_again() {
    let stage = stage("planted");
    let started = stage.program(&config(3600)).args(["--watch", "--", "sh", "-c", APP]).start();
    let first = started.line();
    // Nothing has changed; then reading fails: the application runs on.
    started.signal(Signal::SIGHUP);
    wait_for_calls(&stage, 4);
    stage.aws.fault(
        "AmazonSSM.GetParametersByPath",
        Fault { status: 400, kind: "AccessDeniedException", message: "no" },
    );
    started.signal(Signal::SIGHUP);
    wait_for_calls(&stage, 5);
    {
        let mut world = stage.aws.world();
        world.parameters.remove("/a/LEVEL");
        world.parameters.insert("/a/OTHER".to_owned(), ("x".to_owned(), "String"));
    }
    started.signal(Signal::SIGHUP);
    assert_eq!(started.line(), "asked");
    let second = started.line();
    assert!(second.ends_with(" planted ") && second != first, "{first} {second}");
    started.signal(Signal::SIGTERM);
    let ended = started.ended();
    assert_eq!(ended.code, Some(0));
    assert!(ended.err.contains("nothing has changed"), "{}", ended.err);
    assert!(ended.err.contains("what runs stays as it is: ssm:GetParametersByPath"), "{}", ended.err);
}

/// Waits until the stand-in has answered so many calls.
fn wait_for_calls(stage: &Stage, count: usize) {
    while stage.aws.world().seen.len() < count {
        std::thread::yield_now();
    }
}

#[test]
fn who_does_not_go_is_killed_with_all_it_started() {
    let stage = stage("planted-one");
    let deaf = "trap '' TERM; echo \"$$ $KEY\"; while :; do sleep 1000; done";
    let started = stage.program(&config(1)).args(["--watch", "--", "sh", "-c", deaf]).start();
    let first = started.line();
    stage.aws.secret("s", "planted-two");
    let second = started.line();
    assert!(second.ends_with(" planted-two"), "{second}");
    let group = first.split_once(' ').unwrap().0.parse().unwrap();
    let group = nix::unistd::Pid::from_raw(group);
    // Nothing of the first is left, not even one that has ended and nobody asked for.
    while nix::sys::signal::killpg(group, None) != Err(nix::errno::Errno::ESRCH) {
        std::thread::yield_now();
    }
    let pid = second.split_once(' ').unwrap().0.parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    let ended = started.ended();
    assert_eq!(ended.code, Some(128 + 9));
    assert!(ended.err.contains("did not end within 1 s: killed"), "{}", ended.err);
}

#[test]
fn signals_are_passed_on_and_the_code_comes_back() {
    let stage = stage("planted");
    for (signal, name) in [(Signal::SIGUSR1, "USR1"), (Signal::SIGINT, "INT"), (Signal::SIGQUIT, "QUIT")] {
        let app = format!("trap 'exit 42' {name}; echo ready; while :; do sleep 1000 & wait $!; done");
        let started =
            stage.program(&config(3600)).args(["--quiet", "--watch", "--", "sh", "-c", &app]).start();
        assert_eq!(started.line(), "ready");
        started.signal(signal);
        let ended = started.ended();
        assert_eq!((ended.code, ended.err.as_str()), (Some(42), ""), "{name}");
    }
    let ended = stage.program(&config(3600)).args(["--watch", "--", "/nowhere/app"]).run();
    assert_eq!(ended.code, Some(127), "{}", ended.err);
}
