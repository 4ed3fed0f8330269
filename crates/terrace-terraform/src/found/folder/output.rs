//! Values → what an inventory holds.

use terrace_aws::{Text, Value};

use super::convert;
use super::encoding::{document, json};
use super::val::{Number, Val};

/// Arguments that hold a JSON document as text.
fn is_document(name: &str) -> bool {
    name.ends_with("policy") || matches!(name, "policies" | "policy_document" | "container_definitions")
}

/// The value of an argument; none for null.
pub(super) fn value(name: &str, of: &Val) -> Option<Value> {
    Some(match of {
        Val::Null => return None,
        Val::Bool(value) => Value::Bool(*value),
        Val::Number(Number::Int(whole)) => Value::Int(*whole),
        Val::Number(number) => decimal(*number),
        Val::Text(text) => match document(text) {
            Some(json) => Value::Json(json),
            None if is_document(name) && text.literal().is_none() => {
                Value::Opaque(text.references().cloned().collect())
            }
            None => Value::Text(Text::clone(text)),
        },
        Val::Json(inner) => Value::Json(json(inner)),
        Val::Base64(text) => Value::Base64(Text::clone(text)),
        Val::List(node) | Val::Set(node) => {
            Value::List(node.items.iter().filter_map(|item| value("", item)).collect())
        }
        Val::Map(node) => Value::Map(
            node.items.iter().filter_map(|(key, item)| Some((key.clone(), value(key, item)?))).collect(),
        ),
        Val::Pointer(pointer) => match &pointer.value {
            // A list or a document is what it is; only a text is a name.
            Some(known @ (Val::List(_) | Val::Set(_) | Val::Map(_) | Val::Json(_))) => {
                return value(name, known);
            }
            Some(known) if !known.is_whole() => return value(name, known),
            Some(known) if convert::text(known).is_ok_and(|text| document(&text).is_some()) => {
                return value(name, known);
            }
            None if is_document(name) => Value::Opaque(vec![pointer.to.clone()]),
            _ => Value::Text(Text::from(pointer.to.clone())),
        },
        Val::Rest(_) | Val::Unknown(_) | Val::Thing(_) => Value::Opaque(of.refs().into_iter().collect()),
    })
}

fn decimal(number: Number) -> Value {
    let spelled = number.to_string();
    let (whole, decimals) = spelled.split_once('.').unwrap_or((&spelled, ""));
    if decimals.len() <= 3
        && let Ok(thousandths) = format!("{whole}{decimals:0<3}").parse()
    {
        return Value::Milli(thousandths);
    }
    Value::Text(Text::from(spelled))
}
