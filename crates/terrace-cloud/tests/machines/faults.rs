//! Every fault at every call: the same release, begun again, ends as if nothing had been.

use std::sync::Mutex;

use terrace_cloud::release::Failure;

use crate::ground::{artifact, names, run};
use crate::server::{Fault, Server, Trouble};
use crate::world::{Group, World};

fn world() -> World {
    let groups = ["web", "app"].map(|party| (party.to_owned(), Group::new(party, 1)));
    World { groups: groups.into(), ..World::default() }
}

const FAULTS: [Fault; 5] =
    [Fault::Throttled, Fault::Broken, Fault::Expired, Fault::CutBefore, Fault::CutAfter];

/// What has to be so at the end, however it came to be.
fn held(server: &Server, what: &str) {
    let played = server.played.lock().unwrap();
    for (party, group) in &played.world.groups {
        let digest = artifact(party).digest().sha256().hex();
        assert_eq!(group.release(group.version), Some(digest.as_str()), "{what}: {party} runs it");
        assert!(group.machines.iter().all(|one| one.version == group.version), "{what}: all of {party} do");
        assert_eq!(group.machines.len(), 1, "{what}: no machine of {party} is lost");
        assert_eq!(group.versions.len(), 2, "{what}: one version was made for {party}");
        assert_eq!(group.refreshes.len(), 1, "{what}: the machines of {party} were replaced once");
        let volume = &group.versions.last().unwrap().tags[1];
        assert_eq!(volume.1.len(), 2, "{what}: the other tags stay");
    }
    assert!(played.world.written.values().all(|times| *times == 1), "{what}: {:?}", played.world.written);
    assert_eq!(played.world.objects.len(), 6, "{what}");
}

/// Every fault at every call, once and for good: the same again ends well, and what has to be so is.
pub(crate) async fn every(
    world: fn() -> World,
    run: impl AsyncFn(&Server) -> Result<(), Failure>,
    held: fn(&Server, &str),
    tidying: &str,
) {
    let server = Server::start(world());
    run(&server).await.unwrap();
    held(&server, "without a fault");
    let calls = server.played.lock().unwrap().asked.clone();
    let (mut failed, mut lasting) = (0, 0);
    // A loop asks the same again and again: the first two and the last one of each tell all.
    let tells = |at: usize| {
        let same = |all: &[String]| all.iter().filter(|one| **one == calls[at]).count();
        same(&calls[..at]) < 2 || same(&calls[at..]) == 1
    };
    for (from, action) in calls.iter().enumerate().filter(|(at, _)| tells(*at)) {
        for fault in FAULTS {
            // What tidies up may fail when all is done.
            lasting += usize::from(action != tidying);
            for count in [1, usize::MAX - from] {
                let what = format!(
                    "{fault:?} at call {from} ({action}), {}",
                    if count == 1 { "once" } else { "from then on" }
                );
                let server = Server::start(world());
                server.played.lock().unwrap().trouble = Some(Trouble { fault, from, count });
                if let Err(failure) = run(&server).await {
                    // What is refused to a HEAD has no text that would say why.
                    let mute = fault == Fault::Expired && action.starts_with("HEAD");
                    assert!(failure.passing || mute, "{what}: {failure}");
                    failed += 1;
                    server.played.lock().unwrap().trouble = None;
                    let again = run(&server).await;
                    again.unwrap_or_else(|failure| panic!("{what}, again: {failure}"));
                }
                held(&server, &what);
            }
        }
    }
    assert!(failed >= lasting, "what lasts is a failure: {failed} of {lasting}");
}

#[tokio::test]
async fn after_any_fault_at_any_call_the_same_again_ends_well_and_makes_nothing_twice() {
    let (names, parties) = (names(&["web", "app"], false), ["web", "app"]);
    let run = async |server: &Server| run(server, &names, &parties, &Mutex::default()).await.map(drop);
    every(world, run, held, "").await;
}

#[tokio::test]
async fn what_is_released_already_is_left_alone() {
    let (names, parties) = (names(&["web", "app"], false), ["web", "app"]);
    let server = Server::start(world());
    run(&server, &names, &parties, &Mutex::default()).await.unwrap();
    server.played.lock().unwrap().asked.clear();
    run(&server, &names, &parties, &Mutex::default()).await.unwrap();
    held(&server, "the second time");
    let asked = server.played.lock().unwrap().asked.join("\n");
    insta::assert_snapshot!(asked, @"
    HEAD SHA256SUMS
    HEAD SHA256SUMS
    DescribeInstanceRefreshes
    DescribeAutoScalingGroups
    DescribeLaunchTemplateVersions
    DescribeTargetHealth
    DescribeInstanceRefreshes
    DescribeAutoScalingGroups
    DescribeLaunchTemplateVersions
    DescribeTargetHealth
    ");
}
