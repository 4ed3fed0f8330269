//! Starts that cannot succeed: what was wrong is said, and nothing is left.

use std::net::TcpListener;

use terrace_edge_config::Millis;
use terrace_net::Port;
use terrace_run::{EventKind, UpError};

use crate::plan::Trial;
use crate::stage::{Project, Running};

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_never_well() {
    let project = Project::new();
    let trial = Trial { mood: "unwell", start_within: Millis::new(700), ..Trial::default() };
    let error = Running::begin(project.options(trial.plan())).failure(&project).await;
    let UpError::NeverHealthy { asked, answered, last_lines, .. } = &error else { panic!("{error:?}") };
    assert!(asked.starts_with("GET http://127.0.0.1:") && asked.ends_with("/health"), "{asked}");
    assert_eq!(answered, "it answered 503: out of sorts");
    assert_eq!(last_lines, &["mood: unwell"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_does_not_listen() {
    let project = Project::new();
    let trial = Trial { mood: "mute", start_within: Millis::new(700), ..Trial::default() };
    let run = Running::begin(project.options(trial.plan()));
    let client = project.client().await;
    let waiting = tokio::spawn(async move { client.wait_healthy().await });
    let error = run.failure(&project).await;
    let UpError::NeverHealthy { answered, .. } = &error else { panic!("{error:?}") };
    assert_eq!(answered, "nothing listens there");
    // Who waits from another terminal is told the same.
    assert_eq!(waiting.await.unwrap().unwrap_err().to_string(), error.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_crashes() {
    let project = Project::new();
    let trial = Trial { mood: "crash", ..Trial::default() };
    let error = Running::begin(project.options(trial.plan())).failure(&project).await;
    let UpError::CrashedAtStart { reason, last_lines, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason, "exit status 3");
    // One stands on standard output and the other on standard error: which is read first is not promised.
    let mut last_lines = last_lines.clone();
    last_lines.sort();
    assert_eq!(last_lines, ["mood: crash", "no mood to work today"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails() {
    let project = Project::new();
    let trial = Trial { app_build: Some("echo some nonsense; exit 7"), ..Trial::default() };
    let mut run = Running::begin(project.options(trial.plan()));
    let line = |event: &EventKind| match event {
        EventKind::BuildLine { line, .. } => Some(line.clone()),
        _ => None,
    };
    assert_eq!(run.until("the build says something", line).await, "some nonsense");
    let error = run.failure(&project).await.to_string();
    assert!(error.contains("the build of `app` failed (exit status 7)"), "{error}");
    assert!(error.contains("  | some nonsense"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken() {
    let project = Project::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = Port::new(taken.local_addr().unwrap().port()).unwrap();
    let mut options = project.options(Trial::default().plan());
    options.port = Some(port);
    let error = Running::begin(options).failure(&project).await;
    let UpError::PortTaken { port: named, holder: Some(holder) } = &error else { panic!("{error:?}") };
    assert_eq!((*named, holder.pid.unsigned_abs()), (port, std::process::id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_to() {
    let project = Project::new();
    project.write(".terrace", "");
    let error = Running::begin(project.options(Trial::default().plan())).failure(&project).await.to_string();
    assert!(error.contains(".terrace`: it is there and is no folder"), "{error}");
}
