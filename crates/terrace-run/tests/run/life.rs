//! From the first start to the last stop.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use terrace_run::control::{Logged, Phase};
use terrace_run::logs::LogQuery;
use terrace_run::{Client, ClientError, EventKind, Stop, UpError};

use crate::plan::Trial;
use crate::stage::{Load, Project, Running, address, get, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_from_start_to_stop() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let reached = run.ready().await;
    let entrance = address(&reached);
    assert_eq!(get(&entrance, "/").await.unwrap().0, 200);
    assert!(get(&entrance, "/some/page").await.unwrap().1.contains("first page"));
    assert_eq!(get(&entrance, "/api/version").await.unwrap(), (200, "one".to_owned()));
    assert_eq!(
        reached.endpoints.keys().map(String::as_str).collect::<Vec<_>>(),
        ["app-1", "app-2", "data", "internal-lb", "public-lb", "web"]
    );

    // What another terminal sees.
    let client = project.client().await;
    let status = client.status().await.unwrap();
    assert!(status.is_healthy(), "{status:?}");
    assert_eq!((status.system.as_str(), status.shape.as_str()), ("trial", "ec2"));
    assert_eq!(client.wait_healthy().await.unwrap(), reached);
    let mut events = client.events().await.unwrap();
    let first = events.event().await.unwrap().unwrap();
    assert!(matches!(first.kind, EventKind::Began { ref parts, .. } if parts.len() == 5), "{first:?}");
    let error = client.restart("nobody").await.unwrap_err().to_string();
    assert_eq!(error, "there is no `nobody`; there are data, app, internal-lb, web, public-lb");

    // A second one learns where the first is.
    let second = Running::begin(project.options(Trial::default().plan()));
    let error = second.task.await.unwrap().unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, UpError::Lock(_)), "{error:?}");
    assert!(text.contains(&format!("process {} runs it, at {}", std::process::id(), reached.url)), "{text}");

    client.stop(false).await.unwrap();
    assert!(matches!(run.task.await.unwrap(), Ok(())));
    assert_eq!(project.processes(), BTreeSet::new());
    assert!(matches!(Client::connect(project.path(), "terrace").await, Err(ClientError::NotRunning)));

    // Who followed the events saw all of them, and the way down went from the outside in.
    let mut stopped = Vec::new();
    let mut last = None;
    while let Some(event) = events.event().await.unwrap() {
        if let EventKind::Stopped { instance } = &event.kind {
            stopped.push(instance.process.to_string());
        }
        last = Some(event.kind);
    }
    assert_eq!(stopped, ["public-lb", "web", "internal-lb", "app", "app", "data"]);
    assert_eq!(last, Some(EventKind::Ended));

    // The data are there the next time, and so are the ports that people have noted.
    let mut again = Running::begin(project.options(Trial::default().plan()));
    let then = again.ready().await;
    assert_eq!(then.url, reached.url);
    assert_eq!(then.endpoints["data"], reached.endpoints["data"]);
    again.stop(&project).await;
}

/// As on an instance, each replica reads them from the stores when it starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_finds_its_settings_and_nobody_else_does() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let reached = run.ready().await;
    let (_, text) = get(&address(&reached), "/api/environment").await.unwrap();
    let found: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let (host, port) = reached.endpoints["data"].split_once(':').unwrap();
    assert_eq!((found["DB_HOST"], found["DB_PORT"], found["DB_NAME"]), (host, port, "trial"));
    assert_eq!(
        (found["LEVEL"], found["HOST"], found["SESSION_KEY"].len()),
        ("a \"b\" $c é", "127.0.0.1", 32)
    );
    let url = format!("postgres://trial:{}@{host}:{port}/trial", found["DB_PASSWORD"]);
    assert_eq!(found["DATABASE_URL"], url);

    // Nothing of how it was read is left to it, and none of it is to be seen from outside.
    assert!(found.values().all(|value| !value.starts_with("TERRACE")), "{text}");
    let planted = [found["DB_PASSWORD"], found["SESSION_KEY"]];
    for pid in project.processes() {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        assert!(planted.iter().all(|secret| !line.contains(secret)), "{line}");
    }
    let logs = project.path().join(".terrace");
    let told = std::process::Command::new("grep").args(["-rlF", planted[1]]).arg(&logs).output().unwrap();
    let files = String::from_utf8(told.stdout).unwrap();
    assert!(files.lines().all(|file| file.ends_with("secrets/app.SESSION_KEY")), "{files}");
    assert!(!files.is_empty(), "the one place where it is kept");
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_everyone_says_is_kept_and_shown() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    let query = LogQuery { of: Some("app-2".to_owned()), ..LogQuery::default() };
    let mut logs = client.logs(query, false).await.unwrap();
    let Some(Logged::Line(line)) = logs.log().await.unwrap() else { panic!("no line") };
    assert_eq!((line.instance.to_string().as_str(), line.text.as_str()), ("app-2", "mood: well"));

    let query = LogQuery { of: Some("public-lb".to_owned()), tail: Some(0), ..LogQuery::default() };
    let mut follow = client.logs(query, true).await.unwrap();
    let seen = async {
        while let Some(Logged::Line(line)) = follow.log().await.unwrap() {
            if line.text.contains("/api/findme") {
                return true;
            }
        }
        false
    };
    let ask = async {
        // Asked more than once: the follower may come a little later than the first request.
        until("it is seen", async || get(&entrance, "/api/findme").await.is_err()).await;
    };
    tokio::select! {
        seen = seen => assert!(seen),
        () = ask => panic!("the entrance does not answer"),
    }
    let mode = |file: &str| {
        let path = project.path().join(".terrace").join(file);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!([mode("logs"), mode("logs/app.log"), mode("run.sock")], [0o700, 0o600, 0o600]);
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_end_and_a_second_one_does_not_wait() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial { mood: "deaf", ..Trial::default() }.plan()));
    let entrance = address(&run.ready().await);
    let load = Load::on(&entrance, "/api/slow", 4);
    let client = project.client().await;
    until("requests are in flight", async || {
        get(&entrance, "/api/pid").await.is_ok_and(|answer| answer.0 == 200)
    })
    .await;
    run.stop.send(Stop::Drain).unwrap();
    run.until("the entrance is gone", |event| match event {
        EventKind::Stopped { instance } if instance.process.as_str() == "public-lb" => Some(()),
        _ => None,
    })
    .await;
    // Requests that were accepted were answered; those that came later were refused, not left to hang.
    let answers = load.end().await;
    assert!(answers.contains("one"), "{answers:?}");
    let broken: Vec<_> = answers.iter().filter(|a| *a != "one" && !a.contains("refused")).collect();
    assert!(broken.is_empty(), "{broken:?}");
    // The application takes no SIGTERM: it would be waited for.
    until("the application is asked to go", async || {
        let Ok(status) = client.status().await else { return true };
        status.instances.iter().any(|i| i.instance.process.as_str() == "app" && i.phase == Phase::Draining)
    })
    .await;
    run.stop.send(Stop::Now).unwrap();
    run.task.await.unwrap().unwrap();
    assert_eq!(project.processes(), BTreeSet::new());
}
