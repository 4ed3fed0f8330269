//! Laws of the closure on random estates.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use terrace_aws::{Effect, PrincipalKind, Scope, Statement, Text};
use terrace_proof::estate::Estate;

use super::plain::Plain;
use super::{ACCOUNT, account, arn, readers, role};

pub(super) const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn actions() -> Vec<&'static str> {
    vec![
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutResourcePolicy",
        "sts:AssumeRole",
        "iam:PassRole",
        "ec2:RunInstances",
        "lambda:*",
        "ecs:*",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "*",
    ]
}

/// With `unknown`, some depend on an address that nobody knows.
fn statement(unknown: bool) -> impl Strategy<Value = Statement> {
    let resources: Vec<Text> = NAMES
        .iter()
        .map(|name| arn(name))
        .chain([
            "*".into(),
            format!("arn:aws:secretsmanager:*:{ACCOUNT}:secret:db-*").into(),
            "arn:aws:secretsmanager:*:*:secret:other-*".into(),
            "arn:aws:lambda:*:*:function:app-*".into(),
        ])
        .collect();
    (subsequence(actions(), 1..3), subsequence(resources, 1..3), prop::bool::weighted(0.85), 0..10u8)
        .prop_map(move |(actions, resources, allow, condition)| {
            let mut statement = Statement::allow("S", []).on(resources);
            statement.actions = Scope::Only(actions.into_iter().map(str::to_owned).collect());
            statement.effect = if allow { Effect::Allow } else { Effect::Deny };
            match condition {
                0 if unknown => statement.when("IpAddress", "aws:SourceIp", ["10.0.0.0/8".into()]),
                1 => statement.when("StringEquals", "iam:PassedToService", ["ec2.amazonaws.com".into()]),
                _ => statement,
            }
        })
}

fn trust() -> impl Strategy<Value = Statement> {
    let services = select(vec!["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]);
    let whom: Vec<Text> =
        NAMES.iter().map(|name| arn(name)).chain([format!("arn:aws:iam::{ACCOUNT}:root").into()]).collect();
    (services, subsequence(whom, 1..2), any::<bool>()).prop_map(|(service, whom, by_service)| {
        let statement = Statement::allow("T", ["sts:AssumeRole"]);
        if by_service {
            statement.to(PrincipalKind::Service, service)
        } else {
            whom.into_iter().fold(statement, |statement, one| statement.to(PrincipalKind::Aws, one))
        }
    })
}

pub(super) type Roles = Vec<(Vec<Statement>, Vec<Statement>)>;

fn roles(unknown: bool) -> impl Strategy<Value = Roles> {
    let one = (prop::collection::vec(statement(unknown), 0..3), prop::collection::vec(trust(), 1..2));
    prop::collection::vec(one, NAMES.len())
}

fn estate(roles: &Roles) -> Estate {
    let mut estate = account();
    for (name, (may, trust)) in NAMES.iter().zip(roles) {
        role(&mut estate, name, may.clone(), trust.clone());
    }
    estate
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_readers_are_those_of_a_plainer_reading(roles in roles(false)) {
        let (sure, perhaps) = readers(&estate(&roles));
        prop_assert!(perhaps.is_empty(), "{perhaps:?}");
        let plain = Plain { roles: &roles };
        let wanted = (0..NAMES.len()).filter(|at| plain.reads(*at)).map(|at| format!("aws_iam_role.{}", NAMES[at]));
        prop_assert_eq!(sure, wanted.collect::<std::collections::BTreeSet<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn allowing_more_takes_no_reader_away(roles in roles(true), at in 0..NAMES.len(), more in statement(true)) {
        let (before, maybe_before) = readers(&estate(&roles));
        let mut changed = roles;
        changed[at].0.push(Statement { effect: Effect::Allow, ..more });
        let (after, maybe_after) = readers(&estate(&changed));
        prop_assert!(before.is_subset(&after), "{before:?} {after:?}");
        let any_after: std::collections::BTreeSet<_> = after.union(&maybe_after).collect();
        prop_assert!(maybe_before.iter().all(|one| any_after.contains(one)));
    }

    #[test]
    fn denying_more_adds_no_reader(roles in roles(true), at in 0..NAMES.len(), more in statement(true)) {
        let (before, maybe_before) = readers(&estate(&roles));
        let mut changed = roles;
        changed[at].0.push(Statement { effect: Effect::Deny, ..more });
        let (after, maybe_after) = readers(&estate(&changed));
        prop_assert!(after.is_subset(&before), "{before:?} {after:?}");
        prop_assert!(maybe_after.iter().all(|one| before.contains(one) || maybe_before.contains(one)));
    }

    #[test]
    fn whoever_can_act_as_a_reader_is_one(roles in roles(true), of in 0..NAMES.len(), by in 0..NAMES.len()) {
        prop_assume!(of != by);
        let (before, maybe_before) = readers(&estate(&roles));
        let mut changed = roles;
        changed[of].1.push(Statement::allow("To", ["sts:AssumeRole"]).to(PrincipalKind::Aws, arn(NAMES[by])));
        // A denial of the caller's own would keep it from assuming.
        changed[by].0.retain(|statement| statement.effect == Effect::Allow);
        let (after, maybe_after) = readers(&estate(&changed));
        let name = |at: usize| format!("aws_iam_role.{}", NAMES[at]);
        if before.contains(&name(of)) {
            prop_assert!(after.contains(&name(by)), "{before:?} {after:?}");
        }
        if maybe_before.contains(&name(of)) {
            prop_assert!(after.contains(&name(by)) || maybe_after.contains(&name(by)));
        }
    }
}
