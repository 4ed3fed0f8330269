//! Records made of answers.

use std::collections::BTreeMap;

use serde_json::Value as Printed;
use terrace_aws::inventory::ItemId;
use terrace_aws::{Json, Record, Reference, Text, Value};

use terrace_account::Xml;

/// A record that is being made; what an answer does not say is left out.
#[derive(Default)]
pub(super) struct Fields(Record);

/// Whatever arguments are taken from.
pub(super) trait Source {
    fn word_of(&self, name: &str) -> Option<String>;
}

impl Source for Xml {
    fn word_of(&self, name: &str) -> Option<String> {
        self.word(name).map(str::to_owned)
    }
}

impl Source for Printed {
    fn word_of(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Self::String(text) if !text.is_empty() => Some(text.clone()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Fields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// An argument as it is.
    pub(super) fn set(mut self, name: &str, value: Value) -> Self {
        self.0.set(name, value);
        self
    }

    /// A text, if there is one.
    pub(super) fn text(self, name: &str, text: Option<impl Into<String>>) -> Self {
        match text.map(Into::into) {
            Some(text) if !text.is_empty() => self.set(name, Value::Text(Text::from(text))),
            _ => self,
        }
    }

    /// A truth, if there is one.
    pub(super) fn truth(self, name: &str, truth: Option<bool>) -> Self {
        match truth {
            Some(truth) => self.set(name, Value::Bool(truth)),
            None => self,
        }
    }

    /// A number, if there is one.
    pub(super) fn number(self, name: &str, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.set(name, Value::Int(number)),
            None => self,
        }
    }

    /// Texts of an answer: (argument, element) each.
    pub(super) fn words(self, of: &impl Source, names: &[(&str, &str)]) -> Self {
        names.iter().fold(self, |all, (name, element)| all.text(name, of.word_of(element)))
    }

    /// Truths of an answer.
    pub(super) fn truths(self, of: &impl Source, names: &[(&str, &str)]) -> Self {
        names.iter().fold(self, |all, (name, element)| {
            all.truth(name, of.word_of(element).and_then(|word| word.parse().ok()))
        })
    }

    /// Whole numbers of an answer.
    pub(super) fn numbers(self, of: &impl Source, names: &[(&str, &str)]) -> Self {
        names.iter().fold(self, |all, (name, element)| {
            all.number(name, of.word_of(element).and_then(|word| word.parse().ok()))
        })
    }

    /// Texts in order, if there are any.
    pub(super) fn texts(self, name: &str, texts: Vec<String>) -> Self {
        if texts.is_empty() {
            return self;
        }
        self.set(name, Value::List(texts.into_iter().map(|text| Value::Text(Text::from(text))).collect()))
    }

    /// Nested blocks, if there are any.
    pub(super) fn blocks(self, name: &str, blocks: Vec<Self>) -> Self {
        if blocks.is_empty() {
            return self;
        }
        self.set(name, Value::Blocks(blocks.into_iter().map(|block| block.0).collect()))
    }

    /// One nested block.
    pub(super) fn block(self, name: &str, block: Self) -> Self {
        self.blocks(name, vec![block])
    }

    /// A policy; text that is no JSON stays text.
    pub(super) fn policy(self, name: &str, text: Option<&str>) -> Self {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.set(name, document(text)),
            None => self,
        }
    }

    /// A reference to what is known by its name.
    pub(super) fn named(self, name: &str, type_name: &str, of: Option<&str>, attribute: &str) -> Self {
        match of.filter(|of| !of.is_empty()) {
            Some(of) => self.set(name, named(type_name, of, attribute)),
            None => self,
        }
    }

    /// Tags.
    pub(super) fn tags(self, tags: BTreeMap<String, String>) -> Self {
        if tags.is_empty() {
            return self;
        }
        let tags = tags.into_iter().map(|(key, value)| (key, Value::Text(Text::from(value))));
        self.set("tags", Value::Map(tags.collect()))
    }

    /// With the id that it has.
    pub(super) fn item(self, type_name: &str, name: impl Into<String>) -> (ItemId, Record) {
        (ItemId::new(type_name, name), self.0)
    }

    /// Both.
    pub(super) fn joined(mut self, other: Self) -> Self {
        other.0.iter().for_each(|(name, value)| self.0.set(name, value.clone()));
        self
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A reference to what is known by its name.
pub(super) fn named(type_name: &str, of: &str, attribute: &str) -> Value {
    Value::Text(Text::from(Reference::to_item(ItemId::new(type_name, of), attribute)))
}

/// Tags of an answer in XML, whose elements are called `key` and `value` or `Key` and `Value`.
pub(super) fn tags(of: &Xml, list: &str) -> BTreeMap<String, String> {
    let word = |tag: &Xml, low: &str, high: &str| {
        tag.word(low).or_else(|| tag.word(high)).unwrap_or_default().to_owned()
    };
    of.list(list).map(|tag| (word(tag, "key", "Key"), word(tag, "value", "Value"))).collect()
}

/// A JSON document.
pub(super) fn document(text: &str) -> Value {
    match serde_json::from_str::<Printed>(text) {
        Ok(printed) => Value::Json(json(&printed)),
        Err(_) => Value::Text(Text::from(text)),
    }
}

/// Parsed JSON.
pub(super) fn json(printed: &Printed) -> Json {
    match printed {
        Printed::Null => Json::Null,
        Printed::Bool(truth) => Json::Bool(*truth),
        Printed::Number(number) => number.as_i64().map_or_else(|| Json::text(number.to_string()), Json::Int),
        Printed::String(text) => Json::text(text.as_str()),
        Printed::Array(items) => Json::List(items.iter().map(json).collect()),
        Printed::Object(fields) => {
            Json::Object(fields.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}

/// The objects of a list in JSON.
pub(super) fn objects<'a>(of: &'a Printed, name: &str) -> impl Iterator<Item = &'a Printed> {
    of.get(name).and_then(Printed::as_array).into_iter().flatten()
}

/// The texts of a list in JSON.
pub(super) fn strings(of: &Printed, name: &str) -> Vec<String> {
    objects(of, name).filter_map(Printed::as_str).map(str::to_owned).collect()
}

/// Base64 as AWS answers it, if it holds text.
pub(super) fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?).ok()
}
