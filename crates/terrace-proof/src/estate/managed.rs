//! Policies that AWS keeps, as far as they are known here; of others only the ARN is.

use terrace_aws::{Condition, Effect, PolicyDocument, Scope, Statement, Text};

const TABLE: &str = include_str!("managed.txt");

/// A policy that AWS keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsPolicy {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// When that was made: `2019-05-23`.
    pub date: &'static str,
    /// Whether only those of its actions are told that matter for who can read what.
    pub in_part: bool,
    /// Its statements.
    pub document: PolicyDocument,
}

/// The policy of an ARN (`arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy`), in whichever partition.
pub fn aws_policy(arn: &str) -> Option<AwsPolicy> {
    let (before, path) = arn.split_once(":iam::aws:policy/")?;
    before.strip_prefix("arn:")?;
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    all().find(|(policy, at)| policy.name == name && at.trim_matches('/') == folder).map(|(policy, _)| policy)
}

/// Every one with its path, in the order of the table.
pub(super) fn all() -> impl Iterator<Item = (AwsPolicy, &'static str)> {
    TABLE.split("\npolicy ").skip(1).filter_map(|block| {
        let (head, body) = block.split_once('\n')?;
        let mut words = head.split(' ');
        let (name, path, version, date) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let in_part = words.next().is_some();
        Some((AwsPolicy { name, version, date, in_part, document: document(body) }, path))
    })
}

fn document(body: &str) -> PolicyDocument {
    let mut statements: Vec<Vec<&str>> = Vec::new();
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            statements.push(Vec::new());
        }
        if let Some(last) = statements.last_mut() {
            last.extend(line.split_whitespace());
        }
    }
    PolicyDocument::Statements(statements.iter().map(|words| statement(words)).collect())
}

fn statement(words: &[&str]) -> Statement {
    let mut actions = Vec::new();
    let mut resources = Vec::new();
    let mut sid = None;
    let mut conditions: Vec<Condition> = Vec::new();
    let mut words = words.iter();
    let head = words.next().copied().unwrap_or_default();
    let mut on = false;
    while let Some(word) = words.next() {
        match *word {
            "on" => on = true,
            "when" => {
                let mut next = || words.next().map(|word| (*word).to_owned()).unwrap_or_default();
                conditions.push(Condition { operator: next(), key: next(), values: Vec::new() });
            }
            word => match (conditions.last_mut(), on) {
                (Some(condition), _) => condition.values.push(word.into()),
                (None, true) => resources.push(Text::from(word)),
                (None, false) => match word.strip_prefix("sid=") {
                    Some(name) => sid = Some(name.to_owned()),
                    None => actions.push(word.to_owned()),
                },
            },
        }
    }
    Statement {
        sid,
        effect: if head.starts_with("deny") { Effect::Deny } else { Effect::Allow },
        principals: None,
        actions: if head.ends_with("all-but") { Scope::AllBut(actions) } else { Scope::Only(actions) },
        resources: Some(Scope::Only(resources)),
        conditions,
    }
}
