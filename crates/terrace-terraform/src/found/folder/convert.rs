//! Values as what an operation asks for: a number, a text, a list.
//!
//! What is not told is [`Stop::Unknown`]; what is told and cannot be it is [`Stop::Wrong`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use terrace_aws::{Part, Text};

use super::val::{Number, Refs, Val};
use super::world::{Known, Stop};

/// Why a value is not what was asked for.
pub(super) fn not(value: &Val, expected: &str) -> Stop {
    let is = match value.bare() {
        Val::Null => "null",
        Val::Bool(_) => "a truth",
        Val::Number(_) => "a number",
        Val::Text(text) if text.literal().is_some() => "text",
        Val::Json(_) | Val::Base64(_) => "text",
        Val::List(_) => "a list",
        Val::Set(_) => "a set",
        Val::Map(_) => "a map",
        Val::Thing(_) => "a resource",
        other => return Stop::Unknown(Rc::new(other.refs())),
    };
    Stop::Wrong(format!("{expected} was expected, and this is {is}"))
}

fn opaque(refs: &Refs) -> Text {
    match refs.iter().next() {
        Some(one) if refs.len() == 1 => Text::from(one.clone()),
        _ => Text::opaque(refs.as_ref().clone()),
    }
}

/// Text, with references where something is not told.
pub(super) fn text(value: &Val) -> Known<Text> {
    Ok(match value.bare() {
        Val::Text(text) => Text::clone(text),
        Val::Bool(value) => Text::from(value.to_string()),
        Val::Number(number) => Text::from(number.to_string()),
        Val::Json(inner) => super::encoding::json_text(inner)?,
        Val::Base64(text) => match text.literal() {
            Some(literal) => Text::from(terrace_aws::base64(literal)),
            None => Text::opaque(text.references().cloned().collect()),
        },
        Val::Pointer(pointer) => Text::from(pointer.to.clone()),
        Val::Unknown(refs) => opaque(refs),
        other => return Err(not(other, "text")),
    })
}

/// Text without references.
pub(super) fn literal(value: &Val) -> Known<String> {
    let text = text(value)?;
    match text.literal() {
        Some(literal) => Ok(literal.to_owned()),
        None => Err(Stop::Unknown(Rc::new(text.references().cloned().collect()))),
    }
}

pub(super) fn number(value: &Val) -> Known<Number> {
    match value.bare() {
        Val::Number(number) => Ok(*number),
        Val::Text(_) | Val::Pointer(_) | Val::Unknown(_) => {
            Number::parse(&literal(value)?).ok_or_else(|| not(value, "a number"))
        }
        other => Err(not(other, "a number")),
    }
}

/// A whole number.
pub(super) fn whole(value: &Val) -> Known<i64> {
    match number(value)? {
        Number::Int(whole) => Ok(whole),
        Number::Float(_) => Err(Stop::wrong("a whole number was expected")),
    }
}

pub(super) fn truth(value: &Val) -> Known<bool> {
    match value.bare() {
        Val::Bool(truth) => Ok(*truth),
        Val::Text(_) | Val::Pointer(_) | Val::Unknown(_) => match literal(value)?.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(not(value, "a truth")),
        },
        other => Err(not(other, "a truth")),
    }
}

/// The elements of a list, a set, or the values of a map.
pub(super) fn elements(value: &Val) -> Known<Cow<'_, [Val]>> {
    match value.bare() {
        Val::List(node) | Val::Set(node) => Ok(Cow::Borrowed(&node.items)),
        Val::Map(node) => Ok(Cow::Owned(node.items.values().cloned().collect())),
        other => Err(not(other, "a list")),
    }
}

/// The elements, if it is told how many there are.
pub(super) fn counted(value: &Val) -> Known<Cow<'_, [Val]>> {
    let items = elements(value)?;
    match items.iter().find(|item| matches!(item, Val::Rest(_))) {
        Some(_) => Err(Stop::Unknown(super::val::refs_in(items.iter()))),
        None => Ok(items),
    }
}

pub(super) fn map(value: &Val) -> Known<&BTreeMap<String, Val>> {
    match value.bare() {
        Val::Map(node) => Ok(&node.items),
        other => Err(not(other, "a map")),
    }
}

/// Whether two values are the same.
pub(super) fn same(one: &Val, other: &Val) -> Known<bool> {
    let unknown = || Err(Stop::Unknown(super::val::refs_in([one, other])));
    match (one, other) {
        (Val::Pointer(a), Val::Pointer(b)) if a.to == b.to => return Ok(true),
        // What AWS gives a name to has one.
        (Val::Pointer(pointer), other) | (other, Val::Pointer(pointer)) if pointer.value.is_none() => {
            let sure = matches!(pointer.to.attribute(), "id" | "arn" | "name");
            let none = match other.bare() {
                Val::Null => true,
                Val::Text(text) => text.literal() == Some(""),
                _ => false,
            };
            return if sure && none { Ok(false) } else { unknown() };
        }
        _ => {}
    }
    match (one.bare(), other.bare()) {
        (Val::Unknown(_) | Val::Rest(_), _) | (_, Val::Unknown(_) | Val::Rest(_)) => unknown(),
        (Val::Null, Val::Null) => Ok(true),
        (Val::Null, _) | (_, Val::Null) => Ok(false),
        (Val::Bool(a), Val::Bool(b)) => Ok(a == b),
        (Val::Number(a), Val::Number(b)) => Ok(a.float() == b.float()),
        (Val::List(a), Val::List(b)) | (Val::Set(a), Val::Set(b)) => {
            let rest = a.items.iter().chain(&b.items).any(|item| matches!(item, Val::Rest(_)));
            match (rest, a.items.len() == b.items.len()) {
                (true, _) => unknown(),
                (false, true) => all_same(a.items.iter().zip(&b.items)),
                (false, false) => Ok(false),
            }
        }
        (Val::Map(a), Val::Map(b)) => {
            if a.items.keys().eq(b.items.keys()) {
                all_same(a.items.values().zip(b.items.values()))
            } else {
                Ok(false)
            }
        }
        (Val::Thing(a), Val::Thing(b)) => Ok(a == b),
        (Val::Text(_) | Val::Json(_) | Val::Base64(_), Val::Text(_) | Val::Json(_) | Val::Base64(_)) => {
            let (a, b) = (text(one)?, text(other)?);
            match (a.literal(), b.literal()) {
                (Some(a), Some(b)) => Ok(a == b),
                _ if a == b && !a.parts().iter().any(|part| matches!(part, Part::Opaque(_))) => Ok(true),
                // Text that is there is not the empty one.
                (Some(""), None) => nonempty(&b).map_or_else(unknown, |is| Ok(!is)),
                (None, Some("")) => nonempty(&a).map_or_else(unknown, |is| Ok(!is)),
                _ => unknown(),
            }
        }
        _ => Ok(false),
    }
}

fn nonempty(text: &Text) -> Option<bool> {
    text.parts().iter().any(|part| matches!(part, Part::Literal(_))).then_some(true)
}

fn all_same<'a>(pairs: impl Iterator<Item = (&'a Val, &'a Val)>) -> Known<bool> {
    let mut unknown = None;
    for (a, b) in pairs {
        match same(a, b) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(stop) => unknown = Some(stop),
        }
    }
    unknown.map_or(Ok(true), Err)
}
