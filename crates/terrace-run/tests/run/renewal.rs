//! New code, new pages and more replicas while requests are answered.

use std::collections::BTreeSet;

use terrace_run::EventKind;
use terrace_run::control::{InstanceStatus, RunStatus};

use crate::plan::Trial;
use crate::stage::{Load, PARTS, Project, Running, address, get, kill_nine, pid_of, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_rebuilt_and_replaced_without_a_failed_request() {
    let project = Project::new();
    project.write("app/source.txt", "one");
    project.write("web/source.html", "first page");
    let trial = Trial {
        app_build: Some("cp source.txt version.txt"),
        web_build: Some("cp source.html dist/index.html"),
        ..Trial::default()
    };
    let mut options = project.options(trial.plan());
    options.watch = true;
    let mut run = Running::begin(options);
    let entrance = address(&run.ready().await);
    let load = Load::on(&entrance, "/api/version", 4);

    project.write("app/source.txt", "two");
    for _ in 0..2 {
        run.until("a replica has been replaced", |event| match event {
            EventKind::Stopped { .. } => Some(()),
            _ => None,
        })
        .await;
    }
    assert_eq!(get(&entrance, "/api/version").await.unwrap().1, "two");
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned(), "two".to_owned()]));

    project.write("web/source.html", "second page");
    until("the new page is served", async || get(&entrance, "/").await.unwrap().1 == "second page").await;
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_breaks_leaves_what_runs_alone() {
    let project = Project::new();
    project.write("app/source.txt", "one");
    let build = "test $(cat source.txt) != broken && cp source.txt version.txt";
    let mut options = project.options(Trial { app_build: Some(build), ..Trial::default() }.plan());
    options.watch = true;
    let mut run = Running::begin(options);
    let entrance = address(&run.ready().await);
    project.write("app/source.txt", "broken");
    run.until("the build fails", |event| match event {
        EventKind::BuildFailed { .. } => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(get(&entrance, "/api/version").await.unwrap().1, "one");
    project.write("app/source.txt", "mended");
    until("the mended one serves", async || get(&entrance, "/api/version").await.unwrap().1 == "mended")
        .await;
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_replaces_whoever_is_meant() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    let load = Load::on(&entrance, "/api/version", 4);
    for target in ["app-1", "app", "web", "internal-lb", "public-lb", "data"] {
        let of = |status: &RunStatus| -> BTreeSet<u32> {
            let meant = |i: &&InstanceStatus| {
                i.instance.process.as_str() == target || i.instance.to_string() == target
            };
            status.instances.iter().filter(meant).filter_map(|i| i.pid).collect()
        };
        let before = client.status().await.unwrap();
        client.restart(target).await.unwrap_or_else(|error| panic!("{target}: {error}"));
        until(target, async || client.status().await.unwrap().is_healthy()).await;
        let after = client.status().await.unwrap();
        assert!(of(&before).is_disjoint(&of(&after)), "{target}: {before:?} {after:?}");
    }
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned()]));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_that_does_not_come_leaves_the_old_ones_alone() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    let entrance = address(&run.ready().await);
    let client = project.client().await;
    std::fs::remove_file(project.path().join("app/parts")).unwrap();
    let error = client.restart("app").await.unwrap_err().to_string();
    assert!(error.contains("`app-3` did not become healthy"), "{error}");
    assert_eq!(get(&entrance, "/api/version").await.unwrap().1, "one");
    // And one that crashes meanwhile is tried again until it comes.
    kill_nine(pid_of(&client.status().await.unwrap(), "app-1").unwrap());
    for _ in 0..3 {
        run.until("it is tried again", |event| match event {
            EventKind::Restarting { .. } => Some(()),
            _ => None,
        })
        .await;
    }
    std::os::unix::fs::symlink(PARTS, project.path().join("app/parts")).unwrap();
    until("it is back", async || client.status().await.unwrap().is_healthy()).await;
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_replicas_come_when_there_is_more_to_do() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial { replicas: (1, 2), ..Trial::default() }.plan()));
    let entrance = address(&run.ready().await);
    let load = Load::on(&entrance, "/api/burn", 4);
    let (from, to) = run
        .until("it is scaled", |event| match event {
            EventKind::Scaled { from, to, .. } => Some((*from, *to)),
            _ => None,
        })
        .await;
    assert_eq!((from, to), (1, 2));
    run.until("the second is healthy", |event| match event {
        EventKind::Healthy { instance, .. } if instance.to_string() == "app-2" => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(load.end().await, BTreeSet::from(["one".to_owned()]));
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_built_is_watched_and_its_own_files_do_not_count() {
    let project = Project::new();
    project.write("app/.gitignore", "*.log\n");
    let mut options = project.options(Trial::default().plan());
    options.watch = true;
    let mut run = Running::begin(options);
    let entrance = address(&run.ready().await);
    // What a program writes for itself is no new version of it.
    project.write("app/own.log", "a line");
    project.write("web/dist/index.html", "second page");
    until("the new page is served", async || get(&entrance, "/").await.unwrap().1 == "second page").await;
    project.write("app/version.txt", "two");
    let changed = run
        .until("the application has changed", |event| match event {
            EventKind::Changed { party, path } if party == "app" => Some(path.clone()),
            _ => None,
        })
        .await;
    assert!(changed.ends_with("app/version.txt"), "{changed}");
    until("the new version serves", async || get(&entrance, "/api/version").await.unwrap().1 == "two").await;
    run.stop(&project).await;
}
