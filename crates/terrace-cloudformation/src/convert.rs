//! Values of a template as arguments of the provider, with the place of each.

use terrace_aws::inventory::{Place, Places};
use terrace_aws::{Json, Record, Text, Value};

use crate::datum::{Content, Datum, unknowns};
use crate::model::{Field, How, snake};
use crate::node::{Node, Scalar, What};

/// Arguments that are being told, and where they stand.
pub(crate) struct Converter<'a> {
    file: &'a str,
    pub(crate) places: Places,
}

impl<'a> Converter<'a> {
    pub(crate) fn new(file: &'a str, line: u32) -> Self {
        Self { file, places: Places::whole(Place::new(file, line)) }
    }

    fn placed(&mut self, path: &str, line: u32) {
        self.places.set(path, Place::new(self.file, line));
    }

    /// A map's entries as arguments. `path` is what the map stands in, empty or with a dot at its end.
    pub(crate) fn record(&mut self, map: Datum, fields: &[Field], path: &str) -> Record {
        let mut record = Record::new();
        self.arguments(map, fields, path, &mut record);
        record
    }

    pub(crate) fn arguments(&mut self, map: Datum, fields: &[Field], path: &str, record: &mut Record) {
        let Content::Map(entries) = map.content else { return };
        for (key, value) in entries {
            let field = fields.iter().find(|field| field.0 == key);
            let how = field.map_or(How::Same, |field| field.2);
            let name = field.map(|field| field.1).filter(|name| !name.is_empty());
            let name = name.map_or_else(|| snake(&key), str::to_owned);
            match how {
                How::Drop => {}
                How::Lift(inner) => match &value.content {
                    Content::Map(_) => self.arguments(value, inner, path, record),
                    _ => self.argument(&name, value, How::Same, path, record),
                },
                how => self.argument(&name, value, how, path, record),
            }
        }
    }

    /// One argument.
    pub(crate) fn argument(&mut self, name: &str, value: Datum, how: How, path: &str, record: &mut Record) {
        let path = format!("{path}{name}");
        self.placed(&path, value.line);
        if let Some(value) = self.value(value, how, &path) {
            record.set(name, value);
        }
    }

    fn value(&mut self, datum: Datum, how: How, path: &str) -> Option<Value> {
        Some(match (how, datum.content) {
            (_, Content::Nothing) => return None,
            (How::Json, content) => json_value(self, Datum::new(datum.line, content), path),
            (How::Camel, content @ (Content::List(_) | Content::Map(_))) => {
                Value::Json(camel(json(Datum::new(datum.line, content))))
            }
            (How::Enabled, Content::Text(text)) => match text.literal() {
                Some(word) => Value::Bool(word.eq_ignore_ascii_case("enabled")),
                None => Value::Text(text),
            },
            (How::Tags, content) => tags(Datum::new(datum.line, content)),
            (How::Map, Content::Map(entries)) => {
                let entries = entries.into_iter().filter_map(|(key, value)| {
                    let path = format!("{path}.{key}");
                    self.placed(&path, value.line);
                    self.value(value, How::Map, &path).map(|value| (key, value))
                });
                Value::Map(entries.collect())
            }
            (How::Blocks(fields), Content::Map(entries)) => {
                let map = Datum::new(datum.line, Content::Map(entries));
                Value::Blocks(vec![self.record(map, fields, &format!("{path}[0]."))])
            }
            (How::Blocks(fields), Content::List(items)) => self.blocks(items, fields, path),
            (How::Blocks(_), Content::Text(text)) => Value::Opaque(text.references().cloned().collect()),
            (How::Only | How::List, content @ (Content::Text(_) | Content::Bool(_) | Content::Int(_))) => {
                Value::List(
                    self.value(Datum::new(datum.line, content), How::Same, path).into_iter().collect(),
                )
            }
            (How::Base64, Content::Text(text)) => Value::Base64(decoded(text)),
            (how, Content::Map(entries)) => {
                let inner = if matches!(how, How::Map) { How::Map } else { How::Blocks(&[]) };
                return self.value(Datum::new(datum.line, Content::Map(entries)), inner, path);
            }
            (how, Content::List(items)) => {
                if items.iter().any(|item| matches!(item.content, Content::Map(_)))
                    && !matches!(how, How::Map)
                {
                    return Some(self.blocks(items, &[], path));
                }
                let inner = if matches!(how, How::Map) { How::Map } else { How::Same };
                let values = items.into_iter().filter_map(|item| self.value(item, inner, path));
                Value::List(values.collect())
            }
            (_, Content::Bool(truth)) => Value::Bool(truth),
            (_, Content::Int(number)) => Value::Int(number),
            (_, Content::Text(text)) => Value::Text(text),
            (_, Content::Base64(text)) => Value::Base64(text),
            (_, content) => opaque(content),
        })
    }

    /// Blocks; a list in which one is not told is a list with something unknown in it.
    fn blocks(&mut self, items: Vec<Datum>, fields: &[Field], path: &str) -> Value {
        let mut records = Vec::new();
        let mut unknown = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            self.placed(&path, item.line);
            match item.content {
                content @ Content::Map(_) => {
                    records.push(self.record(Datum::new(item.line, content), fields, &format!("{path}.")));
                }
                content => unknown.push(opaque(content)),
            }
        }
        if unknown.is_empty() {
            return Value::Blocks(records);
        }
        let known = records.into_iter().map(|record| {
            Value::Map(record.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
        });
        Value::List(known.chain(unknown).collect())
    }
}

/// What is not told, as a value made of it.
pub(crate) fn opaque(content: Content) -> Value {
    let of = match content {
        Content::Either(names, ..) => unknowns(&names),
        content => Datum::new(0, content).references(),
    };
    Value::Opaque(of.into_iter().collect())
}

fn tags(datum: Datum) -> Value {
    let pair = |item: &Datum| Some((item.get("Key")?.literal()?, Value::Text(item.get("Value")?.to_text())));
    match datum.content {
        Content::List(items) => Value::Map(items.iter().filter_map(pair).collect()),
        Content::Map(entries) => Value::Map(
            entries.iter().map(|(key, value)| (key.clone(), Value::Text(value.to_text()))).collect(),
        ),
        content => opaque(content),
    }
}

fn json_value(converter: &mut Converter<'_>, datum: Datum, path: &str) -> Value {
    if let Content::Map(entries) = &datum.content {
        for (key, value) in entries {
            converter.placed(&format!("{path}.{key}"), value.line);
            if let Content::List(items) = &value.content {
                for (index, item) in items.iter().enumerate() {
                    converter.placed(&format!("{path}.{key}[{index}]"), item.line);
                }
            }
        }
    }
    match datum.content {
        Content::Map(_) | Content::List(_) => Value::Json(json(datum)),
        Content::Text(text) => match text.literal().and_then(|literal| crate::json::read(literal).ok()) {
            Some(node) => Value::Json(document(&node)),
            None => Value::Opaque(text.references().cloned().collect()),
        },
        content => opaque(content),
    }
}

/// A value as JSON.
pub(crate) fn json(datum: Datum) -> Json {
    match datum.content {
        Content::Nothing => Json::Null,
        Content::Bool(truth) => Json::Bool(truth),
        Content::Int(number) => Json::Int(number),
        Content::Text(text) | Content::Base64(text) => Json::Text(text),
        Content::List(items) => Json::List(items.into_iter().map(json).collect()),
        Content::Map(entries) => {
            Json::Object(entries.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
        content => Json::Text(Text::opaque(Datum::new(0, content).references())),
    }
}

/// JSON that stands in a template as text.
fn document(node: &Node) -> Json {
    match &node.what {
        What::List(items) => Json::List(items.iter().map(document).collect()),
        What::Map(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.clone(), document(&entry.value))).collect())
        }
        What::Scalar { .. } => match node.scalar() {
            Some(Scalar::Bool(truth)) => Json::Bool(truth),
            Some(Scalar::Int(number)) => Json::Int(number),
            Some(Scalar::Text(text) | Scalar::Ambiguous(text)) => Json::Text(Text::from(text)),
            Some(Scalar::Null) | None => Json::Null,
        },
    }
}

/// Maps with keys of the user's, in which no name is changed.
const FREE: [&str; 4] = ["Options", "DockerLabels", "Labels", "DriverOpts"];

fn camel(json: Json) -> Json {
    match json {
        Json::List(items) => Json::List(items.into_iter().map(camel).collect()),
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| {
                let value = if FREE.contains(&key.as_str()) { value } else { camel(value) };
                let mut characters = key.chars();
                let first = characters.next().map(|first| first.to_ascii_lowercase());
                (first.into_iter().chain(characters).collect(), value)
            });
            Json::Object(fields.collect())
        }
        other => other,
    }
}

/// Literal base64 as the text that it stands for.
fn decoded(text: Text) -> Text {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = text.literal().and_then(|literal| engine.decode(literal.trim()).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(text, Text::from)
}
