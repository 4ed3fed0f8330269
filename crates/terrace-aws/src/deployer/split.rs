//! Statements as managed policies that IAM takes: each small enough, and few.
//!
//! "IAM and AWS STS quotas": a managed policy has 6,144 characters at most, white space not counted; 10 of them to a role,
//! unless the account has asked for more.

use crate::{Json, PolicyDocument, Scope, Statement};

/// Characters of a managed policy, white space not counted.
pub const LONGEST: usize = 6144;
/// Managed policies of a role.
pub const MOST: usize = 10;

/// What each statement costs besides itself: the comma before it.
const BETWEEN: usize = 1;

/// Statements one after the other into as few documents as that gives.
pub(super) fn split(statements: Vec<(&'static str, Statement)>) -> Vec<PolicyDocument> {
    let mut documents: Vec<(usize, Vec<Statement>)> = Vec::new();
    let mut pieces: Vec<(&'static str, Statement)> = statements.into_iter().flat_map(small).collect();
    // The largest first: what is left fits where there is room.
    pieces.sort_by_key(|(_, statement)| std::cmp::Reverse(size(statement)));
    let frame = length(&PolicyDocument::Statements(Vec::new()));
    for (sid, mut statement) in pieces {
        // The longest that the number of a statement can be.
        statement.sid = Some(format!("{sid}999"));
        let wanted = size(&statement) + BETWEEN;
        let place = documents.iter_mut().find(|(used, _)| used + wanted <= LONGEST);
        statement.sid = Some(sid.to_owned());
        match place {
            Some((used, all)) => {
                *used += wanted;
                all.push(statement);
            }
            None => documents.push((frame + wanted, vec![statement])),
        }
    }
    documents.into_iter().map(|(_, all)| PolicyDocument::Statements(numbered(all))).collect()
}

/// Statements of a document have names of their own, in the order in which they are read.
fn numbered(mut all: Vec<Statement>) -> Vec<Statement> {
    all.sort_by(|one, other| one.sid.cmp(&other.sid));
    let mut last: (Option<String>, usize) = (None, 0);
    for statement in &mut all {
        let count = if last.0 == statement.sid { last.1 + 1 } else { 1 };
        last = (statement.sid.clone(), count);
        if count > 1 {
            statement.sid = statement.sid.take().map(|sid| format!("{sid}{count}"));
        }
    }
    all
}

/// A statement in halves until each fits.
fn small((sid, statement): (&'static str, Statement)) -> Vec<(&'static str, Statement)> {
    if size(&statement) + 64 <= LONGEST {
        return vec![(sid, statement)];
    }
    let (mut one, mut other) = (statement.clone(), statement);
    match (&mut one.resources, &mut other.resources, &mut one.actions, &mut other.actions) {
        (Some(Scope::Only(first)), Some(Scope::Only(second)), ..) if first.len() > 1 => {
            let half = first.len() / 2;
            first.truncate(half);
            second.drain(..half);
        }
        (_, _, Scope::Only(first), Scope::Only(second)) if first.len() > 1 => {
            let half = first.len() / 2;
            first.truncate(half);
            second.drain(..half);
        }
        _ => return vec![(sid, one)],
    }
    [one, other].into_iter().flat_map(|half| small((sid, half))).collect()
}

fn size(statement: &Statement) -> usize {
    length(&PolicyDocument::Statements(vec![statement.clone()]))
        .saturating_sub(length(&PolicyDocument::Statements(Vec::new())))
}

/// Characters of a document as IAM counts them.
pub fn length(document: &PolicyDocument) -> usize {
    compact(&document.json()).chars().filter(|c| !c.is_whitespace()).count()
}

/// JSON in one line. References stand as `${…}`: a policy of a deployer has none.
pub fn compact(json: &Json) -> String {
    value(json).to_string()
}

/// JSON over many lines.
pub fn pretty(json: &Json) -> String {
    format!("{:#}", value(json))
}

fn value(json: &Json) -> serde_json::Value {
    match json {
        Json::Null => serde_json::Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Int(number) => (*number).into(),
        Json::Text(text) => text.to_string().into(),
        Json::List(items) => items.iter().map(value).collect(),
        Json::Object(fields) => fields.iter().map(|(key, inner)| (key.clone(), value(inner))).collect(),
    }
}
