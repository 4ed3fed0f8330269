//! One type as another.

use super::super::convert::{self, elements};
use super::super::val::{Val, refs_in};
use super::super::world::Known;
use super::Args;

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    let value = args.all.first()?;
    Some(match args.name {
        "tostring" => match value.bare() {
            Val::Null => Ok(Val::Null),
            // A name stays one.
            Val::Text(_) | Val::Pointer(_) | Val::Json(_) | Val::Base64(_) => Ok(value.clone()),
            other => convert::text(other).map(Val::text),
        },
        "tonumber" => match value.bare() {
            Val::Null => Ok(Val::Null),
            other => convert::number(other).map(Val::Number),
        },
        "tobool" => match value.bare() {
            Val::Null => Ok(Val::Null),
            other => convert::truth(other).map(Val::Bool),
        },
        "toset" => to_set(value),
        "tolist" => to_list(value),
        "tomap" => match value.bare() {
            Val::Null => Ok(Val::Null),
            other => convert::map(other).map(|items| {
                let values: Vec<Val> = items.values().cloned().collect();
                Val::map(items.keys().cloned().zip(unified(&values)).collect())
            }),
        },
        "sensitive" | "nonsensitive" | "ephemeralasnull" => Ok(value.clone()),
        "issensitive" => Err(super::super::world::Stop::Unknown(refs_in(args.all))),
        _ => return None,
    })
}

/// Elements of one list are of one type: text if any is text.
pub(super) fn unified(items: &[Val]) -> Vec<Val> {
    let any_text = items.iter().any(|item| matches!(item.bare(), Val::Text(_)));
    items
        .iter()
        .map(|item| match item.bare() {
            Val::Number(number) if any_text => Val::text(number.to_string()),
            Val::Bool(truth) if any_text => Val::text(truth.to_string()),
            _ => item.clone(),
        })
        .collect()
}

pub(super) fn to_set(value: &Val) -> Known {
    Ok(match value.bare() {
        Val::Null => Val::Null,
        Val::Set(_) => value.clone(),
        other @ (Val::Unknown(_) | Val::Pointer(_)) => Val::Unknown(refs_in([other])),
        other => Val::set(unified(&elements(other)?)),
    })
}

pub(super) fn to_list(value: &Val) -> Known {
    Ok(match value.bare() {
        Val::Null => Val::Null,
        Val::List(node) => Val::list(unified(&node.items)),
        other @ (Val::Unknown(_) | Val::Pointer(_)) => other.clone(),
        other => Val::list(unified(&elements(other)?)),
    })
}
