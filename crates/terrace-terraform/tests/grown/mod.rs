//! Graphs grown at random: every kind, every field, nested blocks, and texts that are hard to spell.
//!
//! No list of fields is kept here. An empty record is read; where it does not fit, the misfit says what was
//! expected, and that is put there. So a new kind or field is tried the day it is written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::{
    Address, Concern, Design, Json, Kind, Label, Lifecycle, Misfit, Mode, Node, Note, Notes, Output,
    PolicyDocument, PrincipalKind, Record, Reference, Resource, ResourceGraph, Statement, Step, Target, Text,
    Value, Variable,
};

/// Choices, taken one by one; when none are left every choice is the first, so that shrinking is growing less.
pub(crate) struct Tape<'a> {
    left: std::slice::Iter<'a, u32>,
}

impl<'a> Tape<'a> {
    pub(crate) fn new(choices: &'a [u32]) -> Self {
        Self { left: choices.iter() }
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.left.next().map_or(0, |choice| *choice as usize % count.max(1))
    }

    pub(crate) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn sometimes(&mut self) -> bool {
        self.below(2) == 1
    }
}

pub(crate) const HARD: &[&str] = &[
    "",
    "plain",
    " ",
    "a b",
    "\"",
    "\\",
    "\\n",
    "\n",
    "two\nlines\n",
    "three\n  indented\nlines\n",
    "  all\n  in\n",
    "${",
    "$${",
    "$$${",
    "%{",
    "%%{",
    "%%%{ if }",
    "$",
    "%",
    "$$",
    "${a.b}",
    "~}",
    "{",
    "}",
    "#",
    "//",
    "/* */",
    "\r\n",
    "\t",
    "a\tb\n\tc\n",
    "EOT\n",
    "a\nEOT\nb\n",
    "a\n  EOT  \nb\n",
    "<<-EOT",
    "ü",
    "日本\n語\n",
    "e\u{301}\nx\n",
    "\u{301}x\n\ny\n",
    "\u{0}",
    "\u{7f}",
    "\u{1f600}",
    "\u{2028}",
    "\u{feff}",
    "trailing \nspaces \n",
    "a\n\nb\n",
    "a\n \nb\n",
    "\n\na\n",
    "null",
    "true",
    "12",
    "\u{a0}x\ny\n",
    "#!/bin/sh\nset -eu\necho \"$HOME ${USER} %{x}\" 'it'\n",
    "100%",
    "a$\n",
    "a%\nb\n",
];

const WORDS: &[&str] = &["main", "a", "app_1", "web-2", "data", "x9", "_u", "for"];

fn label(tape: &mut Tape<'_>) -> Label {
    tape.pick(WORDS).parse().unwrap()
}

const ATTRIBUTES: &[&str] = &["id", "arn", "name", "dns_name", "master_user_secret[0].secret_arn"];

fn reference(tape: &mut Tape<'_>) -> Reference {
    if tape.below(5) == 4 {
        return Reference::variable(label(tape));
    }
    let target = Target::Resource(Address::new(tape.pick(Kind::ALL), label(tape)));
    if tape.below(5) == 4 {
        return Reference::only(target, "domain_validation_options", "domain_name");
    }
    Reference::new(target, tape.pick(ATTRIBUTES))
}

pub(crate) fn text(tape: &mut Tape<'_>) -> Text {
    let mut text = Text::new();
    for _ in 0..tape.below(4) {
        text = if tape.below(3) == 2 { text.then(reference(tape)) } else { text.then(tape.pick(HARD)) };
    }
    text
}

fn json(tape: &mut Tape<'_>, depth: usize) -> Json {
    match tape.below(if depth == 0 { 4 } else { 6 }) {
        0 => Json::Text(text(tape)),
        1 => Json::Int(i64::try_from(tape.below(2000)).unwrap() - 1000),
        2 => Json::Bool(tape.sometimes()),
        3 => Json::Null,
        4 => Json::List((0..tape.below(4)).map(|_| json(tape, depth - 1)).collect()),
        _ => {
            let keys: BTreeSet<&str> = (0..tape.below(4)).map(|_| tape.pick(HARD)).collect();
            Json::Object(keys.into_iter().map(|key| (key.to_owned(), json(tape, depth - 1))).collect())
        }
    }
}

fn policy(tape: &mut Tape<'_>) -> PolicyDocument {
    let statements = (0..tape.below(4)).map(|_| {
        let mut statement = if tape.sometimes() {
            Statement::allow("One", ["s3:GetObject"])
        } else {
            Statement::deny("Two", ["s3:*", "ec2:*"])
        };
        if tape.sometimes() {
            statement.sid = None;
        }
        for _ in 0..tape.below(3) {
            let kind = tape.pick(&[PrincipalKind::Aws, PrincipalKind::Service, PrincipalKind::Federated]);
            statement = statement.to(kind, text(tape));
        }
        if tape.sometimes() {
            statement = statement.on((0..1 + tape.below(3)).map(|_| text(tape)).collect::<Vec<_>>());
        }
        if tape.sometimes() {
            statement = statement.when("StringEquals", "aws:SourceVpce", [text(tape)]);
        }
        if tape.sometimes() {
            statement = statement.when("StringLike", "${odd}", [text(tape), text(tape)]);
        }
        statement
    });
    PolicyDocument::Statements(statements.collect())
}

/// What no field takes, and whose refusal says what it would take.
fn question() -> Value {
    Value::Map(BTreeMap::from([("?".to_owned(), Value::Milli(1))]))
}

const PARSED: &[&str] = &["10.0.0.0/16", "10.1.2.0/24", "us-east-1", "443", "1"];

/// A value for what a misfit asks; `tries` counts how often it has asked at the same place.
fn answer(tape: &mut Tape<'_>, misfit: &Misfit, tries: usize) -> Option<Value> {
    Some(match misfit {
        Misfit::Missing => question(),
        Misfit::Word(words) => Value::Text(Text::from(tape.pick(words))),
        Misfit::Reference { kind, attribute } => Value::Text(if tape.below(4) == 3 {
            Text::from(tape.pick(HARD))
        } else {
            Text::from(Reference::new(Target::Resource(Address::new(*kind, label(tape))), *attribute))
        }),
        Misfit::Expected("a block" | "one block") => {
            let count = if matches!(misfit, Misfit::Expected("one block")) { 1 } else { 1 + tape.below(3) };
            let asking = Record::of(vec![("?", Some(question()))]);
            Value::Blocks(vec![asking; if tries > 0 { 1 } else { count }])
        }
        Misfit::Expected("true or false") => Value::Bool(tape.sometimes()),
        Misfit::Expected("a number") => Value::Milli(i64::try_from(tape.below(5000)).unwrap()),
        Misfit::Expected(what)
            if what.starts_with("a whole number") || what.starts_with("a number that fits") =>
        {
            Value::Int(1 + i64::try_from(tape.below(120)).unwrap())
        }
        Misfit::Expected("a list") => Value::List(vec![question(); 1 + tape.below(4)]),
        Misfit::Expected("a map") => question(),
        Misfit::Expected("text in base64") => Value::Base64(text(tape)),
        Misfit::Expected("a JSON document") => {
            match json(tape, 3) {
                // A whole document that is one text is what a policy is called whose text is not known.
                Json::Text(_) => Value::Json(policy(tape).json()),
                _ if tries > 0 => Value::Json(policy(tape).json()),
                other => Value::Json(other),
            }
        }
        Misfit::Expected("text") if tries == 0 => Value::Text(text(tape)),
        Misfit::Expected(_) if tries == 0 => Value::Text(Text::from(tape.pick(HARD))),
        Misfit::Invalid(_) | Misfit::Expected(_) => {
            Value::Text(Text::from(*PARSED.get(tries.saturating_sub(1))?))
        }
        Misfit::Unknown { .. } | Misfit::Inside(..) | Misfit::Item(..) => return None,
    })
}

/// Puts an answer at the place that a misfit names; what is JSON or text is replaced whole.
fn put(record: &mut Record, steps: &[Step], new: Value) {
    let Some((Step::Name(name), rest)) = steps.split_first() else { return };
    match record.get(name).cloned() {
        Some(mut value) if !rest.is_empty() => {
            put_in(&mut value, rest, new);
            record.set(name, value);
        }
        _ => record.set(name, new),
    }
}

fn put_in(value: &mut Value, steps: &[Step], new: Value) {
    match (value, steps.split_first()) {
        (Value::Blocks(blocks), Some((Step::Item(at), rest))) => put(&mut blocks[*at], rest, new),
        (Value::List(items), Some((Step::Item(at), rest))) => put_in(&mut items[*at], rest, new),
        (Value::Map(items), Some((Step::Name(key), rest))) => put_in(items.get_mut(key).unwrap(), rest, new),
        (value, _) => *value = new,
    }
}

/// The fields that a block has, some of them asked for.
fn fill(tape: &mut Tape<'_>, record: &mut Record, steps: &[Step], known: &[&str]) {
    let chosen = known.iter().filter(|_| tape.sometimes()).map(|name| (*name, Some(question()))).collect();
    let new = Record::of(chosen);
    let Some((Step::Item(at), outer)) = steps.split_last() else { return };
    edit(record, outer, &mut |value| {
        if let Value::Blocks(blocks) = value {
            blocks[*at] = new.clone();
        }
    });
}

fn edit(record: &mut Record, steps: &[Step], change: &mut dyn FnMut(&mut Value)) {
    let Some((Step::Name(name), rest)) = steps.split_first() else { return };
    let Some(mut value) = record.get(name).cloned() else { return };
    match rest.split_first() {
        None => change(&mut value),
        Some((Step::Item(at), rest)) => {
            if let Value::Blocks(blocks) = &mut value {
                edit(&mut blocks[*at], rest, change);
            }
        }
        Some(_) => {}
    }
    record.set(name, value);
}

/// A resource of a kind.
pub(crate) fn resource(tape: &mut Tape<'_>, kind: Kind) -> Resource {
    let chosen =
        kind.fields().iter().filter(|_| tape.sometimes()).map(|name| (*name, Some(question()))).collect();
    let mut record = Record::of(chosen);
    let mut asked: Vec<(Vec<Step>, Misfit)> = Vec::new();
    for _ in 0..2000 {
        let misfit = match kind.read(&record) {
            Ok(resource) => return resource,
            Err(misfit) => misfit,
        };
        let (steps, why) = misfit.place();
        let tries = asked
            .iter()
            .filter(|(place, before)| {
                *place == steps && std::mem::discriminant(before) == std::mem::discriminant(why)
            })
            .count();
        asked.push((steps.clone(), why.clone()));
        if let Misfit::Unknown { known, .. } = why {
            fill(tape, &mut record, &steps, known);
            continue;
        }
        let new = match why {
            // A document that was not taken has to be a policy.
            _ if holds_json(&record, &steps) => Value::Json(policy(tape).json()),
            _ => answer(tape, why, tries)
                .unwrap_or_else(|| panic!("{}: no answer to {misfit}", kind.type_name())),
        };
        put(&mut record, &steps, new);
    }
    panic!("{}: {:?} is never read", kind.type_name(), record);
}

/// Whether a JSON document stands at a place, or the place is inside of one.
fn holds_json(record: &Record, steps: &[Step]) -> bool {
    let Some((Step::Name(name), rest)) = steps.split_first() else { return false };
    let mut value = record.get(name);
    let mut rest = rest.iter();
    loop {
        value = match (value, rest.next()) {
            (Some(Value::Json(_)), _) => return true,
            (Some(Value::List(items)), Some(Step::Item(at))) => items.get(*at),
            (Some(Value::Map(items)), Some(Step::Name(key))) => items.get(key),
            (Some(Value::Blocks(blocks)), Some(Step::Item(at))) => {
                return blocks.get(*at).is_some_and(|block| holds_json(block, rest.as_slice()));
            }
            _ => return false,
        };
    }
}

fn words(tape: &mut Tape<'_>) -> String {
    (0..tape.below(3)).map(|_| tape.pick(HARD)).collect()
}

fn value(tape: &mut Tape<'_>, depth: usize) -> Value {
    match tape.below(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Text(text(tape)),
        1 => Value::Int(-5),
        2 => Value::Milli(-1500),
        3 => Value::Json(json(tape, 2)),
        4 => Value::Base64(text(tape)),
        5 => Value::List((0..tape.below(30)).map(|_| value(tape, depth - 1)).collect()),
        _ => Value::Map(
            (0..tape.below(4)).map(|_| (tape.pick(HARD).to_owned(), value(tape, depth - 1))).collect(),
        ),
    }
}

/// A design of these kinds, and of what else a graph holds.
pub(crate) fn design(tape: &mut Tape<'_>, kinds: &[Kind]) -> Design {
    let mut graph = ResourceGraph::new("eu-central-1".parse().unwrap());
    let mut notes = Notes::default();
    for _ in 0..tape.below(3) {
        graph.default_tags.insert(tape.pick(HARD).to_owned(), tape.pick(HARD).to_owned());
        let default = tape.sometimes().then(|| words(tape));
        graph.variables.insert(label(tape), Variable { description: words(tape), default });
        let output = Output { description: words(tape), value: value(tape, 2) };
        graph.outputs.insert(label(tape), output);
    }
    for kind in kinds {
        let mut node = Node::plain(resource(tape, *kind));
        if tape.below(4) == 3 {
            node.region = Some(tape.pick(&["us-east-1", "eu-central-1"]).parse().unwrap());
        }
        if tape.below(4) == 3 {
            node.depends_on =
                (0..tape.below(4)).map(|_| Address::new(tape.pick(Kind::ALL), label(tape))).collect();
        }
        if tape.below(4) == 3 && kind.mode() == Mode::Managed {
            node.lifecycle = Lifecycle {
                create_before_destroy: tape.sometimes(),
                prevent_destroy: tape.sometimes(),
                ignore_changes: (0..tape.below(3))
                    .map(|_| tape.pick(&["desired_count", "tags", "a[0].b"]).to_owned())
                    .collect(),
            };
        }
        let label = label(tape);
        if tape.sometimes() {
            let why = (0..tape.below(3)).map(|_| words(tape)).collect();
            let note = Note { concern: tape.pick(&Concern::ALL), why };
            notes.push(Address::new(*kind, label.clone()), note);
        }
        graph.insert(label, node);
    }
    Design { graph, notes }
}
