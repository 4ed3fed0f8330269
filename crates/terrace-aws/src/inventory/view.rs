//! Arguments asked by name, forgiving what documents differ in.
//!
//! A number may be written as text, one value stand for a list of one, and a nested block be a list of maps. What is
//! made of something unknown is [`Told::Unknown`]; what is told and cannot be what was asked for is so, too, by the name
//! "a value that is no …", because to take it for nothing would be a guess.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Json, Record, Reference, Text, Value};

use super::{Told, UnknownName};

/// Arguments of an item or of one of its nested blocks.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(Arguments<'a>);

#[derive(Clone, Copy, Debug)]
enum Arguments<'a> {
    Record(&'a Record),
    Map(&'a BTreeMap<String, Value>),
}

fn strange<T>(expected: &str) -> Told<T> {
    Told::Unknown(BTreeSet::from([Reference::unknown(UnknownName::new(format!(
        "a value that is no {expected}"
    )))]))
}

impl<'a> View<'a> {
    /// Of a record.
    pub const fn of(record: &'a Record) -> Self {
        Self(Arguments::Record(record))
    }

    /// An argument as it is.
    pub fn get(self, name: &str) -> Option<&'a Value> {
        match self.0 {
            Arguments::Record(record) => record.get(name),
            Arguments::Map(map) => map.get(name),
        }
    }

    /// Every argument.
    pub fn iter(self) -> Vec<(&'a str, &'a Value)> {
        match self.0 {
            Arguments::Record(record) => record.iter().collect(),
            Arguments::Map(map) => map.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        }
    }

    /// Text; numbers and truths as they are written. It may hold references: those are no unknowns, but names.
    pub fn text(self, name: &str) -> Told<Text> {
        self.get(name).map_or(Told::Nothing, text)
    }

    /// Text without references.
    pub fn literal(self, name: &str) -> Told<String> {
        match self.text(name) {
            Told::Is(text) => match text.literal() {
                Some(literal) => Told::Is(literal.to_owned()),
                None => Told::Unknown(text.references().cloned().collect()),
            },
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        }
    }

    /// A truth, also as the words `true` and `false`.
    pub fn bool(self, name: &str) -> Told<bool> {
        match self.literal(name) {
            Told::Is(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "1" => Told::Is(true),
                "false" | "0" => Told::Is(false),
                _ => strange("truth"),
            },
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        }
    }

    /// A whole number, also as text.
    pub fn int(self, name: &str) -> Told<i64> {
        match self.literal(name) {
            Told::Is(word) => word.trim().parse().map_or_else(|_| strange("whole number"), Told::Is),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        }
    }

    /// Nested blocks, or a list of maps, or one map.
    pub fn blocks(self, name: &str) -> Told<Vec<Self>> {
        match self.get(name) {
            None => Told::Nothing,
            Some(Value::Blocks(blocks)) => Told::Is(blocks.iter().map(Self::of).collect()),
            Some(Value::Map(map)) => Told::Is(vec![Self(Arguments::Map(map))]),
            Some(Value::List(items)) => {
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    match item {
                        Value::Map(map) => all.push(Self(Arguments::Map(map))),
                        Value::Opaque(of) => return Told::Unknown(of.iter().cloned().collect()),
                        _ => return strange("block"),
                    }
                }
                Told::Is(all)
            }
            Some(Value::Opaque(of)) => Told::Unknown(of.iter().cloned().collect()),
            Some(_) => strange("block"),
        }
    }

    /// Nested blocks that are told, and what it depends on whether there are more and which; nothing: there are no more.
    pub fn blocks_and_more(self, name: &str) -> (Vec<Self>, BTreeSet<Reference>) {
        let mut more = BTreeSet::new();
        let known = match self.get(name) {
            Some(Value::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    Value::Map(map) => Some(Self(Arguments::Map(map))),
                    Value::Opaque(of) => {
                        more.extend(of.iter().cloned());
                        if of.is_empty() {
                            more.insert(Reference::unknown(UnknownName::new("a value that is not told")));
                        }
                        None
                    }
                    _ => {
                        if let Told::Unknown(of) = strange::<()>("block") {
                            more.extend(of);
                        }
                        None
                    }
                })
                .collect(),
            _ => match self.blocks(name) {
                Told::Nothing => Vec::new(),
                Told::Is(all) => all,
                Told::Unknown(of) => {
                    more = of;
                    if more.is_empty() {
                        more.insert(Reference::unknown(UnknownName::new("a value that is not told")));
                    }
                    Vec::new()
                }
            },
        };
        (known, more)
    }

    /// The first nested block.
    pub fn block(self, name: &str) -> Told<Self> {
        match self.blocks(name) {
            Told::Is(all) => all.first().map_or(Told::Nothing, |first| Told::Is(*first)),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        }
    }

    /// A list of texts, or one text.
    pub fn texts(self, name: &str) -> Told<Vec<Text>> {
        match self.get(name) {
            None => Told::Nothing,
            Some(Value::List(items)) => {
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    match text(item) {
                        Told::Is(one) => all.push(one),
                        Told::Nothing => {}
                        // One that is not told says nothing of the others: it stays as a text made of it.
                        Told::Unknown(of) => all.push(Text::opaque(of)),
                    }
                }
                Told::Is(all)
            }
            Some(Value::Opaque(of)) => Told::Unknown(of.iter().cloned().collect()),
            Some(value) => text(value).map(|one| vec![one]),
        }
    }

    /// A map of texts.
    pub fn map(self, name: &str) -> Told<BTreeMap<String, Text>> {
        match self.get(name) {
            None => Told::Nothing,
            Some(Value::Map(items)) => {
                let known = items.iter().filter_map(|(key, item)| Some((key.clone(), text(item).known()?)));
                Told::Is(known.collect())
            }
            Some(Value::Opaque(of)) => Told::Unknown(of.iter().cloned().collect()),
            Some(_) => strange("map"),
        }
    }

    /// The items that an argument names, by whatever attribute; texts that name none are given as they are.
    pub fn references(self, name: &str) -> Vec<Reference> {
        let mut found = Vec::new();
        if let Some(value) = self.get(name) {
            value.references(&mut found);
        }
        found
    }
}

fn text(value: &Value) -> Told<Text> {
    match value {
        Value::Text(text) | Value::Base64(text) => Told::Is(text.clone()),
        Value::Bool(truth) => Told::Is(Text::from(truth.to_string())),
        Value::Int(number) => Told::Is(Text::from(number.to_string())),
        Value::Milli(thousandths) => {
            Told::Is(Text::from(format!("{}.{:03}", thousandths / 1000, (thousandths % 1000).abs())))
        }
        Value::Json(Json::Text(text)) => Told::Is(text.clone()),
        Value::Opaque(of) => Told::Unknown(of.iter().cloned().collect()),
        Value::Json(_) | Value::List(_) | Value::Map(_) | Value::Blocks(_) => strange("text"),
    }
}
