//! The book of releases: numbers, what is in force, what has not ended.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use terrace_cloud::deployed::Party;
use terrace_cloud::release::record::{
    App, Begun, Contents, Digest, Fetched, Migration, Number, Outcome, Record, Settings, Since,
};

use crate::ground::{FOUNDATION, Ground, draft};

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Of the app.
fn settings(plain: &[(&str, &str)], secret: &[&str]) -> BTreeMap<Party, Settings> {
    let plain = plain.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let secret = secret.iter().map(|name| (*name).to_owned()).collect();
    BTreeMap::from([("app".parse().unwrap(), Settings { plain, secret })])
}

fn numbered(text: &str) -> Number {
    text.parse().unwrap()
}

#[tokio::test]
async fn two_who_begin_at_once_have_two_numbers_or_the_second_is_told() {
    let ground = Ground::new();
    let book = ground.book();
    let (mut one, mut other) = (draft(None, 1), draft(None, 1));
    one.contents.configuration = settings(&[("LEVEL", "1")], &[]);
    other.contents.configuration = settings(&[("LEVEL", "2")], &[]);
    let (first, second) = tokio::join!(book.begin(&one, None), book.begin(&other, None));
    let mut told: Vec<String> = [first.unwrap(), second.unwrap()]
        .iter()
        .map(|begun| match begun {
            Begun::New(open) => format!("new {}", open.record.number),
            Begun::Resumed(open) => format!("resumed {}", open.record.number),
            Begun::Ended(record) => format!("ended {}", record.number),
            Begun::Busy(record) => format!("busy with {}", record.number),
        })
        .collect();
    told.sort();
    assert_eq!(told, ["busy with 1", "new 1"]);
    assert_eq!(book.numbers().await.unwrap(), [Number::FIRST]);
}

#[tokio::test]
async fn what_was_begun_goes_on_under_its_number_or_is_given_up() {
    let ground = Ground::new();
    let book = ground.book();
    let mut first = draft(None, 1);
    first.contents.configuration = settings(&[("LEVEL", "1")], &[]);
    let Begun::New(open) = book.begin(&first, None).await.unwrap() else { panic!() };
    assert_eq!((open.record.number, open.since), (Number::FIRST, Since::Nothing));
    let mut later = first.clone();
    later.at = draft(None, 50).at;
    let Begun::Resumed(again) = book.begin(&later, None).await.unwrap() else { panic!() };
    assert_eq!((&again.record, again.since), (&open.record, Since::Itself));

    let other = draft(None, 60);
    let Begun::Busy(record) = book.begin(&other, Some(numbered("7"))).await.unwrap() else { panic!() };
    assert_eq!(record.number, Number::FIRST);
    let Begun::New(second) = book.begin(&other, Some(Number::FIRST)).await.unwrap() else { panic!() };
    assert_eq!((second.record.number, second.since), (numbered("2"), Since::Others));
    // Whoever was thought to be gone is told that he was given up, and changes nothing.
    let refused = book.done(*again, other.at).await.unwrap_err().to_string();
    assert_snapshot!(refused, @"
    release 1 cannot be ended
      somebody else gave release 1 up, or ended it
    in force: what was in force before
    next: `terrace releases` tells what is in force
    ");
    assert_eq!(book.current().await.unwrap(), None);
    let done = book.done(*second, other.at).await.unwrap();
    assert_eq!(book.current().await.unwrap(), Some(done.number));
    let given_up = book.read(Number::FIRST).await.unwrap().unwrap();
    assert!(matches!(given_up.outcome, Outcome::Failed { .. }), "{given_up:?}");
}

#[tokio::test]
async fn the_newest_that_came_into_force_are_kept_and_what_has_not_ended() {
    let ground = Ground::new();
    let book = ground.book();
    for second in 1..=12 {
        let Begun::New(open) = book.begin(&draft(None, second), None).await.unwrap() else { panic!() };
        let at = open.record.at;
        match second {
            // One failed, one is under way.
            10 => drop(book.failed(*open, at, vec!["two tasks stopped".to_owned()]).await.unwrap()),
            12 => drop(open),
            _ => drop(book.done(*open, at).await.unwrap()),
        }
    }
    let numbers = |all: Vec<Record>| all.iter().map(|one| one.number.get()).collect::<Vec<_>>();
    assert_eq!(numbers(book.kept(3).await.unwrap()), [12, 11, 9, 8]);
    assert_eq!(numbers(book.kept(0).await.unwrap()), [12, 11]);
    assert_eq!(numbers(book.kept(100).await.unwrap()), [12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(book.numbers().await.unwrap().len(), 12);
}

#[tokio::test]
async fn a_record_is_the_same_bytes_each_time_and_a_bad_one_is_told() {
    let ground = Ground::new();
    let book = ground.book();
    ground.build(&[("index.html", "hello")]);
    let built = terrace_cloud::release::page::Built::of(ground.built.path()).await.unwrap();
    let mut draft = draft(Some(built.page), 1);
    draft.contents.migration =
        Some(Migration { command: vec!["./app".to_owned(), "migrate".to_owned()], digest: digest("app") });
    draft.contents.configuration = settings(&[("LOG_LEVEL", "debug")], &["SESSION_KEY"]);
    let Begun::New(open) = book.begin(&draft, None).await.unwrap() else { panic!() };
    assert_snapshot!(open.record.text(), @r#"
    {
      "format": 2,
      "number": 1,
      "at": "2023-11-14T22:13:21Z",
      "by": "arn:aws:iam::123456789012:user/anna",
      "commit": null,
      "message": null,
      "restores": null,
      "contents": {
        "page": {
          "digest": "sha256:6ceb6f9df80a221d58f6b376514781537b638e4973f9852067cd0d7d05e99355",
          "files": [
            {
              "path": "index.html",
              "digest": "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
              "length": 5,
              "type": "text/html; charset=utf-8",
              "cache": "no-cache"
            }
          ]
        },
        "app": null,
        "migration": {
          "command": [
            "./app",
            "migrate"
          ],
          "digest": "sha256:a172cedcae47474b615c54d510a5d84a8dea3032e958587430b413538be3f333"
        },
        "configuration": {
          "app": {
            "plain": {
              "LOG_LEVEL": "debug"
            },
            "secret": [
              "SESSION_KEY"
            ]
          }
        },
        "infrastructure": null
      },
      "definition": null,
      "migrated": false,
      "outcome": "begun"
    }
    "#);
    let read = book.read(Number::FIRST).await.unwrap().unwrap();
    assert_eq!((&read, read.text()), (&open.record, open.record.text()));

    let key = "releases/items/default/1.json";
    let mut told = Vec::new();
    for (from, to) in [
        ("\"format\": 2", "\"format\": 3"),
        ("\"format\": 2", "\"format\": 1"),
        ("\"number\": 1", "\"number\": 3"),
        ("{", ""),
    ] {
        let text = open.record.text().replacen(from, to, 1);
        ground.server.world(|world| {
            world.buckets.get_mut(FOUNDATION).unwrap().get_mut(key).unwrap().body = text.into_bytes();
        });
        told.push(book.read(Number::FIRST).await.unwrap_err().to_string());
    }
    assert_snapshot!(told.join("\n\n"), @r#"
    the record of release 1 could not be read
      s3://terrace-123456789012-eu-west-1/releases/items/default/1.json: it was written by a newer Terrace than this one: use that one
    in force: what was in force before
    next: bring back its former version (the bucket keeps them)

    the record of release 1 could not be read
      s3://terrace-123456789012-eu-west-1/releases/items/default/1.json: it has the form 1 of an older Terrace, whose releases held no settings; this one reads form 2: take the older releases' records away, and `terrace deploy` begins anew
    in force: what was in force before
    next: bring back its former version (the bucket keeps them)

    the record of release 1 could not be read
      s3://terrace-123456789012-eu-west-1/releases/items/default/1.json: it has the number of another release
    in force: what was in force before
    next: bring back its former version (the bucket keeps them)

    the record of release 1 could not be read
      s3://terrace-123456789012-eu-west-1/releases/items/default/1.json: invalid type: string "format", expected struct Record at line 2 column 10
    in force: what was in force before
    next: bring back its former version (the bucket keeps them)
    "#);
    for bad in ["", "0", "01", "+1", "1.5", "4294967296", "x"] {
        assert!(bad.parse::<Number>().is_err(), "{bad}");
    }
}

#[test]
fn settings_differ_by_name_and_another_setting_is_no_other_code() {
    let of = |plain: &[(&str, &str)], secret: &[&str]| settings(plain, secret).into_values().next().unwrap();
    let before = of(&[("GONE", "1"), ("LOG_LEVEL", "info"), ("SAME", "")], &["OLD_KEY", "SESSION_KEY"]);
    let after =
        of(&[("LOG_LEVEL", "planted"), ("MODE", "a"), ("SAME", ""), ("THEME", "b")], &["SESSION_KEY"]);
    let words = after.since(&before).words().unwrap();
    assert_snapshot!(words, @"LOG_LEVEL changed; MODE, THEME new; GONE gone; secret OLD_KEY gone");
    assert_eq!(after.since(&after).words(), None);

    let machines = |whole: &str, level: &str| {
        let fetched = Fetched { digest: digest(whole), code: digest("code") };
        let app = App::Artifacts(BTreeMap::from([("app".parse().unwrap(), fetched)]));
        let configuration = settings(&[("LOG_LEVEL", level)], &[]);
        Contents { app: Some(app), configuration, ..Contents::default() }
    };
    let (former, now) = (machines("1", "info"), machines("2", "debug"));
    assert!(!now.has_other_code(&former) && former.app != now.app);
    assert!(now.has_other_code(&Contents::default()));
}

#[test]
fn what_is_brought_back_has_its_own_settings_and_the_secrets_and_infrastructure_of_now() {
    let with = |configuration, infrastructure: &str| Contents {
        configuration,
        infrastructure: Some(digest(infrastructure)),
        ..Contents::default()
    };
    let former = with(settings(&[("LOG_LEVEL", "info")], &["OLD_KEY"]), "then");
    let now = with(settings(&[("LOG_LEVEL", "debug"), ("MODE", "a")], &["SESSION_KEY"]), "now");
    let again = with(settings(&[("LOG_LEVEL", "info")], &["SESSION_KEY"]), "now");
    assert_eq!(former.again_after(&now), again);
}
