//! Values that are the id, ARN or name of an item, as references to it.
//!
//! For states and accounts, which tell values and not expressions. The id of a role is its name, and half of a design is
//! called `app`: so an id is taken only where it cannot be anything else, and a name only in an argument that holds
//! names of such things ([`vocabulary`]). What two items have is nobody's; an item's own values stay as they are.

use std::collections::BTreeMap;

use crate::{Json, Part, Record, Reference, Text, Value};

use super::{Inventory, ItemId, vocabulary};

/// Attributes by whose value an item is known wherever it stands.
const KNOWN_BY: [&str; 5] = ["arn", "id", "dns_name", "key_id", "prefix_list_id"];
/// Attributes by whose value an item is known where its type is expected.
const NAMES: [&str; 6] = ["name", "id", "bucket", "identifier", "key_name", "function_name"];

struct Owners {
    anywhere: BTreeMap<String, Option<Reference>>,
    by_type: BTreeMap<(String, String), Option<Reference>>,
}

impl Inventory {
    /// Replaces every text that is the id, ARN or name of exactly one item by a reference to it.
    pub fn link(&mut self) {
        let mut owners = Owners { anywhere: BTreeMap::new(), by_type: BTreeMap::new() };
        for item in self.items.values() {
            let own = |attribute: &str| match item.record.get(attribute) {
                Some(Value::Text(text)) => text.literal().filter(|text| !text.is_empty()).map(str::to_owned),
                _ => None,
            };
            for attribute in KNOWN_BY {
                if let Some(value) = own(attribute).filter(|value| telling(value)) {
                    put(&mut owners.anywhere, value, item.id(), attribute);
                }
            }
            for attribute in NAMES {
                // AWS's own keys are known by these very words, whoever lists them.
                if let Some(value) = own(attribute).filter(|value| !value.starts_with("alias/aws/")) {
                    put(&mut owners.by_type, (item.type_name().to_owned(), value), item.id(), attribute);
                }
            }
        }
        for item in self.items.values_mut() {
            item.record = record(&item.record, &owners, item.id());
        }
    }
}

fn put<K: Ord>(owners: &mut BTreeMap<K, Option<Reference>>, key: K, id: &ItemId, attribute: &str) {
    owners
        .entry(key)
        .and_modify(|owner| {
            if owner.as_ref().and_then(Reference::item) != Some(id) {
                *owner = None;
            }
        })
        .or_insert_with(|| Some(Reference::to_item(id.clone(), attribute)));
}

/// Whether a value can be nothing but an id that AWS made: an ARN, `sg-0abc…`, a UUID, a name in DNS.
fn telling(value: &str) -> bool {
    let hex = |text: &str, least: usize| text.len() >= least && text.bytes().all(|b| b.is_ascii_hexdigit());
    let made = value.rsplit_once('-').is_some_and(|(kind, id)| {
        hex(id, 8)
            && !kind.is_empty()
            && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
    });
    let upper = value.len() >= 12
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_uppercase());
    value.starts_with("arn:")
        || value.starts_with("https://")
        || made
        || upper
        || value.ends_with(".amazonaws.com")
        || value.ends_with(".cloudfront.net")
}

fn record(of: &Record, owners: &Owners, own: &ItemId) -> Record {
    let mut all = Record::new();
    for (name, one) in of.iter() {
        all.set(name, value(name, one, owners, own));
    }
    all
}

fn value(name: &str, of: &Value, owners: &Owners, own: &ItemId) -> Value {
    match of {
        Value::Text(text) => Value::Text(linked(Some(name), text, owners, own)),
        Value::List(items) => Value::List(items.iter().map(|item| value(name, item, owners, own)).collect()),
        // The keys of a map are no arguments.
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), value("", item, owners, own))).collect())
        }
        Value::Blocks(blocks) => {
            Value::Blocks(blocks.iter().map(|block| record(block, owners, own)).collect())
        }
        Value::Json(json) => Value::Json(document(json, owners, own)),
        other => other.clone(),
    }
}

fn document(json: &Json, owners: &Owners, own: &ItemId) -> Json {
    match json {
        Json::Text(text) => Json::Text(linked(None, text, owners, own)),
        Json::List(items) => Json::List(items.iter().map(|item| document(item, owners, own)).collect()),
        Json::Object(fields) => Json::Object(
            fields.iter().map(|(key, item)| (key.clone(), document(item, owners, own))).collect(),
        ),
        other => other.clone(),
    }
}

fn linked(argument: Option<&str>, text: &Text, owners: &Owners, own: &ItemId) -> Text {
    let [Part::Literal(literal)] = text.parts() else { return text.clone() };
    let other = |reference: &&Reference| reference.item() != Some(own);
    let anywhere = owners.anywhere.get(literal).and_then(Option::as_ref);
    if let Some(reference) = anywhere.filter(other) {
        return Text::from(reference.clone());
    }
    let expected = argument.filter(|name| *name != "name").and_then(vocabulary::expected);
    let types = expected.map(|expected| expected.types).unwrap_or_default();
    let mut found = types
        .iter()
        .filter_map(|of| owners.by_type.get(&((*of).to_owned(), literal.clone()))?.as_ref())
        .filter(other);

    match (found.next(), found.next()) {
        (Some(one), None) => Text::from(one.clone()),
        _ => text.clone(),
    }
}
