//! Trust policies and resources' own policies, taken apart: what they say of each principal, action and resource.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::{Effect, Part, PolicyDocument, PrincipalKind, Reference, Scope, Statement, Text};
use terrace_proof::estate::{Estate, WritingId};

/// A document that says something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Whose it is: an address.
    pub of: String,
    /// What it is: `who may act as it`, `its own policy`.
    pub what: &'static str,
    /// Whether it is there on one side only.
    pub new: bool,
    /// What it says and did not.
    pub gained: Vec<String>,
    /// What it said and does not.
    pub lost: Vec<String>,
}

const TRUST: &str = "who may act as it";
const OWN: &str = "its own policy";

/// The documents of both that say something else.
pub(super) fn between(was: &Estate, is: &Estate) -> Vec<Paper> {
    let (was, is) = (said(was), said(is));
    let nothing = BTreeSet::new();
    let keys: BTreeSet<_> = was.keys().chain(is.keys()).cloned().collect();
    let mut all = Vec::new();
    for key in keys {
        let (had, has) = (was.get(&key).unwrap_or(&nothing), is.get(&key).unwrap_or(&nothing));
        let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.difference(other).cloned().collect::<Vec<_>>()
        };
        if had != has {
            let new = !(was.contains_key(&key) && is.contains_key(&key));
            all.push(Paper { of: key.0, what: key.1, new, gained: only(has, had), lost: only(had, has) });
        }
    }
    all
}

fn said(estate: &Estate) -> BTreeMap<(String, &'static str), BTreeSet<String>> {
    let mut all: BTreeMap<(String, &'static str), BTreeSet<String>> = BTreeMap::new();
    let mut put = |of: &str, what: &'static str, ids: &[WritingId]| {
        for writing in ids.iter().filter_map(|id| estate.writing(*id)) {
            all.entry((of.to_owned(), what)).or_default().extend(atoms(&writing.document));
        }
    };
    for principal in &estate.principals {
        put(principal.id.name(), TRUST, principal.trust.as_slice());
    }
    estate.holdings.iter().for_each(|holding| put(holding.id.name(), OWN, &holding.policies));
    estate.keys.iter().for_each(|key| put(key.id.name(), OWN, &key.policies));
    all
}

fn atoms(document: &PolicyDocument) -> BTreeSet<String> {
    match document {
        PolicyDocument::Opaque(of) => {
            let named: Vec<String> = of.iter().map(ToString::to_string).collect();
            BTreeSet::from([format!("something that is not told, made of {}", named.join(", "))])
        }
        PolicyDocument::Statements(all) => all.iter().flat_map(statement).collect(),
    }
}

fn statement(of: &Statement) -> Vec<String> {
    let verb = match of.effect {
        Effect::Allow => "allows",
        Effect::Deny => "denies",
    };
    let who: Vec<String> = match &of.principals {
        None => vec![String::new()],
        Some(Scope::Only(all)) => principals(all).collect(),
        Some(Scope::AllBut(all)) => {
            vec![format!("all but {}", principals(all).collect::<Vec<_>>().join(", "))]
        }
    };
    let actions: Vec<String> = match &of.actions {
        Scope::Only(all) => all.clone(),
        Scope::AllBut(all) => vec![format!("all but {}", sorted(all.clone()))],
    };
    let resources: Vec<String> = match &of.resources {
        None => vec![String::new()],
        Some(Scope::Only(all)) => all.iter().map(shown).collect(),
        Some(Scope::AllBut(all)) => vec![format!("all but {}", sorted(all.iter().map(shown).collect()))],
    };
    let when = conditions(of);
    let when = if when.is_empty() { String::new() } else { format!(" if {}", when.join(" and ")) };
    let mut all = Vec::new();
    for who in &who {
        for action in &actions {
            for resource in &resources {
                let on = if resource.is_empty() { String::new() } else { format!(" on {resource}") };
                let whom = if who.is_empty() { String::new() } else { format!(" {who}") };
                all.push(format!("{verb}{whom}: {action}{on}{when}"));
            }
        }
    }
    all
}

fn sorted(mut all: Vec<String>) -> String {
    all.sort();
    all.join(", ")
}

fn principals(all: &BTreeMap<PrincipalKind, Vec<Text>>) -> impl Iterator<Item = String> {
    all.iter().flat_map(|(kind, names)| {
        names.iter().map(move |name| match (kind, name.literal()) {
            (PrincipalKind::Aws, Some("*")) => "anyone".to_owned(),
            _ => shown(name),
        })
    })
}

/// The conditions of a statement, each in words, in order.
pub(super) fn conditions(of: &Statement) -> Vec<String> {
    let mut all: Vec<String> = of
        .conditions
        .iter()
        .map(|one| {
            let mut values: Vec<String> = one.values.iter().map(shown).collect();
            values.sort();
            format!("{} {} {}", one.key, one.operator, values.join(" or "))
        })
        .collect();
    all.sort();
    all
}

fn is_account(reference: &Reference) -> bool {
    reference.target().kind().is_some_and(|(_, kind)| kind == "aws_caller_identity")
        && reference.attribute() == "account_id"
}

/// A text as people see it: references by their names.
pub(super) fn shown(text: &Text) -> String {
    text.parts()
        .iter()
        .map(|part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Reference(reference) if is_account(reference) => "<account>".to_owned(),
            Part::Reference(reference) => format!("<{reference}>"),
            Part::Opaque(_) => "<not told>".to_owned(),
        })
        .collect()
}
