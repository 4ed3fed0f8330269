//! JSON that Terraform prints, as values.

use serde_json::Value as Printed;
use terrace_aws::{Record, Text, Value};

use super::gather::ImportError;
use crate::printed;

/// The document, if its format is one that is known.
pub(super) fn document(text: &str) -> Result<Printed, ImportError> {
    let document: Printed =
        serde_json::from_str(text).map_err(|error| ImportError::Json(error.to_string()))?;
    match document.get("format_version").and_then(Printed::as_str) {
        None => Err(ImportError::Missing("format_version")),
        Some(version) if version.starts_with("1.") => Ok(document),
        Some(other) => Err(ImportError::Format(other.chars().take(20).collect())),
    }
}

/// A printed value: `null` is none, objects in a list are nested blocks if `blocks` says so.
pub(super) fn value(printed: &Printed, blocks: Blocks) -> Option<Value> {
    Some(match printed {
        Printed::Null => return None,
        Printed::Bool(value) => Value::Bool(*value),
        Printed::Number(number) => printed::number(number),
        Printed::String(text) => Value::Text(Text::from(text.as_str())),
        Printed::Array(items) if blocks == Blocks::Nested && nested(items) => {
            Value::Blocks(items.iter().filter_map(|item| item.as_object().map(record)).collect())
        }
        Printed::Array(items) => Value::List(items.iter().filter_map(|item| value(item, blocks)).collect()),
        Printed::Object(fields) => {
            let items = fields.iter().filter_map(|(key, item)| Some((key.clone(), value(item, blocks)?)));
            Value::Map(items.collect())
        }
    })
}

/// How objects in a list are meant: the JSON does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// As nested blocks: attributes of resources.
    Nested,
    /// As values: outputs and constants.
    Never,
}

fn nested(items: &[Printed]) -> bool {
    !items.is_empty() && items.iter().all(Printed::is_object)
}

/// The attributes of a resource or of a nested block.
pub(super) fn record(fields: &serde_json::Map<String, Printed>) -> Record {
    let mut all = Record::new();
    for (name, printed) in fields {
        if let Some(value) = value(printed, Blocks::Nested) {
            all.set(name, value);
        }
    }
    all
}
