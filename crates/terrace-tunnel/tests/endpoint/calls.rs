//! Calls and their answers as files: `calls/NAME.txt` is a request, and after `=>` what is answered.
//!
//! Lines `shape`, `service`, `region`, `target`, `line` and headers of any name, an empty line, the body, with TARGET, TASK and
//! DATABASE for what the endpoint has. Dropping a file in adds a case; with `TERRACE_UPDATE=1` the answers are written anew, to be read in the diff.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use regex::Regex;
use serde_json::Value;
use terrace_tunnel::endpoint::Endpoint;

use crate::http::{Call, Reply};
use crate::system::{Kind, opened};

/// Splits a file into shape, request and expected answer.
fn read(text: &str) -> (Kind, Call, &str) {
    let (request, expected) = text.split_once("\n=> ").unwrap_or((text.trim_end_matches('\n'), ""));
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut kind = Kind::Fargate;
    let mut call = Call::new("ssm", None, body.trim_end().to_owned());
    for line in head.lines() {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("`{line}` is no header"));
        let value = value.trim();
        match name {
            "shape" => {
                kind = match value {
                    "fargate" => Kind::Fargate,
                    "closed" => Kind::Closed,
                    "ec2" => Kind::Ec2,
                    "bare" => Kind::Bare,
                    other => panic!("`{other}` is no shape"),
                }
            }
            "service" => call.service = value.to_owned(),
            "region" => call.region = value.to_owned(),
            "target" => call.target = Some(value.to_owned()),
            "line" => call.line = value.to_owned(),
            "body" => call.body = "x".repeat(value.parse().unwrap()),
            _ => call = call.with(name, value),
        }
    }
    (kind, call, expected.trim_end())
}

/// Puts in what the endpoint tells its users: a target, a task, the database's host.
fn known(body: &str, endpoint: &Endpoint) -> String {
    let target = endpoint.targets().first().cloned().unwrap_or_default();
    let task = target.rsplit('_').nth(1).unwrap_or("none").to_owned();
    let host = endpoint.database().map(|(host, _)| host).unwrap_or_default();
    body.replace("TARGET", &target).replace("TASK", &task).replace("DATABASE", &host)
}

/// An answer as it stands in a file: laid out, without what is another one each time.
fn shown(reply: &Reply, address: SocketAddr) -> String {
    let text = match serde_json::from_str::<Value>(&reply.text) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
        Err(_) => reply.text.replace("><", ">\n<"),
    };
    let text = text.replace(&address.to_string(), "ADDRESS");
    let text = Regex::new("rehearsal-0[0-9a-f]{16}").unwrap().replace_all(&text, "SESSION").into_owned();
    let text = Regex::new("[0-9a-f]{64}").unwrap().replace_all(&text, "TOKEN").into_owned();
    format!("{} {}\n{text}", reply.status, reply.kind)
}

#[tokio::test]
async fn calls_are_answered_as_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/endpoint/calls");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 30, "{files:?}");
    let mut wrong = String::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (kind, mut call, expected) = read(&text);
        let endpoint = opened(kind, "127.0.0.1:9".parse().unwrap(), "").await;
        call.body = known(&call.body, &endpoint);
        let got = shown(&call.send(endpoint.address()).await, endpoint.address());
        if got == expected {
            continue;
        }
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            let request =
                text.split_once("\n=> ").map_or(text.trim_end_matches('\n'), |(request, _)| request);
            fs::write(&file, format!("{request}\n=> {got}\n")).unwrap();
        } else {
            writeln!(wrong, "{}\n{got}\n", file.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nTERRACE_UPDATE=1 writes the answers anew");
}
