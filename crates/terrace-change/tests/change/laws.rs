//! Laws: nothing differs from itself, and the way back has lost what the way there has gained. Over plans and over designs.

use serde_json::Value;
use terrace_aws::inventory::Inventory;
use terrace_change::money::{Money, MoneyLine};
use terrace_change::permissions::Permissions;
use terrace_change::{exposure, money, permissions};
use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found;

use super::all;

pub(super) const ITEMS: &str = include_str!("../../../../examples/items/terrace.toml");
pub(super) const FARGATE: &str = include_str!("../../../../examples/items/terrace.fargate.toml");

pub(super) fn design(manifest: &str) -> Inventory {
    let parsed = terrace_manifest::parse(manifest, None);
    assert!(!parsed.diagnostics.has_errors(), "{:#?}", parsed.diagnostics);
    Inventory::of(&terrace_aws::lower(&parsed.topology.unwrap()).unwrap().graph)
}

/// Pairs of designs, each with what tells it apart.
fn pairs() -> Vec<(String, Inventory, Inventory)> {
    let mut all: Vec<_> = all()
        .into_iter()
        .map(|case| {
            let changes = found::changes(&case.text, "plan.json").unwrap();
            (case.name, changes.before, changes.after)
        })
        .collect();
    let nat = format!("{ITEMS}\n[egress]\napp = \"nat\"\n");
    all.push(("ec2 with a way out".to_owned(), design(ITEMS), design(&nat)));
    all.push(("fargate from nothing".to_owned(), Inventory::new(), design(FARGATE)));
    all
}

fn priced(before: &Inventory, after: &Inventory) -> Money {
    money::between(before, after, &PriceBook::bundled(), &Usage::default())
}

#[test]
fn nothing_differs_from_itself() {
    for (name, before, after) in pairs() {
        for one in [&before, &after] {
            assert!(exposure::between(one, one).is_empty(), "{name}: {:#?}", exposure::between(one, one));
            let same = permissions::between(one, one);
            assert!(same.is_empty(), "{name}: {same:#?}");
            let same = priced(one, one);
            assert!(same.lines.is_empty() && same.unpriced.is_empty(), "{name}: {same:#?}");
        }
    }
}

#[test]
fn the_way_back_loses_what_the_way_there_gains() {
    let mut told = 0;
    for (name, before, after) in pairs() {
        let (there, back) = (exposure::between(&before, &after), exposure::between(&after, &before));
        told += there.opened.len() + there.closed.len();
        assert_eq!(there.opened, back.closed, "{name}");
        assert_eq!(there.closed, back.opened, "{name}");
        assert_eq!(there.appeared, back.gone, "{name}");
        assert_eq!(there.undecided, back.undecided, "{name}");
        let (there, back) = (permissions::between(&before, &after), permissions::between(&after, &before));
        told += there.identities.len();
        assert_eq!(swapped(there), back, "{name}");
        let (there, back) = (priced(&before, &after), priced(&after, &before));
        told += there.lines.len();
        assert_eq!((there.before, there.after), (back.after, back.before), "{name}");
        let lines: Vec<MoneyLine> = back
            .lines
            .into_iter()
            .map(|line| MoneyLine { before: line.after, after: line.before, ..line })
            .collect();
        assert_eq!(there.lines, lines, "{name}");
    }
    assert!(told > 50, "only {told} differences were compared");
}

fn swapped(of: Permissions) -> Permissions {
    let mut all = of;
    std::mem::swap(&mut all.readers, &mut all.former);
    for one in &mut all.identities {
        std::mem::swap(&mut one.gained, &mut one.lost);
        one.altered.iter_mut().for_each(|grant| grant.when.reverse());
    }
    all.papers.iter_mut().for_each(|paper| std::mem::swap(&mut paper.gained, &mut paper.lost));
    all
}

/// The sum of the lines is the difference of the totals.
#[test]
fn money_adds_up() {
    let mut differing = 0;
    for (name, before, after) in pairs() {
        let money = priced(&before, &after);
        let (Some(had), Some(has)) = (money.before, money.after) else { continue };
        let sum: i128 =
            money.lines.iter().map(|one| i128::from(one.after.get()) - i128::from(one.before.get())).sum();
        assert_eq!(sum, i128::from(has.get()) - i128::from(had.get()), "{name}");
        differing += usize::from(sum != 0);
    }
    assert!(differing >= 3, "only {differing} pairs differ in money");
}

/// What a design of ours costs does not depend on whether it is read as types or as found.
#[test]
fn a_design_as_found_costs_what_it_costs() {
    for manifest in [ITEMS, FARGATE] {
        let parsed = terrace_manifest::parse(manifest, None);
        let graph = terrace_aws::lower(&parsed.topology.unwrap()).unwrap().graph;
        let own = terrace_cost::estimate(&graph, &PriceBook::bundled(), &Usage::default(), None).unwrap();
        let found = priced(&Inventory::new(), &Inventory::of(&graph));
        assert_eq!(found.after, Some(own.total()), "{:#?}", found.unpriced);
    }
}

/// A plan whose every change is undone says nothing, whatever was in it.
#[test]
fn a_plan_without_changes_says_nothing() {
    for case in all() {
        let mut plan: Value = serde_json::from_str(&case.text).unwrap();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        changes.retain(|one| !one["change"]["before"].is_null() && one.get("deposed").is_none());
        for one in changes {
            let before = one["change"]["before"].clone();
            one["change"]["after"] = before;
            one["change"]["actions"] = serde_json::json!(["no-op"]);
            one["change"]["after_unknown"] = serde_json::json!({});
            let marks = one["change"]["before_sensitive"].clone();
            one["change"]["after_sensitive"] = marks;
            one["change"].as_object_mut().unwrap().remove("importing");
            one.as_object_mut().unwrap().remove("previous_address");
        }
        for key in ["output_changes", "errored", "checks"] {
            plan.as_object_mut().unwrap().remove(key);
        }
        // What is planned is what there was.
        plan["planned_values"] = plan["prior_state"]["values"].clone();
        let change = super::weighed(&plan.to_string());
        assert_eq!(change.outcome.code(), 0, "{}: {change:#?}", case.name);
        assert!(change.exposure.is_empty() && change.permissions.is_empty(), "{}: {change:#?}", case.name);
        assert!(change.money.lines.is_empty(), "{}: {change:#?}", case.name);
    }
}
