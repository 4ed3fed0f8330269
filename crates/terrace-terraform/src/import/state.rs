//! The JSON of a state as a graph: what is there, not what was written.
//!
//! A state tells every attribute that a resource has, and no expression. An id, ARN or name that another
//! resource of the state has becomes a reference to it where a field takes one; texts stay as they are.
//!
//! Not told by a state, so not in the graph: `lifecycle`, `depends_on` (a state keeps every edge there, written
//! or not), variables, default tags (they are among each resource's own), and in which region the provider was;
//! attributes that no field stands for are left without a word, because nothing says which of them somebody set.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Printed};
use terrace_aws::{
    Address, Kind, Label, Misfit, Mode, Node, Output, Record, Reference, ResourceGraph, Step, Target, Text,
    Value,
};
use terrace_topology::Region;

use super::gather::{ImportError, Imported, Losses, Strange, Unmodelled, find, fit, put};
use super::json::{self, Blocks};

type Object = Map<String, Printed>;

/// The graph of what is there: what `terraform show -json` prints of a state. `region` is that of the provider.
///
/// # Errors
/// If the text is something else. Whatever the graph has no place for is listed in the result.
pub fn state(text: &str, region: Region) -> Result<Imported, ImportError> {
    let document = json::document(text)?;
    let mut imported = Imported { graph: ResourceGraph::new(region), unmodelled: Vec::new() };
    // A state without `values` is an empty one.
    let Some(values) = document.get("values").and_then(Printed::as_object) else { return Ok(imported) };
    let Some(root) = values.get("root_module").and_then(Printed::as_object) else { return Ok(imported) };
    let found = resources(root, &mut imported.unmodelled);
    let owners = Owners::of(&found);
    let mut asked = Asked::default();
    for found in &found {
        let address = found.address.to_string();
        let mut losses = Losses { address: &address, all: &mut imported.unmodelled };
        let (told, full) = (written(found.values), json::record(found.values));
        let Some(resource) = fit(found.address.kind(), told, &full, Strange::Left, &mut losses) else {
            continue;
        };
        let linked = asked.link(found.address.kind(), &resource.fields(), &owners);
        let resource = found.address.kind().read(&linked).unwrap_or(resource);
        imported.graph.insert(found.address.label().clone(), Node::plain(resource));
    }
    outputs(values, &mut imported);
    Ok(imported)
}

struct Found<'a> {
    address: Address,
    values: &'a Object,
}

fn word<'a>(fields: &'a Object, name: &str) -> &'a str {
    fields.get(name).and_then(Printed::as_str).unwrap_or_default()
}

fn resources<'a>(root: &'a Object, unmodelled: &mut Vec<Unmodelled>) -> Vec<Found<'a>> {
    let list = |name: &str| root.get(name).and_then(Printed::as_array).into_iter().flatten();
    for module in list("child_modules").filter_map(Printed::as_object) {
        let address = word(module, "address");
        Losses { address, all: &mut *unmodelled }.whole("is a module; only the root is read");
    }
    let mut all = Vec::new();
    for resource in list("resources").filter_map(Printed::as_object) {
        let mut losses = Losses { address: word(resource, "address"), all: &mut *unmodelled };
        let mode = if word(resource, "mode") == "data" { Mode::Data } else { Mode::Managed };
        let kind = Kind::find(mode, word(resource, "type"));
        let label: Option<Label> = word(resource, "name").parse().ok();
        let values = resource.get("values").and_then(Printed::as_object);
        match (kind, label, values) {
            _ if resource.contains_key("index") => {
                losses
                    .whole("is one of several made by `count` or `for_each`; only single resources are read");
            }
            (Some(kind), Some(label), Some(values)) => {
                all.push(Found { address: Address::new(kind, label), values })
            }
            (None, ..) => losses.whole("is of a type that is not modelled"),
            _ => losses.whole("has no name or no values"),
        }
    }
    all
}

/// The attributes without those that are empty: most of them nobody wrote. What has to be there comes back.
fn written(values: &Object) -> Record {
    let mut left = Object::new();
    for (name, value) in values {
        if let Some(value) = full(value) {
            left.insert(name.clone(), value);
        }
    }
    json::record(&left)
}

fn full(printed: &Printed) -> Option<Printed> {
    match printed {
        Printed::Null => None,
        Printed::String(text) if text.is_empty() => None,
        Printed::Array(items) if items.is_empty() => None,
        Printed::Array(items) => Some(Printed::Array(
            items
                .iter()
                .map(|item| {
                    if item.is_object() {
                        full(item).unwrap_or_else(|| Object::new().into())
                    } else {
                        item.clone()
                    }
                })
                .collect(),
        )),
        Printed::Object(fields) => {
            let fields: Object =
                fields.iter().filter_map(|(name, value)| Some((name.clone(), full(value)?))).collect();
            if fields.is_empty() { None } else { Some(Printed::Object(fields)) }
        }
        other => Some(other.clone()),
    }
}

/// Which resources have an attribute of a value.
struct Owners<'a> {
    by_kind: BTreeMap<Kind, Vec<&'a Found<'a>>>,
}

impl<'a> Owners<'a> {
    fn of(found: &'a [Found<'a>]) -> Self {
        let mut by_kind: BTreeMap<Kind, Vec<&Found<'_>>> = BTreeMap::new();
        for one in found {
            by_kind.entry(one.address.kind()).or_default().push(one);
        }
        Self { by_kind }
    }

    /// The only one of a kind that has this value; two that have it say nothing.
    fn owner(&self, kind: Kind, attribute: &str, value: &str) -> Option<&'a Address> {
        let all = self.by_kind.get(&kind)?;
        let mut same =
            all.iter().filter(|one| one.values.get(attribute).and_then(Printed::as_str) == Some(value));
        match (same.next(), same.next()) {
            (Some(one), None) => Some(&one.address),
            _ => None,
        }
    }
}

/// What the fields of each kind refer to, as far as it was asked. A place is named without its numbers.
#[derive(Default)]
struct Asked {
    known: BTreeMap<(Kind, String), Option<(Kind, &'static str)>>,
}

impl Asked {
    /// The record with references where another resource has the value.
    fn link(&mut self, kind: Kind, record: &Record, owners: &Owners<'_>) -> Record {
        let mut places = Vec::new();
        texts(record, &mut Vec::new(), &mut places);
        let mut linked = record.clone();
        for place in places {
            let Some(Value::Text(text)) = find(&linked, &place) else { continue };
            let Some(value) = text.literal() else { continue };
            if let Some((to, attribute)) = self.target(kind, &linked, &place)
                && let Some(owner) = owners.owner(to, attribute, value)
            {
                let reference = Reference::new(Target::Resource(owner.clone()), attribute);
                put(&mut linked, &place, Some(Value::Text(Text::from(reference))));
            }
        }
        linked
    }

    /// What a field refers to: asked by offering it a reference that nothing takes.
    fn target(&mut self, kind: Kind, record: &Record, place: &[Step]) -> Option<(Kind, &'static str)> {
        let name = super::gather::path(place).replace(|c: char| c.is_ascii_digit(), "");
        *self.known.entry((kind, name)).or_insert_with(|| {
            let nothing = Reference::new(Target::Resource(Address::new(kind, Label::from_words(&["x"]))), "");
            let mut offered = record.clone();
            put(&mut offered, place, Some(Value::Text(Text::from(nothing))));
            match kind.read(&offered).err()?.place() {
                (at, Misfit::Reference { kind, attribute }) if at == place => Some((*kind, *attribute)),
                _ => None,
            }
        })
    }
}

/// Where the texts of a record stand.
fn texts(record: &Record, steps: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    for (name, value) in record.iter() {
        steps.push(Step::Name(name.to_owned()));
        texts_in(value, steps, found);
        steps.pop();
    }
}

fn texts_in(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        Value::Text(_) => found.push(steps.clone()),
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                steps.push(Step::Item(at));
                texts_in(item, steps, found);
                steps.pop();
            }
        }
        Value::Map(items) => {
            for (key, item) in items {
                steps.push(Step::Name(key.clone()));
                texts_in(item, steps, found);
                steps.pop();
            }
        }
        Value::Blocks(blocks) => {
            for (at, block) in blocks.iter().enumerate() {
                steps.push(Step::Item(at));
                texts(block, steps, found);
                steps.pop();
            }
        }
        _ => {}
    }
}

fn outputs(values: &Object, imported: &mut Imported) {
    for (name, output) in values.get("outputs").and_then(Printed::as_object).into_iter().flatten() {
        let value = output.get("value").and_then(|value| json::value(value, Blocks::Never));
        if let (Ok(label), Some(value)) = (name.parse(), value) {
            imported.graph.outputs.insert(label, Output { description: String::new(), value });
        } else {
            let address = format!("output.{name}");
            Losses { address: &address, all: &mut imported.unmodelled }
                .whole("has no value, or none that is modelled");
        }
    }
}
