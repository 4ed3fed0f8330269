//! Each plan of the folder, with the text that stands beside it. `TERRACE_BLESS=1` writes those that are missing or differ.

use std::path::{Path, PathBuf};

use terrace_audit::report::Plain;
use terrace_aws::inventory::Inventory;
use terrace_change::{Outcome, change, report};
use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found::Changes;

use super::laws::{FARGATE, ITEMS, design};
use super::{all, weighed};

/// Tells whether a text is the one of a file; writes it if that is asked for.
fn differs(told: &str, beside: &PathBuf) -> bool {
    let expected = std::fs::read_to_string(beside).unwrap_or_default();
    if told != expected && std::env::var_os("TERRACE_BLESS").is_some() {
        std::fs::write(beside, told).unwrap();
    }
    told != expected
}

/// What differs between designs of ours, apart from the resources, which only a plan lists.
#[test]
fn designs_of_ours_are_told_as_their_texts() {
    let nat = format!("{ITEMS}\n[egress]\napp = \"nat\"\n");
    let pairs = [
        ("ec2-gets-a-way-out", design(ITEMS), design(&nat)),
        ("ec2-gets-a-third-zone", design(ITEMS), design(&ITEMS.replace("zones  = 2", "zones = 3"))),
        ("fargate-from-nothing", Inventory::new(), design(FARGATE)),
        ("fargate-to-nothing", design(FARGATE), Inventory::new()),
    ];
    let mut wrong = Vec::new();
    for (name, before, after) in pairs {
        let changes = Changes {
            before,
            after,
            resources: Vec::new(),
            outputs: Vec::new(),
            errored: false,
            deferred: Vec::new(),
            failed_checks: Vec::new(),
        };
        let told = change(&changes, &PriceBook::bundled(), &Usage::default());
        let told = report::text(&told, &Plain, false).replace("\nNOTHING CHANGES\n", "");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/designs").join(format!("{name}.txt"));
        if differs(&told, &file) {
            wrong.push(format!("== {name}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_plan_is_told_as_the_text_beside_it() {
    let mut wrong = Vec::new();
    for case in all() {
        let told = report::text(&weighed(&case.text), &Plain, false);
        if differs(&told, &case.path.with_extension("txt")) {
            wrong.push(format!("== {}\n{told}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is marked, what is a secret by its name, and what looks like one is in no case told.
#[test]
fn no_secret_is_told() {
    let mut planted = 0;
    for case in all() {
        planted += case.text.matches("planted-secret").count();
        let change = weighed(&case.text);
        let told = format!("{}{}{change:?}", report::text(&change, &Plain, true), report::json(&change));
        assert!(!told.contains("planted-secret"), "{}: {told}", case.name);
        // In base64 as it stands in the plan.
        assert!(!told.contains("cGxhbnRlZ"), "{}", case.name);
        let text = report::text(&change, &Plain, true);
        let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "{}: a terminal would obey {text}", case.name);
    }
    assert!(planted > 10, "only {planted} secrets are planted");
}

#[test]
fn exit_codes_are_those_of_terraform() {
    for (name, code) in [("nothing", 0), ("rule-opened", 2), ("outputs-only", 2), ("errored", 1)] {
        let case = all().into_iter().find(|case| case.name == name).unwrap();
        assert_eq!(weighed(&case.text).outcome.code(), code, "{name}");
    }
    let case = all().into_iter().find(|case| case.name == "nothing").unwrap();
    let change = weighed(&case.text);
    assert_eq!(change.outcome, Outcome::Nothing);
    assert!(change.exposure.is_empty() && change.permissions.is_empty() && change.money.is_empty());
}

#[test]
fn equal_plans_are_told_equally() {
    for case in all() {
        let one = report::json(&weighed(&case.text)).to_string();
        assert_eq!(one, report::json(&weighed(&case.text)).to_string(), "{}", case.name);
    }
}

/// The shape of the JSON is a contract: a plan of each part, as a whole.
#[test]
fn the_json_keeps_its_shape() {
    for name in ["database-replaced-protected", "policy-narrowed", "rule-unknown"] {
        let case = all().into_iter().find(|case| case.name == name).unwrap();
        let told = serde_json::to_string_pretty(&report::json(&weighed(&case.text))).unwrap() + "\n";
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes").join(format!("{name}.json"));
        assert!(!differs(&told, &file), "{name}: {told}");
    }
}
