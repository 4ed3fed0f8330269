//! JSON, base64 and the like, also of what is not told.
//!
//! A reference inside of a document keeps its place: while the text is read it stands as a mark that no document has.

use std::collections::BTreeMap;
use std::rc::Rc;

use terrace_aws::{Json, Part, Text};

use super::convert;
use super::val::{Number, Val, refs_in};
use super::world::{Known, Stop};

/// Around the number of a reference, while its text is read as a document. Not characters of any text.
const MARK: char = '\u{f8f1}';

pub(super) fn call(name: &str, args: &[Val]) -> Option<Known> {
    let first = args.first()?;
    Some(match name {
        "jsonencode" => Ok(Val::Json(Rc::new(first.clone()))),
        "jsondecode" => decoded(first),
        "base64encode" => convert::text(first).map(|text| Val::Base64(Rc::new(text))),
        "base64decode" => match first.bare() {
            Val::Base64(text) => Ok(Val::Text(Rc::clone(text))),
            _ => convert::literal(first).and_then(|text| {
                let bytes = unbase64(&text).and_then(|bytes| String::from_utf8(bytes).ok());
                bytes.map(Val::text).ok_or_else(|| Stop::wrong("this is no base64 of text"))
            }),
        },
        "urlencode" => convert::literal(first).map(|text| Val::text(urlencoded(&text))),
        "csvdecode" => convert::literal(first).and_then(|text| csv(&text)),
        _ => return None,
    })
}

fn urlencoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, b| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            all + &char::from(b).to_string()
        }
        b' ' => all + "+",
        b => all + &format!("%{b:02X}"),
    })
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let mut all = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for b in text.trim_end_matches('=').bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            all.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(all)
}

fn csv(text: &str) -> Known {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (true, '"') if chars.next_if_eq(&'"').is_some() => cell.push('"'),
            (_, '"') => quoted = !quoted,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\n') => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (false, '\r') => {}
            (_, c) => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    let mut rows = rows.into_iter().filter(|row| row.as_slice() != [""]);
    let Some(names) = rows.next() else { return Ok(Val::list(Vec::new())) };
    let all = rows.map(|row| {
        if row.len() != names.len() {
            return Err(Stop::wrong("a row has another number of cells than the first"));
        }
        let cells = names.iter().cloned().zip(row.into_iter().map(Val::text));
        Ok(Val::map(cells.collect()))
    });
    Ok(Val::list(all.collect::<Known<_>>()?))
}

/// The JSON of a value as text.
pub(super) fn json_text(value: &Val) -> Known<Text> {
    let mut all = Text::new();
    write(value, &mut all)?;
    Ok(all)
}

fn quoted(text: &str) -> String {
    // As Terraform does, for texts that are put into pages.
    let plain = serde_json::Value::from(text).to_string();
    plain.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn inner(text: &str) -> String {
    let quoted = quoted(text);
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn write(value: &Val, all: &mut Text) -> Known<()> {
    let mut push = |more: Text| *all = std::mem::take(all).then(more);
    match value.bare() {
        Val::Null => push(Text::from("null")),
        Val::Bool(_) | Val::Number(_) => push(convert::text(value)?),
        Val::List(node) | Val::Set(node) => {
            for (at, item) in node.items.iter().enumerate() {
                push(Text::from(if at == 0 { "[" } else { "," }));
                let mut inner = Text::new();
                write(item, &mut inner)?;
                push(inner);
            }
            push(Text::from(if node.items.is_empty() { "[]" } else { "]" }));
        }
        Val::Map(node) => {
            for (at, (key, item)) in node.items.iter().enumerate() {
                let before = if at == 0 { "{" } else { "," };
                push(Text::from(format!("{before}{}:", quoted(key))));
                let mut inner = Text::new();
                write(item, &mut inner)?;
                push(inner);
            }
            push(Text::from(if node.items.is_empty() { "{}" } else { "}" }));
        }
        Val::Rest(_) | Val::Thing(_) | Val::Unknown(_) => push(Text::opaque(value.refs())),
        _ => {
            let text = convert::text(value)?;
            push(Text::from("\""));
            for part in text.parts() {
                push(match part {
                    Part::Literal(literal) => Text::from(inner(literal)),
                    Part::Reference(reference) => Text::from(reference.clone()),
                    Part::Opaque(refs) => Text::opaque(refs.clone()),
                });
            }
            push(Text::from("\""));
        }
    }
    Ok(())
}

/// The document that a text is, if it is an object or a list; references inside of its texts stay there.
pub(super) fn document(text: &Text) -> Option<Json> {
    let (marked, parts) = marked(text);
    if !marked.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(&marked).ok()?;
    Some(unmarked_json(&value, &parts))
}

fn marked(text: &Text) -> (String, Vec<Text>) {
    let mut all = String::new();
    let mut parts = Vec::new();
    let (mut inside, mut escaped) = (false, false);
    for part in text.parts() {
        let part = match part {
            Part::Literal(literal) => {
                for c in literal.chars().filter(|c| *c != MARK) {
                    match c {
                        _ if escaped => escaped = false,
                        '\\' if inside => escaped = true,
                        '"' => inside = !inside,
                        _ => {}
                    }
                    all.push(c);
                }
                continue;
            }
            Part::Reference(reference) => Text::from(reference.clone()),
            Part::Opaque(refs) => Text::opaque(refs.clone()),
        };
        // Without quotes around it, it is a value of its own.
        let number = parts.len();
        all.push_str(&if !inside {
            format!("\"{MARK}{number}{MARK}\"")
        } else {
            format!("{MARK}{number}{MARK}")
        });
        parts.push(part);
    }
    (all, parts)
}

fn unmarked(text: &str, parts: &[Text]) -> Text {
    text.split(MARK).enumerate().fold(Text::new(), |all, (at, piece)| {
        match (at % 2, piece.parse::<usize>().ok().and_then(|number| parts.get(number))) {
            (1, Some(part)) => all.then(part.clone()),
            _ => all.then(piece),
        }
    })
}

fn unmarked_json(value: &serde_json::Value, parts: &[Text]) -> Json {
    match value {
        serde_json::Value::Null => Json::Null,
        serde_json::Value::Bool(value) => Json::Bool(*value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Json::text(number.to_string()), Json::Int)
        }
        serde_json::Value::String(text) => Json::Text(unmarked(text, parts)),
        serde_json::Value::Array(items) => {
            Json::List(items.iter().map(|item| unmarked_json(item, parts)).collect())
        }
        serde_json::Value::Object(fields) => Json::Object(
            fields
                .iter()
                .map(|(key, item)| (unmarked(key, parts).to_string(), unmarked_json(item, parts)))
                .collect(),
        ),
    }
}

/// What a text of JSON says.
pub(super) fn decoded(value: &Val) -> Known {
    if let Val::Json(inner) = value.bare() {
        return Ok(Val::clone(inner));
    }
    let text = convert::text(value)?;
    let (marked, parts) = marked(&text);
    if text.literal().is_none() && !marked.trim_start().starts_with(['{', '[']) {
        return Err(Stop::Unknown(refs_in([value])));
    }
    let value: serde_json::Value =
        serde_json::from_str(&marked).map_err(|error| Stop::Wrong(format!("this is no JSON: {error}")))?;
    Ok(plain(&value, &parts))
}

/// A document as a value.
pub(super) fn plain(value: &serde_json::Value, parts: &[Text]) -> Val {
    match value {
        serde_json::Value::Null => Val::Null,
        serde_json::Value::Bool(value) => Val::Bool(*value),
        serde_json::Value::Number(number) => {
            Number::parse(&number.to_string()).map_or(Val::Null, Val::Number)
        }
        serde_json::Value::String(text) => Val::text(unmarked(text, parts)),
        serde_json::Value::Array(items) => Val::list(items.iter().map(|item| plain(item, parts)).collect()),
        serde_json::Value::Object(fields) => {
            let fields: BTreeMap<String, Val> =
                fields.iter().map(|(key, item)| (key.clone(), plain(item, parts))).collect();
            Val::map(fields)
        }
    }
}

/// A value as a document.
pub(super) fn json(value: &Val) -> Json {
    match value.bare() {
        Val::Null => Json::Null,
        Val::Bool(value) => Json::Bool(*value),
        Val::Number(Number::Int(whole)) => Json::Int(*whole),
        Val::Number(number) => Json::text(number.to_string()),
        Val::List(node) | Val::Set(node) => Json::List(node.items.iter().map(json).collect()),
        Val::Map(node) => {
            Json::Object(node.items.iter().map(|(key, item)| (key.clone(), json(item))).collect())
        }
        other => match convert::text(other) {
            Ok(text) => Json::Text(text),
            Err(_) => Json::Text(Text::opaque(other.refs())),
        },
    }
}
