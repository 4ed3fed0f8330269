//! What identities may do, statement by statement, and how far that reaches.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Item, UnknownName};
use terrace_aws::{Effect, PolicyDocument, Scope, Statement, Target, Text};
use terrace_proof::access::Glob;
use terrace_proof::estate::{Writing, WritingId};

use super::papers;
use crate::rules::answer::Answer;
use crate::{Finding, Subject};

/// A policy of an identity, and the item in which it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'a> {
    pub(super) item: &'a Item,
    pub(super) writing: &'a Writing,
}

impl<'a> Held<'a> {
    /// Every statement that allows something, with what people call it.
    pub(super) fn allowing(self) -> impl Iterator<Item = (String, &'a Statement)> {
        let all = match &self.writing.document {
            PolicyDocument::Statements(all) => all.as_slice(),
            PolicyDocument::Opaque(_) => &[],
        };
        let allowing = all.iter().enumerate().filter(|(_, one)| one.effect == Effect::Allow);
        allowing.map(|(at, one)| (papers::called(at, one), one))
    }

    /// What the policy depends on, if its text is not told.
    pub(super) fn untold(self) -> Option<Vec<UnknownName>> {
        let PolicyDocument::Opaque(of) = &self.writing.document else { return None };
        let names = crate::named(of);
        Some(if names.is_empty() {
            vec![UnknownName::new(format!("the text of {}", self.writing.name))]
        } else {
            names
        })
    }

    pub(super) fn finding(self, message: String, fix: &str) -> Finding {
        let fix = format!("in `{}` of `{}`: {fix}", self.writing.path, self.item.id());
        Finding::about(self.item, &self.writing.path, message, fix)
    }
}

/// Every policy of identities that stands in the design, once.
pub(super) fn held<'a>(subject: &'a Subject<'_>) -> Vec<Held<'a>> {
    let estate = &subject.estate.estate;
    let of_principals = estate.principals.iter().flat_map(|one| &one.identity);
    let of_groups = estate.groups.iter().flat_map(|one| &one.identity);
    let ids = of_principals.chain(of_groups).chain(estate.managed.iter().map(|one| &one.writing));
    let all: BTreeMap<WritingId, &Writing> = ids.filter_map(|id| Some((*id, estate.writing(*id)?))).collect();
    // What is given by its ARN alone stands elsewhere.
    let here = |writing: &&Writing| !writing.path.contains("policy_arn");
    let held = all
        .into_values()
        .filter(here)
        .filter_map(|writing| Some(Held { item: subject.inventory.get(writing.item.as_ref()?)?, writing }));
    held.collect()
}

/// Which of these actions (lower case) a statement allows.
pub(super) fn among<'a>(statement: &Statement, actions: &[&'a str]) -> Vec<&'a str> {
    let patterns =
        |all: &[String]| -> Vec<Glob> { all.iter().map(|one| Glob::new(one).lowercase()).collect() };
    let (globs, only) = match &statement.actions {
        Scope::Only(all) => (patterns(all), true),
        Scope::AllBut(all) => (patterns(all), false),
    };
    actions.iter().copied().filter(|action| globs.iter().any(|glob| glob.matches(action)) == only).collect()
}

/// The actions of a statement, as they are written, that cover one of these (lower case).
pub(super) fn covering<'s>(statement: &'s Statement, actions: &[&str]) -> Vec<&'s str> {
    let Scope::Only(all) = &statement.actions else { return Vec::new() };
    let covers = |one: &&String| {
        let glob = Glob::new(one).lowercase();
        actions.iter().any(|action| glob.matches(action))
    };
    all.iter().filter(covers).map(String::as_str).collect()
}

/// Whether a statement allows every action there is.
pub(super) fn is_everything(statement: &Statement) -> bool {
    matches!(&statement.actions, Scope::Only(all) if all.iter().any(|one| matches!(one.as_str(), "*" | "*:*")))
}

/// Whether a statement is held to some resources: by name, or by a condition that is more than how one asks.
pub(super) fn narrow(statement: &Statement) -> Answer {
    const HOW: [&str; 5] = [
        "aws:securetransport",
        "aws:requestedregion",
        "aws:currenttime",
        "aws:multifactorauthpresent",
        "aws:useragent",
    ];
    let by_condition =
        statement.conditions.iter().any(|one| !HOW.contains(&one.key.to_ascii_lowercase().as_str()));
    let by_name = match &statement.resources {
        None | Some(Scope::AllBut(_)) => Answer::Bad,
        Some(Scope::Only(all)) => all.iter().map(is_some).fold(Answer::Good, Answer::and),
    };
    by_name.or(Answer::when(by_condition))
}

/// Whether a resource of a statement is not simply every one.
fn is_some(text: &Text) -> Answer {
    if let Some(literal) = text.literal() {
        return Answer::when(!matches!(literal, "*" | "arn:*" | "arn:aws:*" | "arn:aws:*:*:*:*"));
    }
    match text.reference().map(|reference| reference.target()) {
        Some(Target::Unknown(name)) => Answer::open([name.clone()]),
        _ => Answer::Good,
    }
}
