//! Each line of `mutations.txt` breaks our own design in one way, and names the rule and the resource that are told.

use std::collections::BTreeSet;
use std::path::Path;

use terrace_audit::Certainty;
use terrace_audit::report::Found;
use terrace_aws::inventory::{Inventory, Item, ItemId};
use terrace_aws::{Json, Mode, Record, Reference, Text, Value};

use crate::own;

/// The design that is broken, by the name of its manifest.
pub(crate) fn design(name: &str) -> Inventory {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terrace-aws/tests/cases");
    let manifest = std::fs::read_to_string(root.join(format!("{name}.toml"))).unwrap();
    own::compiled(&manifest, true).unwrap()
}

fn item<'a>(inventory: &'a Inventory, name: &str) -> &'a Item {
    inventory.named(name).unwrap_or_else(|| {
        let all: Vec<&str> = inventory.items().map(|item| item.id().name()).collect();
        panic!("there is no {name}, but {}", all.join("\n"))
    })
}

/// Text of a mutation: `${ADDRESS.ATTRIBUTE}` is a reference, `${var.x}` something that nobody told.
fn text(inventory: &Inventory, written: &str) -> Text {
    let Some((before, rest)) = written.split_once("${") else { return Text::from(written) };
    let (inner, after) = rest.split_once('}').unwrap();
    let reference = if inner.starts_with("var.") {
        Reference::unknown(terrace_aws::inventory::UnknownName::new(inner))
    } else {
        let (address, attribute) = inner.rsplit_once('.').unwrap();
        let known = inventory.named(address).map(|item| item.id().clone());
        let id = known.unwrap_or_else(|| ItemId::new(address.split_once('.').unwrap().0, address));
        Reference::to_item(id, attribute)
    };
    Text::from(before).then(reference).then(text(inventory, after))
}

fn json(inventory: &Inventory, written: &serde_json::Value) -> Json {
    match written {
        serde_json::Value::Null => Json::Null,
        serde_json::Value::Bool(value) => Json::Bool(*value),
        serde_json::Value::Number(number) => Json::Int(number.as_i64().unwrap()),
        serde_json::Value::String(value) => Json::Text(text(inventory, value)),
        serde_json::Value::Array(items) => Json::List(items.iter().map(|one| json(inventory, one)).collect()),
        serde_json::Value::Object(fields) => {
            Json::Object(fields.iter().map(|(name, one)| (name.clone(), json(inventory, one))).collect())
        }
    }
}

/// A value: an object with `Statement` is a document, other objects are blocks, `{"map": …}` is a map.
fn value(inventory: &Inventory, written: &serde_json::Value) -> Value {
    match written {
        serde_json::Value::Null => panic!("`drop` takes an argument away"),
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Int(number.as_i64().unwrap()),
        serde_json::Value::String(value) => Value::Text(text(inventory, value)),
        serde_json::Value::Array(items)
            if items.iter().all(serde_json::Value::is_object) && !items.is_empty() =>
        {
            Value::Blocks(items.iter().map(|one| record(inventory, one)).collect())
        }
        serde_json::Value::Array(items) => {
            Value::List(items.iter().map(|one| value(inventory, one)).collect())
        }
        serde_json::Value::Object(fields) if fields.contains_key("Statement") => {
            Value::Json(json(inventory, written))
        }
        serde_json::Value::Object(fields) => match fields.get("map") {
            Some(map) => {
                let of = map.as_object().unwrap().iter();
                Value::Map(of.map(|(name, one)| (name.clone(), value(inventory, one))).collect())
            }
            None => Value::Blocks(vec![record(inventory, written)]),
        },
    }
}

fn record(inventory: &Inventory, written: &serde_json::Value) -> Record {
    let mut all = Record::new();
    for (name, one) in written.as_object().unwrap() {
        all.set(name, value(inventory, one));
    }
    all
}

/// Sets or drops what stands at a path: `metadata_options.http_tokens`, `policy.Statement[0].Condition`.
fn at_record(record: &mut Record, path: &str, new: Option<Value>) {
    let (first, rest) = step(path);
    let (name, index) = indexed(first);
    let Some(rest) = rest else {
        match new {
            Some(new) => record.set(name, new),
            None => assert!(record.remove(name).is_some(), "there is no {name}"),
        }
        return;
    };
    let mut inner = record.get(name).unwrap_or_else(|| panic!("there is no {name}")).clone();
    match &mut inner {
        Value::Blocks(blocks) => at_record(&mut blocks[index], rest, new),
        Value::Json(document) => at_json(document, rest, new),
        Value::Map(map) => {
            map.insert(rest.to_owned(), new.unwrap());
        }
        other => panic!("nothing stands in {other:?}"),
    }
    record.set(name, inner);
}

fn at_json(document: &mut Json, path: &str, new: Option<Value>) {
    let (first, rest) = step(path);
    let (name, index) = indexed(first);
    let Json::Object(fields) = document else { panic!("{document:?} has no fields") };
    let Some(rest) = rest else {
        fields.retain(|(known, _)| known != name);
        if let Some(new) = new {
            let new = match new {
                Value::Json(json) => json,
                Value::Text(text) => Json::Text(text),
                Value::List(items) => Json::List(items.into_iter().map(as_json).collect()),
                other => as_json(other),
            };
            fields.push((name.to_owned(), new));
        }
        return;
    };
    let (_, inner) = fields.iter_mut().find(|(known, _)| known == name).unwrap();
    match inner {
        Json::List(items) => at_json(&mut items[index], rest, new),
        other => at_json(other, rest, new),
    }
}

fn as_json(value: Value) -> Json {
    match value {
        Value::Text(text) => Json::Text(text),
        Value::Bool(value) => Json::Bool(value),
        Value::Int(value) => Json::Int(value),
        Value::Blocks(mut blocks) => {
            let fields = blocks.remove(0);
            Json::Object(fields.iter().map(|(name, one)| (name.to_owned(), as_json(one.clone()))).collect())
        }
        other => panic!("{other:?}"),
    }
}

fn step(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

fn indexed(step: &str) -> (&str, usize) {
    match step.split_once('[') {
        Some((name, rest)) => (name, rest.trim_end_matches(']').parse().unwrap()),
        None => (step, 0),
    }
}

/// Does what a line says: `set ADDRESS PATH VALUE`, `drop ADDRESS PATH`, `remove ADDRESS`, `add ADDRESS ARGUMENTS`.
pub(crate) fn broken(inventory: &Inventory, order: &str) -> Inventory {
    let words: Vec<&str> = order.splitn(4, ' ').collect();
    let mut all = Inventory::new();
    let gone = if words[0] == "remove" { words[1] } else { "" };
    inventory.items().filter(|item| item.id().name() != gone).for_each(|item| drop(all.insert(item.clone())));
    match words.as_slice() {
        ["set", address, path, new] => {
            let mut changed = item(inventory, address).clone();
            let new =
                value(inventory, &serde_json::from_str(new).unwrap_or_else(|why| panic!("{why}: {new}")));
            at_record(&mut changed.record, path, Some(new));
            all.insert(changed);
        }
        ["drop", address, path] => {
            let mut changed = item(inventory, address).clone();
            at_record(&mut changed.record, path, None);
            all.insert(changed);
        }
        ["remove", address] => drop(item(inventory, address)),
        ["add", address, ..] => {
            let arguments = order.splitn(3, ' ').nth(2).unwrap();
            let record = record(
                inventory,
                &serde_json::from_str(arguments).unwrap_or_else(|why| panic!("{why}: {arguments}")),
            );
            let id = ItemId::new(address.split_once('.').unwrap().0, *address).with_mode(Mode::Managed);
            all.insert(Item::new(id, record));
        }
        other => panic!("{other:?} is no order"),
    }
    all
}

/// Rules and addresses, with a `?` where it depends.
fn told(inventory: &Inventory) -> BTreeSet<String> {
    let line = |one: &Found| {
        let perhaps = if one.finding.certainty == Certainty::Sure { "" } else { "?" };
        format!("{}{perhaps} {}", one.rule.name, one.finding.item)
    };
    own::found(inventory).iter().map(line).collect()
}

#[test]
fn what_nobody_told_is_neither_a_sure_finding_nor_silence() {
    let mut wrong = String::new();
    let mut tried = 0;
    let mut sound = Inventory::new();
    for line in include_str!("mutations.txt").lines() {
        if let Some(name) = line.strip_prefix("design ") {
            sound = design(name);
        }
        // Where a single value breaks the design, a value that is not told may break it. What a secret is made of is
        // told by names, and has lines of its own.
        let Some((order, expected)) = line.strip_prefix("set ").and_then(|line| line.rsplit_once(" => "))
        else {
            continue;
        };
        let [address, path, new] = order.splitn(3, ' ').collect::<Vec<_>>()[..] else { continue };
        let skipped =
            expected.contains([',', '?']) || expected.starts_with("secrets-") || expected == "nothing";
        if skipped || new.starts_with(['{', '[']) {
            continue;
        }
        tried += 1;
        let found = told(&broken(&sound, &format!("set {address} {path} \"${{var.untold}}\"")));
        let wanted = BTreeSet::from([expected.replacen(' ', "? ", 1)]);
        if found != wanted {
            wrong += &format!("{address} {path}\n  expected {wanted:?}\n  found    {found:?}\n");
        }
    }
    assert!(tried >= 20, "{tried} lines were tried");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn our_own_design_broken_in_one_way_gives_one_finding_at_the_right_place() {
    let table = include_str!("mutations.txt");
    let mut wrong = String::new();
    let mut rules = BTreeSet::new();
    let (mut now, mut sound) = (String::new(), Inventory::new());
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("design ") {
            name.clone_into(&mut now);
            sound = design(name);
            continue;
        }
        let (order, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("{line} says nothing"));
        let found = told(&broken(&sound, order));
        let expected: BTreeSet<String> =
            expected.split(", ").filter(|one| *one != "nothing").map(str::to_owned).collect();
        rules.extend(expected.iter().filter_map(|one| one.split([' ', '?']).next()).map(str::to_owned));
        if found != expected {
            wrong += &format!("{now}: {order}\n  expected {expected:?}\n  found    {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let all: BTreeSet<String> = own::ours().map(|rule| rule.name.as_str().to_owned()).collect();
    let left: Vec<&String> = all.difference(&rules).collect();
    assert!(left.is_empty(), "no mutation is for {left:?}");
}
