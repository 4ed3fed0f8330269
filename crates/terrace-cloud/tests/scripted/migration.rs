//! A migration: run once for a release, its output told, its exit code heeded.

use std::sync::Mutex;

use insta::assert_snapshot;
use terrace_cloud::release::Failure;
use terrace_cloud::release::containers::{Event, Service};
use terrace_cloud::release::record::Number;

use crate::ground::{Ground, PACE, names};
use crate::server::{Fault, When, arn};

async fn migrate(ground: &Ground, events: &(dyn Fn(Event) + Send + Sync)) -> Result<(), Failure> {
    let (names, containers) = names();
    let service = Service { account: ground.account(), names: &names, containers: &containers };
    let command = ["./app".to_owned(), "migrate".to_owned()];
    service.migrate((Number::FIRST, &arn(0), &command), PACE, events).await
}

fn ground(exit: i64) -> Ground {
    let ground = Ground::new();
    ground.server.world(|world| {
        world.ecs.exit = exit;
        world.ecs.log = vec!["1 of 2\n".to_owned(), "2 of 2\n".to_owned()];
    });
    ground
}

#[tokio::test]
async fn what_it_prints_is_told_once_and_its_exit_code_decides() {
    let events = Mutex::new(String::new());
    let told = |event: Event| events.lock().unwrap().push_str(&format!("{event:?}\n"));
    migrate(&ground(0), &told).await.unwrap();
    let failure = migrate(&ground(3), &|_| {}).await.unwrap_err();
    assert_snapshot!(events.into_inner().unwrap(), @r#"
    Migrating { task: "t9" }
    Printed { line: "1 of 2" }
    Printed { line: "2 of 2" }
    "#);
    assert_snapshot!(failure.to_string(), @"
    the migration failed
      Essential container in task exited (EssentialContainerExited)
      container app ended with exit code 3
      that is: the application ended with an error: its log says more
      log: 1 of 2
      log: 2 of 2
    in force: the release before; no traffic has moved
    next: correct what is said above, then type `terrace deploy`: what the migration did so far stays done
    ");
}

#[tokio::test]
async fn a_migration_is_run_once_whatever_befalls_it() {
    let calm = ground(0);
    migrate(&calm, &|_| {}).await.unwrap();
    for (nth, call) in calm.calls().iter().enumerate() {
        for fault in [Fault::Throttled, Fault::Broken, Fault::Cut, Fault::CutAfter, Fault::Expired] {
            for when in [When::Once(nth), When::From(nth)] {
                let what = format!("{fault:?} {when:?}, about {call}");
                let ground = ground(0);
                ground.server.world(|world| world.fault = Some((fault, when)));
                if let Err(failure) = migrate(&ground, &|_| {}).await {
                    assert!(failure.passing, "{what}: {failure}");
                }
                ground.server.world(|world| world.fault = None);
                migrate(&ground, &|_| {}).await.unwrap();
                assert_eq!(ground.server.world(|world| world.ecs.run.len()), 1, "{what}");
            }
        }
    }
}
