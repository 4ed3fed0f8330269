//! The one untyped view of a resource: what emitters print and imports read.
//!
//! Field names are those of the AWS provider for Terraform, the vocabulary that most people share.

use std::collections::BTreeMap;

use crate::{Reference, Text};

/// The value of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with decimals, in thousandths.
    Milli(i64),
    /// Text, with or without references. A lone reference is text as well.
    Text(Text),
    /// Values in order.
    List(Vec<Value>),
    /// Values by key.
    Map(BTreeMap<String, Value>),
    /// A JSON document; printed through `jsonencode`.
    Json(Json),
    /// Text, handed over in base64; printed through `base64encode`.
    Base64(Text),
    /// Nested blocks in order; `security_groups { … }`.
    Blocks(Vec<Record>),
    /// Something made of these references (in order of appearance), in a way that is not known.
    Opaque(Vec<Reference>),
}

/// A JSON document whose texts may hold references. Numbers are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(Text),
    /// An array.
    List(Vec<Json>),
    /// An object; its keys keep the order in which they were given.
    Object(Vec<(String, Json)>),
}

/// Arguments by name, in the order in which a person would write them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record(Vec<(String, Value)>);

impl Record {
    /// Without arguments.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Of these arguments, as many as are given.
    pub fn of(arguments: Vec<(&str, Option<Value>)>) -> Self {
        let given =
            arguments.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        Self(given.collect())
    }

    /// Adds an argument, or replaces it.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes an argument away.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// An argument's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// All arguments in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Json {
    /// An object of these.
    pub fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Text.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Every reference in it, in order.
    pub fn references(&self, found: &mut Vec<Reference>) {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) => {}
            Self::Text(text) => found.extend(text.references().cloned()),
            Self::List(items) => items.iter().for_each(|item| item.references(found)),
            Self::Object(fields) => fields.iter().for_each(|(_, value)| value.references(found)),
        }
    }
}

impl Value {
    /// Every reference in it, in order.
    pub fn references(&self, found: &mut Vec<Reference>) {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Milli(_) => {}
            Self::Text(text) | Self::Base64(text) => found.extend(text.references().cloned()),
            Self::List(items) => items.iter().for_each(|item| item.references(found)),
            Self::Map(items) => items.values().for_each(|item| item.references(found)),
            Self::Json(json) => json.references(found),
            Self::Blocks(blocks) => {
                blocks.iter().flat_map(Record::iter).for_each(|(_, value)| value.references(found));
            }
            Self::Opaque(references) => found.extend(references.iter().cloned()),
        }
    }
}
