//! Each plan of the folder, with the text that stands beside it. `TERRACE_BLESS=1` writes those that are missing or differ.

use terrace_audit::report::Plain;
use terrace_change::{Outcome, report};

use super::{all, weighed};

#[test]
fn each_plan_is_told_as_the_text_beside_it() {
    let mut wrong = Vec::new();
    for case in all() {
        let told = report::text(&weighed(&case.text), &Plain, false);
        let beside = case.path.with_extension("txt");
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            if std::env::var_os("TERRACE_BLESS").is_some() {
                std::fs::write(&beside, &told).unwrap();
            }
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
