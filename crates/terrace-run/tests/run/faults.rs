//! Everything is killed under load, and nobody outside notices.

use std::collections::BTreeSet;

use terrace_run::EventKind;
use terrace_run::control::{Phase, RunStatus};

use crate::plan::Trial;
use crate::stage::{Load, Project, Running, address, get, kill_nine, pid_of, stop_process, until};

/// How often an instance has been started again.
fn restarts(status: &RunStatus, instance: &str) -> u32 {
    let found = status.instances.iter().find(|i| i.instance.to_string() == instance);
    found.map_or(0, |i| if i.phase == Phase::Healthy { i.restarts } else { 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_comes_back_and_no_request_fails() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    let load = Load::on(&entrance, "/api/version", 6);
    for instance in ["app-1", "app-2", "app-1", "internal-lb", "web", "data"] {
        let before = client.status().await.unwrap();
        kill_nine(pid_of(&before, instance).unwrap());
        until(instance, async || {
            let now = client.status().await.unwrap();
            now.is_healthy() && restarts(&now, instance) > restarts(&before, instance)
        })
        .await;
    }
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned()]));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entrance_comes_back_on_its_port() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    kill_nine(pid_of(&client.status().await.unwrap(), "public-lb").unwrap());
    // Its socket is Terrace's: a connection waits for the successor and is not refused.
    assert_eq!(get(&entrance, "/api/version").await.unwrap(), (200, "one".to_owned()));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unhealthy_replica_is_replaced_without_a_failed_request() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let load = Load::on(&entrance, "/api/version", 4);
    let (_, sick) = get(&entrance, "/api/sicken").await.unwrap();
    let (old, new) = run
        .until("it is replaced", |event| match event {
            EventKind::Replaced { old, new } => Some((old.to_string(), new.to_string())),
            _ => None,
        })
        .await;
    let reason = run.seen.iter().find_map(|event| match event {
        EventKind::Unhealthy { instance, reason } if instance.to_string() == old => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(reason.unwrap(), "GET /health: it answered 503: out of sorts, 3 times in a row");
    run.until("the old one is gone", |event| match event {
        EventKind::Stopped { instance } if instance.to_string() == old => Some(()),
        _ => None,
    })
    .await;
    let status = project.client().await.status().await.unwrap();
    let pids: BTreeSet<_> = status.instances.iter().filter_map(|i| i.pid).collect();
    assert!(!pids.contains(&sick.parse().unwrap()), "{new} came for {old}: {status:?}");
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned()]));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lines_holds_nobody_up() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial { mood: "flood", ..Trial::default() }.plan()));
    let entrance = address(&run.ready().await);
    let log = project.path().join(".terrace/logs/app.log.1");
    until("the log has been full once", async || log.exists()).await;
    assert_eq!(get(&entrance, "/api/version").await.unwrap(), (200, "one".to_owned()));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_the_log_and_nothing_else() {
    let project = Project::new();
    std::fs::create_dir_all(project.path().join(".terrace/logs")).unwrap();
    std::os::unix::fs::symlink("/dev/full", project.path().join(".terrace/logs/app.log")).unwrap();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let note = run
        .until("it is said", |event| match event {
            EventKind::Note { text, .. } if text.starts_with("logs are not kept") => Some(text.clone()),
            _ => None,
        })
        .await;
    assert!(note.ends_with("No space left on device (os error 28)"), "{note}");
    let entrance = address(&run.ready().await);
    assert_eq!(get(&entrance, "/api/version").await.unwrap(), (200, "one".to_owned()));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_is_replaced() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    let status = client.status().await.unwrap();
    let hanging = ["app-1", "web"].map(|instance| pid_of(&status, instance).unwrap());
    hanging.into_iter().for_each(stop_process);
    until("both are replaced", async || {
        let status = client.status().await.unwrap();
        status.is_healthy() && !status.instances.iter().any(|i| i.pid.is_some_and(|p| hanging.contains(&p)))
    })
    .await;
    assert_eq!(get(&entrance, "/api/version").await.unwrap(), (200, "one".to_owned()));
    run.stop(&project).await;
}
