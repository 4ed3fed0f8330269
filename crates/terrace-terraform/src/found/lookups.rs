//! Lookups (`data`) of what the design itself builds: the thing, not another one like it.
//!
//! Modules that belong together look each other's things up by tag, name or block as often as they hand ids on. A lookup
//! whose every argument is that of exactly one resource is that resource; two lookups that ask the same are one.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, Item, ItemId, View};
use terrace_aws::{Json, Mode, Part, Record, Reference, Text, Value};

/// What is looked up, the narrower after the wider: a subnet is asked for by its network.
const TYPES: [&str; 16] = [
    "aws_vpc",
    "aws_internet_gateway",
    "aws_subnet",
    "aws_route_table",
    "aws_security_group",
    "aws_lb",
    "aws_lb_target_group",
    "aws_lb_listener",
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
    "aws_iam_role",
    "aws_s3_bucket",
    "aws_ecs_cluster",
    "aws_ecr_repository",
];
/// Filters that are an argument by another name.
const FILTERS: [(&str, &str); 6] = [
    ("vpc-id", "vpc_id"),
    ("cidr", "cidr_block"),
    ("cidr-block", "cidr_block"),
    ("group-name", "name"),
    ("availability-zone", "availability_zone"),
    ("attachment.vpc-id", "vpc_id"),
];
/// Arguments that say how to look and not for what.
const BESIDE: [&str; 3] = ["region", "with_decryption", "most_recent"];

type Same = BTreeMap<ItemId, ItemId>;

/// Replaces lookups of what is built here by what they find.
pub(super) fn settle(inventory: Inventory) -> Inventory {
    let mut all = inventory;
    for type_name in TYPES {
        let same = found(&all, type_name);
        if !same.is_empty() {
            all = replaced(&all, &same);
        }
    }
    all
}

fn found(inventory: &Inventory, type_name: &str) -> Same {
    let mut same = Same::new();
    let lookups: Vec<&Item> = inventory
        .items()
        .filter(|item| item.id().mode() == Mode::Data && item.type_name() == type_name)
        .collect();
    let mut first: Vec<&Item> = Vec::new();
    for lookup in lookups {
        let Some(asked) = asked(lookup) else { continue };
        let mut fitting = inventory.all(type_name).filter(|item| fits(&asked, lookup, item));
        if let (Some(only), None) = (fitting.next(), fitting.next()) {
            same.insert(lookup.id().clone(), only.id().clone());
            continue;
        }
        let twin = |other: &&&Item| other.record == lookup.record && other.region == lookup.region;
        match first.iter().find(twin) {
            Some(twin) => drop(same.insert(lookup.id().clone(), twin.id().clone())),
            None => first.push(lookup),
        }
    }
    same
}

/// What a lookup asks for, by argument; none if that is nothing, or nothing that can be compared.
fn asked(lookup: &Item) -> Option<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for (name, value) in lookup.record.iter() {
        match (name, value) {
            (name, _) if BESIDE.contains(&name) => {}
            ("tags", Value::Map(tags)) => {
                all.extend(tags.iter().map(|(key, value)| (format!("tags.{key}"), value.clone())));
            }
            ("filter", _) => {
                for filter in lookup.view().blocks("filter").known()? {
                    let (argument, value) = of_filter(filter)?;
                    all.insert(argument, value);
                }
            }
            (name, Value::Text(text)) if is_told(text) => drop(all.insert(name.to_owned(), value.clone())),
            _ => return None,
        }
    }
    (!all.is_empty()).then_some(all)
}

fn of_filter(filter: View<'_>) -> Option<(String, Value)> {
    let name = filter.literal("name").known()?;
    let values = filter.texts("values").known()?;
    let [value] = values.as_slice() else { return None };
    let stars = value.literal().is_some_and(|literal| literal.contains(['*', '?']));
    if stars || !is_told(value) {
        return None;
    }
    let argument = match name.strip_prefix("tag:") {
        Some(key) => format!("tags.{key}"),
        None => FILTERS.iter().find(|(known, _)| *known == name)?.1.to_owned(),
    };
    Some((argument, Value::Text(value.clone())))
}

/// Whether a text is always the same one: not made in a way that nobody tells.
fn is_told(text: &Text) -> bool {
    !text.parts().is_empty() && !text.parts().iter().any(|part| matches!(part, Part::Opaque(_)))
}

fn fits(asked: &BTreeMap<String, Value>, lookup: &Item, item: &Item) -> bool {
    let near = match (&lookup.region, &item.region) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let tag = |key: &str| match item.record.get("tags_all").or_else(|| item.record.get("tags")) {
        Some(Value::Map(tags)) => tags.get(key),
        _ => None,
    };
    near && asked.iter().all(|(argument, wanted)| match argument.strip_prefix("tags.") {
        Some(key) => tag(key) == Some(wanted),
        None => own(item, argument) == Some(wanted) || is_itself(wanted, item),
    })
}

fn own<'i>(item: &'i Item, argument: &str) -> Option<&'i Value> {
    let other = match argument {
        "db_instance_identifier" => "identifier",
        "cluster_name" => "name",
        "group_name" => "name",
        argument => argument,
    };
    item.record.get(other)
}

/// Asked for by anything that the resource itself hands on: `data.aws_vpc.main { id = aws_vpc.main.id }`.
fn is_itself(wanted: &Value, item: &Item) -> bool {
    let Value::Text(text) = wanted else { return false };
    text.reference().is_some_and(|reference| reference.item() == Some(item.id()))
}

fn replaced(inventory: &Inventory, same: &Same) -> Inventory {
    let mut all = Inventory::new();
    for item in inventory.items().filter(|item| !same.contains_key(item.id())) {
        let mut item = item.clone();
        item.record = record(&item.record, same);
        all.insert(item);
    }
    inventory.unread().iter().for_each(|unread| all.pass_over(unread.clone()));
    all
}

fn record(of: &Record, same: &Same) -> Record {
    let mut all = Record::new();
    of.iter().for_each(|(name, one)| all.set(name, value(one, same)));
    all
}

fn value(of: &Value, same: &Same) -> Value {
    match of {
        Value::Text(one) => Value::Text(text(one, same)),
        Value::Base64(one) => Value::Base64(text(one, same)),
        Value::List(items) => Value::List(items.iter().map(|item| value(item, same)).collect()),
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), value(item, same))).collect())
        }
        Value::Blocks(blocks) => Value::Blocks(blocks.iter().map(|block| record(block, same)).collect()),
        Value::Json(one) => Value::Json(json(one, same)),
        Value::Opaque(all) => Value::Opaque(all.iter().map(|one| reference(one, same)).collect()),
        Value::Bool(_) | Value::Int(_) | Value::Milli(_) => of.clone(),
    }
}

fn json(of: &Json, same: &Same) -> Json {
    match of {
        Json::Text(one) => Json::Text(text(one, same)),
        Json::List(items) => Json::List(items.iter().map(|item| json(item, same)).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(key, item)| (key.clone(), json(item, same))).collect())
        }
        other => other.clone(),
    }
}

fn text(of: &Text, same: &Same) -> Text {
    of.parts().iter().fold(Text::new(), |all, part| match part {
        Part::Literal(literal) => all.then(literal.clone()),
        Part::Reference(one) => all.then(Text::from(reference(one, same))),
        Part::Opaque(references) => {
            let references: BTreeSet<Reference> = references.iter().map(|one| reference(one, same)).collect();
            all.then(Text::opaque(references))
        }
    })
}

fn reference(of: &Reference, same: &Same) -> Reference {
    match of.item().and_then(|item| same.get(item)) {
        Some(item) => Reference::to_item(item.clone(), of.attribute()),
        None => of.clone(),
    }
}
