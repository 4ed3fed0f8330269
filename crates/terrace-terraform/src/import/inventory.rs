//! A design as found → the graph of what of it is modelled, whoever wrote it.
//!
//! For those who need types of a design that is not ours, such as the estimate of what it costs: modules and resources made
//! by `count` are read like any other, under labels made of their addresses. Attributes that no field stands for are left.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Item, ItemId};
use terrace_aws::{
    Address, Json, Kind, Label, Misfit, Mode, Node, Part, Record, Reference, ResourceGraph, Step, Target,
    Text, Value,
};
use terrace_topology::Region;

use super::gather::{ImportError, Losses, Strange, Unmodelled, fit, put};

/// A graph, and what each of its resources is called in the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// All that is modelled.
    pub graph: ResourceGraph,
    /// All that is not, in the inventory's order.
    pub unmodelled: Vec<Unmodelled>,
    /// Whose resource it is.
    pub names: BTreeMap<Address, ItemId>,
}

/// The graph of an inventory, in the region in which most of it is.
///
/// # Errors
/// If no region is told.
pub fn inventory(inventory: &Inventory) -> Result<Typed, ImportError> {
    let region = home(inventory).ok_or(ImportError::Region)?;
    let addresses = addresses(inventory);
    let mut typed =
        Typed { graph: ResourceGraph::new(region), unmodelled: Vec::new(), names: BTreeMap::new() };
    for item in inventory.items().filter(|item| item.id().mode() != Mode::Ephemeral) {
        let mut losses = Losses { address: item.id().name(), all: &mut typed.unmodelled };
        let Some(address) = addresses.get(item.id()) else {
            if item.id().mode() == Mode::Managed && item.type_name().starts_with("aws_") {
                losses.whole("is of a type that is not modelled");
            }
            continue;
        };
        let told = filled(address.kind(), record(&item.record, &addresses));
        let Some(resource) = fit(address.kind(), told, &Record::new(), Strange::Left, &mut losses) else {
            continue;
        };
        let mut node = Node::plain(resource);
        let own: Option<Region> = item.region.as_deref().and_then(|region| region.parse().ok());
        node.region = own.filter(|region| *region != typed.graph.region);
        typed.graph.insert(address.label().clone(), node);
        typed.names.insert(address.clone(), item.id().clone());
    }
    Ok(typed)
}

/// Numbers that AWS takes as 0 where none is told, or that say nothing of how large something is.
const BESIDE: [&str; 10] = [
    "port",
    "from_port",
    "to_port",
    "backup_retention_period",
    "deregistration_delay",
    "health_check_grace_period",
    "health_check_grace_period_seconds",
    "idle_timeout",
    "max_session_duration",
    "monitoring_interval",
];

/// A record with what ours always says and others leave to AWS: a switch is off, a text or a list empty. Numbers that
/// somebody might count with are not made up.
fn filled(kind: Kind, mut told: Record) -> Record {
    let usual = |steps: &[Step]| {
        let beside = matches!(steps.last(), Some(Step::Name(name)) if BESIDE.contains(&name.as_str()));
        let numbers = if beside { &[0, 1][..] } else { &[] };
        let others = [
            Value::Bool(false),
            Value::Text(Text::new()),
            Value::List(Vec::new()),
            Value::Map(BTreeMap::new()),
        ];
        numbers.iter().map(|number| Value::Int(*number)).chain(others)
    };
    // Each round settles one argument.
    for _ in 0..500 {
        let Err(misfit) = kind.read(&told) else { return told };
        let (mut steps, why) = misfit.place();
        match why {
            Misfit::Unknown { name, .. } => {
                steps.push(Step::Name(name.clone()));
                put(&mut told, &steps, None);
            }
            Misfit::Missing => {
                let tried = usual(&steps).find_map(|value| {
                    let mut tried = told.clone();
                    put(&mut tried, &steps, Some(value));
                    match kind.read(&tried) {
                        Err(still) if still.place().0 == steps => None,
                        _ => Some(tried),
                    }
                });
                match tried {
                    Some(better) => told = better,
                    None => return told,
                }
            }
            _ => return told,
        }
    }
    told
}

fn home(inventory: &Inventory) -> Option<Region> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for region in inventory.items().filter_map(|item: &Item| item.region.as_deref()) {
        *counts.entry(region).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count)?.0.parse().ok()
}

/// Each item's address in a graph: its own where that is plain, else one made of it.
fn addresses(inventory: &Inventory) -> BTreeMap<ItemId, Address> {
    let mut all: BTreeMap<ItemId, Address> = BTreeMap::new();
    let mut taken: BTreeMap<Address, ()> = BTreeMap::new();
    let mut left = Vec::new();
    for item in inventory.items() {
        let id = item.id();
        let Some(kind) = Kind::find(id.mode(), id.type_name()) else { continue };
        let plain = format!("{}{}.", id.mode().prefix(), id.type_name());
        let label = id.name().strip_prefix(&plain).and_then(|label| label.parse::<Label>().ok());
        match label {
            Some(label) => {
                let address = Address::new(kind, label);
                taken.insert(address.clone(), ());
                all.insert(id.clone(), address);
            }
            None => left.push((id, kind)),
        }
    }
    for (number, (id, kind)) in left.into_iter().enumerate() {
        let named = Address::new(kind, Label::from_words(&[id.name()]));
        let numbered = || Address::new(kind, Label::from_words(&["n", &number.to_string(), id.name()]));
        let address = if taken.contains_key(&named) { numbered() } else { named };
        taken.insert(address.clone(), ());
        all.insert(id.clone(), address);
    }
    all
}

type Addresses = BTreeMap<ItemId, Address>;

fn record(of: &Record, addresses: &Addresses) -> Record {
    let mut all = Record::new();
    of.iter().for_each(|(name, one)| all.set(name, value(one, addresses)));
    all
}

fn value(of: &Value, to: &Addresses) -> Value {
    match of {
        Value::Text(one) => Value::Text(text(one, to)),
        Value::Base64(one) => Value::Base64(text(one, to)),
        Value::List(items) => Value::List(items.iter().map(|item| value(item, to)).collect()),
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), value(item, to))).collect())
        }
        Value::Blocks(blocks) => Value::Blocks(blocks.iter().map(|block| record(block, to)).collect()),
        Value::Json(one) => Value::Json(json(one, to)),
        Value::Opaque(all) => Value::Opaque(all.iter().map(|one| reference(one, to)).collect()),
        Value::Bool(_) | Value::Int(_) | Value::Milli(_) => of.clone(),
    }
}

fn json(of: &Json, to: &Addresses) -> Json {
    match of {
        Json::Text(one) => Json::Text(text(one, to)),
        Json::List(items) => Json::List(items.iter().map(|item| json(item, to)).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(key, item)| (key.clone(), json(item, to))).collect())
        }
        Json::Null | Json::Bool(_) | Json::Int(_) => of.clone(),
    }
}

fn text(of: &Text, to: &Addresses) -> Text {
    of.parts().iter().fold(Text::new(), |all, part| match part {
        Part::Literal(literal) => all.then(literal.as_str()),
        Part::Reference(one) => match one.item() {
            // What no type of ours stands for is outside of the graph, and known by its name.
            Some(id) if !to.contains_key(id) => all.then(one.to_string()),
            _ => all.then(reference(one, to)),
        },
        Part::Opaque(references) => {
            all.then(Text::opaque(references.iter().map(|one| reference(one, to)).collect()))
        }
    })
}

fn reference(of: &Reference, to: &Addresses) -> Reference {
    let Some(address) = of.item().and_then(|id| to.get(id)) else { return of.clone() };
    let target = Target::Resource(address.clone());
    match of.member() {
        Some(member) => Reference::only(target, of.attribute(), member),
        None => Reference::new(target, of.attribute()),
    }
}
