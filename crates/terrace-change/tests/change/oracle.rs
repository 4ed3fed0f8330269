//! Permissions by a plain reading: every action on every resource of a small world, one by one, with a matcher of its own.

use proptest::prelude::*;
use serde_json::{Value, json};
use terrace_change::permissions;
use terrace_terraform::found;

const ACTIONS: [&str; 5] =
    ["s3:GetObject", "s3:GetBucketAcl", "s3:PutObject", "sqs:SendMessage", "ec2:RunInstances"];
const RESOURCES: [&str; 5] =
    ["arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b/x", "arn:aws:s3:::a", "arn:aws:s3:::a/b/x"];
const ACTION_PATTERNS: [&str; 9] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:*Object",
    "S3:getobject",
    "s3:PutObject",
    "sqs:*",
    "s3:Ge?Object",
    "ec2:RunInstances",
];
const RESOURCE_PATTERNS: [&str; 7] = [
    "*",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::*/x",
    "arn:aws:s3:::a/x",
    "arn:aws:s3:::a",
    "arn:aws:s3:::?/*",
    "arn:aws:s3:::*",
];

#[derive(Clone, Debug)]
struct Statement {
    denies: bool,
    but: bool,
    actions: Vec<&'static str>,
    resources: Vec<&'static str>,
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    let one = (
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.1),
        prop::collection::vec(prop::sample::select(ACTION_PATTERNS.to_vec()), 1..3),
        prop::collection::vec(prop::sample::select(RESOURCE_PATTERNS.to_vec()), 1..3),
    );
    let one = one.prop_map(|(denies, but, actions, resources)| Statement { denies, but, actions, resources });
    prop::collection::vec(one, 0..4)
}

fn document(all: &[Statement]) -> String {
    let statement = |one: &Statement| {
        let action = if one.but { "NotAction" } else { "Action" };
        json!({ "Effect": if one.denies { "Deny" } else { "Allow" }, action: one.actions, "Resource": one.resources })
    };
    let all: Vec<Value> = all.iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": all }).to_string()
}

/// Whether a text is of a pattern, letter by letter.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if fits(rest, text) => true,
        (Some((b'*', _)), Some((_, rest))) => fits(pattern, rest),
        (Some((b'?', rest)), Some((_, left))) => fits(rest, left),
        (Some((one, rest)), Some((other, left))) => one == other && fits(rest, left),
        _ => false,
    }
}

fn allowed(all: &[Statement], action: &str, resource: &str) -> bool {
    let speaks = |one: &Statement| {
        let lower = action.to_ascii_lowercase();
        let named = one.actions.iter().any(|p| fits(p.to_ascii_lowercase().as_bytes(), lower.as_bytes()));
        named != one.but && one.resources.iter().any(|p| fits(p.as_bytes(), resource.as_bytes()))
    };
    let some = |denies: bool| all.iter().any(|one| one.denies == denies && speaks(one));
    some(false) && !some(true)
}

fn plan(before: &[Statement], after: &[Statement]) -> String {
    let role = json!({ "id": "app", "name": "app", "arn": "arn:aws:iam::123456789012:role/app" });
    let policy =
        |of: &[Statement]| json!({ "id": "app:app", "name": "app", "role": "app", "policy": document(of) });
    let change = |of: &str, before: Value, after: Value| {
        let change = json!({ "actions": ["update"], "before": before, "after": after, "after_unknown": {} });
        json!({ "address": format!("{of}.app"), "mode": "managed", "type": of, "name": "app", "change": change })
    };
    let changes = [
        change("aws_iam_role", role.clone(), role),
        change("aws_iam_role_policy", policy(before), policy(after)),
    ];
    json!({ "format_version": "1.2", "resource_changes": changes }).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What becomes possible is told as gained, what stops to be as lost; where nothing does, neither is told without reason.
    #[test]
    fn what_is_gained_and_lost_is_what_a_plain_reading_finds(before in statements(), after in statements()) {
        let changes = found::changes(&plan(&before, &after), "plan.json").unwrap();
        let told = permissions::between(&changes.before, &changes.after);
        prop_assert!(told.undecided.is_empty());
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for action in ACTIONS {
            for resource in RESOURCES {
                match (allowed(&before, action, resource), allowed(&after, action, resource)) {
                    (false, true) => gained.push((action, resource)),
                    (true, false) => lost.push((action, resource)),
                    _ => {}
                }
            }
        }
        let has = |of: fn(&permissions::Identity) -> usize| told.identities.iter().map(of).sum::<usize>() > 0;
        prop_assert!(gained.is_empty() || has(|one| one.gained.len()), "{gained:?} is gained, and not told: {told:#?}");
        prop_assert!(lost.is_empty() || has(|one| one.lost.len()), "{lost:?} is lost, and not told: {told:#?}");
        // Each pattern that is told has something of it that differs, which the plain reading finds as well.
        for (grants, is_gain) in told.identities.iter().flat_map(|one| [(&one.gained, true), (&one.lost, false)]) {
            for grant in grants {
                for (action, resource) in grant.actions.iter().flat_map(|a| grant.resources.iter().map(move |r| (a, r))) {
                    let instance = |pattern: &str| pattern.replace('*', "zqx0").replace('?', "q");
                    let (action, resource) = (instance(action), if resource == "*" { "*".to_owned() } else { instance(resource) });
                    let (had, has) = (allowed(&before, &action, &resource), allowed(&after, &action, &resource));
                    prop_assert_eq!((had, has), (!is_gain, is_gain), "{} on {}", action, resource);
                }
            }
        }
    }

    /// The order of statements, and how they are split, is nothing.
    #[test]
    fn a_policy_that_is_written_anew_is_no_change(all in statements(), turn in 0..4_usize) {
        let mut other: Vec<Statement> = all
            .iter()
            .filter(|one| !one.but)
            .flat_map(|one| one.actions.iter().map(|action| Statement { actions: vec![action], ..one.clone() }))
            .chain(all.iter().filter(|one| one.but).cloned())
            .collect();
        let length = other.len().max(1);
        other.rotate_left(turn % length);
        let changes = found::changes(&plan(&all, &other), "plan.json").unwrap();
        let told = permissions::between(&changes.before, &changes.after);
        prop_assert!(told.is_empty(), "{told:#?}");
    }
}

/// A policy that is only known after apply is no news of single permissions; with the design that the plan was made of it is
/// decided as any other.
#[test]
fn what_a_plan_does_not_tell_the_design_does() {
    let one = |actions: &[&'static str]| {
        vec![Statement {
            denies: false,
            but: false,
            actions: actions.to_vec(),
            resources: vec!["arn:aws:s3:::a/x"],
        }]
    };
    let (before, after) = (one(&["s3:GetObject"]), one(&["s3:GetObject", "s3:PutObject"]));
    let mut plan: Value = serde_json::from_str(&plan(&before, &after)).unwrap();
    let change = &mut plan["resource_changes"][1]["change"];
    change["after"].as_object_mut().unwrap().remove("policy");
    change["after_unknown"] = json!({ "policy": true });
    let changes = found::changes(&plan.to_string(), "plan.json").unwrap();
    let told = permissions::between(&changes.before, &changes.after);
    assert!(told.identities.is_empty(), "{told:#?}");
    assert_eq!(
        told.undecided,
        ["aws_iam_role.app: the text of the policy aws_iam_role_policy.app is not told"]
    );
    // The design, as its own plan would have it.
    let design = found::changes(&self::plan(&after, &after), "plan.json").unwrap().after;
    let changes = changes.told_by(&design);
    let told = permissions::between(&changes.before, &changes.after);
    assert!(told.undecided.is_empty(), "{told:#?}");
    let gained: Vec<_> =
        told.identities.iter().flat_map(|one| &one.gained).map(|one| one.actions.clone()).collect();
    assert_eq!(gained, [["s3:PutObject"]]);
    assert!(told.identities.iter().all(|one| one.lost.is_empty()));
}
