//! What is said of a value that is not what was expected, and how to write what was meant.

use std::fmt::Display;

use terrace_diag::{Diagnostic, Span};
use toml::Spanned;
use toml::de::DeValue;

use crate::describe::{Bounds, Key, Kind, Text};
use crate::print::quoted;
use crate::{code, keys};

/// A value of another type.
pub(crate) fn mistyped(full_name: &str, value: &Spanned<DeValue<'_>>, kind: &Kind) -> Diagnostic {
    let message = format!("`{full_name}` is {}", a_type(value.get_ref(), kind));
    Diagnostic::error(code::WRONG_TYPE, message)
        .at(value.span().into(), format!("expected {}", kind.expected()))
}

fn a_type(value: &DeValue<'_>, expected: &Kind) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "`true`",
        DeValue::Boolean(false) => "`false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(items) => match (expected, items.first().map(Spanned::get_ref)) {
            (Kind::Table(_) | Kind::Named(..), Some(DeValue::Table(_))) => "a list of tables",
            _ => "a list",
        },
        DeValue::Table(_) => "a table",
    }
}

/// How to write the same value in the type that was expected.
pub(crate) fn retyped(full_name: &str, name: &str, value: &DeValue<'_>, kind: &Kind) -> Option<String> {
    let right = match (kind, value) {
        (Kind::Table(_) | Kind::Named(..), DeValue::Array(items))
            if items.iter().all(|i| i.get_ref().is_table()) =>
        {
            return Some(format!("write `[{full_name}]` once, in single brackets"));
        }
        (Kind::Table(_) | Kind::Named(..), _) => {
            return Some(format!("begin it with `[{full_name}]` on a line of its own"));
        }
        _ if name.is_empty() => return None,
        (Kind::Text(_), DeValue::Integer(_) | DeValue::Array(_)) if name == keys::ZONE.name => {
            return Some(format!("how many zones there are, or which, is `{}`", keys::ZONES.name));
        }
        (Kind::Text(form), DeValue::Integer(number)) if form.is_often_bare => format!("\"{number}\""),
        (Kind::Text(form), DeValue::Float(number)) if form.is_often_bare => format!("\"{number}\""),
        (Kind::Text(form), DeValue::Boolean(flag)) if form.is_often_bare => format!("\"{flag}\""),
        (Kind::Text(form), DeValue::Array(items)) if form.noun == "command" => {
            let words: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            quoted(&words?.join(" "))
        }
        (Kind::Text(form), DeValue::Table(table)) if form.noun == "path of the project" => {
            // AWS Copilot's `image` is a table with a Dockerfile, or the place of one, and a port.
            quoted(table.get("build")?.get_ref().as_str()?)
        }
        (Kind::List(..), DeValue::String(text)) => format!("[{}]", quoted(text)),
        (
            Kind::Whole(_) | Kind::Number(_) | Kind::WholeOrTable(..) | Kind::WholeOrList(..),
            DeValue::String(text),
        ) => text.trim().parse::<i64>().ok()?.to_string(),
        (Kind::Wholes(..), DeValue::Integer(number)) => format!("[{number}]"),
        (Kind::Flag, DeValue::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => "true".to_owned(),
            "false" | "no" | "off" | "0" => "false".to_owned(),
            _ => return None,
        },
        _ => return None,
    };
    Some(format!("write `{name} = {}`", shown(&right)))
}

/// A text as a message can hold it: on one line, and not too long.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let mut shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown.replace("\\\"", "\"").replace("\\'", "'")
}

/// A string that is none of its form.
pub(crate) fn invalid(text: &str, span: Span, form: &Text, error: &dyn Display) -> Diagnostic {
    let message = format!("`{}` is no {}", shown(text), form.noun);
    let found = Diagnostic::error(code::INVALID_VALUE, message).at(span, error.to_string());
    match (form.mend)(text) {
        Some(right) if right != text => found.help(format!("did you mean `{right}`?")),
        _ => found,
    }
}

/// A number that is too small or too large.
pub(crate) fn out_of_bounds(name: &str, number: &str, span: Span, bounds: Bounds) -> Diagnostic {
    Diagnostic::error(code::INVALID_VALUE, format!("`{name}` cannot be {number}"))
        .at(span, format!("expected {}", bounds.expected()))
}

/// The line that shows how a key is written.
pub(crate) fn example(key: &Key) -> String {
    let value = key.examples.first().or(key.default.as_ref()).copied().unwrap_or("…");
    format!("for example `{} = {value}`", key.name)
}

/// Something that a list has already.
pub(crate) fn twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(code::INVALID_VALUE, format!("`{name}` is in the list already"))
        .at(span, "here again")
        .with(first, "first here")
        .help("take one of them out")
}
