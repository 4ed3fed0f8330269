//! Every fault at every step, and then once more without: nothing is made twice, nothing is lost, and it ends as if nothing had
//! been.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use terrace_cloud::foundation::{
    Applied, Begun, Care, Event, Foundation, FoundationError, Holder, Journal, Place, State, System,
    repository,
};

use crate::aws::{Aws, Fault, Kept};

pub(crate) fn place() -> Place {
    Place { account: "123456789012".parse().unwrap(), region: "eu-west-1".to_owned() }
}

pub(crate) fn system() -> System {
    System::new("items", Some("prod")).unwrap()
}

pub(crate) fn holder(process: &str) -> Holder {
    let by = "arn:aws:sts::123456789012:assumed-role/developer/anna".to_owned();
    Holder { by, machine: "anna-laptop".to_owned(), process: process.to_owned() }
}

/// A deployment as far as it concerns the foundation; gives what the one before had made.
async fn deploy(aws: &Aws, process: &str, care: Care) -> Result<BTreeMap<String, String>, FoundationError> {
    let (account, place, system) = (aws.account(), place(), system());
    let foundation = Foundation::ensure(&account, &place, care, |_| {}).await?;
    let at = "2026-11-21T22:00:00Z";
    let begun = Journal::begin(&foundation, &system, (holder(process), at), |_| true).await?;
    let (journal, before) = match begun {
        Begun::Fresh(journal) => (journal, BTreeMap::new()),
        Begun::GoesOn(journal, before) => (journal, before.ids),
    };
    journal.step("repositories", &[]).await?;
    let repository = repository(&account, (&place, &system), "items-prod-app", |_| {}).await?;
    journal.step("infrastructure", &[("repository", &repository.name)]).await?;
    let applied = Applied {
        digest: "0a".to_owned(),
        outputs: json!({"url": "https://items.example"}),
        at: at.to_owned(),
        by: "anna".to_owned(),
    };
    foundation.write_applied(&system, &applied).await?;
    assert_eq!(foundation.applied(&system).await?, Some(applied));
    journal.end("done").await?;
    Ok(before)
}

/// All that is kept, as far as it is the same each time.
fn kept(aws: &Aws) -> (Kept, BTreeMap<String, Json>, BTreeMap<String, u32>) {
    aws.with(|state| {
        let mut bucket = state.buckets.values().next().unwrap().clone();
        let bodies: BTreeMap<String, String> = bucket
            .objects
            .iter()
            .map(|(key, one)| (key.clone(), one.body.replace("second", "first")))
            .collect();
        bucket.objects.clear();
        bucket.parts.extend(bodies);
        assert_eq!(state.buckets.len(), 1);
        (bucket, state.repositories.clone(), state.made.clone())
    })
}

#[tokio::test]
async fn each_fault_at_each_step_and_then_once_more() {
    let reference = Aws::start();
    deploy(&reference, "first", Care::Quick).await.unwrap();
    let steps = reference.calls().len();
    let whole = kept(&reference);
    assert_eq!(whole.2.values().sum::<u32>(), 2, "a bucket and a repository");
    let outages = [
        (Fault::Unavailable, 4),
        (Fault::Unavailable, 1),
        (Fault::Throttled, 4),
        (Fault::Expired, 1),
        (Fault::CutBefore, 4),
        (Fault::CutAfter, 4),
        (Fault::CutAfter, 1),
        (Fault::Silent, 1),
    ];
    let mut table = String::new();
    for (fault, many) in outages {
        let (mut failed, mut went_on) = (0, 0);
        for step in 0..steps {
            let mut aws = Aws::start();
            if fault == Fault::Silent {
                aws.silence = Duration::from_millis(250);
            }
            aws.with(|state| state.fault = Some((step, many, fault)));
            let first = deploy(&aws, "first", Care::Quick).await;
            aws.with(|state| state.fault = None);
            aws.silence = Duration::from_secs(20);
            if let Err(error) = &first {
                failed += 1;
                assert!(!error.help().is_empty(), "{error}");
                assert!(!matches!(error, FoundationError::Lost { .. }), "{fault:?} at {step}: {error}");
                let before = deploy(&aws, "second", Care::Quick).await;
                let before = before.unwrap_or_else(|error| panic!("{fault:?} at {step}, again: {error}"));
                went_on += u32::from(before.contains_key("repository"));
            }
            assert_eq!(kept(&aws), whole, "{fault:?} at {step}");
        }
        if fault == Fault::Silent {
            // On a busy machine others may be taken for silent too.
            continue;
        }
        table.push_str(&format!(
            "{fault:?} × {many}: {failed} of {steps} failed, {went_on} went on from a step\n"
        ));
    }
    assert_snapshot!(table, @"
    Unavailable × 4: 26 of 26 failed, 3 went on from a step
    Unavailable × 1: 0 of 26 failed, 0 went on from a step
    Throttled × 4: 26 of 26 failed, 3 went on from a step
    Expired × 1: 26 of 26 failed, 3 went on from a step
    CutBefore × 4: 26 of 26 failed, 3 went on from a step
    CutAfter × 4: 26 of 26 failed, 3 went on from a step
    CutAfter × 1: 2 of 26 failed, 0 went on from a step
    ");
}

#[tokio::test]
async fn a_whole_one_is_one_call_and_a_changed_one_is_made_whole_again() {
    let aws = Aws::start();
    let told = Mutex::new(String::new());
    let tell = |event: Event| told.lock().unwrap().push_str(&format!("{event:?}\n"));
    let foundation = Foundation::ensure(&aws.account(), &place(), Care::Quick, tell).await.unwrap();
    assert_eq!(foundation.bucket().name().as_str(), "terrace-123456789012-eu-west-1");
    assert_snapshot!(aws.calls().join("\n"), @"
    GET /terrace-123456789012-eu-west-1/?tagging
    PUT /terrace-123456789012-eu-west-1/
    PUT /terrace-123456789012-eu-west-1/?tagging
    GET /terrace-123456789012-eu-west-1/?publicAccessBlock
    PUT /terrace-123456789012-eu-west-1/?publicAccessBlock
    GET /terrace-123456789012-eu-west-1/?ownershipControls
    PUT /terrace-123456789012-eu-west-1/?ownershipControls
    GET /terrace-123456789012-eu-west-1/?versioning
    PUT /terrace-123456789012-eu-west-1/?versioning
    GET /terrace-123456789012-eu-west-1/?encryption
    PUT /terrace-123456789012-eu-west-1/?encryption
    GET /terrace-123456789012-eu-west-1/?lifecycle
    PUT /terrace-123456789012-eu-west-1/?lifecycle
    PUT /terrace-123456789012-eu-west-1/?tagging
    ");
    Foundation::ensure(&aws.account(), &place(), Care::Quick, |_| {}).await.unwrap();
    assert_eq!(aws.calls(), ["GET /terrace-123456789012-eu-west-1/?tagging"]);
    assert!(Foundation::find(&aws.account(), &place()).await.unwrap().is_some());

    aws.with(|state| {
        let bucket = state.buckets.values_mut().next().unwrap();
        bucket.parts.insert("versioning".to_owned(), "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>".to_owned());
        bucket.parts.insert("lifecycle".to_owned(), "<LifecycleConfiguration><Rule><ID>theirs</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>".to_owned());
        bucket
            .parts
            .insert("encryption".to_owned(), "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>".to_owned());
        let tags = bucket.parts.get_mut("tagging").unwrap();
        *tags = tags.replace("<TagSet>", "<TagSet><Tag><Key>team</Key><Value>a&amp;b</Value></Tag>");
    });
    aws.calls();
    told.lock().unwrap().clear();
    Foundation::ensure(&aws.account(), &place(), Care::Whole, tell).await.unwrap();
    assert_snapshot!(told.into_inner().unwrap(), @r#"
    There(Bucket("terrace-123456789012-eu-west-1"))
    There(Part("block of all public access"))
    There(Part("ownership of all objects"))
    Making(Part("versioning"))
    Made(Part("versioning"))
    There(Part("encryption"))
    Left(Part("end of old versions"), "somebody has set rules of their own")
    Made(Bucket("terrace-123456789012-eu-west-1"))
    "#);
    aws.with(|state| {
        let parts = &state.buckets.values().next().unwrap().parts;
        assert!(parts["versioning"].contains("Enabled"), "{parts:?}");
        assert!(parts["tagging"].contains("<Key>team</Key><Value>a&amp;b</Value>"), "{parts:?}");
        assert!(
            parts["lifecycle"].contains("theirs") && parts["encryption"].contains("aws:kms"),
            "{parts:?}"
        );
    });
    assert!(Foundation::find(&aws.account(), &place()).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_edited_by_hand_is_said() {
    let aws = Aws::start();
    let foundation = Foundation::ensure(&aws.account(), &place(), Care::Quick, |_| {}).await.unwrap();
    assert_eq!(foundation.applied(&system()).await.unwrap(), None);
    let content = terrace_account::Content::bytes("{\"digest\": 1}");
    let key = terrace_account::objects::Key::new(system().applied_key()).unwrap();
    foundation.bucket().put(&key, &content, &Default::default(), &|_| {}).await.unwrap();
    let error = foundation.applied(&system()).await.unwrap_err();
    assert_snapshot!(format!("{error}\n{}", error.help().join("\n")), @"
    s3://terrace-123456789012-eu-west-1/applied/items/prod.json is not as Terrace wrote it: invalid type: integer `1`, expected a string at line 1 column 12
    the bucket keeps earlier versions: `aws s3api list-object-versions --bucket terrace-123456789012-eu-west-1 --prefix applied/items/prod.json`
    ");
    assert_eq!(Journal::look(&foundation, &system()).await.unwrap(), None);
    let begun = Journal::begin(&foundation, &system(), (holder("one"), "now"), |_| false).await.unwrap();
    assert!(matches!(begun, Begun::Fresh(_)), "{begun:?}");
    let entry = Journal::look(&foundation, &system()).await.unwrap().unwrap();
    assert_eq!((entry.state, entry.holder), (State::UnderWay, holder("one")));
}
