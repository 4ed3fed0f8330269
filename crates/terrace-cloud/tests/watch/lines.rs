//! Lines of several groups, against log groups as CloudWatch keeps them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_cloud::watch::{Line, Logs, Matching, Source, Time, Wanted, trail};

use crate::group::{Event, Groups};
use crate::server::Server;

fn event(at: u64, message: &str) -> Event {
    Event { at, message: message.to_owned(), from_look: 0 }
}

fn wanted(parties: &[&str], since: u64) -> Wanted {
    let source = |party: &&str| Source {
        party: (*party).to_owned(),
        group: format!("/items/{party}").parse().unwrap(),
    };
    Wanted {
        sources: parties.iter().map(source).collect(),
        since: Time::of_millis(since),
        until: None,
        matching: Matching::all(),
    }
}

fn groups(of: &[(&str, &[Event])]) -> BTreeMap<String, Vec<Event>> {
    of.iter().map(|(party, events)| (format!("/items/{party}"), events.to_vec())).collect()
}

fn serve(mut groups: Groups) -> Server {
    Server::start(move |asked| groups.play(asked))
}

async fn all(logs: &mut Logs<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    while let Some(line) = logs.next().await.unwrap() {
        lines.push(line);
    }
    lines
}

fn text(lines: &[Line]) -> String {
    let each = |line: &Line| format!("{} {} {}", line.at.millis(), line.party, line.message);
    lines.iter().map(each).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn several_groups_are_one_stream_and_one_that_is_not_there_is_told() {
    let web = [event(10, "web a"), event(30, "web b"), event(30, "web c"), event(70, "web late")];
    let app = [event(5, "too early"), event(30, "app a"), event(20, "app b"), event(80, "after the end")];
    let server = serve(Groups::new(groups(&[("web", &web), ("app", &app)]), 2));
    let account = server.account();
    let wanted = Wanted { until: Some(Time::of_millis(70)), ..wanted(&["web", "app", "gone"], 10) };
    let mut logs = Logs::new(&account, wanted);
    let lines = all(&mut logs).await;
    assert_snapshot!(text(&lines), @"
    10 web web a
    20 app app b
    30 web web b
    30 web web c
    30 app app a
    70 web web late
    ");
    let absent: Vec<&str> = logs.absent().iter().map(|source| source.party.as_str()).collect();
    assert_eq!(absent, ["gone"]);
    assert_snapshot!(serde_json::to_string(&lines[0]).unwrap(), @r#"{"at":"1970-01-01T00:00:00.010Z","party":"web","stream":"app/app/7412","message":"web a"}"#);
}

#[tokio::test]
async fn what_is_refused_is_told_with_what_to_do_and_can_be_asked_again() {
    let mut calls = 0;
    let mut groups = Groups::new(groups(&[("app", &[event(10, "a line")])]), 5);
    let server = Server::start(move |asked| {
        calls += 1;
        let denied = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/items/app:log-stream: because no identity-based policy allows the logs:FilterLogEvents action";
        match calls {
            1 => {
                (400, String::new(), format!(r#"{{"__type":"AccessDeniedException","message":"{denied}"}}"#))
            }
            _ => groups.play(asked),
        }
    });
    let account = server.account();
    let mut logs = Logs::new(&account, wanted(&["app"], 0));
    let error = logs.next().await.unwrap_err();
    assert!(!error.is_passing());
    assert_snapshot!(error.next(), @"allow logs:FilterLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/items/app:log-stream:");
    assert_eq!(text(&all(&mut logs).await), "10 app a line");
}

#[tokio::test]
async fn one_request_is_followed_through_the_tiers_by_each_of_its_names() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let web = [
        event(10, &format!(r#"{{"status":200,"request_id":"req-77aa","trace_id":"{trace}"}}"#)),
        event(11, r#"{"status":200,"request_id":"req-88bb"}"#),
    ];
    let app = [
        event(9, r#"{"fields":{"request_id":"req-77aa"},"message":"slow"}"#),
        event(12, &format!("plain text about {trace}")),
        event(13, r#"{"message":"another","request_id":"req-88bb"}"#),
    ];
    let server = serve(Groups::new(groups(&[("web", &web), ("app", &app)]), 1));
    let account = server.account();
    let lines = trail(&account, &wanted(&["web", "app"], 0), "req-77aa".parse().unwrap()).await.unwrap();
    assert_snapshot!(text(&lines), @r#"
    9 app {"fields":{"request_id":"req-77aa"},"message":"slow"}
    10 web {"status":200,"request_id":"req-77aa","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}
    12 app plain text about 4bf92f3577b34da6a3ce929d0e0e4736
    "#);
    let by_trace: Vec<Line> =
        trail(&account, &wanted(&["web", "app"], 0), trace.parse().unwrap()).await.unwrap();
    assert_eq!(by_trace, lines);
}

#[tokio::test]
async fn what_arrives_late_is_told_once_and_after_what_was_there() {
    // CloudWatch's clock is at 1 000 s and goes on by 2 s with each look.
    let late = |at: u64, message: &str, look: u64| Event { from_look: look, ..event(at, message) };
    let app = [event(900_000, "old"), late(1_003_000, "new", 3), late(1_002_000, "late", 5)];
    let web = [late(1_001_000, "web", 2), late(1_050_000, "of a clock ahead", 2), late(1_060_000, "last", 9)];
    let mut played = Groups::new(groups(&[("app", &app), ("web", &web)]), 1);
    played.throttled = 4;
    let since = Arc::new(Mutex::new(Vec::new()));
    let seen = since.clone();
    let server = Server::start(move |asked| {
        let fields: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        seen.lock().unwrap().push(fields["startTime"].as_u64().unwrap());
        played.play(asked)
    });
    let account = server.account();
    let mut following = Logs::new(&account, wanted(&["app", "web", "gone"], 800_000)).follow(Duration::ZERO);
    let mut lines = Vec::new();
    for _ in 0..6 {
        lines.push(tokio::time::timeout(Duration::from_secs(60), following.next()).await.unwrap().unwrap());
    }
    assert!(following.is_live());
    assert_snapshot!(text(&lines), @"
    900000 app old
    1001000 web web
    1050000 web of a clock ahead
    1003000 app new
    1002000 app late
    1060000 web last
    ");
    // A look goes back a minute by CloudWatch's clock, and never before what was asked for.
    let since = since.lock().unwrap();
    assert_eq!(since[0], 800_000);
    assert!(since.is_sorted() && since.last().unwrap() > &940_000, "{since:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn each_line_is_told_once_and_in_order(
        web in prop::collection::vec((0_u64..50, "[a-c ]{0,3}"), 0..12),
        app in prop::collection::vec((0_u64..50, "[a-c ]{0,3}"), 0..12),
        page in 1_usize..5, throttled in prop::sample::select(vec![0_u64, 3, 5]), grep in "[a-c]{0,1}",
    ) {
        let of = |all: &[(u64, String)]| all.iter().map(|(at, text)| event(*at, text)).collect::<Vec<_>>();
        let mut played = Groups::new(groups(&[("web", &of(&web)), ("app", &of(&app))]), page);
        played.throttled = throttled;
        let server = serve(played);
        let account = server.account();
        let wanted = wanted(&["web", "app"], 7);
        let wanted = Wanted { matching: Matching::all().containing(&grep), ..wanted };
        let lines = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
            .block_on(async { all(&mut Logs::new(&account, wanted)).await });
        prop_assert!(lines.is_sorted_by_key(|line| line.at));
        let mut told: Vec<(String, u64, String)> =
            lines.into_iter().map(|line| (line.party, line.at.millis(), line.message)).collect();
        let mut expected: Vec<(String, u64, String)> = [("web", &web), ("app", &app)]
            .into_iter()
            .flat_map(|(party, all)| all.iter().map(move |(at, text)| (party.to_owned(), *at, text.clone())))
            .filter(|(_, at, text)| *at >= 7 && text.contains(&grep))
            .collect();
        told.sort();
        expected.sort();
        prop_assert_eq!(told, expected);
    }
}
