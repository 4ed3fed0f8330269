//! The database is migrated before what needs it starts, and again before what is new takes its place.

use std::collections::BTreeSet;

use terrace_run::control::Phase;
use terrace_run::logs::LogQuery;
use terrace_run::{Event, EventKind, Stop, UpError};

use crate::plan::Trial;
use crate::stage::{Load, Project, Running, address, get, until};

fn of_migration(event: &EventKind) -> Option<&'static str> {
    match event {
        EventKind::Starting { instance } if instance.process.as_str() == "migrate" => Some("starting"),
        EventKind::Finished { instance, .. } if instance.process.as_str() == "migrate" => Some("finished"),
        EventKind::Failed { instance, .. } if instance.process.as_str() == "migrate" => Some("failed"),
        _ => None,
    }
}

/// What happened to whom, in order, as far as the order is promised.
fn story(events: &[EventKind]) -> Vec<String> {
    let told = events.iter().filter_map(|event| match event {
        EventKind::BuildFinished { party, .. } => Some(format!("{party} built")),
        EventKind::Healthy { instance, .. } => Some(format!("{instance} healthy")),
        EventKind::Starting { instance } if instance.process.as_str() == "app" => {
            Some("app starts".to_owned())
        }
        other => of_migration(other).map(|what| format!("migration {what}")),
    });
    told.filter(|line| !["lb", "web"].iter().any(|edge| line.contains(edge))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_migrated_after_the_build_and_before_the_app_with_what_the_app_finds() {
    let project = Project::new();
    project.write("app/source.txt", "two");
    let migrate = "echo \"$LEVEL, from $(cat version.txt)\"; test ${#SESSION_KEY} -ge 16 || exit 4; \
                   echo \"$DATABASE_URL\" > url.txt; echo done >&2";
    let trial =
        Trial { app_build: Some("cp source.txt version.txt"), migrate: Some(migrate), ..Trial::default() };
    let mut run = Running::begin(project.options(trial.plan()));
    let reached = run.ready().await;
    let story = story(&run.seen);
    let at = |what: &str| {
        story.iter().position(|line| line == what).unwrap_or_else(|| panic!("{what}: {story:?}"))
    };
    assert!(
        at("app built") < at("migration starting") && at("data healthy") < at("migration starting"),
        "{story:?}"
    );
    assert!(at("migration starting") < at("migration finished"), "{story:?}");
    assert!(at("migration finished") < at("app starts"), "{story:?}");
    let url = std::fs::read_to_string(project.path().join("app/url.txt")).unwrap();
    assert!(url.contains(&format!("@{}/trial", reached.endpoints["data"])), "{url}");

    // From another terminal: done, and nothing of it runs; what it said is in its log.
    let client = project.client().await;
    let status = client.status().await.unwrap();
    assert!(status.is_healthy(), "{status:?}");
    let migration = status.instances.iter().find(|i| i.instance.process.as_str() == "migrate").unwrap();
    assert_eq!((migration.phase, migration.pid), (Phase::Done, None));
    let mut logs =
        client.logs(LogQuery { of: Some("migrate".to_owned()), ..LogQuery::default() }, false).await.unwrap();
    let mut said = BTreeSet::new();
    while let Some(line) = logs.log().await.unwrap() {
        if let terrace_run::control::Logged::Line(line) = line {
            said.insert(line.text);
        }
    }
    assert_eq!(said, BTreeSet::from(["a \"b\" $c é, from two".to_owned(), "done".to_owned()]));

    // And it is done again if somebody asks.
    std::fs::remove_file(project.path().join("app/url.txt")).unwrap();
    client.restart("migrate").await.unwrap();
    assert!(project.path().join("app/url.txt").exists());
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_ends_the_run_and_nothing_that_needs_it_was_started() {
    let project = Project::new();
    let trial = Trial { migrate: Some("echo no such column; exit 3"), ..Trial::default() };
    let mut run = Running::begin(project.options(trial.plan()));
    let mut seen: Vec<Event> = Vec::new();
    while let Some(event) = run.events.recv().await {
        seen.push(event);
    }
    let error = run.failure(&project).await;
    let UpError::Migration { instance, reason, last_lines, .. } = &error else { panic!("{error:?}") };
    assert_eq!((instance.to_string().as_str(), reason.as_str()), ("migrate", "exit status 3"));
    assert_eq!(last_lines, &["no such column"]);
    let seen: Vec<EventKind> = seen.into_iter().map(|event| event.kind).collect();
    assert!(!story(&seen).contains(&"app starts".to_owned()), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_waits_for_it_and_stays_away_if_it_fails() {
    let project = Project::new();
    project.write("app/source.txt", "one");
    project.write("app/.gitignore", "migrated.txt\n");
    let trial = Trial {
        app_build: Some("cp source.txt version.txt"),
        migrate: Some("test $(cat version.txt) != broken && cp version.txt migrated.txt"),
        ..Trial::default()
    };
    let mut options = project.options(trial.plan());
    options.watch = true;
    let mut run = Running::begin(options);
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    let load = Load::on(&entrance, "/api/version", 2);

    project.write("app/source.txt", "broken");
    while run.until("it has run again", of_migration).await != "failed" {}
    let status = client.status().await.unwrap();
    let migration = status.instances.iter().find(|i| i.instance.process.as_str() == "migrate").unwrap();
    assert_eq!((migration.phase, migration.reason.as_deref()), (Phase::Unhealthy, Some("exit status 1")));
    assert!(!status.is_healthy());
    // Who was there goes on.
    assert_eq!(get(&entrance, "/api/version").await.unwrap().1, "one");

    project.write("app/source.txt", "mended");
    while run.until("it has run once more", of_migration).await != "finished" {}
    assert_eq!(std::fs::read_to_string(project.path().join("app/migrated.txt")).unwrap().trim(), "mended");
    for _ in 0..2 {
        run.until("a replica has been replaced", |event| match event {
            EventKind::Stopped { .. } => Some(()),
            _ => None,
        })
        .await;
    }
    assert_eq!(get(&entrance, "/api/version").await.unwrap().1, "mended");
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned(), "mended".to_owned()]));
    until("all is well again", async || client.status().await.unwrap().is_healthy()).await;
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_ends_when_the_run_is_stopped() {
    for force in [Stop::Drain, Stop::Now] {
        let project = Project::new();
        let trap = if force == Stop::Now { "trap '' TERM; " } else { "" };
        let command: &'static str = format!("{trap}echo begun; sleep 1000").leak();
        let mut run =
            Running::begin(project.options(Trial { migrate: Some(command), ..Trial::default() }.plan()));
        run.until("it runs", of_migration).await;
        let client = project.client().await;
        until("it has begun", async || {
            let query = LogQuery { of: Some("migrate".to_owned()), ..LogQuery::default() };
            client.logs(query, false).await.unwrap().log().await.unwrap().is_some()
        })
        .await;
        run.stop.send(force).unwrap();
        run.task.await.unwrap().unwrap();
        assert_eq!(project.processes(), BTreeSet::new(), "{force:?}");
    }
}
