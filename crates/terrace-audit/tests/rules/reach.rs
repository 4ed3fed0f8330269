//! Each line of `reach.txt` breaks our own design in one or more steps (` && `), and names what all rules then tell that
//! they do not tell of the untouched design: rule, resource, and after `@` an address that a hop of the witness rests on.

use std::collections::BTreeSet;

use terrace_audit::report::{Found, Source};
use terrace_audit::{Certainty, Settings, audit, rules};
use terrace_aws::inventory::Inventory;

use crate::mutations::{broken, design};

/// What all rules find, with what each rests on.
fn told(inventory: &Inventory) -> Vec<(String, BTreeSet<String>)> {
    let line = |Found { rule, finding }: &Found| {
        let perhaps = if finding.certainty == Certainty::Sure { "" } else { "?" };
        let on = finding.hops.iter().flat_map(|hop| &hop.by).chain(&finding.because);
        let on = on.map(|evidence| evidence.item.name().to_owned()).collect();
        (format!("{}{perhaps} {}", rule.name, finding.item), on)
    };
    audit(inventory, &Settings::default(), Source::default()).found.iter().map(line).collect()
}

#[test]
fn a_network_or_a_permission_broken_in_one_way_is_told_with_the_rule_that_broke_it() {
    let mut wrong = String::new();
    let (mut sound, mut before) = (Inventory::new(), BTreeSet::new());
    for line in include_str!("reach.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("design ") {
            sound = design(name);
            before = told(&sound).into_iter().map(|(line, _)| line).collect();
            continue;
        }
        let (orders, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("{line} says nothing"));
        let after = orders.split(" && ").fold(None, |so_far: Option<Inventory>, order| {
            Some(broken(so_far.as_ref().unwrap_or(&sound), order))
        });
        let mut found: Vec<_> = told(&after.unwrap());
        found.retain(|(line, _)| !before.contains(line));
        let expected: Vec<&str> = expected.split(", ").filter(|one| *one != "nothing").collect();
        let mut missed = Vec::new();
        for one in &expected {
            let (line, rests) = one.split_once(" @ ").map_or((*one, None), |(line, on)| (line, Some(on)));
            let is = |(told, on): &(String, BTreeSet<String>)| {
                told == line && rests.is_none_or(|rests| on.contains(rests))
            };
            if !found.iter().any(is) {
                missed.push(*one);
            }
        }
        let names: BTreeSet<&str> =
            expected.iter().map(|one| one.split_once(" @ ").map_or(*one, |(line, _)| line)).collect();
        let more: Vec<_> = found.iter().filter(|(line, _)| !names.contains(line.as_str())).collect();
        if !missed.is_empty() || !more.is_empty() {
            wrong += &format!("{orders}\n  missed {missed:?}\n  found {found:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_a_mutation() {
    let tables = [include_str!("mutations.txt"), include_str!("reach.txt")];
    let expected = tables.iter().flat_map(|table| table.lines()).filter(|line| !line.starts_with('#'));
    let expected =
        expected.filter_map(|line| line.rsplit_once(" => ")).flat_map(|(_, told)| told.split(", "));
    let tried: BTreeSet<&str> = expected.filter_map(|one| one.split([' ', '?']).next()).collect();
    let left: Vec<&str> =
        rules::ALL.iter().map(|rule| rule.name.as_str()).filter(|rule| !tried.contains(rule)).collect();
    assert!(left.is_empty(), "no mutation is for {left:?}");
}
