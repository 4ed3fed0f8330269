//! The way in, rehearsed while a run lasts: what the endpoint knows is what runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::net::TcpListener;

use terrace_run::control::RehearsalStatus;
use terrace_run::{Client, EventKind, Rehearsal};
use terrace_tunnel::endpoint::{DatabaseService, Faults, Shape};

use crate::plan::Trial;
use crate::stage::{Project, Running, kill_nine, pid_of, until};

fn rehearsal() -> Rehearsal {
    Rehearsal {
        region: "eu-west-1".parse().unwrap(),
        environment: Some("prod".to_owned()),
        shape: Shape::Ec2 { group: "trial-prod-app".parse().unwrap(), tags: BTreeMap::new() },
        identifier: "trial-prod-data".parse().unwrap(),
        service: DatabaseService::Rds,
        engine: "postgres".to_owned(),
        faults: "loss=2%".parse::<Faults>().unwrap(),
    }
}

async fn now(client: &Client) -> Option<RehearsalStatus> {
    client.status().await.unwrap().rehearsal
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_knows_the_replicas_that_are_healthy_and_goes_with_the_run() {
    let project = Project::new();
    let mut options = project.options(Trial::default().plan());
    options.rehearsal = Some(rehearsal());
    let mut run = Running::begin(options.clone());
    let reached = run.ready().await;
    let client = project.client().await;
    let first = now(&client).await.unwrap();
    assert_eq!(reached.rehearsal.as_ref(), Some(&first.url));
    assert_eq!((first.region.as_str(), first.faults.as_str()), ("eu-west-1", "loss=2%"));
    assert!(
        first.host.starts_with("trial-prod-data.") && first.host.contains(".eu-west-1."),
        "{}",
        first.host
    );
    until("both replicas are targets", async || now(&client).await.unwrap().targets.len() == 2).await;
    let before = now(&client).await.unwrap().targets;

    // Another process is another machine; the one that stays, stays.
    kill_nine(pid_of(&client.status().await.unwrap(), "app-1").unwrap());
    until("a successor is a target", async || {
        let targets = now(&client).await.unwrap().targets;
        targets.len() == 2 && targets.iter().filter(|target| before.contains(target)).count() == 1
    })
    .await;
    run.stop(&project).await;
    let address = first.url.trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(&address).is_err(), "{address} is still open");

    // The next run has the same port, unless somebody has taken it.
    let mut run = Running::begin(options.clone());
    assert_eq!(run.ready().await.rehearsal, Some(first.url.clone()));
    run.stop(&project).await;
    let _taken = TcpListener::bind(&address).unwrap();
    let mut run = Running::begin(options);
    let other = run.ready().await.rehearsal.unwrap();
    assert_ne!(other, first.url);
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_rehearses_nothing_says_so() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial::default().plan()));
    assert_eq!(run.ready().await.rehearsal, None);
    assert_eq!(now(&project.client().await).await, None);
    assert!(
        !run.seen
            .iter()
            .any(|event| matches!(event, EventKind::Note { text, .. } if text.contains("rehears")))
    );
    run.stop(&project).await;
}
