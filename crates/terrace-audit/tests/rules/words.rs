//! What rules say of themselves: their examples are found, and their fixes are not.

use std::collections::BTreeSet;
use std::path::Path;

use terrace_audit::rules;
use terrace_aws::inventory::{Inventory, Tree};
use terrace_terraform::found::{Given, folder};

use crate::own;

/// The design of one file of Terraform.
pub(crate) fn terraform(text: &str) -> Inventory {
    let mut tree = Tree::new();
    tree.insert("main.tf", text);
    folder(&tree, "", &Given::default()).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"))
}

fn is_terraform(text: &str) -> bool {
    ["resource \"", "data \"", "provider \"", "variable \"", "output \"", "terraform {"]
        .iter()
        .any(|start| text.starts_with(start))
}

#[test]
fn every_example_is_found_by_its_rule_and_every_fix_is_not() {
    let mut wrong = String::new();
    for rule in own::ours() {
        let lines = |text: &str| -> Vec<String> {
            let found = own::found(&terraform(text));
            found.iter().filter(|found| found.rule.name == rule.name).map(own::line).collect()
        };
        assert!(is_terraform(rule.example), "the example of {} is no Terraform", rule.name);
        if lines(rule.example).is_empty() {
            wrong += &format!("{}: the example is not found\n", rule.name);
        }
        if is_terraform(rule.fix) && !lines(rule.fix).is_empty() {
            wrong += &format!("{}: the fix is found: {}\n", rule.name, lines(rule.fix).join("\n  "));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn rules_have_names_and_words_of_the_house() {
    let mut names = BTreeSet::new();
    for rule in rules::ALL {
        let name = rule.name.as_str();
        assert!(names.insert(name), "{name} is there twice");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
        assert!(!rule.property.ends_with('.') && !rule.property.is_empty(), "{name}: {}", rule.property);
        for text in [rule.what, rule.why] {
            assert!(text.ends_with('.'), "{name}: {text}");
        }
        assert!(!rule.sources.is_empty(), "{name} has no source");
    }
}

#[test]
fn the_reference_page_is_that_of_these_rules() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md");
    let page = terrace_audit::reference();
    if std::env::var_os("TERRACE_UPDATE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/audit.md is out of date: run TERRACE_UPDATE=1 cargo test -p terrace-audit");
}
