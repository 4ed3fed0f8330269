//! The description of the keys as a JSON schema, for editors.
//!
//! Draft 7, since that is what the TOML language servers read (Taplo, which is Even Better TOML; Tombi), with
//! Taplo's `x-taplo` extension for what each word means. The schema knows each value's form, not what two values
//! say of each other: what it refuses the decoder refuses too, and the decoder refuses more.

use serde_json::{Map, Value, json};
use terrace_topology::SettingName;
use toml::de::{DeTable, DeValue};

use crate::describe::{Bounds, Choice, Fields, Key, Kind, Needs, Text};
use crate::keys;

/// The JSON schema of `terrace.toml`, as text that ends in a newline.
pub fn json_schema() -> String {
    let mut root = object(&keys::MANIFEST, Part::Whole);
    root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    root.insert("title".to_owned(), json!("terrace.toml"));
    root.insert(
        "description".to_owned(),
        json!("A web application's three tiers: a page, an app behind it, and its database."),
    );
    let mut environment = object(&keys::SETTINGS, Part::Environment);
    environment.insert("description".to_owned(), json!("What differs in this environment."));
    root.insert("definitions".to_owned(), json!({ "environment": environment }));
    format!("{:#}\n", Value::Object(root))
}

/// Whether tables have to be complete.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Environment,
}

fn object(fields: &Fields, part: Part) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let properties: Map<String, Value> =
        fields.keys.iter().map(|key| (key.name.to_owned(), property(key, part))).collect();
    schema.insert("properties".to_owned(), Value::Object(properties));

    let required: Vec<&str> = fields.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    if part == Part::Whole && !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let any: Vec<Value> = fields.needs.names().iter().map(|name| json!({ "required": [name] })).collect();
    match fields.needs {
        Needs::OneOf(_) => schema.insert("oneOf".to_owned(), Value::Array(any)),
        Needs::AnyOf(_) if part == Part::Whole => schema.insert("anyOf".to_owned(), Value::Array(any)),
        Needs::AnyOf(_) | Needs::Nothing => None,
    };
    schema
}

fn property(key: &Key, part: Part) -> Value {
    let mut schema = kind(&key.kind, part);
    schema.insert("description".to_owned(), json!(key.about));
    if let Some(default) = key.default {
        schema.insert("default".to_owned(), from_toml(default));
    }
    if !key.examples.is_empty() {
        schema.insert("examples".to_owned(), key.examples.iter().map(|e| from_toml(e)).collect());
    }
    Value::Object(schema)
}

fn kind(kind: &Kind, part: Part) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut set = |name: &str, value: Value| {
        schema.insert(name.to_owned(), value);
    };
    match kind {
        Kind::Text(form) => return text(form),
        Kind::Choice(choices) => return choice(choices),
        Kind::Whole(bounds) => return whole(*bounds),
        Kind::Number(numbers) => {
            set("type", json!("integer"));
            set("enum", json!(numbers));
        }
        Kind::Wholes(bounds, most) => {
            set("type", json!("array"));
            set("minItems", json!(1));
            set("maxItems", json!(most));
            set("uniqueItems", json!(true));
            set("items", Value::Object(whole(*bounds)));
        }
        Kind::WholeOrList(bounds, form) => {
            let list = json!({
                "type": "array",
                "minItems": bounds.least,
                "maxItems": bounds.most,
                "uniqueItems": true,
                "items": text(form),
            });
            set("anyOf", json!([whole(*bounds), list]));
        }
        Kind::Flag => set("type", json!("boolean")),
        Kind::List(form, most) => {
            set("type", json!("array"));
            set("minItems", json!(1));
            set("maxItems", json!(most));
            set("items", Value::Object(text(form)));
        }
        Kind::Table(fields) => return object(fields, part),
        Kind::WholeOrTable(bounds, fields) => {
            set("anyOf", json!([whole(*bounds), object(fields, part)]));
        }
        Kind::Named(names, inner, most) => {
            set("maxProperties", json!(most));
            set("type", json!("object"));
            set("propertyNames", Value::Object(name(names)));
            let inner = match inner {
                Kind::Table(fields) if std::ptr::eq(*fields, &keys::SETTINGS) => {
                    json!({ "$ref": "#/definitions/environment" })
                }
                inner => Value::Object(self::kind(inner, part)),
            };
            set("additionalProperties", inner);
        }
    }
    schema
}

fn text(form: &Text) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("pattern".to_owned(), json!(form.pattern));
    schema.insert("maxLength".to_owned(), json!(form.longest));
    schema
}

/// The form of a name that the user gives.
fn name(form: &Text) -> Map<String, Value> {
    let mut schema = text(form);
    if std::ptr::eq(form, keys::setting_name()) {
        schema.insert("not".to_owned(), json!({ "enum": SettingName::RESERVED }));
    }
    schema
}

fn choice(choices: &[Choice]) -> Map<String, Value> {
    let mut schema = Map::new();
    let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
    let about: Vec<&str> = choices.iter().map(|choice| choice.about).collect();
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), json!(words));
    schema.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": about } }));
    schema
}

fn whole(bounds: Bounds) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("integer"));
    schema.insert("minimum".to_owned(), json!(bounds.least));
    schema.insert("maximum".to_owned(), json!(bounds.most));
    schema
}

/// A value of the description, which is TOML, as JSON. A test holds that each of them is a value.
fn from_toml(text: &str) -> Value {
    DeValue::parse(text).map_or(Value::Null, |value| json(value.get_ref()))
}

fn json(value: &DeValue<'_>) -> Value {
    let table = |table: &DeTable<'_>| -> Map<String, Value> {
        table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
    };
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, |number| json!(number))
        }
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(inner) => Value::Object(table(inner)),
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Null,
    }
}
