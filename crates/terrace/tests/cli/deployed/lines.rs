//! `terrace logs --aws`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::world::{Played, World, steady};

const STREAM: &str = "app/app/0a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// Lines that CloudWatch gives in two pages, and nothing of what is filtered out there.
fn logged() -> World {
    let mut world = World::deployed();
    let line = |nth: u64, text: &str| json!({"timestamp": 1_795_300_000_000_u64 + nth, "logStreamName": STREAM, "message": text, "eventId": format!("e{nth}")});
    let last = json!({"events": [
        line(3, "{\"level\":\"error\",\"msg\":\"no such item\",\"request_id\":\"r-12345678\",\"trace_id\":\"t-87654321\"}"),
        line(4, "{\"msg\":\"slow\",\"trace_id\":\"t-87654321\"}"),
    ]});
    world.json("logs:FilterLogEvents", "filterPattern", last.clone());
    world.json("logs:FilterLogEvents", "nextToken", last);
    world.json("logs:FilterLogEvents", "", json!({"nextToken": "2", "events": [
        line(0, "listening on 8080"),
        line(1, "{\"ts\":\"x\",\"edge\":\"web\",\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"ms\":0.3}"),
        line(2, "hello"),
    ]}));
    world
}

#[test]
fn lines_of_all_tiers_are_one_stream() {
    let played = Played::of(logged());
    insta::assert_snapshot!(played.shows("logs --aws"), @"
    exit code: 0
    ----- stdout
    app/0a1b2c3d │ listening on 8080
    app/0a1b2c3d │ hello
    app/0a1b2c3d │ ERROR no such item request_id=r-12345678 trace_id=t-87654321
    app/0a1b2c3d │ slow trace_id=t-87654321
    ");
    insta::assert_snapshot!(played.shows("logs app --aws --tail 1 --timestamps"), @"
    exit code: 0
    ----- stdout
    2026-11-21T22:26:40.004Z app/0a1b2c3d │ slow trace_id=t-87654321
    ");
    insta::assert_snapshot!(played.shows("logs app/0a1b --aws --tail 1 --json"), @r#"
    exit code: 0
    ----- stdout
    {"from":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","name":"app","text":"{\"msg\":\"slow\",\"trace_id\":\"t-87654321\"}","time":"2026-11-21T22:26:40.004Z"}
    "#);
    insta::assert_snapshot!(steady(&played.shows("logs app/ffff --aws --since 2h")), @"
    exit code: 0
    ----- stderr
    nothing was said since [AGO]: `--since [AGO]` looks further back
    ");
}

#[test]
fn one_request_is_followed_through_its_other_names() {
    let played = Played::of(logged());
    insta::assert_snapshot!(played.shows("logs --aws --request r-12345678"), @"
    exit code: 0
    ----- stdout
    app/0a1b2c3d │ ERROR no such item request_id=r-12345678 trace_id=t-87654321
    app/0a1b2c3d │ slow trace_id=t-87654321
    ");
    let asked = played.world(|world| world.asked.clone());
    assert!(asked.iter().any(|one| one.contains("t-87654321")), "{asked:?}");
    let ran = played.run("logs --aws --request ?");
    assert!(ran.code == 2 && ran.stderr.contains("`?` is no request"), "{}", ran.stderr);
}

#[test]
fn a_party_that_is_not_there_is_said_with_those_that_are() {
    let played = Played::of(logged());
    insta::assert_snapshot!(played.shows("logs ap --aws"), @"
    exit code: 2
    ----- stderr
    error: nothing of the name `ap` logs on AWS
    help: did you mean `app`?
    ");
    insta::assert_snapshot!(played.shows("logs web --aws"), @"
    exit code: 2
    ----- stderr
    error: nothing of the name `web` logs on AWS
      because: the page is served by CloudFront, which logs no lines
    help: there are `app`
    ");
}

#[test]
fn a_group_that_is_not_there_yet_is_no_failure() {
    let mut world = World::deployed();
    world.answer(
        "logs:FilterLogEvents",
        "",
        400,
        "{\"__type\":\"ResourceNotFoundException\",\"message\":\"The specified log group does not exist.\"}",
    );
    insta::assert_snapshot!(steady(&Played::of(world).shows("logs --aws --since 2026-11-21T10:00:00Z")), @"
    exit code: 0
    ----- stderr
    app has logged nothing yet: there is no /shop/app
    nothing was said since [AGO]: `--since [AGO]` looks further back
    ");
}

#[test]
fn what_is_followed_ends_with_the_first_signal_or_when_the_reader_leaves() {
    let played = Played::of(logged());
    let start = || {
        let mut command = played.command("logs --aws --follow --tail 2");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut child = start();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("no such item"));
    assert!(lines.next().unwrap().unwrap().contains("slow"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    assert!(lines.next().is_none(), "a line was told twice");

    let mut child = start();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
