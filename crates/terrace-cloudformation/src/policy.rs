//! JSON that stands in a template as text.

use terrace_aws::{Json, Text};

use crate::node::{Node, Scalar, What};

/// A document as JSON.
pub(crate) fn of(node: &Node) -> Json {
    match &node.what {
        What::List(items) => Json::List(items.iter().map(of).collect()),
        What::Map(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.clone(), of(&entry.value))).collect())
        }
        What::Scalar { .. } => match node.scalar() {
            Some(Scalar::Bool(truth)) => Json::Bool(truth),
            Some(Scalar::Int(number)) => Json::Int(number),
            Some(Scalar::Text(text) | Scalar::Ambiguous(text)) => Json::Text(Text::from(text)),
            Some(Scalar::Null) | None => Json::Null,
        },
    }
}
