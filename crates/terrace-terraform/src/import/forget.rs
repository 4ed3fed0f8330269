//! Exactly what the JSON of a plan does not tell.
//!
//! - `lifecycle`, and with it which arguments are left alone;
//! - ephemeral resources (references to them stay);
//! - how an expression puts its references together: a template, an encoded document or a map is known by the
//!   references it is made of, in order; of a list the items that are no references are not told;
//! - the order of an encoded document's keys, and between text and an encoding of it: both are printed as text.
//!
//! What stays: every constant, every reference of its own (so every edge), `depends_on`, regions, default tags,
//! variables, outputs.

use terrace_aws::{Json, Lifecycle, Misfit, Mode, Output, Record, Reference, ResourceGraph, Text, Value};

/// The graph as a plan's JSON tells it. LAW: `plan(the plan of emit(g)).graph == forget(g)`.
///
/// # Errors
/// If an argument has references where its type can only be told with them in place; then the plan's reader
/// names the argument as not modelled.
pub fn forget(graph: &ResourceGraph) -> Result<ResourceGraph, Misfit> {
    let mut left = ResourceGraph::new(graph.region.clone());
    left.default_tags.clone_from(&graph.default_tags);
    left.variables.clone_from(&graph.variables);
    for (label, output) in &graph.outputs {
        let value = printed(&output.value);
        left.outputs.insert(label.clone(), Output { description: output.description.clone(), value });
    }
    for (address, node) in graph.nodes() {
        if address.kind().mode() == Mode::Ephemeral {
            continue;
        }
        let record = record(&node.resource.fields());
        let resource = address.kind().read(&record).map_err(|misfit| misfit.inside(address.to_string()))?;
        let node = terrace_aws::Node { resource, lifecycle: Lifecycle::default(), ..node.clone() };
        left.insert(address.label().clone(), node);
    }
    Ok(left)
}

fn record(fields: &Record) -> Record {
    let mut left = Record::new();
    for (name, field) in fields.iter() {
        left.set(name, value(field));
    }
    left
}

fn value(all: &Value) -> Value {
    if let Value::Blocks(blocks) = all {
        return Value::Blocks(blocks.iter().map(record).collect());
    }
    let references = told(all);
    match all {
        _ if !references.is_empty() => Value::Opaque(references),
        Value::Json(json) => Value::Json(sorted(json)),
        _ => all.clone(),
    }
}

/// The references of a value, in order, as a plan lists them.
fn told(value: &Value) -> Vec<Reference> {
    let mut references = Vec::new();
    value.references(&mut references);
    references.iter().map(Reference::forgotten).collect()
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::List(items) => Json::List(items.iter().map(sorted).collect()),
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(fields)
        }
        other => other.clone(),
    }
}

/// An output's value: nobody says there what it is meant to be, so an encoding is the text that it gives.
fn printed(all: &Value) -> Value {
    let references = told(all);
    match all {
        _ if !references.is_empty() => Value::Opaque(references),
        Value::Json(json) => Value::Text(Text::from(encoded(&sorted(json)))),
        Value::Base64(text) => {
            Value::Text(Text::from(terrace_aws::base64(text.literal().unwrap_or_default())))
        }
        Value::List(items) => Value::List(items.iter().map(printed).collect()),
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, value)| (key.clone(), printed(value))).collect())
        }
        other => other.clone(),
    }
}

/// As `jsonencode` prints it: without spaces, and with `<`, `>`, `&` and the separators by their numbers.
fn encoded(json: &Json) -> String {
    let mut text = String::new();
    encode(json, &mut text);
    text
}

fn encode(json: &Json, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Int(number) => out.push_str(&number.to_string()),
        Json::Text(text) => quote(text.literal().unwrap_or_default(), out),
        Json::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                encode(item, out);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (at, (key, value)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                encode(value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    let plain = serde_json::Value::from(text).to_string();
    for c in plain.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}
