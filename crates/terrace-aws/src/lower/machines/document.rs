//! JSON documents as text for people, with whatever references they hold.

use crate::{Json, Part, Text};

/// A document of literal texts, two spaces a level.
pub(super) fn print(json: &Json) -> String {
    text(json, 0).to_string()
}

/// A document, two spaces a level and so many levels in; references stay references.
pub(super) fn text(json: &Json, depth: usize) -> Text {
    write(Text::new(), json, depth)
}

fn write(out: Text, json: &Json, depth: usize) -> Text {
    let inner = depth.saturating_add(1);
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    match json {
        Json::Null => out.then("null"),
        Json::Bool(value) => out.then(value.to_string()),
        Json::Int(number) => out.then(number.to_string()),
        Json::Text(value) => quoted(out, value),
        Json::List(items) if items.is_empty() => out.then("[]"),
        Json::Object(fields) if fields.is_empty() => out.then("{}"),
        Json::List(items) => {
            let mut out = out.then("[");
            for (at, item) in items.iter().enumerate() {
                out = write(out.then(if at == 0 { "" } else { "," }).then(line(inner)), item, inner);
            }
            out.then(line(depth)).then("]")
        }
        Json::Object(fields) => {
            let mut out = out.then("{");
            for (at, (name, value)) in fields.iter().enumerate() {
                out = quoted(
                    out.then(if at == 0 { "" } else { "," }).then(line(inner)),
                    &Text::from(name.as_str()),
                );
                out = write(out.then(": "), value, inner);
            }
            out.then(line(depth)).then("}")
        }
    }
}

/// Literals are escaped; a reference's value has to need no escape, as ARNs and names of hosts do not.
fn quoted(out: Text, text: &Text) -> Text {
    let mut out = out.then("\"");
    for part in text.parts() {
        out = match part {
            Part::Literal(literal) => {
                let json = serde_json::Value::from(literal.as_str()).to_string();
                let inside =
                    json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
                out.then(inside)
            }
            Part::Reference(reference) => out.then(Text::from(reference.clone())),
            Part::Opaque(references) => out.then(Text::opaque(references.clone())),
        };
    }
    out.then("\"")
}
