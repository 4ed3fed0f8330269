//! References to what is an argument of the item that they name: `aws_subnet.a.vpc_id` is the VPC that this names.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, ItemId, vocabulary};
use terrace_aws::{Record, Reference, Text, Value};

/// How far one argument may lead to another.
const DEEPEST: usize = 8;

/// Replaces texts that are such a reference by what it comes to.
pub(super) fn follow(inventory: &mut Inventory) {
    let records: BTreeMap<ItemId, Record> =
        inventory.items().map(|item| (item.id().clone(), item.record.clone())).collect();
    let mut changed = Vec::new();
    for item in inventory.items() {
        let mut new = item.clone();
        new.record = record(&item.record, &records);
        if new != *item {
            changed.push(new);
        }
    }
    changed.into_iter().for_each(|item| drop(inventory.insert(item)));
}

type Records = BTreeMap<ItemId, Record>;

fn record(of: &Record, records: &Records) -> Record {
    let mut all = Record::new();
    of.iter().for_each(|(name, one)| all.set(name, value(one, records)));
    all
}

fn value(of: &Value, records: &Records) -> Value {
    match of {
        Value::Text(text) => Value::Text(led(text, records).unwrap_or_else(|| text.clone())),
        Value::List(items) => Value::List(items.iter().map(|item| value(item, records)).collect()),
        Value::Blocks(blocks) => Value::Blocks(blocks.iter().map(|block| record(block, records)).collect()),
        other => other.clone(),
    }
}

fn led(text: &Text, records: &Records) -> Option<Text> {
    let mut now = text.reference()?.clone();
    for _ in 0..DEEPEST {
        let next = argument(&now, records)?;
        match next.reference() {
            Some(further) if argument(further, records).is_some() => now = further.clone(),
            _ => return Some(next),
        }
    }
    None
}

fn argument(reference: &Reference, records: &Records) -> Option<Text> {
    if vocabulary::is_identity(reference.attribute()) {
        return None;
    }
    match records.get(reference.item()?)?.get(reference.attribute())? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
