//! An inventory as text that a person can read: every argument with its line.

use std::fmt::Write as _;

use terrace_aws::inventory::{Inventory, Item, Presence};
use terrace_aws::{Json, Record, Value};

/// The whole inventory.
pub(crate) fn inventory(inventory: &Inventory) -> String {
    let mut out = String::new();
    for item in inventory.items() {
        write!(out, "{} {}", item.type_name(), item.id().name()).unwrap();
        if let Presence::Depends(names) = &item.presence {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            write!(out, ", if {}", names.join(", ")).unwrap();
        }
        writeln!(out, "{}", place(item, "")).unwrap();
        record(&mut out, item, &item.record, "", 1);
        out.push('\n');
    }
    for unread in inventory.unread() {
        let place = unread.place.as_ref().map(|place| format!(" @ {place}")).unwrap_or_default();
        let extent = if unread.is_part() { "part " } else { "" };
        writeln!(out, "{extent}unread: {} {}{place}", unread.what, unread.why).unwrap();
    }
    out
}

fn place(item: &Item, path: &str) -> String {
    item.place(path).and_then(|place| place.line).map(|line| format!("  @{line}")).unwrap_or_default()
}

fn record(out: &mut String, item: &Item, of: &Record, path: &str, depth: usize) {
    for (name, argument) in of.iter() {
        let path = format!("{path}{name}");
        value(out, item, name, argument, &path, depth);
    }
}

fn value(out: &mut String, item: &Item, name: &str, of: &Value, path: &str, depth: usize) {
    let indent = "  ".repeat(depth);
    if let Value::Blocks(blocks) = of {
        for (index, block) in blocks.iter().enumerate() {
            let path = format!("{path}[{index}]");
            writeln!(out, "{indent}{name}{}", place(item, &path)).unwrap();
            record(out, item, block, &format!("{path}."), depth + 1);
        }
        if blocks.is_empty() {
            writeln!(out, "{indent}{name}: no blocks").unwrap();
        }
        return;
    }
    writeln!(out, "{indent}{name} = {}{}", shown(of), place(item, path)).unwrap();
}

fn shown(of: &Value) -> String {
    match of {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Milli(number) => format!("{number}/1000"),
        Value::Text(text) => text_of(text),
        Value::Base64(text) => format!("base64 {}", text_of(text)),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(items) => {
            let items = items.iter().map(|(key, item)| format!("{key}: {}", shown(item)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
        Value::Json(json) => format!("json {}", json_of(json)),
        Value::Blocks(blocks) => {
            let shown = blocks.iter().map(|block| {
                let arguments = block.iter().map(|(name, value)| format!("{name} = {}", shown(value)));
                format!("{{{}}}", arguments.collect::<Vec<_>>().join(", "))
            });
            format!("blocks {}", shown.collect::<Vec<_>>().join(" "))
        }
        Value::Opaque(of) => {
            format!("made of {}", of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}

fn text_of(text: &terrace_aws::Text) -> String {
    use terrace_aws::Part;
    if let Some(reference) = text.reference() {
        return format!("<{reference}>");
    }
    let parts = text.parts().iter().map(|part| match part {
        Part::Literal(literal) => literal.escape_debug().to_string(),
        Part::Reference(reference) => format!("<{reference}>"),
        Part::Opaque(of) => {
            format!("<of {}>", of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    });
    format!("\"{}\"", parts.collect::<String>())
}

fn json_of(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        Json::Int(number) => number.to_string(),
        Json::Text(text) => text_of(text),
        Json::List(items) => format!("[{}]", items.iter().map(json_of).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", json_of(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}
