//! Nested stacks whose template lies in the same tree.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Presence, Tree};

use crate::datum::{Content, Datum};
use crate::node::{Entry, Node};
use crate::read::presence;
use crate::scope::Scope;

/// How many stacks may be nested in each other.
const LEVELS: usize = 16;

/// Reads a nested stack; its items are named `Child/LogicalId`.
pub(crate) fn stack(
    scope: &Scope<'_>,
    trail: &[&str],
    entry: &Entry,
    outer: &Presence,
    inventory: &mut Inventory,
) {
    let Some(presence) = presence(scope, &entry.value, outer) else { return };
    let not_read = |why: String| scope.leave_out(format!("{}{}", scope.prefix, entry.key), why, entry.at);
    // Until its outputs are known, all of them are not told.
    scope.stacks.borrow_mut().insert(entry.key.clone(), BTreeMap::new());
    let properties = entry.value.get("Properties");
    let location = properties.and_then(|all| all.get("TemplateURL"));
    let location = location.map(|node| scope.evaluate(node).to_text());
    let Some(location) = location.as_ref().and_then(|text| text.literal()) else {
        let shown = location.map(|text| text.to_string()).unwrap_or_default();
        return not_read(format!("is a stack whose template `{shown}` lies elsewhere"));
    };
    if location.contains("://") {
        return not_read(format!("is a stack whose template lies elsewhere, at {location}"));
    }
    let folder = trail.last().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let path = Tree::resolve(folder, location);
    let Some((path, text)) = path.as_deref().and_then(|path| Some((path, scope.reading.tree.get(path)?)))
    else {
        return not_read(format!("is a stack whose template `{location}` is not there"));
    };
    if trail.contains(&path) {
        return not_read(format!("is a stack that contains itself: {path}"));
    }
    if trail.len() >= LEVELS {
        return not_read(format!("is nested deeper than {LEVELS} stacks"));
    }
    // The same template may be nested many times over, and so may what it nests.
    if !scope.reading.spend(text.len().saturating_mul(64)) {
        return not_read("would make the whole too large".to_owned());
    }
    let given = properties.and_then(|all| all.get("Parameters")).map(Node::entries).unwrap_or_default();
    let given = given.iter().map(|entry| (entry.key.clone(), handed_over(scope.evaluate(&entry.value))));
    let prefix = format!("{}{}/", scope.prefix, entry.key);
    let trail: Vec<&str> = trail.iter().copied().chain([path]).collect();
    match crate::read::stack(scope.reading, &trail, text, prefix, &given.collect(), &presence, inventory) {
        Ok(outputs) => {
            scope.stacks.borrow_mut().insert(entry.key.clone(), outputs);
        }
        Err(wrong) => {
            let line = |start: usize| 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            let first = wrong.iter().next();
            let line = first.and_then(|first| first.primary()).map(|label| line(label.span().start()));
            let message = first.map_or("", |first| first.message());
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            not_read(format!("is a stack whose template cannot be read: {path}{line}: {message}"));
        }
    }
}

/// Parameters are text: a list is its elements with commas, where all are literal.
fn handed_over(value: Datum) -> Datum {
    if let Content::List(items) = &value.content {
        let literals: Option<Vec<String>> = items.iter().map(Datum::literal).collect();
        if let Some(literals) = literals {
            return Datum::text(value.line, literals.join(","));
        }
    }
    value
}
