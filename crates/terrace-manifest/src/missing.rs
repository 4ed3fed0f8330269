//! What has to be written and is not.

use terrace_diag::{Diagnostic, Diagnostics, Span};

use crate::describe::{Fields, Key, Kind};
use crate::refuse::example;
use crate::unknown::alternatives;
use crate::{Places, code, keys, lower};

/// Reports every required key and table that is missing.
pub(crate) fn report(places: &Places, end: usize, diagnostics: &mut Diagnostics) {
    inside("", &keys::SETTINGS, places, end, diagnostics);
}

fn inside(path: &str, fields: &Fields, places: &Places, end: usize, diagnostics: &mut Diagnostics) {
    for key in fields.keys {
        let name = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        match (&key.kind, places.of(&name)) {
            (Kind::Table(below), Some(_)) => inside(&name, below, places, end, diagnostics),
            (Kind::Table(below), None) if key.required => diagnostics.push(table(key, below, end)),
            (_, None) if key.required => diagnostics.push(one(key, path, header(path, places))),
            _ => {}
        }
    }
    let written = |name: &&str| places.of(&format!("{path}.{name}")).is_some();
    let needed = fields.needs.names();
    if !needed.is_empty() && !needed.iter().any(written) {
        let names = alternatives(needed.iter().map(|name| format!("`{name}`")));
        let mut found = Diagnostic::error(code::MISSING_KEY, format!("`[{path}]` has no {names}"))
            .at(header(path, places), format!("expected {names} in this table"));
        for key in fields.keys.iter().filter(|key| needed.contains(&key.name)) {
            found = found.help(example(key));
        }
        diagnostics.push(found);
    }
}

fn header(path: &str, places: &Places) -> Span {
    places.of(path).unwrap_or(Span::new(0, 0))
}

fn one(key: &Key, path: &str, span: Span) -> Diagnostic {
    let (message, label) = if path.is_empty() {
        (format!("missing key `{}`", key.name), format!("expected `{}` at the top of the file", key.name))
    } else {
        (format!("missing key `{path}.{}`", key.name), format!("expected `{}` in this table", key.name))
    };
    Diagnostic::error(code::MISSING_KEY, message).at(span, label).help(example(key))
}

fn table(key: &Key, fields: &Fields, end: usize) -> Diagnostic {
    let needed =
        fields.keys.iter().filter(|inner| inner.required || fields.needs.names().contains(&inner.name));
    let names: Vec<&Key> = needed.collect();
    let found = Diagnostic::error(code::MISSING_KEY, format!("missing table `[{}]`", key.name))
        .at(lower::at_end(end), format!("expected `[{}]` before the end of the file", key.name));
    match names.first() {
        Some(first) => found.help(format!("add `[{}]`, with {}", key.name, example(first))),
        None => match fields.keys.first() {
            Some(first) => found.help(format!("add `[{}]`, with {}", key.name, example(first))),
            None => found.help(format!("add `[{}]`", key.name)),
        },
    }
}
