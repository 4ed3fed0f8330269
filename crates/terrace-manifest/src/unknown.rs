//! Keys that Terrace does not know, and what was probably meant by them.

use terrace_diag::{Diagnostic, Span};
use toml::de::DeValue;

use crate::describe::{Fields, Kind};
use crate::foreign;
use crate::refuse::shown;
use crate::{code, keys, suggest};

/// What other tools call environments.
const ENVIRONMENTS: [&str; 6] = ["env", "envs", "environment", "stage", "stages", "profile"];

/// A key of `[path]` that is none of `fields`, and the one of them that was meant if that can be told.
pub(crate) fn key(
    name: &str,
    span: Span,
    value: Option<&DeValue<'_>>,
    path: &str,
    full_path: &str,
    fields: &Fields,
) -> (Diagnostic, Option<&'static str>) {
    let place = if full_path.is_empty() { String::new() } else { format!(" in `[{full_path}]`") };
    let found = Diagnostic::error(code::UNKNOWN_KEY, format!("unknown key `{}`{place}", shown(name)));
    if path.is_empty() && !full_path.is_empty() && name == keys::ENVIRONMENTS.name {
        return (found.at(span, "an environment has no environments of its own"), None);
    }
    if let Some(example) = environments(name, value).filter(|_| full_path.is_empty()) {
        let found = found.at(span, format!("Terrace calls it `{}`", keys::ENVIRONMENTS.name));
        return (found.help(format!("write `[{}.{}]`", keys::ENVIRONMENTS.name, shown(example))), None);
    }
    if let Some(hint) = foreign::hint(path, name) {
        return (found.at(span, hint.label).help(hint.help), None);
    }
    // A word that is right elsewhere is more often in the wrong table than misspelt.
    let homes = homes(name);
    if !homes.is_empty() && !homes.iter().any(|home| home == path) {
        return (misplaced(found, name, span, value, path, full_path, &homes), None);
    }
    if let Some(near) = suggest::nearest(name, fields.keys.iter().map(|key| key.name)) {
        return (found.at(span, format!("did you mean `{near}`?")), Some(near));
    }
    let taker = if full_path.is_empty() { "the manifest".to_owned() } else { format!("`[{full_path}]`") };
    let takes = listed(fields.keys.iter().map(|key| format!("`{}`", key.name)));
    (found.at(span, "not a key of Terrace").help(format!("{taker} takes {takes}")), None)
}

/// The first of the environments in a table that was given another name, as in `[env.prod]`.
fn environments<'v>(name: &str, value: Option<&'v DeValue<'_>>) -> Option<&'v str> {
    let table = value.and_then(DeValue::as_table).filter(|_| ENVIRONMENTS.contains(&name))?;
    let is_one = table.values().all(|inner| inner.get_ref().is_table());
    table.keys().next().filter(|_| is_one).map(|key| key.get_ref().as_ref())
}

/// A key of other tables.
fn misplaced(
    found: Diagnostic,
    name: &str,
    span: Span,
    value: Option<&DeValue<'_>>,
    path: &str,
    full_path: &str,
    homes: &[String],
) -> Diagnostic {
    // Within an environment, the right table is the environment's own.
    let prefix = full_path.strip_suffix(path).unwrap_or_default().trim_end_matches('.');
    let home = |home: &str| match (prefix, home) {
        ("", "") => "the top of the file".to_owned(),
        ("", only) | (only, "") => format!("`[{only}]`"),
        _ => format!("`[{prefix}.{home}]`"),
    };
    let found =
        found.at(span, format!("this key belongs in {}", alternatives(homes.iter().map(|h| home(h)))));
    match homes {
        [only] if path.is_empty() && matches!(value, Some(DeValue::Table(_))) => {
            let dot = if prefix.is_empty() { "" } else { "." };
            found.help(format!("write `[{prefix}{dot}{only}.{name}]`"))
        }
        [only] if path.is_empty() => found.help(format!("write `{only}.{name} = …` here, or move it there")),
        _ => found,
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
