//! A run as it is seen at some of its moments, told by its events.

use terrace_run::Event;

use super::board::Board;
use super::{lines, tree};

const PARTS: &str = r#"{"at":0,"event":"began","system":"items","shape":"ec2","pid":7,"parts":[
  {"process":"data","what":"PostgreSQL 16","after":[],"replicas":1,"built":false},
  {"process":"app","what":"2 to 6 replicas","after":["data"],"replicas":2,"built":true},
  {"process":"internal-lb","what":"internal load balancer","after":["app"],"replicas":1,"built":false},
  {"process":"web","what":"web tier","after":["internal-lb"],"replicas":1,"built":true},
  {"process":"public-lb","what":"public load balancer","after":["web"],"replicas":1,"built":false}]}"#;

fn event(text: &str) -> Event {
    serde_json::from_str(text).unwrap()
}

fn board(events: &[&str]) -> Board {
    let mut board = Board::default();
    board.apply(&event(PARTS));
    for text in events {
        board.apply(&event(text));
    }
    board
}

fn drawn(board: &Board, now: u64) -> String {
    let lines: Vec<String> = tree::render(board, now, 0);
    anstream::adapter::strip_str(&lines.join("\n")).to_string()
}

const BUILD: [&str; 4] = [
    r#"{"at":5,"event":"build-started","party":"app","command":"cargo build"}"#,
    r#"{"at":9,"event":"build-line","party":"app","line":"   Compiling sqlx v0.9"}"#,
    r#"{"at":9,"event":"build-skipped","party":"web"}"#,
    r#"{"at":10,"event":"starting","instance":{"process":"data","replica":null}}"#,
];

const UP: [&str; 6] = [
    r#"{"at":400,"event":"healthy","instance":{"process":"data","replica":null},"millis":390}"#,
    r#"{"at":900,"event":"build-finished","party":"app","millis":895}"#,
    r#"{"at":910,"event":"starting","instance":{"process":"app","replica":1}}"#,
    r#"{"at":910,"event":"starting","instance":{"process":"app","replica":2}}"#,
    r#"{"at":1200,"event":"healthy","instance":{"process":"app","replica":1},"millis":290}"#,
    r#"{"at":1300,"event":"crashed","instance":{"process":"app","replica":2},"reason":"exit status 1","last_lines":[]}"#,
];

#[test]
fn what_is_built_and_what_waits_is_seen() {
    insta::assert_snapshot!(drawn(&board(&BUILD), 2010), @"
    items (ec2)
    ├─ ⠋ data        PostgreSQL 16           starts    2.0 s
    ├─ ⠋ app         2 to 6 replicas         builds    2.0 s  Compiling sqlx v0.9
    ├─ · internal-lb internal load balancer  waits for app
    ├─ · web         web tier                waits for internal-lb
    └─ · public-lb   public load balancer    waits for web
    ");
}

#[test]
fn replicas_are_seen_one_by_one_while_they_differ() {
    let events: Vec<&str> = BUILD.iter().chain(&UP).copied().collect();
    insta::assert_snapshot!(drawn(&board(&events), 1400), @"
    items (ec2)
    ├─ ✔ data        PostgreSQL 16           healthy in 0.3 s
    ├─ ! app         2 to 6 replicas         exit status 1; tried again
    │  ├─ ✔ app-1                          healthy in 0.2 s
    │  └─ ! app-2                          exit status 1; tried again
    ├─ · internal-lb internal load balancer  waits for app
    ├─ · web         web tier                waits for internal-lb
    └─ · public-lb   public load balancer    waits for web
    ");
    let both = r#"{"at":1500,"event":"healthy","instance":{"process":"app","replica":2},"millis":100}"#;
    let events: Vec<&str> = events.into_iter().chain([both]).collect();
    insta::assert_snapshot!(drawn(&board(&events), 1600), @"
    items (ec2)
    ├─ ✔ data        PostgreSQL 16           healthy in 0.3 s
    ├─ ✔ app         2 to 6 replicas         2 healthy in 0.2 s
    ├─ · internal-lb internal load balancer  waits
    ├─ · web         web tier                waits for internal-lb
    └─ · public-lb   public load balancer    waits for web
    ");
}

#[test]
fn lines_say_what_happened_without_moving() {
    let events = BUILD.iter().chain(&UP).map(|text| lines::line(&event(text), false));
    let lines: Vec<String> = events.flatten().collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    app            builds: cargo build
    web            is built, nothing changed
    data           healthy in 0.3 s
    app            built in 0.8 s
    app-1          healthy in 0.2 s
    app-2          ended: exit status 1
    ");
}
