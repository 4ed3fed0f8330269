//! What Terrace builds, as it would be found.

use std::collections::BTreeMap;

use terrace_topology::Topology;

use crate::resource::{Parameter, ParameterType, Tags};
use crate::{Address, Json, Part, Record, Reference, Resource, ResourceGraph, Target, Text, Value};

use super::{Inventory, Item, ItemId, UnknownName};

impl Inventory {
    /// The resources of a graph: same addresses, same arguments; a variable without a value is an unknown of its name.
    pub fn of(graph: &ResourceGraph) -> Self {
        let mut all = Self::new();
        for (address, node) in graph.nodes() {
            let record = record(&node.resource.fields(), graph);
            let region = node.region.as_ref().unwrap_or(&graph.region).to_string();
            let mut item = Item::new(item_id(address), record);
            item.region = Some(region);
            all.insert(item);
        }
        all
    }
}

impl Inventory {
    /// With the plain settings of the services, where they come with a release and stand in no graph: each as the parameter that
    /// an export makes of it, named as the manifest names it.
    #[must_use]
    pub fn with_settings(mut self, topology: &Topology) -> Self {
        for (party, service) in &topology.services {
            for (name, value) in &service.variables {
                let parameter = Resource::from(Parameter {
                    name: Text::from(format!("/{}/{party}/{name}", topology.name)),
                    description: None,
                    r#type: ParameterType::String,
                    value: Text::from(value.as_str()),
                    tags: Tags::new(),
                });
                let id = ItemId::new("aws_ssm_parameter", format!("{party}.variables.{name}"));
                let mut item = Item::new(id, parameter.fields());
                item.region = Some(topology.region.to_string());
                self.insert(item);
            }
        }
        self
    }
}

fn item_id(address: &Address) -> ItemId {
    ItemId::new(address.kind().type_name(), address.to_string()).with_mode(address.kind().mode())
}

fn reference(reference: &Reference) -> Reference {
    match (reference.target(), reference.member()) {
        (Target::Resource(address), None) => Reference::to_item(item_id(address), reference.attribute()),
        (Target::Resource(address), Some(member)) => {
            Reference::only(Target::Item(Box::new(item_id(address))), reference.attribute(), member)
        }
        (Target::Variable(label), _) => Reference::unknown(UnknownName::new(format!("var.{label}"))),
        (Target::Item(_) | Target::Unknown(_), _) => reference.clone(),
    }
}

fn text(of: &Text, graph: &ResourceGraph) -> Text {
    of.parts().iter().fold(Text::new(), |all, part| match part {
        Part::Literal(literal) => all.then(literal.as_str()),
        Part::Reference(to) => match variable(to, graph) {
            Some(value) => all.then(value),
            None => all.then(reference(to)),
        },
        Part::Opaque(references) => all.then(Text::opaque(references.iter().map(reference).collect())),
    })
}

fn variable<'a>(to: &Reference, graph: &'a ResourceGraph) -> Option<&'a str> {
    match to.target() {
        Target::Variable(label) => graph.variables.get(label)?.default.as_deref(),
        _ => None,
    }
}

fn record(of: &Record, graph: &ResourceGraph) -> Record {
    let mut all = Record::new();
    of.iter().for_each(|(name, argument)| all.set(name, value(argument, graph)));
    all
}

fn value(of: &Value, graph: &ResourceGraph) -> Value {
    match of {
        Value::Bool(_) | Value::Int(_) | Value::Milli(_) => of.clone(),
        Value::Text(inner) => Value::Text(text(inner, graph)),
        Value::Base64(inner) => Value::Base64(text(inner, graph)),
        Value::List(items) => Value::List(items.iter().map(|item| value(item, graph)).collect()),
        Value::Map(items) => {
            let items = items.iter().map(|(key, item)| (key.clone(), value(item, graph)));
            Value::Map(items.collect::<BTreeMap<_, _>>())
        }
        Value::Json(inner) => Value::Json(json(inner, graph)),
        Value::Blocks(blocks) => Value::Blocks(blocks.iter().map(|block| record(block, graph)).collect()),
        Value::Opaque(references) => Value::Opaque(references.iter().map(reference).collect()),
    }
}

fn json(of: &Json, graph: &ResourceGraph) -> Json {
    match of {
        Json::Text(inner) => Json::Text(text(inner, graph)),
        Json::List(items) => Json::List(items.iter().map(|item| json(item, graph)).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(key, item)| (key.clone(), json(item, graph))).collect())
        }
        Json::Null | Json::Bool(_) | Json::Int(_) => of.clone(),
    }
}
