//! Inventories as lines that can be reviewed.

use terrace_aws::inventory::{Inventory, Item, Presence};
use terrace_aws::{Json, Part, Reference, Text, Value};

/// Every item with its arguments, one a line.
pub(crate) fn all(inventory: &Inventory) -> String {
    let items: String = inventory.items().map(item).collect();
    let unread = inventory.unread().iter().map(|one| format!("unread: {} {}\n", one.what, one.why));
    items + &unread.collect::<String>()
}

/// An item with its arguments.
pub(crate) fn item(item: &Item) -> String {
    let region = item.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
    let open = if item.presence == Presence::Sure { "" } else { " (depends)" };
    let mut lines = format!("{}{region}{open}\n", item.id());
    for (name, argument) in item.record.iter() {
        lines.push_str(&format!("  {name} = {}\n", value(argument)));
    }
    lines
}

fn joined<T>(items: impl IntoIterator<Item = T>, one: impl Fn(T) -> String) -> String {
    items.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn references<'a>(all: impl IntoIterator<Item = &'a Reference>) -> String {
    format!("?({})", joined(all, Reference::to_string))
}

pub(crate) fn text(text: &Text) -> String {
    let parts = text.parts().iter().map(|part| match part {
        Part::Literal(literal) => literal.replace('\n', "\\n"),
        Part::Reference(reference) => format!("<{reference}>"),
        Part::Opaque(of) => references(of),
    });
    parts.collect()
}

pub(crate) fn value(one: &Value) -> String {
    match one {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Milli(number) => format!("{number}/1000"),
        Value::Text(inner) => text(inner),
        Value::Base64(inner) => format!("base64({})", text(inner)),
        Value::List(items) => format!("[{}]", joined(items, value)),
        Value::Map(items) => {
            format!("{{{}}}", joined(items, |(key, item)| format!("{key}: {}", value(item))))
        }
        Value::Json(inner) => json(inner),
        Value::Blocks(blocks) => {
            let block = |block: &terrace_aws::Record| {
                let arguments = block.iter().map(|(name, argument)| format!("{name}={}", value(argument)));
                format!("{{ {} }}", arguments.collect::<Vec<_>>().join(" "))
            };
            joined(blocks, block)
        }
        Value::Opaque(of) => references(of),
    }
}

fn json(one: &Json) -> String {
    match one {
        Json::Null => "null".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        Json::Int(number) => number.to_string(),
        Json::Text(inner) => format!("\"{}\"", text(inner)),
        Json::List(items) => format!("[{}]", joined(items, json)),
        Json::Object(fields) => {
            format!("{{{}}}", joined(fields, |(key, field)| format!("{key}: {}", json(field))))
        }
    }
}
