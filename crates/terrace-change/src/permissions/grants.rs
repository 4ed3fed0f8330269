//! What one identity gains and loses.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::{Effect, PolicyDocument, Scope, Statement, Text};
use terrace_proof::estate::Estate;

use super::Identity;
use super::ask::{Answer, Asker, Question, within};
use super::meet::meet;
use super::papers::shown;

/// More questions than this are not asked.
const MOST: usize = 20_000;
/// More pairs of patterns than this are not compared.
const PAIRS: usize = 2_500;
/// Of more findings than this it is not asked which are parts of others.
const PARTS: usize = 200;

/// Actions on resources that an identity may do, or might.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// As policies write them: `s3:Get*`.
    pub actions: Vec<String>,
    /// On which of these.
    pub resources: Vec<String>,
    /// Under which conditions, on the side that has some; of what is altered, on the one side and then the other.
    pub when: Vec<String>,
    /// Whether these conditions tell the sides apart: of what is gained, that it needs them no more; of what is lost, that it
    /// stays under them.
    pub partly: bool,
    /// By which statements.
    pub by: Vec<String>,
}

type Found = Vec<(Question, Grant)>;

/// What grants are told together by.
type Alike = (Vec<String>, Vec<String>, bool, Vec<String>);

/// How a decision begins that waits for the text of a whole policy.
const TEXT: &str = "the text of the policy ";

/// What becomes of an identity, and the policies of whose text nothing is told; none if its policies are too large.
pub(super) fn between(was: &Estate, is: &Estate, who: &str) -> Option<(Identity, BTreeSet<String>)> {
    let (before, after) = (Asker::new(was, who), Asker::new(is, who));
    let new = before.is_none() || after.is_none();
    let mut identity =
        Identity { who: who.to_owned(), new, gained: Vec::new(), lost: Vec::new(), altered: Vec::new() };
    if let (Some(before), Some(after)) = (&before, &after)
        && before.same(after)
    {
        return Some((identity, BTreeSet::new()));
    }
    let documents: Vec<&PolicyDocument> =
        before.iter().chain(&after).flat_map(|asker| asker.documents().collect::<Vec<_>>()).collect();
    let questions = questions(&documents)?;
    let ask = |asker: &Option<Asker<'_>>, question: &Question| {
        asker.as_ref().map_or(Answer::No, |asker| asker.ask(question))
    };
    let (mut gained, mut lost, mut altered) = (Found::new(), Found::new(), Found::new());
    for question in questions {
        let (one, two) = (ask(&before, &question), ask(&after, &question));
        let grant = |when: &BTreeSet<String>, by: &BTreeSet<String>| Grant {
            actions: vec![question.action.clone()],
            resources: vec![shown(&question.resource)],
            when: when.iter().cloned().collect(),
            partly: matches!(
                (&one, &two),
                (Answer::If(..), Answer::Yes(_)) | (Answer::Yes(_), Answer::If(..))
            ),
            by: by.iter().cloned().collect(),
        };
        let nothing = BTreeSet::new();
        match (&one, &two) {
            (Answer::No, Answer::No) | (Answer::Yes(_), Answer::Yes(_)) => {}
            (Answer::No, Answer::Yes(by)) => gained.push((question.clone(), grant(&nothing, by))),
            (Answer::No, Answer::If(when, by)) => gained.push((question.clone(), grant(when, by))),
            (Answer::If(when, _), Answer::Yes(by)) => gained.push((question.clone(), grant(when, by))),
            (Answer::Yes(by), Answer::No) => lost.push((question.clone(), grant(&nothing, by))),
            (Answer::If(when, by), Answer::No) => lost.push((question.clone(), grant(when, by))),
            (Answer::Yes(by), Answer::If(when, _)) => lost.push((question.clone(), grant(when, by))),
            (Answer::If(had, by), Answer::If(has, also)) => {
                if had != has {
                    let mut one = grant(&nothing, &by.union(also).cloned().collect());
                    one.when = vec![words(had), words(has)];
                    altered.push((question.clone(), one));
                }
            }
        }
    }
    // What waits for a text that is not told is no news of single permissions.
    let mut untold = BTreeSet::new();
    for found in [&mut gained, &mut lost, &mut altered] {
        found.retain(|(_, grant)| {
            let waits = grant.when.iter().filter(|when| when.starts_with(TEXT));
            let waits: Vec<String> = waits.cloned().collect();
            let keep = waits.is_empty() || waits.len() < grant.when.len();
            if !keep {
                untold.extend(
                    waits
                        .into_iter()
                        .flat_map(|all| all.split(" and ").map(str::to_owned).collect::<Vec<_>>()),
                );
            }
            keep
        });
    }
    identity.gained = together(gained);
    identity.lost = together(lost);
    identity.altered = together(altered);
    Some((identity, untold))
}

fn words(conditions: &BTreeSet<String>) -> String {
    conditions.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}

/// Every action with every resource that some statement has together; where something is denied, with every resource, and
/// what any two patterns have in common.
fn questions(documents: &[&PolicyDocument]) -> Option<BTreeSet<Question>> {
    let statements: Vec<&Statement> = documents
        .iter()
        .filter_map(|document| match document {
            PolicyDocument::Statements(all) => Some(all),
            PolicyDocument::Opaque(_) => None,
        })
        .flatten()
        .collect();
    let opaque = documents.iter().any(|document| matches!(document, PolicyDocument::Opaque(_)));
    let crossed = statements.iter().any(|one| {
        one.effect == Effect::Deny
            || matches!(one.actions, Scope::AllBut(_))
            || matches!(one.resources, Some(Scope::AllBut(_)))
    });
    let mut all = BTreeSet::new();
    for one in &statements {
        ask(&mut all, actions(one), resources(one))?;
    }
    if opaque {
        ask(&mut all, vec!["*".to_owned()], vec![Text::from("*")])?;
    }
    if crossed {
        // A denial cuts out what is no pattern of anybody's: where two overlap is asked about as well.
        let each = statements.iter().flat_map(|one| actions(one)).collect::<BTreeSet<_>>();
        let lower = each.iter().map(|action| Text::from(action.to_ascii_lowercase())).collect();
        let more = overlaps(&lower)?.into_iter().filter_map(|text| Some(text.literal()?.to_owned()));
        let known: BTreeSet<String> =
            lower.iter().filter_map(|text| Some(text.literal()?.to_owned())).collect();
        let more = more.filter(|action| !known.contains(action));
        let actions: Vec<String> = each.iter().cloned().chain(more).collect();
        let each: BTreeSet<Text> = statements.iter().flat_map(|one| resources(one)).collect();
        let resources: Vec<Text> = each.union(&overlaps(&each)?).cloned().collect();
        ask(&mut all, actions, resources)?;
    }
    Some(all)
}

/// Each action with each resource; none if that are too many.
fn ask(all: &mut BTreeSet<Question>, actions: Vec<String>, resources: Vec<Text>) -> Option<()> {
    if actions.len().saturating_mul(resources.len()) > MOST {
        return None;
    }
    for action in &actions {
        let of = |resource: &Text| Question { action: action.clone(), resource: resource.clone() };
        all.extend(resources.iter().map(of));
    }
    (all.len() <= MOST).then_some(())
}

/// What every two have in common; none if that are too many pairs.
fn overlaps(all: &BTreeSet<Text>) -> Option<BTreeSet<Text>> {
    let pairs = all.len().saturating_mul(all.len());
    if pairs > PAIRS {
        return None;
    }
    let mut met = BTreeSet::new();
    for (at, one) in all.iter().enumerate() {
        for two in all.iter().skip(at + 1) {
            met.extend(meet(one, two));
        }
    }
    Some(met)
}

fn actions(statement: &Statement) -> Vec<String> {
    match &statement.actions {
        Scope::Only(all) => all.clone(),
        Scope::AllBut(all) => all.iter().cloned().chain(["*".to_owned()]).collect(),
    }
}

fn resources(statement: &Statement) -> Vec<Text> {
    match &statement.resources {
        Some(Scope::Only(all)) => all.clone(),
        Some(Scope::AllBut(all)) => all.iter().cloned().chain([Text::from("*")]).collect(),
        None => vec![Text::from("*")],
    }
}

/// Without what is a part of something else here; resources with the same actions in one.
fn together(found: Found) -> Vec<Grant> {
    let is_part = |at: usize, question: &Question, grant: &Grant| {
        let few = if found.len() > PARTS { &[] } else { found.as_slice() };
        few.iter().enumerate().any(|(other_at, (other, theirs))| {
            other_at != at
                && theirs.when == grant.when
                && theirs.partly == grant.partly
                && within(question, other)
                // Of two that are the same, the first stays.
                && (!within(other, question) || other_at < at)
        })
    };
    let whole = found.iter().enumerate().filter(|(at, (question, grant))| !is_part(*at, question, grant));
    let mut by_resource: BTreeMap<Alike, BTreeSet<String>> = BTreeMap::new();
    for (_, (_, grant)) in whole {
        let key = (grant.resources.clone(), grant.when.clone(), grant.partly, grant.by.clone());
        by_resource.entry(key).or_default().extend(grant.actions.iter().cloned());
    }
    let mut by_actions: BTreeMap<Alike, BTreeSet<String>> = BTreeMap::new();
    for ((resources, when, partly, by), actions) in by_resource {
        let key = (actions.into_iter().collect(), when, partly, by);
        by_actions.entry(key).or_default().extend(resources);
    }
    let grants = by_actions.into_iter().map(|((actions, when, partly, by), resources)| Grant {
        actions,
        resources: resources.into_iter().collect(),
        when,
        partly,
        by,
    });
    grants.collect()
}
