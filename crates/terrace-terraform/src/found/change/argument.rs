//! The arguments of a resource that change: from what to what.
//!
//! A plan prints every attribute there is. Left out are those that say nothing on both sides, and those that AWS makes
//! and nobody wrote, whose value is only known after apply. Items of a set stand in any order: those that are on both
//! sides are no change.

use std::collections::BTreeSet;

use serde_json::Value as Printed;
use terrace_aws::inventory::vocabulary;

use super::secret;
use super::spelled;
use crate::found::json::{Object, empty};

/// One side of a change, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// Nothing is given.
    Nothing,
    /// This value, in one short line.
    Told(String),
    /// Something that is not shown.
    Hidden,
    /// Something that is only known after apply.
    Later,
}

/// An argument that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArgumentChange {
    /// Which: `ingress[0].cidr_blocks`.
    pub path: String,
    /// Before.
    pub from: Shown,
    /// After.
    pub to: Shown,
    /// Whether the resource is replaced for its sake.
    pub forces: bool,
}

static NONE: Printed = Printed::Null;

/// What a plan says of a value, before and after.
#[derive(Clone, Copy)]
struct Both<'a> {
    before: &'a Printed,
    after: &'a Printed,
    unknown: &'a Printed,
    /// Marks of what is sensitive.
    marks: [&'a Printed; 2],
    /// Whether nothing of it is shown.
    hidden: bool,
}

impl<'a> Both<'a> {
    fn of(change: &'a Object) -> Self {
        let get = |name: &str| change.get(name).unwrap_or(&NONE);
        Self {
            before: get("before"),
            after: get("after"),
            unknown: get("after_unknown"),
            marks: [get("before_sensitive"), get("after_sensitive")],
            hidden: false,
        }
    }

    fn field(self, name: &str) -> Self {
        self.part(|printed| printed.get(name).unwrap_or(&NONE))
    }

    fn item(self, before: Option<usize>, after: Option<usize>) -> Self {
        let at = |printed: &'a Printed, at: Option<usize>| at.and_then(|at| printed.get(at)).unwrap_or(&NONE);
        let [was, is] = self.marks;
        let mark = |mark: &'a Printed, place| if mark.is_boolean() { mark } else { at(mark, place) };
        Self {
            before: at(self.before, before),
            after: at(self.after, after),
            unknown: if self.unknown.is_boolean() { self.unknown } else { at(self.unknown, after) },
            marks: [mark(was, before), mark(is, after)],
            ..self
        }
    }

    fn part(self, get: impl Fn(&'a Printed) -> &'a Printed) -> Self {
        // A mark of the whole is one of each part.
        let mark = |mark: &'a Printed| if mark.is_boolean() { mark } else { get(mark) };
        let [was, is] = self.marks;
        Self {
            before: get(self.before),
            after: get(self.after),
            unknown: mark(self.unknown),
            marks: [mark(was), mark(is)],
            ..self
        }
    }

    fn is_later(self) -> bool {
        self.unknown == &Printed::Bool(true)
    }

    fn is_marked(self) -> bool {
        self.hidden || self.marks.contains(&&Printed::Bool(true))
    }

    /// Whether both sides say the same, or nothing.
    fn is_same(self) -> bool {
        !later(self.unknown) && (self.before == self.after || (empty(self.before) && empty(self.after)))
    }

    /// Whether something inside is marked.
    fn has_secrets(self) -> bool {
        self.hidden || self.marks.iter().any(|mark| later(mark))
    }

    fn shown(self) -> (Shown, Shown) {
        let secret = self.has_secrets() || [self.before, self.after].iter().any(|side| secret::within(side));
        let side = |printed: &Printed| match printed {
            nothing if empty(nothing) => Shown::Nothing,
            _ if secret => Shown::Hidden,
            other => Shown::Told(spelled::value(other)),
        };
        (side(self.before), if later(self.unknown) { Shown::Later } else { side(self.after) })
    }
}

/// Whether something in it is marked.
fn later(marks: &Printed) -> bool {
    match marks {
        Printed::Bool(truth) => *truth,
        Printed::Array(items) => items.iter().any(later),
        Printed::Object(fields) => fields.values().any(later),
        _ => false,
    }
}

/// Both sides of a value of this name as a whole.
pub(super) fn sides(name: &str, change: &Object) -> (Shown, Shown) {
    Both { hidden: secret::by_name(name), ..Both::of(change) }.shown()
}

/// The arguments of a change that are not the same. `written`: those that somebody wrote, as far as that is told.
pub(super) fn differences(
    change: &Object,
    written: Option<&BTreeSet<&str>>,
    forced: &[String],
) -> Vec<ArgumentChange> {
    let whole = Both::of(change);
    let mut all = Vec::new();
    for name in names(whole) {
        let both = whole.field(name);
        let theirs = written.is_some_and(|written| !written.contains(name));
        if !(theirs && later(both.unknown)) {
            walk(name, name, both, &mut all);
        }
    }
    // What a resource is tagged with in the end repeats its own tags.
    let own: BTreeSet<String> =
        all.iter().filter_map(|one| one.path.strip_prefix("tags").map(str::to_owned)).collect();
    all.retain(|one| one.path.strip_prefix("tags_all").is_none_or(|rest| !own.contains(rest)));
    for one in &mut all {
        one.forces = forced.iter().any(|path| within(path, &one.path) || within(&one.path, path));
    }
    all
}

/// Whether one path is another or inside of it.
fn within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn names<'a>(both: Both<'a>) -> BTreeSet<&'a str> {
    let of = |printed: &'a Printed| printed.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    of(both.before).chain(of(both.after)).chain(of(both.unknown)).collect()
}

fn walk(path: &str, name: &str, both: Both<'_>, all: &mut Vec<ArgumentChange>) {
    let hidden = both.hidden || both.is_marked() || secret::by_name(name) || secret::is_given(name);
    let both = Both { hidden, ..both };
    if both.is_same() {
        return;
    }
    let mut push = |from, to| all.push(ArgumentChange { path: path.to_owned(), from, to, forces: false });
    if both.is_later() {
        let (from, _) = both.shown();
        return push(from, Shown::Later);
    }
    if secret::is_script(name) {
        let side = |printed: &Printed| match printed.as_str() {
            None | Some("") => Shown::Nothing,
            Some(_) => Shown::Hidden,
        };
        return push(side(both.before), side(both.after));
    }
    let object = |printed: &Printed| printed.is_object() || printed.is_null();
    match (both.before, both.after) {
        (Printed::Null, whole) | (whole, Printed::Null)
            if !later(both.unknown) && !both.has_secrets() && !secret::within(whole) =>
        {
            let (from, to) = both.shown();
            push(from, to);
        }
        (before, after) if object(before) && object(after) => {
            names(both).into_iter().for_each(|key| walk(&join(path, key), key, both.field(key), all));
        }
        (before, after) if blocks(before) && blocks(after) => list(path, name, both, all),
        (Printed::String(before), Printed::String(after)) => {
            match (document(name, before), document(name, after)) {
                (Some(before), Some(after)) if before == after => {}
                (Some(before), Some(after)) => {
                    let inner = Both {
                        before: &before,
                        after: &after,
                        unknown: &NONE,
                        marks: [&NONE, &NONE],
                        hidden,
                    };
                    walk(path, "", inner, all);
                }
                _ => {
                    let (from, to) = both.shown();
                    push(from, to);
                }
            }
        }
        _ => {
            let (from, to) = both.shown();
            push(from, to);
        }
    }
}

fn join(path: &str, key: &str) -> String {
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) && !key.is_empty();
    if plain { format!("{path}.{key}") } else { format!("{path}[{}]", spelled::value(&Printed::from(key))) }
}

/// The JSON of a document that is handed over as text.
fn document(name: &str, text: &str) -> Option<Printed> {
    let begins = vocabulary::is_json(name) || text.starts_with(['{', '[']);
    if begins {
        serde_json::from_str(text).ok().filter(|json: &Printed| json.is_object() || json.is_array())
    } else {
        None
    }
}

/// Whether it is a list of blocks, or of nothing.
fn blocks(printed: &Printed) -> bool {
    match printed {
        Printed::Null => true,
        Printed::Array(items) => items.iter().all(Printed::is_object),
        _ => false,
    }
}

/// Items that are on both sides are none; the others are compared in their order.
fn list(path: &str, name: &str, both: Both<'_>, all: &mut Vec<ArgumentChange>) {
    let count = |printed: &Printed| printed.as_array().map_or(0, Vec::len);
    let mut old: Vec<usize> = (0..count(both.before)).collect();
    let mut new: Vec<usize> = Vec::new();
    for at in 0..count(both.after).max(count(both.unknown)) {
        let same = |before: &usize| both.item(Some(*before), Some(at)).is_same();
        match old.iter().position(same) {
            Some(found) => drop(old.remove(found)),
            None => new.push(at),
        }
    }
    // What has a name on both sides is compared by it, the rest in order.
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    let mut unnamed = Vec::new();
    for at in new {
        let own = called(both.after, at);
        let named = |before: &usize| own.is_some() && called(both.before, *before) == own;
        match old.iter().position(named) {
            Some(found) => pairs.push((Some(old.remove(found)), Some(at))),
            None => unnamed.push(at),
        }
    }
    for at in 0..old.len().max(unnamed.len()) {
        pairs.push((old.get(at).copied(), unnamed.get(at).copied()));
    }
    pairs.sort_by_key(|(before, after)| after.or(*before));
    for (before, after) in pairs {
        let place = after.or(before).unwrap_or_default();
        // Of what an application is given, the name says more than the place.
        let word = after.and_then(|at| called(both.after, at)).or_else(|| called(both.before, before?));
        let place = match word.filter(|_| secret::is_given(name)) {
            Some(word) => spelled::text(word),
            None => place.to_string(),
        };
        walk(&format!("{path}[{place}]"), name, both.item(before, after), all);
    }
}

/// The name of an item, if it has one.
fn called(list: &Printed, at: usize) -> Option<&str> {
    list.get(at)?.get("name")?.as_str()
}

/// A path as Terraform prints it: `["ingress", 0, "cidr_blocks"]`.
pub(super) fn path(printed: &Printed) -> String {
    let mut all = String::new();
    for step in printed.as_array().into_iter().flatten() {
        match step {
            Printed::String(name) if all.is_empty() => all.push_str(&spelled::text(name)),
            Printed::String(name) => all = join(&all, name),
            number => all.push_str(&format!("[{number}]")),
        }
    }
    all
}
