//! The foundation in moto, whose answers are by another hand: twice, so that the second finds all there is.

use std::sync::Mutex;

use serde_json::json;
use terrace_account::objects::{Condition, Key, Put, Written};
use terrace_account::{Account, Content, Identity, Keys, Sha256};
use terrace_cloud::foundation::{
    Applied, Begun, Care, Event, Foundation, FoundationError, Journal, Place, login, prune, repository,
};
use terrace_cloud::preflight::{Kind, Name, Quota, Wanted, check};
use terrace_stand_in::Emulator;

use crate::faults::{holder, system};

#[tokio::test]
async fn what_moto_keeps_is_what_was_meant() {
    let Some(emulator) = Emulator::start(&[]) else { return };
    for region in ["eu-west-1", "us-east-1"] {
        let account = Account::given(region, emulator.address(), Keys::new("test", "test", None));
        let place = Place { account: "123456789012".parse().unwrap(), region: region.to_owned() };
        let events = Mutex::new(Vec::new());
        let tell = |event: Event| events.lock().unwrap().push(event);
        assert!(Foundation::find(&account, &place).await.unwrap().is_none());
        Foundation::ensure(&account, &place, Care::Quick, |_| {}).await.unwrap();
        Foundation::ensure(&account, &place, Care::Quick, tell).await.unwrap();
        assert_eq!(events.lock().unwrap().len(), 1, "{events:?}");
        let foundation = Foundation::ensure(&account, &place, Care::Whole, tell).await.unwrap();
        let set = |event: &Event| matches!(event, Event::Making(_) | Event::Left(..));
        assert!(!events.lock().unwrap().iter().any(set), "{events:?}");
        deployed(&account, &place, &foundation).await;
        objects(&foundation).await;
    }
}

async fn deployed(account: &Account, place: &Place, foundation: &Foundation) {
    let system = system();
    let begin = |process: &str| Journal::begin(foundation, &system, (holder(process), "at"), |_| false);
    let Begun::Fresh(journal) = begin("first").await.unwrap() else { panic!("nobody was there") };
    assert!(matches!(begin("second").await, Err(FoundationError::Busy { age: Some(_), .. })));
    for _ in 0..2 {
        let events = Mutex::new(Vec::new());
        let tell = |event: Event| events.lock().unwrap().push(event);
        let made = repository(account, (place, &system), "items-prod-app", tell).await.unwrap();
        assert!(made.uri.ends_with("/items-prod-app"), "{made:?}");
        journal.step("repositories", &[("repository", &made.arn)]).await.unwrap();
        if journal.entry().await.ids.len() > 1 {
            assert_eq!(events.into_inner().unwrap().len(), 1);
        }
    }
    assert_eq!(prune(account, place, "items-prod-app", &Default::default()).await.unwrap(), 0);
    assert!(!login(account, place).await.unwrap().password.is_empty());
    let applied = Applied {
        digest: "0a".to_owned(),
        outputs: json!({"url": "x"}),
        at: "at".to_owned(),
        by: "anna".to_owned(),
    };
    foundation.write_applied(&system, &applied).await.unwrap();
    assert_eq!(foundation.applied(&system).await.unwrap(), Some(applied));
    journal.end("done").await.unwrap();
    assert!(matches!(begin("second").await.unwrap(), Begun::Fresh(_)));

    let bucket = foundation.bucket().name().to_string();
    let name = |kind, name: &str| Name { kind, name: name.to_owned() };
    let wanted = Wanted {
        system,
        account: Some(place.account.clone()),
        region: place.region.clone(),
        own_region: None,
        program: Ok("Terraform 1.11.4".to_owned()),
        more: [Quota::Vpcs, Quota::Addresses, Quota::DatabaseInstances]
            .into_iter()
            .map(|one| (one, 1))
            .collect(),
        names: vec![
            name(Kind::Role, "items-prod-app"),
            name(Kind::InstanceProfile, "items-prod-app"),
            name(Kind::LoadBalancer, "items-prod"),
            name(Kind::TargetGroup, "items-prod-app"),
            name(Kind::Bucket, &bucket),
            name(Kind::Bucket, "items-prod-page-of-nobody"),
            name(Kind::DatabaseInstance, "items-prod-data"),
            name(Kind::DatabaseCluster, "items-prod-data"),
            name(Kind::DatabaseSubnetGroup, "items-prod-data"),
            name(Kind::Cluster, "items-prod"),
            name(Kind::ScalingGroup, "items-prod-app"),
            name(Kind::LaunchTemplate, "items-prod-app"),
            name(Kind::LogGroup, "/items-prod/app"),
            name(Kind::Secret, "items-prod/key"),
        ],
    };
    let who = Identity { account: "123456789012".to_owned(), arn: "arn".to_owned(), user_id: String::new() };
    let findings = check(Ok((account, &who)), &wanted).await;
    assert!(
        findings.iter().all(|one| one.code == "quota-unknown" || one.text.contains(&bucket)),
        "{findings:#?}"
    );
    assert!(findings.iter().any(|one| one.code == "name"), "{findings:#?}");
}

async fn objects(foundation: &Foundation) {
    let bucket = foundation.bucket();
    let names = ["odd/a b", "odd/a+b", "odd/ä/日本", "odd/a&b<c>\"d'", "odd/%41", "odd/~!*();:@=$,[]"];
    let content = Content::bytes("hello");
    let mut how = Put { cache_control: Some("no-cache".to_owned()), ..Put::of("text/html; charset=utf-8") };
    how.metadata.insert("by".to_owned(), "anna".to_owned());
    for name in names {
        let key = Key::new(name).unwrap();
        let once = how.clone().on(Condition::Absent);
        let written = bucket.put(&key, &content, &once, &|_| {}).await.unwrap();
        let Written::Done(stored) = written else { panic!("{name} was there") };
        assert_eq!(bucket.put(&key, &content, &once, &|_| {}).await.unwrap(), Written::Unmet, "{name}");
        let about = bucket.head(&key).await.unwrap().unwrap();
        assert_eq!((&about.etag, about.length), (&stored.etag, 5), "{name}");
        assert_eq!(about.sha256, Some(Sha256::of(b"hello")), "{name}");
        assert_eq!(about.metadata["by"], "anna");
        assert_eq!(about.cache_control.as_deref(), Some("no-cache"));
        let next = how.clone().on(Condition::Is(stored.etag.clone()));
        let other = Content::bytes("other");
        assert!(matches!(bucket.put(&key, &other, &next, &|_| {}).await.unwrap(), Written::Done(_)));
        assert_eq!(bucket.put(&key, &other, &next, &|_| {}).await.unwrap(), Written::Unmet, "{name}");
        assert_eq!(bucket.get(&key).await.unwrap().unwrap().content.as_slice(), b"other");
    }
    let mut listed: Vec<String> =
        bucket.list("odd/").await.unwrap().iter().map(|one| one.key.to_string()).collect();
    listed.sort();
    let mut expected = names.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(listed, expected);
    let versions = bucket.versions("odd/").await.unwrap();
    assert_eq!(versions.len(), 2 * names.len());
    let all: Vec<_> = versions.into_iter().map(|one| (one.key, Some(one.version))).collect();
    assert_eq!(bucket.delete_all(&all).await.unwrap(), []);
    assert!(bucket.versions("odd/").await.unwrap().is_empty());
}
