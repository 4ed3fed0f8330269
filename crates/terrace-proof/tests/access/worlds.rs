//! Random policies, requests and contexts.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use terrace_aws::{Condition, Effect, PolicyDocument, PrincipalKind, Principals, Scope, Statement, Text};
use terrace_proof::access::{Caller, Context, Known, Policies, Policy, Request, Resource, Verdict, decide};

use crate::plain::{All, Answer, Ask};

const HERE: &str = "111122223333";
const THERE: &str = "444455556666";
const ACTIONS: [&str; 7] = [
    "s3:GetObject",
    "s3:PutObject",
    "kms:Decrypt",
    "sts:AssumeRole",
    "sqs:SendMessage",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
];
const RESOURCES: [&str; 6] = [
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
    "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/level",
    "arn:aws:s3:::page/a/b",
    "arn:aws:s3:::logs/a",
    "arn:aws:kms:eu-west-1:111122223333:key/k",
    "arn:aws:iam::111122223333:role/target",
];
/// Keys, the values they may have, and whether they may have several.
pub(crate) const KEYS: [(&str, &[&str], bool); 6] = [
    ("aws:SourceVpce", &["vpce-1", "vpce-2"], false),
    ("aws:SecureTransport", &["true", "false"], false),
    ("aws:MultiFactorAuthAge", &["5", "20"], false),
    ("aws:TagKeys", &["a", "b"], true),
    ("aws:SourceIp", &["10.1.2.3", "192.0.2.1"], false),
    (
        "aws:SourceArn",
        &["arn:aws:sns:eu-west-1:111122223333:one", "arn:aws:sns:eu-west-1:111122223333:two"],
        false,
    ),
];

/// Operators, and values beside a key's own, that go with a key.
fn operators(key: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    match key {
        "aws:SourceIp" => {
            (vec!["IpAddress", "NotIpAddress"], vec!["10.0.0.0/8", "192.0.2.0/31", "128.0.0.0/1"])
        }
        "aws:SourceArn" => (
            vec!["ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringEqualsIgnoreCase"],
            vec![
                "arn:aws:sns:*:111122223333:*",
                "arn:*:sns:eu-west-1:*:t?o",
                "ARN:AWS:SNS:EU-WEST-1:111122223333:TWO",
            ],
        ),
        _ => (
            vec![
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "NumericLessThan",
                "NumericGreaterThanEquals",
                "Bool",
            ],
            vec!["*", "?*-1", "10", "v*", "VPCE-2"],
        ),
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    (0..KEYS.len())
        .prop_flat_map(|key| {
            let (operators, more) = operators(KEYS[key].0);
            (Just(key), select(operators), any::<bool>(), any::<bool>(), 0..8u8, select(more))
        })
        .prop_map(|(key, operator, exists, all, null, more)| {
            let (key, values, many) = KEYS[key];
            let set = match (many, all) {
                (true, true) => "ForAllValues:",
                (true, false) => "ForAnyValue:",
                _ => "",
            };
            // What IfExists does to ForAnyValue without the key is told in two ways.
            let exists = if exists && !many { "IfExists" } else { "" };
            let (operator, values) = if null == 0 {
                ("Null".to_owned(), vec![Text::from(all.to_string())])
            } else {
                (format!("{set}{operator}{exists}"), vec![Text::from(values[0]), Text::from(more)])
            };
            Condition { operator, key: key.to_owned(), values }
        })
}

fn statement(principals: bool) -> impl Strategy<Value = Statement> {
    let patterns = vec!["*", "s3:*", "S3:get*", "kms:Decrypt", "sts:*", "sqs:*ess*", "s3:GetObject"];
    let on = vec![
        "*",
        "arn:aws:s3:::page/*",
        "arn:aws:s3:::*",
        "arn:*:kms:*:*:key/?",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:s3:::?ogs/a",
        "arn:*:s3:::page/a/b",
        "arn:aws:secretsmanager:*:*:secret:prod/db-??????",
        "arn:aws:ssm:*:111122223333:parameter/prod/*",
    ];
    let whom = vec![
        "*",
        "arn:aws:iam::111122223333:root",
        THERE,
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:role/app",
        "arn:aws:sts::111122223333:assumed-role/app/one",
    ];
    (
        prop::bool::weighted(0.8),
        (subsequence(patterns, 1..3), prop::bool::weighted(0.8)),
        (subsequence(on, 1..3), prop::bool::weighted(0.8)),
        proptest::collection::vec(condition(), 0..2),
        subsequence(whom, 1..3),
        prop::bool::weighted(0.1),
    )
        .prop_map(move |(allow, (actions, only), (on, only_on), conditions, whom, service)| {
            let actions = actions.into_iter().map(str::to_owned).collect();
            let on = on.into_iter().map(Text::from).collect();
            let mut listed =
                Principals::from([(PrincipalKind::Aws, whom.into_iter().map(Text::from).collect())]);
            if service {
                listed.insert(PrincipalKind::Service, vec!["logs.amazonaws.com".into()]);
            }
            Statement {
                sid: None,
                effect: if allow { Effect::Allow } else { Effect::Deny },
                principals: principals.then_some(Scope::Only(listed)),
                actions: if only { Scope::Only(actions) } else { Scope::AllBut(actions) },
                resources: Some(if only_on { Scope::Only(on) } else { Scope::AllBut(on) }),
                conditions,
            }
        })
}

fn document(principals: bool) -> impl Strategy<Value = PolicyDocument> {
    proptest::collection::vec(statement(principals), 1..4).prop_map(PolicyDocument::Statements)
}

/// All that has a say.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) scp: Option<PolicyDocument>,
    pub(crate) rcp: Option<PolicyDocument>,
    pub(crate) identity: PolicyDocument,
    pub(crate) resource: PolicyDocument,
    pub(crate) boundary: Option<PolicyDocument>,
    pub(crate) session: Option<PolicyDocument>,
}

/// As AWS has them: they deny, to everyone, and beside them stands `RCPFullAWSAccess`, which nobody can take away.
fn with_full_access(document: PolicyDocument) -> PolicyDocument {
    let PolicyDocument::Statements(mut all) = document else { return document };
    for statement in &mut all {
        let (sid, actions) = (None, Scope::Only(vec!["s3:Get*".to_owned(), "kms:*".to_owned()]));
        let whom = Principals::from([(PrincipalKind::Aws, vec!["*".into()])]);
        let principals = Some(Scope::Only(whom));
        *statement = Statement { sid, effect: Effect::Deny, principals, actions, ..statement.clone() };
    }
    all.push(Statement::allow("Full", ["*"]).on(["*".into()]).to(PrincipalKind::Aws, "*"));
    PolicyDocument::Statements(all)
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let maybe = |principals| prop::option::weighted(0.25, document(principals));
    (maybe(false), maybe(true), document(false), document(true), maybe(false), maybe(false)).prop_map(
        |(scp, rcp, identity, resource, boundary, session)| World {
            scp,
            rcp: rcp.map(with_full_access),
            identity,
            resource,
            boundary,
            session,
        },
    )
}

/// For each key, which of its choices holds: absent, or these values.
pub(crate) type Choice = BTreeMap<&'static str, Option<Vec<String>>>;

pub(crate) fn choices(at: usize) -> Vec<Option<Vec<String>>> {
    let (_, values, many) = KEYS[at];
    let mut all = vec![None];
    all.extend(values.iter().map(|value| Some(vec![(*value).to_owned()])));
    if many {
        all.push(Some(values.iter().map(|value| (*value).to_owned()).collect()));
    }
    all
}

pub(crate) fn choice() -> impl Strategy<Value = Choice> {
    proptest::collection::vec(0..12usize, KEYS.len()).prop_map(|drawn| {
        let one = |(at, which): (usize, usize)| {
            let all = choices(at);
            (KEYS[at].0, all[which % all.len()].clone())
        };
        drawn.into_iter().enumerate().map(one).collect()
    })
}

impl World {
    pub(crate) fn decide(&self, ask: &Ask, choice: &Choice, unknown: &[&str]) -> Verdict {
        let mut context = Context::closed();
        if !unknown.is_empty() {
            context = Context::open();
        }
        for (key, value) in choice.iter().filter(|(key, _)| !unknown.contains(*key)) {
            let many = KEYS.iter().any(|(known, _, many)| known == key && *many);
            let text = |one: &String| Text::from(one.as_str());
            context = context.with(
                key,
                match value {
                    None => Known::Absent,
                    Some(values) if many => Known::Many(values.iter().map(text).collect()),
                    Some(values) => Known::One(text(&values[0])),
                },
            );
        }
        let number = |account: &Option<String>| Text::from(account.clone().unwrap());
        let caller = match (&ask.own, &ask.role) {
            (None, _) => Caller::Anonymous,
            (Some((PrincipalKind::Service, name)), _) => Caller::Service(name.as_str().into()),
            (Some((_, session)), Some(role)) => Caller::Role {
                arn: role.as_str().into(),
                session: Some(session.as_str().into()),
                account: number(&ask.account),
            },
            (Some((_, arn)), None) => {
                Caller::User { arn: arn.as_str().into(), account: number(&ask.account) }
            }
        };
        let request = Request {
            caller,
            action: ask.action.clone(),
            resource: Resource::exactly(&ask.resource.as_str().into(), ask.owner.as_str()),
            context,
        };
        fn named<'a>(name: &'a str, document: &'a PolicyDocument) -> Policy<'a> {
            Policy { name, document }
        }
        let policies = Policies {
            scps: self.scp.iter().map(|d| vec![named("scp", d)]).collect(),
            rcps: self.rcp.iter().map(|d| vec![named("rcp", d)]).collect(),
            identity: vec![named("identity", &self.identity)],
            resource: vec![named("resource", &self.resource)],
            endpoint: None,
            boundary: self.boundary.as_ref().map(|d| named("boundary", d)),
            session: self.session.as_ref().map(|d| vec![named("session", d)]),
        };
        decide(&request, &policies)
    }

    pub(crate) fn plainly(&self, ask: &Ask, choice: &Choice) -> Answer {
        let context =
            choice.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?))).collect();
        Ask { context, ..ask.clone() }.answer(All {
            scp: self.scp.as_ref(),
            rcp: self.rcp.as_ref(),
            identity: &self.identity,
            resource: &self.resource,
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
        })
    }
}

pub(crate) fn ask() -> impl Strategy<Value = Ask> {
    let callers = vec![
        (None, None, None),
        (Some((PrincipalKind::Service, "logs.amazonaws.com".to_owned())), None, None),
        (Some((PrincipalKind::Aws, format!("arn:aws:iam::{HERE}:user/ann"))), None, Some(HERE.to_owned())),
        (Some((PrincipalKind::Aws, format!("arn:aws:iam::{THERE}:user/bob"))), None, Some(THERE.to_owned())),
        (
            Some((PrincipalKind::Aws, format!("arn:aws:sts::{HERE}:assumed-role/app/one"))),
            Some(format!("arn:aws:iam::{HERE}:role/app")),
            Some(HERE.to_owned()),
        ),
    ];
    (select(callers), select(ACTIONS.to_vec()), select(RESOURCES.to_vec())).prop_map(
        |((own, role, account), action, resource)| Ask {
            own,
            role,
            account,
            owner: HERE.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        },
    )
}
