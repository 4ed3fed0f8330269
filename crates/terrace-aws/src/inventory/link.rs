//! Ids and ARNs that are written as they are, turned into references to the items that have them.

use std::collections::BTreeMap;

use crate::{Json, Part, Record, Reference, Text, Value};

use super::{Inventory, ItemId};

/// Attributes by whose value an item is known wherever it stands.
const KNOWN_BY: [&str; 3] = ["id", "arn", "dns_name"];

impl Inventory {
    /// Replaces every text that is the id, ARN or DNS name of exactly one item by a reference to it. For states and
    /// accounts, which tell values and not expressions. An item's own attributes stay as they are.
    pub fn link(&mut self) {
        let mut owners: BTreeMap<String, Option<Reference>> = BTreeMap::new();
        for item in self.items.values() {
            for attribute in KNOWN_BY {
                let Some(Value::Text(text)) = item.record.get(attribute) else { continue };
                let Some(value) = text.literal().filter(|value| !value.is_empty()) else { continue };
                let reference = Reference::to_item(item.id().clone(), attribute);
                owners
                    .entry(value.to_owned())
                    .and_modify(|owner| {
                        if owner.as_ref().and_then(Reference::item) != Some(item.id()) {
                            *owner = None;
                        }
                    })
                    .or_insert(Some(reference));
            }
        }
        for item in self.items.values_mut() {
            let id = item.id().clone();
            linked_record(&mut item.record, &owners, &id);
        }
    }
}

type Owners = BTreeMap<String, Option<Reference>>;

fn linked_record(record: &mut Record, owners: &Owners, own: &ItemId) {
    let names: Vec<String> = record.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if let Some(value) = record.get(&name).cloned() {
            record.set(&name, linked(value, owners, own));
        }
    }
}

fn linked(value: Value, owners: &Owners, own: &ItemId) -> Value {
    match value {
        Value::Text(text) => Value::Text(linked_text(text, owners, own)),
        Value::List(items) => Value::List(items.into_iter().map(|item| linked(item, owners, own)).collect()),
        Value::Map(items) => {
            Value::Map(items.into_iter().map(|(key, item)| (key, linked(item, owners, own))).collect())
        }
        Value::Blocks(mut blocks) => {
            blocks.iter_mut().for_each(|block| linked_record(block, owners, own));
            Value::Blocks(blocks)
        }
        Value::Json(json) => Value::Json(linked_json(json, owners, own)),
        other => other,
    }
}

fn linked_text(text: Text, owners: &Owners, own: &ItemId) -> Text {
    let [Part::Literal(literal)] = text.parts() else { return text };
    match owners.get(literal) {
        Some(Some(reference)) if reference.item() != Some(own) => Text::from(reference.clone()),
        _ => text,
    }
}

fn linked_json(json: Json, owners: &Owners, own: &ItemId) -> Json {
    match json {
        Json::Text(text) => Json::Text(linked_text(text, owners, own)),
        Json::List(items) => Json::List(items.into_iter().map(|i| linked_json(i, owners, own)).collect()),
        Json::Object(fields) => {
            Json::Object(fields.into_iter().map(|(key, v)| (key, linked_json(v, owners, own))).collect())
        }
        other => other,
    }
}
