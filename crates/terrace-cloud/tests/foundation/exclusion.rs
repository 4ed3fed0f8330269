//! Two deployments at a time exclude each other, and say who; a dead one stops nobody.

use std::time::Duration;

use insta::assert_snapshot;
use terrace_account::Content;
use terrace_account::objects::{Key, Put};
use terrace_cloud::foundation::{Begun, Care, Foundation, FoundationError, Journal};

use crate::aws::{Aws, Fault};
use crate::faults::{holder, place, system};

const AT: &str = "2026-11-21T22:00:00Z";

async fn foundation(aws: &Aws) -> Foundation {
    Foundation::ensure(&aws.account(), &place(), Care::Quick, |_| {}).await.unwrap()
}

fn fresh(begun: Begun) -> Journal {
    match begun {
        Begun::Fresh(journal) => journal,
        Begun::GoesOn(..) => panic!("{begun:?}"),
    }
}

#[tokio::test]
async fn of_many_at_once_one_goes_through() {
    let aws = Aws::start();
    let foundation = foundation(&aws).await;
    for round in 0..3 {
        let names: Vec<String> = (0..8).map(|n| format!("{round}-{n}")).collect();
        let system = system();
        let all =
            names.iter().map(|name| Journal::begin(&foundation, &system, (holder(name), AT), |_| false));
        let mut through = Vec::new();
        for outcome in futures_util::future::join_all(all).await {
            match outcome {
                Ok(begun) => through.push(fresh(begun)),
                Err(FoundationError::Busy { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(through.len(), 1, "round {round}");
        through.pop().unwrap().end("done").await.unwrap();
    }
}

#[tokio::test]
async fn the_other_is_named_and_followed_when_it_is_dead() {
    let aws = Aws::start();
    let foundation = foundation(&aws).await;
    let system = system();
    let begin = |process: &str| Journal::begin(&foundation, &system, (holder(process), AT), |_| false);
    let first = fresh(begin("first").await.unwrap());
    first.step("infrastructure", &[("task", "t-1")]).await.unwrap();
    aws.with(|state| state.now += 119);
    let busy = begin("second").await.unwrap_err();
    assert_snapshot!(format!("{busy}\n{}", busy.help().join("\n")), @"
    arn:aws:sts::123456789012:assumed-role/developer/anna deploys this system since 2026-11-21T22:00:00Z (step: infrastructure), last heard of 119 s ago
    it runs on anna-laptop; wait for it, or end it there
    a deployment that was killed is gone on with two minutes after it was heard of last
    ");
    // Another system, and the same in another environment, are not held up.
    let other = terrace_cloud::foundation::System::new("items", None).unwrap();
    fresh(Journal::begin(&foundation, &other, (holder("other"), AT), |_| false).await.unwrap());

    // A sign of life starts the time anew.
    let alive = tokio::time::timeout(Duration::from_millis(50), first.alive(Duration::from_millis(1))).await;
    assert!(alive.is_err(), "{alive:?}");
    first.step("infrastructure", &[]).await.unwrap();
    aws.with(|state| state.now += 119);
    assert!(matches!(begin("second").await, Err(FoundationError::Busy { .. })));
    aws.with(|state| state.now += 1);
    let Begun::GoesOn(second, before) = begin("second").await.unwrap() else { panic!("it is dead") };
    assert_eq!((before.step.as_str(), before.ids["task"].as_str()), ("infrastructure", "t-1"));
    assert_eq!(second.entry().await.ids["task"], "t-1");
    // The first was not dead but asleep: it stops.
    let lost = first.step("release", &[]).await.unwrap_err();
    assert_snapshot!(lost, @"another deployment has taken over (arn:aws:sts::123456789012:assumed-role/developer/anna on anna-laptop); this one stops here");
    assert!(matches!(first.alive(Duration::ZERO).await, FoundationError::Lost { .. }));
    // Whoever knows that it is dead need not wait.
    let third =
        Journal::begin(&foundation, &system, (holder("third"), AT), |entry| entry.holder.process == "second");
    assert!(matches!(third.await.unwrap(), Begun::GoesOn(..)));
}

#[tokio::test]
async fn a_sign_of_life_that_was_let_go_of_on_its_way_is_no_other_deployment() {
    let aws = Aws::start();
    let foundation = foundation(&aws).await;
    let system = system();
    let begun = Journal::begin(&foundation, &system, (holder("first"), AT), |_| false).await.unwrap();
    let journal = fresh(begun);
    // As if the sign's answer had never been read: the same entry, another entity tag.
    let text = serde_json::to_string(&journal.entry().await).unwrap();
    let key = Key::new(system.journal_key()).unwrap();
    foundation.bucket().put(&key, &Content::bytes(text), &Put::default(), &|_| {}).await.unwrap();
    journal.step("release", &[("n", "1")]).await.unwrap();
    assert_eq!(journal.entry().await.step, "release");
    // A network that is gone for a while ends no sign of life; the journal that is gone does.
    let from = aws.with(|state| state.calls.len());
    aws.with(|state| state.fault = Some((from, 1000, Fault::CutBefore)));
    let alive =
        tokio::time::timeout(Duration::from_millis(100), journal.alive(Duration::from_millis(1))).await;
    assert!(alive.is_err(), "{alive:?}");
    aws.with(|state| {
        state.fault = None;
        state.buckets.values_mut().next().unwrap().objects.clear();
    });
    let lost = journal.alive(Duration::ZERO).await;
    assert!(matches!(&lost, FoundationError::Lost { by } if by.contains("taken away")), "{lost}");
}
