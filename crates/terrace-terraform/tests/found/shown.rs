//! An inventory as text: one line for each argument, with its place.

use std::fmt::Write as _;

use terrace_aws::inventory::{Inventory, Item, Presence};
use terrace_aws::{Json, Part, Record, Text, Value};

pub(crate) fn inventory(all: &Inventory) -> String {
    let mut shown = String::new();
    for item in all.items() {
        one(item, &mut shown);
    }
    let mut unread: Vec<String> = all
        .unread()
        .iter()
        .map(|unread| {
            let place = unread.place.as_ref().map(|place| format!("  @ {place}")).unwrap_or_default();
            format!("unread {} {}{place}", unread.what, unread.why)
        })
        .collect();
    unread.sort();
    for line in unread {
        writeln!(shown, "{line}").unwrap();
    }
    shown
}

fn one(item: &Item, shown: &mut String) {
    write!(shown, "{}", item.id().name()).unwrap();
    if let Some(place) = item.place("") {
        write!(shown, "  @ {place}").unwrap();
    }
    if let Some(region) = &item.region {
        write!(shown, "  in {region}").unwrap();
    }
    if let Presence::Depends(on) = &item.presence {
        let on: Vec<&str> = on.iter().map(|name| name.as_str()).collect();
        write!(shown, "  if {}", on.join(", ")).unwrap();
    }
    shown.push('\n');
    record(item, &item.record, "", "  ", shown);
    shown.push('\n');
}

fn record(item: &Item, of: &Record, path: &str, before: &str, shown: &mut String) {
    for (name, argument) in of.iter() {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if let Value::Blocks(blocks) = argument {
            for (at, block) in blocks.iter().enumerate() {
                let path = format!("{path}[{at}]");
                writeln!(shown, "{before}{name} {{{}", place(item, &path)).unwrap();
                record(item, block, &path, &format!("{before}  "), shown);
                writeln!(shown, "{before}}}").unwrap();
            }
            continue;
        }
        writeln!(shown, "{before}{name} = {}{}", value(argument), place(item, &path)).unwrap();
    }
}

fn place(item: &Item, path: &str) -> String {
    item.place(path).map(|place| format!("  @ {place}")).unwrap_or_default()
}

fn value(of: &Value) -> String {
    match of {
        Value::Bool(is) => is.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Milli(thousandths) => format!("{thousandths}/1000"),
        Value::Text(of) => text(of),
        Value::Base64(of) => format!("base64({})", text(of)),
        Value::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        Value::Map(items) => {
            let items: Vec<String> =
                items.iter().map(|(key, item)| format!("{key} = {}", value(item))).collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Json(of) => format!("json {}", json(of)),
        Value::Blocks(_) => "blocks".to_owned(),
        Value::Opaque(refs) => {
            format!("?({})", refs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}

fn json(of: &Json) -> String {
    match of {
        Json::Null => "null".to_owned(),
        Json::Bool(is) => is.to_string(),
        Json::Int(number) => number.to_string(),
        Json::Text(of) => text(of),
        Json::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, item)| format!("{key}: {}", json(item))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A lone reference as it is, others inside of quotes.
fn text(of: &Text) -> String {
    if let Some(reference) = of.reference() {
        return reference.to_string();
    }
    let mut all = String::new();
    for part in of.parts() {
        match part {
            Part::Literal(literal) => all.push_str(&literal.escape_debug().to_string()),
            Part::Reference(reference) => write!(all, "${{{reference}}}").unwrap(),
            Part::Opaque(refs) => {
                let refs: Vec<String> = refs.iter().map(ToString::to_string).collect();
                write!(all, "${{?({})}}", refs.join(", ")).unwrap();
            }
        }
    }
    format!("\"{all}\"")
}
