//! JSON documents of Terraform: which one it is, and its values without those that say nothing.
//!
//! GUARANTEE: the depth of a document is bounded by its parser (128), so that whoever walks it comes back.

use serde_json::{Map, Value as Printed};
use terrace_aws::inventory::{Inventory, vocabulary};
use terrace_aws::{Json, Record, Text, Value};

use crate::printed;

pub(super) type Object = Map<String, Printed>;

/// Why a text is no plan and no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// No JSON at all.
    #[error(
        "this is no JSON ({0}); `terraform show -json PLAN > plan.json` makes what is expected, the binary plan file is not read"
    )]
    Syntax(String),
    /// Some other JSON.
    #[error(
        "this is neither a plan nor a state: `{0}` is missing; make one with `terraform show -json PLAN` or `terraform show -json`"
    )]
    Missing(&'static str),
    /// A plan where a state was expected, or the other way round.
    #[error("this is {found}, and {expected} was expected")]
    Other {
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A format that is not known.
    #[error("the format is {0}; versions 1.x of `terraform show -json` are known")]
    Format(String),
    /// A state file that is older than Terraform 0.12.
    #[error(
        "this state file has version {0}, and 4 is known; `terraform show -json`, run where the state is, prints one that is read"
    )]
    StateFile(String),
}

/// Which document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `terraform show -json PLAN`.
    Plan,
    /// `terraform show -json`.
    State,
    /// `terraform.tfstate`.
    StateFile,
}

/// What a plan, a state, or a `terraform.tfstate` tells; `file` is the name that places are given by.
///
/// # Errors
/// If it is none of them.
pub fn json(text: &str, file: &str) -> Result<Inventory, DocumentError> {
    match document(text)? {
        (Form::Plan, document) => Ok(super::plan::read(&document, file)),
        (form, document) => Ok(super::state::read(&document, form, file)),
    }
}

/// Parses a document and says which it is.
pub(super) fn document(text: &str) -> Result<(Form, Printed), DocumentError> {
    // Windows shells write a mark of the encoding in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Printed =
        serde_json::from_str(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
    let short = |value: &Printed| value.to_string().chars().take(20).collect::<String>();
    match (document.get("format_version"), document.get("version")) {
        (Some(version), _) => {
            if !version.as_str().is_some_and(|version| version.starts_with("1.")) {
                return Err(DocumentError::Format(short(version)));
            }
            let plan = ["planned_values", "resource_changes", "configuration"]
                .iter()
                .any(|key| document.get(key).is_some());
            Ok((if plan { Form::Plan } else { Form::State }, document))
        }
        (None, Some(version)) if document.get("lineage").is_some() || document.get("serial").is_some() => {
            if version.as_i64() == Some(4) {
                Ok((Form::StateFile, document))
            } else {
                Err(DocumentError::StateFile(short(version)))
            }
        }
        _ => Err(DocumentError::Missing("format_version")),
    }
}

pub(super) fn get<'a>(fields: &'a Object, name: &str) -> Option<&'a Object> {
    fields.get(name)?.as_object()
}

pub(super) fn items<'a>(fields: &'a Object, name: &str) -> impl Iterator<Item = &'a Object> {
    fields.get(name).and_then(Printed::as_array).into_iter().flatten().filter_map(Printed::as_object)
}

pub(super) fn word<'a>(fields: &'a Object, name: &str) -> &'a str {
    fields.get(name).and_then(Printed::as_str).unwrap_or_default()
}

/// Whether a value says nothing: `null`, an empty text, an empty list, an empty map. Terraform prints every attribute
/// there is; those that are empty nobody gave, or gave to mean the same.
pub(super) fn empty(printed: &Printed) -> bool {
    match printed {
        Printed::Null => true,
        Printed::Bool(_) | Printed::Number(_) => false,
        Printed::String(text) => text.is_empty(),
        Printed::Array(items) => items.is_empty(),
        Printed::Object(fields) => fields.is_empty(),
    }
}

/// The attributes of a resource of a type, or of a nested block.
pub(super) fn record(type_name: &str, fields: &Object) -> Record {
    let mut all = Record::new();
    for (name, printed) in fields {
        if let Some(value) = value(type_name, name, printed) {
            all.set(name, value);
        }
    }
    all
}

/// An argument's value; none if it says nothing.
pub(super) fn value(type_name: &str, name: &str, printed: &Printed) -> Option<Value> {
    if empty(printed) {
        return None;
    }
    Some(match printed {
        Printed::Array(items) if items.iter().all(Printed::is_object) => Value::Blocks(
            items.iter().filter_map(Printed::as_object).map(|one| record(type_name, one)).collect(),
        ),
        Printed::Array(items) => {
            Value::List(items.iter().filter_map(|item| value(type_name, name, item)).collect())
        }
        Printed::Object(fields) => Value::Map(
            fields
                .iter()
                .filter_map(|(key, item)| Some((key.clone(), value(type_name, key, item)?)))
                .collect(),
        ),
        leaf => scalar(type_name, name, leaf)?,
    })
}

/// A truth, a number or a text: a JSON document or base64 where the argument is known to be one.
pub(super) fn scalar(type_name: &str, name: &str, printed: &Printed) -> Option<Value> {
    Some(match printed {
        Printed::Bool(truth) => Value::Bool(*truth),
        Printed::Number(number) => printed::number(number),
        Printed::String(text) if text.is_empty() => return None,
        Printed::String(text) => told(type_name, name, text),
        Printed::Null | Printed::Array(_) | Printed::Object(_) => return None,
    })
}

fn told(type_name: &str, name: &str, text: &str) -> Value {
    if vocabulary::is_json(name)
        && let Some(json) = parsed(text)
    {
        return Value::Json(json);
    }
    if vocabulary::is_base64(type_name, name)
        && let Some(decoded) = decoded(text)
    {
        return Value::Base64(Text::from(decoded));
    }
    Value::Text(Text::from(text))
}

fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok()
}

/// A JSON document, if the text is an object or an array of one.
pub(super) fn parsed(text: &str) -> Option<Json> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    Some(from(&serde_json::from_str(text).ok()?))
}

fn from(printed: &Printed) -> Json {
    match printed {
        Printed::Null => Json::Null,
        Printed::Bool(truth) => Json::Bool(*truth),
        // Numbers that are not whole stay as they are spelled: no policy compares them.
        Printed::Number(number) => number.as_i64().map_or_else(|| Json::text(number.to_string()), Json::Int),
        Printed::String(text) => Json::text(text.as_str()),
        Printed::Array(items) => Json::List(items.iter().map(from).collect()),
        Printed::Object(fields) => {
            Json::Object(fields.iter().map(|(key, item)| (key.clone(), from(item))).collect())
        }
    }
}
