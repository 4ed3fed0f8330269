//! Keys that Terrace does not know, and what was probably meant by them.

use terrace_diag::{Diagnostic, Span};
use toml::de::DeValue;

use crate::describe::{Fields, Kind};
use crate::foreign;
use crate::read::shown;
use crate::{code, keys, suggest};

/// A key of `[path]` that is none of `fields`.
pub(crate) fn key(
    name: &str,
    span: Span,
    value: Option<&DeValue<'_>>,
    path: &str,
    full_path: &str,
    fields: &Fields,
) -> Diagnostic {
    let place = if full_path.is_empty() { String::new() } else { format!(" in `[{full_path}]`") };
    let found = Diagnostic::error(code::UNKNOWN_KEY, format!("unknown key `{}`{place}", shown(name)));
    let takes = format!(
        "{} takes {}",
        if path.is_empty() { "the manifest".to_owned() } else { format!("`[{path}]`") },
        listed(fields.keys.iter().map(|key| format!("`{}`", key.name)))
    );
    if path.is_empty() && !full_path.is_empty() && name == keys::ENVIRONMENTS.name {
        return found.at(span, "an environment has no environments of its own");
    }
    if let Some(hint) = foreign::hint(path, name, value) {
        return found.at(span, hint.label).help(hint.help);
    }
    // A word that is right elsewhere is more often in the wrong table than misspelt.
    let homes = homes(name);
    if !homes.is_empty() && !homes.iter().any(|home| home == path) {
        let tables = homes.iter().map(|home| match home.as_str() {
            "" => "the top of the file".to_owned(),
            home => format!("`[{home}]`"),
        });
        return found.at(span, format!("this key belongs in {}", alternatives(tables))).help(takes);
    }
    match suggest::nearest(name, fields.keys.iter().map(|key| key.name)) {
        Some(near) => found.at(span, format!("did you mean `{near}`?")),
        None => found.at(span, "not a key of Terrace").help(takes),
    }
}

/// The tables in which `name` is a key.
fn homes(name: &str) -> Vec<String> {
    fn walk(name: &str, path: &str, fields: &Fields, homes: &mut Vec<String>) {
        for key in fields.keys {
            if key.name == name {
                homes.push(path.to_owned());
            }
            let below = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            if let Kind::Table(fields) | Kind::WholeOrTable(_, fields) = &key.kind {
                walk(name, &below, fields, homes);
            }
        }
    }
    let mut homes = Vec::new();
    walk(name, "", &keys::MANIFEST, &mut homes);
    homes
}

fn joined(items: impl Iterator<Item = String>, last: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        Some((end, _)) => end.clone(),
        None => String::new(),
    }
}

/// `a, b and c`
pub(crate) fn listed(items: impl Iterator<Item = String>) -> String {
    joined(items, "and")
}

/// `a, b or c`
pub(crate) fn alternatives(items: impl Iterator<Item = String>) -> String {
    joined(items, "or")
}
