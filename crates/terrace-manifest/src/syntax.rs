//! The text as TOML, with every error in it.

use std::collections::BTreeSet;

use terrace_diag::{Diagnostic, Diagnostics, Span};
use toml::de::{DeTable, DeValue};

use crate::code;
use crate::refuse::shown;

/// The longest manifest that is read, bytes.
pub(crate) const LONGEST: usize = 256 * 1024;

/// The most times that a text is read again without what was wrong in it.
const ROUNDS: usize = 16;

/// The most errors in a text that are told.
const MOST_ERRORS: usize = 100;

/// What can be read of a text, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Cleaned {
    /// The text with every line blanked that is no TOML; every byte that is left stands where it stood.
    pub(crate) readable: String,
    /// What is wrong with the text.
    pub(crate) errors: Diagnostics,
}

/// Finds every error in the text.
///
/// The parser gives up at some errors. So each line that is wrong is blanked and the text read again, until
/// nothing else is found.
pub(crate) fn clean(text: &str) -> Cleaned {
    let mut errors = Diagnostics::new();
    if text.len() > LONGEST {
        let message = format!("the manifest has {} bytes", text.len());
        errors.push(
            Diagnostic::error(code::TOO_LARGE, message)
                .help(format!("a manifest has {LONGEST} bytes at most")),
        );
        return Cleaned { readable: String::new(), errors };
    }
    let mut readable = text.to_owned();
    let mut known = BTreeSet::new();
    for _ in 0..ROUNDS {
        let (document, found) = DeTable::parse_recoverable(&readable);
        let mut wrong = BTreeSet::new();
        let mut is_torn = false;
        for error in &found {
            let span = error.span().map_or(Span::new(text.len(), text.len()), Span::from);
            let start = line_start(text, span.start());
            is_torn |= spans_lines(error.message());
            // What follows the first error of a line is nearly always a consequence of it.
            if known.len() >= MOST_ERRORS || !known.insert(start) {
                continue;
            }
            errors.push(if error.message() == "duplicate key" {
                duplicate(text, document.get_ref(), span)
            } else {
                wrong.insert(start);
                syntax_error(text, error.message(), span)
            });
        }
        if wrong.is_empty() || is_torn {
            break;
        }
        readable = blanked(&readable, &wrong);
    }
    Cleaned { readable, errors }
}

/// Whether an error is one of a value of several lines, so that its line alone cannot be left out.
fn spans_lines(message: &str) -> bool {
    ["array", "inline table", "multi-line", "comma", "recurse", "literal string"]
        .iter()
        .any(|part| message.contains(part))
}

/// The text with spaces in place of some lines; with a table's header its whole table goes, lest its keys count
/// as the table's before.
fn blanked(text: &str, lines: &BTreeSet<usize>) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut start = 0;
    let mut in_blanked_table = false;
    for line in text.split_inclusive('\n') {
        let is_header = line.trim_start().starts_with('[');
        let is_wrong = lines.contains(&start);
        if is_header {
            in_blanked_table = is_wrong;
        }
        if is_wrong || in_blanked_table {
            kept.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            kept.push_str(line);
        }
        start += line.len();
    }
    kept
}

/// The first byte of the line that holds a byte.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline)
}

fn line(text: &str, at: usize) -> &str {
    text.get(line_start(text, at)..line_end(text, at)).unwrap_or_default().trim()
}

fn syntax_error(text: &str, message: &str, span: Span) -> Diagnostic {
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, "nothing")) => (what, "nothing is expected here".to_owned()),
        Some((what, expected)) => (what, format!("expected {expected}")),
        None => (message, String::new()),
    };
    let line = line(text, span.start());
    if let Some(key) = key_of_bare_word(line) {
        // The parser tells of the number or the date that the word does not begin.
        return Diagnostic::error(code::SYNTAX, format!("the value of `{}` is no TOML", shown(key)))
            .at(span, "expected a string in quotes, a number, `true` or `false`")
            .help(
                likely_fix(line)
                    .unwrap_or_else(|| format!("put strings in quotes: `{} = \"…\"`", shown(key))),
            );
    }
    if let Some((key, "")) = assignment(line) {
        return Diagnostic::error(code::SYNTAX, format!("`{}` has no value", shown(key)))
            .at(span, "expected a value after `=`");
    }
    let found = Diagnostic::error(code::SYNTAX, what).at(span, expected);
    match likely_fix(line) {
        Some(help) => found.help(help),
        None => found,
    }
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.')
}

/// The key and the value of a line, without a comment.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.split('#').next().unwrap_or_default().trim());
    is_bare(key).then_some((key, value))
}

/// The key of a line whose value is a text without quotes.
fn key_of_bare_word(line: &str) -> Option<&str> {
    let (key, value) = assignment(line)?;
    let begins = value.starts_with(|c: char| c.is_alphabetic() || c == '.' || c == '/');
    (begins && !value.contains(['"', '\'', '{', '['])).then_some(key)
}

/// What a line that is no TOML was probably meant to be. No value is repeated: a broken line of
/// `[app.variables]` may hold anything.
fn likely_fix(line: &str) -> Option<String> {
    if let Some((key, value)) = assignment(line) {
        return match value {
            "True" | "TRUE" => Some(format!("write `{key} = true`")),
            "False" | "FALSE" => Some(format!("write `{key} = false`")),
            "None" | "null" | "nil" => Some(format!("take `{key}` out; there is no empty value")),
            _ => None,
        };
    }
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    if !is_bare(key) {
        return None;
    }
    Some(if value.trim().is_empty() {
        format!("a table begins with `[{}]`", shown(key))
    } else {
        format!("a value follows `=`, not `:`, as in `{} = …`", shown(key))
    })
}

/// A key that is written twice, with the first place.
fn duplicate(text: &str, document: &DeTable<'_>, span: Span) -> Diagnostic {
    let key = text.get(span.start()..span.end()).unwrap_or_default();
    let is_table = line(text, span.start()).starts_with('[');
    let what = if is_table { "table" } else { "key" };
    let name = if is_table {
        line(text, span.start()).split(']').next().unwrap_or_default().trim_start_matches('[').trim()
    } else {
        key
    };
    let found = Diagnostic::error(code::DUPLICATE_KEY, format!("{what} `{}` is written twice", shown(name)))
        .at(span, "here again");
    let first = if is_table { earlier_header(text, span.start()) } else { earlier_key(document, key, span) };
    let found = match first {
        Some(first) => found.with(first, "first here"),
        None => found,
    };
    found.help(format!("keep one of them{}", if is_table { ", with the keys of both" } else { "" }))
}

/// The same header line, or a key with dots that begins the same table, earlier in the text.
fn earlier_header(text: &str, at: usize) -> Option<Span> {
    let plain = |line: &str| line.split('#').next().unwrap_or_default().replace([' ', '\t', '\r'], "");
    let header = plain(line(text, at));
    let dotted = format!("{}.", header.trim_matches(['[', ']']));
    let mut start = 0;
    for candidate in text.get(..line_start(text, at))?.split_inclusive('\n') {
        let line = candidate.trim_end();
        if plain(line) == header || line.starts_with(&dotted) {
            return Some(Span::new(start, start + line.len()));
        }
        start += candidate.len();
    }
    None
}

/// The nearest key of the same name before `span`: a key is written twice within one table.
fn earlier_key(document: &DeTable<'_>, key: &str, span: Span) -> Option<Span> {
    let name = key.trim_matches(['"', '\'']);
    let mut nearest: Option<Span> = None;
    let mut tables = vec![document];
    while let Some(table) = tables.pop() {
        for (key, value) in table {
            let at = Span::from(key.span());
            if key.get_ref() == name && at.end() <= span.start() && nearest.is_none_or(|n| n < at) {
                nearest = Some(at);
            }
            if let DeValue::Table(inner) = value.get_ref() {
                tables.push(inner);
            }
        }
    }
    nearest
}

/// All findings in the order of the text, each once.
///
/// Where the text itself is wrong, what it seems to say there is not judged, and nothing counts as missing.
pub(crate) fn combine(text: &str, syntax: Diagnostics, meaning: Diagnostics) -> Diagnostics {
    let broken: BTreeSet<usize> =
        syntax.iter().filter_map(|d| d.primary()).map(|label| label.span().start()).collect();
    let stands_in_broken = |span: Span| {
        broken.range(line_start(text, span.start())..=line_end(text, span.end())).next().is_some()
    };
    let nothing_broken = syntax.is_empty();
    let believed = meaning.into_iter().filter(|found| {
        let is_doubtful = found.primary().is_some_and(|label| stands_in_broken(label.span()));
        nothing_broken || (found.code() != code::MISSING_KEY && !is_doubtful)
    });
    let mut known = BTreeSet::new();
    syntax
        .into_iter()
        .chain(believed)
        .filter(|found| {
            let place = found.primary().map(|label| label.span());
            known.insert((place, found.code(), found.message().to_owned()))
        })
        .collect::<Diagnostics>()
        .sorted()
}

/// Whether the text itself is wrong, so that what was read of it is not all that was meant.
pub(crate) fn broken(diagnostics: &Diagnostics) -> bool {
    diagnostics.iter().any(|d| [code::SYNTAX, code::DUPLICATE_KEY, code::TOO_LARGE].contains(&d.code()))
}
