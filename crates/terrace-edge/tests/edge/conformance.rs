//! The conformance table: every file in `tests/cases` is read, every case in it is sent to a running edge as bytes.
//!
//! A case says what must come back. Beyond that, each case checks that the connection either closed or still
//! answers the next request rightly (it was not desynchronised), and that a bystander on another connection is
//! served all the while.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::client::{Connection, Response};
use crate::support::edge::{Edge, config};
use crate::support::folder::Folder;
use crate::support::upstream::Upstream;
use serde::Deserialize;
use terrace_edge_config::{Limits, Millis};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Which rule the cases hold to.
    #[expect(dead_code, reason = "for readers of the file")]
    about: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Bytes as text; `{a*900}` stands for 900 times `a`.
    send: String,
    expect: Vec<Expected>,
    /// What the connection is after the last response.
    #[serde(default)]
    then: Then,
    /// How many requests reach the upstream.
    #[serde(default)]
    upstream: usize,
    /// What the upstream sees in its last request.
    #[serde(default)]
    upstream_has: Vec<String>,
    /// What it does not see.
    #[serde(default)]
    upstream_lacks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    status: u16,
    /// Exact values; `*` for any.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    absent: Vec<String>,
    body: Option<String>,
    has: Option<String>,
    /// The response to `HEAD`.
    #[serde(default)]
    headless: bool,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Then {
    #[default]
    Open,
    Closed,
}

/// Limits small enough to be reached.
fn limits() -> Limits {
    Limits {
        header_bytes: 8192,
        header_fields: 50,
        target_bytes: 2048,
        body_bytes: 10_000,
        header_timeout: Millis::new(700),
        body_timeout: Millis::new(700),
        ..Limits::default()
    }
}

#[test]
fn every_case_of_the_table_holds() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let mut settings = config(&folder.path(), Some(upstream.address));
    settings.limits = limits();
    let edge = Edge::start(&settings);
    let mut files: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for case in file.case {
            count += 1;
            if let Err(what) = check(&case, &edge, &upstream) {
                let file = path.file_name().unwrap().display();
                wrong.push(format!("{file}: {}: {what}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 100, "the table has shrunk to {count}");
}

fn check(case: &Case, edge: &Edge, upstream: &Upstream) -> Result<(), String> {
    let mut bystander = edge.connect();
    if bystander.get("/probe.txt").text() != "PROBE" {
        return Err("a bystander is not served before".to_owned());
    }
    let before = upstream.seen().len();
    let mut connection = edge.connect();
    connection.send(written_out(&case.send));
    for (place, expected) in case.expect.iter().enumerate() {
        let response =
            connection.response(expected.headless).map_err(|e| format!("response {}: {e}", place + 1))?;
        compare(expected, &response).map_err(|e| format!("response {}: {e}", place + 1))?;
    }
    match case.then {
        Then::Closed if !connection.is_closed() => return Err("the connection stays open".to_owned()),
        Then::Closed => {}
        Then::Open => still_in_step(&mut connection)?,
    }
    if bystander.get("/probe.txt").text() != "PROBE" {
        return Err("a bystander is not served after".to_owned());
    }
    let seen = upstream.seen().split_off(before);
    if seen.len() != case.upstream {
        return Err(format!("{} requests reached the upstream: {seen:?}", seen.len()));
    }
    let last = seen.last().cloned().unwrap_or_default();
    if let Some(missing) = case.upstream_has.iter().find(|text| !last.contains(text.as_str())) {
        return Err(format!("the upstream does not see {missing:?} in {last:?}"));
    }
    if let Some(extra) = case.upstream_lacks.iter().find(|text| last.contains(text.as_str())) {
        return Err(format!("the upstream sees {extra:?} in {last:?}"));
    }
    Ok(())
}

fn still_in_step(connection: &mut Connection) -> Result<(), String> {
    connection.send("GET /probe.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let probe = connection.response(false).map_err(|e| format!("the next request: {e}"))?;
    if (probe.status, probe.text().as_str()) == (200, "PROBE") {
        Ok(())
    } else {
        Err(format!("the next request is answered with {} {:?}", probe.status, probe.text()))
    }
}

fn compare(expected: &Expected, response: &Response) -> Result<(), String> {
    let text = response.text();
    if response.status != expected.status {
        return Err(format!("status {} instead of {}: {text}", response.status, expected.status));
    }
    for (name, value) in &expected.headers {
        match response.headers.get(name) {
            Some(got) if value == "*" || got == value => {}
            got => return Err(format!("`{name}` is {got:?} instead of {value:?}")),
        }
    }
    if let Some(name) = expected.absent.iter().find(|name| response.headers.contains_key(*name)) {
        return Err(format!("`{name}` is there: {:?}", response.header(name)));
    }
    if expected.body.as_ref().is_some_and(|body| *body != text) {
        return Err(format!("the body is {text:?}"));
    }
    if expected.has.as_ref().is_some_and(|has| !text.contains(has.as_str())) {
        return Err(format!("the body is {text:?}"));
    }
    if response.status >= 400 && response.status != 416 && !expected.headless && text.is_empty() {
        return Err("an error without a word".to_owned());
    }
    Ok(())
}

/// Writes `{a*900}` out.
fn written_out(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let repeat = after.split_once('}').and_then(|(inside, after)| {
            let (what, times) = inside.rsplit_once('*')?;
            Some((what.repeat(times.parse().ok()?), after))
        });
        match repeat {
            Some((repeated, after)) => {
                out.push_str(&repeated);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}
