//! Secrets: what AWS is asked, what is told, and that no value is told anywhere.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use terrace_cloud::deployed::{DatabaseKind, Names};
use terrace_cloud::release::Pace;
use terrace_cloud::secrets::{Reference, Restart, Value, list, restart, rotate, rotate_database, set};

use crate::server::{Answer, Asked, Server};

const PLANTED: &str = "correct-horse-battery";

/// Answers by a script, and keeps what was asked.
fn scripted(script: Vec<(u16, Json)>) -> (Server, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (kept, mut script) = (asked.clone(), script.into_iter());
    let server = Server::start(move |one| -> Answer {
        kept.lock().unwrap().push(one.clone());
        let (status, body) = script.next().unwrap_or((418, Json::Null));
        (status, String::new(), body.to_string())
    });
    (server, asked)
}

fn value() -> Value {
    Value::new(PLANTED.to_owned().into()).unwrap()
}

fn names() -> Names {
    let text = include_str!("cases/containers-steady.json");
    let case: Json = serde_json::from_str(text).unwrap();
    let mut names: Names = serde_json::from_value(case["names"].clone()).unwrap();
    names.database.as_mut().unwrap().secret =
        Some("arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1".parse().unwrap());
    names
}

#[tokio::test]
async fn a_value_is_set_once_though_the_first_answer_is_lost() {
    let done = json!({"ARN": "arn:s", "VersionId": "v2"});
    let (server, asked) = scripted(
        vec![(500, json!({"__type": "InternalServiceError"})); 4].into_iter().chain([(200, done)]).collect(),
    );
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
    let changed = set(&server.account(), &"items/SESSION_KEY".parse().unwrap(), &value(), at).await.unwrap();
    assert_eq!((changed.arn.as_str(), changed.version.as_str()), ("arn:s", "v2"));
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|one| one.body == asked[0].body && one.call == "secretsmanager:PutSecretValue"));
    let body: Json = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["SecretString"], PLANTED);
    let token = body["ClientRequestToken"].as_str().unwrap();
    assert!((32..=64).contains(&token.len()), "{token}");
    assert!(!format!("{:?}{changed:?}", value()).contains(PLANTED));
}

#[tokio::test]
async fn the_next_change_has_another_token_and_a_refusal_tells_no_value() {
    let refused = json!({"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the specified secret."});
    let (server, asked) = scripted(vec![(400, refused.clone()), (400, refused)]);
    let (account, secret) = (server.account(), "items/SESSION_KEY".parse().unwrap());
    let error = set(&account, &secret, &value(), SystemTime::UNIX_EPOCH).await.unwrap_err();
    assert_snapshot!(error, @"setting the secret items/SESSION_KEY: ResourceNotFoundException: Secrets Manager can't find the specified secret.; it is not there: look whether account, region and environment are right, or deploy first");
    assert!(!format!("{error:?}").contains(PLANTED));
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    set(&account, &secret, &value(), later).await.unwrap_err();
    let asked = asked.lock().unwrap();
    let token =
        |at: usize| serde_json::from_str::<Json>(&asked[at].body).unwrap()["ClientRequestToken"].clone();
    assert_ne!(token(0), token(1));
}

#[tokio::test]
async fn what_aws_makes_up_is_set_and_what_it_does_not_is_not() {
    let made = json!({"RandomPassword": PLANTED});
    let (server, asked) = scripted(vec![(200, made), (200, json!({"ARN": "arn:s", "VersionId": "v3"}))]);
    let (account, secret) = (server.account(), "items/SESSION_KEY".parse().unwrap());
    let changed = rotate(&account, &secret, SystemTime::UNIX_EPOCH).await.unwrap();
    assert!(!format!("{changed:?}").contains(PLANTED));
    assert_eq!(
        serde_json::from_str::<Json>(&asked.lock().unwrap()[1].body).unwrap()["SecretString"],
        PLANTED
    );

    let (server, asked) = scripted(vec![(200, json!({}))]);
    let error = rotate(&server.account(), &secret, SystemTime::UNIX_EPOCH).await.unwrap_err();
    assert_snapshot!(error, @"Secrets Manager was asked to make up a value, and its answer has none; the value from before is in force");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_databases_password_is_replaced_by_rds() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    let server = Server::start(move |one| {
        kept.lock().unwrap().push(one.body.clone());
        let told = "<ModifyDBClusterResponse><ModifyDBClusterResult/></ModifyDBClusterResponse>";
        (200, String::new(), told.to_owned())
    });
    let mut database = names().database.unwrap();
    database.kind = DatabaseKind::Cluster;
    rotate_database(&server.account(), &database).await.unwrap();
    assert_snapshot!(asked.lock().unwrap()[0], @"Action=ModifyDBCluster&Version=2014-10-31&DBClusterIdentifier=items-prod&RotateMasterUserPassword=true&ApplyImmediately=true");
}

#[test]
fn what_cannot_be_a_value_is_refused_without_showing_it() {
    for (text, why) in [
        (String::new(), "the value is empty: type it at the prompt, or hand it in by standard input"),
        (
            "a\0b".to_owned(),
            "the value has a NUL in it, and what an application gets as a variable cannot have one",
        ),
        ("x".repeat(65_537), "the value has 65537 bytes, and Secrets Manager keeps at most 65536"),
    ] {
        assert_eq!(Value::new(text.into()).unwrap_err().to_string(), why);
    }
}

#[tokio::test]
async fn secrets_are_listed_with_who_reads_them() {
    let server = Server::start(|asked| {
        assert_eq!(asked.call, "secretsmanager:DescribeSecret");
        let id = serde_json::from_str::<Json>(&asked.body).unwrap()["SecretId"].as_str().unwrap().to_owned();
        let answer = match id.as_str() {
            "items/prod/app/SESSION_KEY" => {
                json!({"LastChangedDate": 1_795_300_000.5, "LastAccessedDate": 1_795_219_200})
            }
            "mail" => json!({"LastChangedDate": 1_795_000_000, "DeletedDate": 1_795_300_000}),
            "gone" => return (400, String::new(), r#"{"__type":"ResourceNotFoundException"}"#.to_owned()),
            _ => json!({"LastChangedDate": 1_795_100_000}),
        };
        (200, String::new(), answer.to_string())
    });
    let reference = |party: &str, setting: &str, secret: &str, generated| Reference {
        party: party.parse().unwrap(),
        setting: setting.to_owned(),
        secret: secret.parse().unwrap(),
        generated,
    };
    let references = [
        reference("app", "SESSION_KEY", "items/prod/app/SESSION_KEY", true),
        reference("app", "MAIL", "mail", false),
        reference("worker", "MAIL_KEY", "mail", false),
        reference("worker", "OLD", "gone", false),
    ];
    let all = list(&server.account(), names().database.as_ref(), &references).await.unwrap();
    let lines: Vec<String> = all.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    {"secret":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1","origin":"database","readers":[{"party":"app","setting":null},{"party":"worker","setting":null}],"there":true,"changed":"2026-11-19T14:53:20.000Z","read":null}
    {"secret":"gone","origin":"outside","readers":[{"party":"worker","setting":"OLD"}],"there":false,"changed":null,"read":null}
    {"secret":"items/prod/app/SESSION_KEY","origin":"system","readers":[{"party":"app","setting":"SESSION_KEY"}],"there":true,"changed":"2026-11-21T22:26:40.500Z","read":"2026-11-21T00:00:00.000Z"}
    {"secret":"mail","origin":"outside","readers":[{"party":"app","setting":"MAIL"},{"party":"worker","setting":"MAIL_KEY"}],"there":false,"changed":"2026-11-18T11:06:40.000Z","read":null}
    "#);
}

#[tokio::test]
async fn a_restart_is_told_until_it_is_over() {
    let deployment = |id: &str, state: &str, running: u32| json!({"id": id, "status": "PRIMARY", "rolloutState": state, "runningCount": running, "desiredCount": 2, "rolloutStateReason": "tasks failed to start"});
    let services = |one: Json| json!({"services": [{"deployments": [one]}]});
    let cases =
        [("COMPLETED", "done"), ("FAILED", "failed"), ("IN_PROGRESS", "still_going"), ("other", "failed")];
    for (end, told) in cases {
        let last = if end == "other" { deployment("d2", "IN_PROGRESS", 0) } else { deployment("d1", end, 2) };
        let (server, asked) = scripted(vec![
            (200, json!({"service": {"deployments": [deployment("d1", "IN_PROGRESS", 0)]}})),
            (200, services(deployment("d1", "IN_PROGRESS", 0))),
            (200, services(deployment("d1", "IN_PROGRESS", 0))),
            (200, services(last)),
        ]);
        let events = Mutex::new(Vec::new());
        let pace = Pace { every: Duration::ZERO, most: 3 };
        let hear = |event: Restart| events.lock().unwrap().push(serde_json::to_string(&event).unwrap());
        let end = restart(&server.account(), &names(), pace, hear).await.unwrap();
        assert!(serde_json::to_string(&end).unwrap().contains(told), "{end:?}");
        assert!(asked.lock().unwrap()[0].body.contains(r#""forceNewDeployment":true"#));
        let events = events.lock().unwrap();
        assert_eq!(
            events[..2],
            [r#"{"begun":{"service":"items-prod-app"}}"#, r#"{"running":{"running":0,"wanted":2}}"#]
        );
    }
}
