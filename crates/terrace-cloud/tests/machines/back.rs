//! Back to a former release.

use std::sync::Mutex;

use terrace_account::objects::Bucket;
use terrace_cloud::foundation::System;
use terrace_cloud::release::machines::{Wish, put, release};

use crate::ground::{PACE, account, artifact, names, party, run};
use crate::server::Server;
use crate::world::{Group, OLD, World};

fn server() -> Server {
    Server::start(World { groups: [("app".to_owned(), Group::new("app", 2))].into(), ..World::default() })
}

fn wish(digest: &str) -> Wish {
    Wish { party: party("app"), digest: format!("sha256:{digest}").parse().unwrap() }
}

#[tokio::test]
async fn a_rollback_goes_back_to_the_version_that_was_and_makes_nothing() {
    let (server, names) = (server(), names(&["app"], false));
    run(&server, &names, &["app"], &Mutex::default()).await.unwrap();
    let (account, second) = (account(&server), artifact("second"));
    let bucket = Bucket::new(&account, "terrace-123456789012-eu-west-1".parse().unwrap());
    put(&bucket, &System::from(&names), &party("app"), &second, &|_| {}).await.unwrap();
    let to = |digest| Wish { party: party("app"), digest };
    let released = release(&account, &names, &[to(second.digest())], PACE, &|_| {}).await.unwrap();
    assert_eq!(released[0].version, 5);
    let before = released[0].before.clone().unwrap();
    assert_eq!(before, to(artifact("app").digest()));
    server.played.lock().unwrap().asked.clear();
    let back = release(&account, &names, &[before], PACE, &|_| {}).await.unwrap();
    assert_eq!(back[0].version, 4);
    let played = server.played.lock().unwrap();
    assert!(
        !played.asked.iter().any(|one| one.starts_with("Create") || one.starts_with("PUT")),
        "{:?}",
        played.asked
    );
    assert!(played.world.groups["app"].machines.iter().all(|one| one.version == 4));
}

#[tokio::test]
async fn a_release_that_is_gone_is_said_before_anything_is_begun() {
    let (server, names) = (server(), names(&["app"], false));
    run(&server, &names, &["app"], &Mutex::default()).await.unwrap();
    let (account, wishes) = (account(&server), [wish(OLD)]);
    let back = || release(&account, &names, &wishes, PACE, &|_| {});
    let failure = back().await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    this release is gone
      what the machines of app fetch (sha256:cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4) is not in terrace-123456789012-eu-west-1
    in force: what was in force before
    next: type `terrace releases` and take one that is kept, or release anew: `terrace deploy`
    ");
    // Sums of another digest than the name says are not what was released.
    let place = format!("/terrace-123456789012-eu-west-1/artifacts/items/default/{OLD}/SHA256SUMS");
    server.played.lock().unwrap().world.objects.insert(place, b"others".to_vec());
    assert_eq!(back().await.unwrap_err(), failure);
    let played = server.played.lock().unwrap();
    assert_eq!(played.world.groups["app"].refreshes.len(), 1, "nothing was begun");
}
