//! Who can read which secret, parameter and bucket in the end, before and after.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proof::estate::{Estate, HoldingKind, Permissions, Reader, Verdict};

/// Somebody who can read something, or could.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReaderLine {
    /// What: the address of a secret, a parameter, a bucket; of a database whose password RDS keeps, `the password of …`.
    pub what: String,
    /// Who.
    pub who: String,
    /// How: the shortest way, step by step.
    pub how: Vec<String>,
    /// On what it depends; empty: it is sure.
    pub depends_on: Vec<String>,
    /// Whether what is read is there on one side only.
    pub new: bool,
}

type Readers = BTreeMap<(String, String), Reader>;

/// Those who can read something on the second side alone, and on the first alone.
pub(super) fn between(was: &Estate, is: &Estate) -> (Vec<ReaderLine>, Vec<ReaderLine>) {
    let (had, has) = (readers(was), readers(is));
    let (old, new) = (kept(was), kept(is));
    (only(&has, &had, &old), only(&had, &has, &new))
}

/// What is surer on one side than on the other. `others`: what is kept there.
fn only(some: &Readers, other: &Readers, others: &BTreeSet<String>) -> Vec<ReaderLine> {
    let grade = |reader: Option<&Reader>| match reader.map(|reader| &reader.verdict) {
        None => 0,
        Some(Verdict::Depends(_)) => 1,
        Some(Verdict::Allowed) => 2,
    };
    let surer = some.iter().filter(|(key, reader)| grade(Some(reader)) > grade(other.get(key)));
    surer
        .map(|((what, who), reader)| ReaderLine {
            what: what.clone(),
            who: who.clone(),
            how: reader.how.iter().map(ToString::to_string).collect(),
            depends_on: match &reader.verdict {
                Verdict::Allowed => Vec::new(),
                Verdict::Depends(on) => on.iter().map(ToString::to_string).collect(),
            },
            new: !others.contains(what),
        })
        .collect()
}

fn kept(estate: &Estate) -> BTreeSet<String> {
    estate.holdings.iter().map(|holding| named(holding.id.name(), &holding.kind)).collect()
}

fn named(name: &str, kind: &HoldingKind) -> String {
    match kind {
        HoldingKind::Secret { keeper: Some(_) } => format!("the password of {name}"),
        _ => name.to_owned(),
    }
}

fn readers(estate: &Estate) -> Readers {
    let permissions = Permissions::new(estate);
    let mut all = Readers::new();
    for holding in &estate.holdings {
        let what = named(holding.id.name(), &holding.kind);
        for reader in permissions.readers(&holding.id).unwrap_or_default() {
            // Of several ways the surest counts.
            let key = (what.clone(), reader.who.to_string());
            let better = all.get(&key).is_none_or(|known: &Reader| known.verdict != Verdict::Allowed);
            if better {
                all.insert(key, reader);
            }
        }
    }
    all
}
