//! A second reading of a plan, as plain as can be: which address is said to be what, straight from the JSON.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, weighed};

/// What a plan says in so many words; nothing of what is only looked up.
fn plainly(plan: &str) -> BTreeSet<(String, String)> {
    let plan: Value = serde_json::from_str(plan).unwrap();
    let mut said = BTreeSet::new();
    for one in plan["resource_changes"].as_array().unwrap() {
        let actions: Vec<&str> =
            one["change"]["actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let has = |action: &str| actions.contains(&action);
        let word = if one["mode"] != "managed" {
            continue;
        } else if has("create") && has("delete") {
            "replace"
        } else if has("create") {
            "add"
        } else if has("delete") {
            "destroy"
        } else if has("update") {
            "change"
        } else if has("forget") {
            "forget"
        } else if !one["change"]["importing"].is_null() {
            "import"
        } else if !one["previous_address"].is_null() {
            "move"
        } else if actions == ["no-op"] {
            continue;
        } else {
            actions[0]
        };
        said.insert((one["address"].as_str().unwrap().to_owned(), word.to_owned()));
    }
    said
}

#[test]
fn every_change_is_told_once_and_no_other() {
    let mut seen = BTreeSet::new();
    for case in all() {
        let change = weighed(&case.text);
        let told: Vec<(String, String)> = change
            .groups
            .iter()
            .flat_map(|group| &group.resources)
            .map(|one| (one.address.clone(), one.verb.word().to_owned()))
            .collect();
        let set: BTreeSet<(String, String)> = told.iter().cloned().collect();
        assert_eq!(told.len(), set.len(), "{}: something is told twice", case.name);
        assert_eq!(set, plainly(&case.text), "{}", case.name);
        seen.extend(set.into_iter().map(|(_, word)| word));
    }
    for word in ["add", "change", "replace", "destroy", "forget", "import", "move"] {
        assert!(seen.contains(word), "no case has something to {word}");
    }
}
