//! Who can read what is kept: laws over random estates, hostile policies, AWS's own policies, and services that act for anyone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod aws;
mod deputies;
mod laws;
mod plain;
mod size;

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::ItemId;
use terrace_aws::{PolicyDocument, Statement, Text};
use terrace_proof::estate::{
    Estate, Holding, HoldingKind, KeyUse, Permissions, Principal, PrincipalKind, Verdict, Writing, WritingId,
};

const ACCOUNT: &str = "111122223333";

fn id(kind: &str, name: &str) -> ItemId {
    ItemId::new(kind, format!("{kind}.{name}"))
}

fn written(estate: &mut Estate, name: &str, statements: Vec<Statement>) -> WritingId {
    let (item, path) = (None, String::new());
    let document = PolicyDocument::Statements(statements);
    estate.write(Writing { name: name.to_owned(), item, path, document })
}

/// An account with a secret `db`.
fn account() -> Estate {
    let mut estate = Estate::new(ACCOUNT.into(), "eu-west-1".into());
    estate.holdings.push(Holding {
        id: id("aws_secretsmanager_secret", "db"),
        kind: HoldingKind::Secret { keeper: None },
        arn: format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf").into(),
        region: "eu-west-1".into(),
        policies: Vec::new(),
        key: KeyUse::Aws,
        tags: BTreeMap::new(),
    });
    estate
}

fn arn(name: &str) -> Text {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}").into()
}

/// A role with these statements, whom these trust.
fn role(estate: &mut Estate, name: &str, statements: Vec<Statement>, trust: Vec<Statement>) {
    let identity = vec![written(estate, &format!("{name} may"), statements)];
    let trust = Some(written(estate, &format!("{name} trusts"), trust));
    estate.add(Principal {
        id: id("aws_iam_role", name),
        kind: PrincipalKind::Role,
        arn: arn(name),
        tags: BTreeMap::new(),
        identity,
        boundary: None,
        trust,
        groups: Vec::new(),
        profile: true,
        unsure: BTreeSet::new(),
    });
}

/// Who reads the secret: surely, and perhaps.
fn readers(estate: &Estate) -> (BTreeSet<String>, BTreeSet<String>) {
    let all = Permissions::new(estate).readers(&id("aws_secretsmanager_secret", "db")).unwrap();
    let (sure, perhaps): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.verdict == Verdict::Allowed);
    let names =
        |those: Vec<terrace_proof::estate::Reader>| those.iter().map(|one| one.who.to_string()).collect();
    (names(sure), names(perhaps))
}
