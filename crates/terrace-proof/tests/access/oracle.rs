//! Random cases against `@cloud-copilot/iam-simulate`, a program of its own.
//!
//! Runs where `TERRACE_IAM_SIMULATE` names a folder into which npm installed it (`scripts/test rust` installs what
//! `package.json` beside this file names, and names the folder); says loudly that it was skipped elsewhere.
//! Four things that the simulator and AWS's pages tell differently are not drawn: blocks of all addresses (`0.0.0.0/0`,
//! which the simulator takes for one address), `IfExists` together with `ForAnyValue`, an incomplete ARN in
//! `NotResource`, and wildcards before the slash of a resource's kind (`k*/x`).
//! `TERRACE_IAM_CASES` sets how many cases.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use terrace_aws::{Effect, Json, PolicyDocument};
use terrace_proof::access::{Layer, Verdict};

use crate::laws::answer;
use crate::plain::{Answer, Ask};
use crate::worlds::{Choice, World, ask, choice, world};

fn printed(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Int(number) => (*number).into(),
        Json::Text(text) => text.literal().unwrap().into(),
        Json::List(items) => items.iter().map(printed).collect(),
        Json::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), printed(value))).collect(),
    }
}

/// Without what allows: the simulator adds that by itself.
fn denials(document: &PolicyDocument) -> PolicyDocument {
    let PolicyDocument::Statements(all) = document else { return document.clone() };
    PolicyDocument::Statements(all.iter().filter(|s| s.effect == Effect::Deny).cloned().collect())
}

fn simulation(world: &World, ask: &Ask, choice: &Choice) -> Value {
    let policy = |document: &PolicyDocument| printed(&document.json());
    let named = |document: &PolicyDocument| json!({ "name": "policy", "policy": policy(document) });
    let level = |document: &Option<PolicyDocument>| -> Vec<Value> {
        document.iter().map(|d| json!({ "orgIdentifier": "o", "policies": [named(d)] })).collect()
    };
    let context: serde_json::Map<String, Value> = choice
        .iter()
        .filter_map(|(key, values)| {
            let values = values.clone()?;
            let value = if *key == "aws:TagKeys" { json!(values) } else { json!(values[0]) };
            Some(((*key).to_owned(), value))
        })
        .collect();
    let principal = match &ask.own {
        None => json!({ "type": "Anonymous" }),
        Some((_, name)) => json!(name),
    };
    let identity = ask.account.is_some();
    let mut all = json!({
        "request": {
            "principal": principal,
            "action": ask.action,
            "resource": { "resource": ask.resource, "accountId": ask.owner },
            "contextVariables": context,
        },
        "identityPolicies": if identity { vec![named(&world.identity)] } else { Vec::new() },
        "serviceControlPolicies": if identity { level(&world.scp) } else { Vec::new() },
        "resourceControlPolicies": level(&world.rcp.as_ref().map(denials)),
        "resourcePolicy": policy(&world.resource),
    });
    if let (true, Some(boundary)) = (identity, &world.boundary) {
        all["permissionBoundaryPolicies"] = json!([named(boundary)]);
    }
    if let (true, Some(session)) = (identity, &world.session) {
        all["sessionPolicy"] = policy(session);
    }
    all
}

/// Sessions of their own are what roles have.
fn possible((mut world, ask, choice): (World, Ask, Choice)) -> (World, Ask, Choice) {
    if ask.role.is_none() {
        world.session = None;
    }
    (world, ask, choice)
}

/// Whether the action is one of the resource's.
fn exists(ask: &Ask) -> bool {
    let (service, _) = ask.action.split_once(':').unwrap();
    let of = ask.resource.split(':').nth(2).unwrap();
    of == service || (of == "iam" && service == "sts")
}

/// The one difference that is known: a resource's grant to a session itself. AWS writes that the session's policy does not
/// limit it by silence ("Policy evaluation for requests within a single account"); the simulator limits it.
fn by_session(world: &World, verdict: &Verdict) -> bool {
    let Verdict::Allowed(by) = verdict else { return false };
    world.session.is_some() && by.iter().all(|c| !matches!(c.layer, Layer::Identity | Layer::Session))
}

#[test]
fn the_simulator_decides_the_same() {
    let Some(folder) = std::env::var_os("TERRACE_IAM_SIMULATE") else {
        eprintln!(
            "SKIPPED: decisions against iam-simulate, because TERRACE_IAM_SIMULATE names no folder with it"
        );
        return;
    };
    let count = std::env::var("TERRACE_IAM_CASES").map_or(3000, |n| n.parse().unwrap());
    // Of the actions and resources drawn, one in six go together.
    let config = Config { max_local_rejects: u32::MAX, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (world(), ask().prop_filter("exists", exists), choice());
    let drawn: Vec<(World, Ask, Choice)> =
        (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).map(possible).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access/simulate.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> =
        drawn.iter().map(|(world, ask, choice)| simulation(world, ask, choice).to_string()).collect();
    let written = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    written.join().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), count);
    let (mut wrong, mut refusals, mut excused) = (Vec::new(), Vec::new(), 0);
    for (line, (world, ask, choice)) in said.lines().zip(&drawn) {
        let theirs = match line {
            "Allowed" => Answer::Allowed,
            "ExplicitlyDenied" => Answer::Explicit,
            "ImplicitlyDenied" => Answer::Implicit,
            // It knows which actions exist on which resources, and refuses the others.
            refused => {
                assert!(refused.starts_with("error "), "{refused}");
                refusals.push(refused);
                continue;
            }
        };
        let verdict = world.decide(ask, choice, &[]);
        let ours = answer(&verdict);
        if ours == Some(Answer::Allowed) && theirs == Answer::Implicit && by_session(world, &verdict) {
            excused += 1;
        } else if ours != Some(theirs) {
            wrong.push(format!("ours {ours:?}, theirs {theirs:?}: {}", simulation(world, ask, choice)));
        }
    }
    let shortest = wrong.iter().min_by_key(|one| one.len());
    assert!(wrong.is_empty(), "{} of {count} disagree, the shortest:\n{}", wrong.len(), shortest.unwrap());
    assert!(refusals.len() * 100 < count, "{} of {count} refused, such as {}", refusals.len(), refusals[0]);
    assert!(excused * 100 < count, "{excused} of {count} excused");
    eprintln!("compared {} decisions, {excused} of them excused", count - refusals.len());
}
