//! A template's text, resource by resource, into an inventory.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Item, ItemId, Presence, Tree};
use terrace_aws::{Record, Value};
use terrace_diag::{Code, Diagnostic, Diagnostics};

use crate::build::Build;
use crate::condition::Truth;
use crate::convert::Converter;
use crate::datum::{Content, Datum};
use crate::model::{How, Model};
use crate::node::{BYTES, Entry, Node, Read, too_long};
use crate::scope::{Reading, Scope};
use crate::template::Template;
use crate::{Given, json, parameters, service, yaml};

/// The file is not there.
const NO_FILE: Code = Code::new("cloudformation::no-file");

/// Whether a text is likely a template: it says so, or has resources of AWS. The text need not be whole or right.
pub fn looks_like_template(text: &str) -> bool {
    let key = |line: &str, name: &str| {
        let line = line.trim_start_matches(['{', ' ', '\t', '\u{feff}']);
        let line = line.strip_prefix(['"', '\'']).unwrap_or(line);
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    let has = |name: &str| text.lines().any(|line| key(line, name)) || text.contains(&format!("\"{name}\":"));
    has("AWSTemplateFormatVersion") || (has("Resources") && text.contains("AWS::"))
}

/// Text as a document; JSON if it looks like it and is.
pub(crate) fn document(text: &str) -> Read<Node> {
    if text.len() > BYTES {
        return Err(too_long(text.len()));
    }
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if !is_json {
        return yaml::read(text);
    }
    match json::read(text) {
        Ok(node) => Ok(node),
        // Flow style of YAML begins with a brace as well.
        Err(wrong) => yaml::read(text).map_err(|_| wrong),
    }
}

/// Reads a template and those nested in it.
pub(crate) fn template(tree: &Tree, path: &str, given: &Given) -> Result<Inventory, Diagnostics> {
    let text =
        tree.get(path).ok_or_else(|| Diagnostic::error(NO_FILE, format!("there is no file `{path}`")))?;
    let reading = Reading::new(tree, given);
    let values = given.parameters.iter().map(|(name, value)| (name.clone(), Datum::text(0, value.as_str())));
    let mut inventory = Inventory::new();
    stack(&reading, &[path], text, String::new(), &values.collect(), &Presence::Sure, &mut inventory)?;
    service::settle(&mut inventory);
    for unread in reading.unread() {
        inventory.pass_over(unread);
    }
    Ok(inventory)
}

/// Reads one template; `trail` are the files that led to it, its own at the end. Gives its outputs.
pub(crate) fn stack(
    reading: &Reading<'_>,
    trail: &[&str],
    text: &str,
    prefix: String,
    given: &BTreeMap<String, Datum>,
    presence: &Presence,
    inventory: &mut Inventory,
) -> Result<BTreeMap<String, Datum>, Diagnostics> {
    let root = document(text).map_err(|wrong| Diagnostics::from(*wrong))?;
    let mut template = Template::of(root).map_err(|wrong| Diagnostics::from(*wrong))?;
    let values = parameters::values(&template, given)?;
    if template.transforms("AWS::LanguageExtensions") {
        template.write_out(&values);
    }
    let file = trail.last().copied().unwrap_or_default();
    let scope = Scope::new(reading, file, prefix, &template, values);
    for (name, at) in &template.strange {
        scope.pass_over(name, "is no section of a template", *at);
    }
    for (name, at) in template.transforms.iter().filter(|(name, _)| !name.starts_with("AWS::")) {
        scope.leave_out(name, "is a macro, which only AWS can run", *at);
    }
    // Nested stacks come first: the others take their outputs.
    let is_stack =
        |entry: &&Entry| entry.value.get("Type").and_then(Node::text) == Some("AWS::CloudFormation::Stack");
    for entry in template.resources.entries().iter().filter(is_stack) {
        crate::nested::stack(&scope, trail, entry, presence, inventory);
    }
    for entry in template.resources.entries().iter().filter(|entry| !is_stack(entry)) {
        resource(&scope, entry, presence, inventory);
    }
    Ok(outputs(&scope, presence, inventory))
}

/// Whether a resource or an output is there.
pub(crate) fn presence(scope: &Scope<'_>, node: &Node, outer: &Presence) -> Option<Presence> {
    let Some(condition) = node.get("Condition") else { return Some(outer.clone()) };
    match (scope.holds(condition), outer) {
        (Truth::Yes, outer) => Some(outer.clone()),
        (Truth::Depends(names), outer) => Some(crate::build::depending(outer.clone(), &names)),
        (Truth::No, _) => None,
    }
}

fn resource(scope: &Scope<'_>, entry: &Entry, outer: &Presence, inventory: &mut Inventory) {
    let node = &entry.value;
    if entry.key.starts_with("Fn::ForEach") || entry.key == "Fn::Transform" {
        scope.leave_out(&entry.key, "makes resources in a way that only AWS knows", entry.at);
        return;
    }
    let Some(type_name) = node.get("Type").and_then(Node::text) else {
        scope.pass_over(&entry.key, "has no `Type`", entry.at);
        return;
    };
    let Some(presence) = presence(scope, node, outer) else { return };
    let properties = node.get("Properties").map_or_else(
        || Datum::new(entry.at.line, Content::Map(Vec::new())),
        |properties| scope.evaluate(properties),
    );
    let Some(model) = crate::model::of(node) else {
        unmodelled(scope, entry, type_name, properties, presence, inventory);
        return;
    };
    if !matches!(properties.content, Content::Map(_) | Content::Nothing) {
        scope.pass_over(&entry.key, "has properties that are no map", node.at);
    }
    let mut build = begin(scope, entry, model, properties, presence, inventory);
    if let Some(policy) = node.get("DeletionPolicy").and_then(Node::text) {
        build.set("deletion_policy", Value::Text(policy.into()));
    }
    if let Some(policy) = node.get("UpdateReplacePolicy").and_then(Node::text) {
        build.set("update_replace_policy", Value::Text(policy.into()));
    }
    (model.shape)(&mut build);
}

fn begin<'a, 'scope>(
    scope: &'a Scope<'scope>,
    entry: &'a Entry,
    model: &'static Model,
    properties: Datum,
    presence: Presence,
    inventory: &'a mut Inventory,
) -> Build<'a, 'scope> {
    Build {
        scope,
        inventory,
        model,
        name: &entry.key,
        at: entry.at,
        presence,
        properties,
        record: Record::new(),
        converter: Converter::new(scope.file, entry.at.line),
        region: scope.reading.given.region.clone(),
    }
}

fn unmodelled(
    scope: &Scope<'_>,
    entry: &Entry,
    type_name: &str,
    properties: Datum,
    presence: Presence,
    inventory: &mut Inventory,
) {
    scope.pass_over(
        format!("{}{}", scope.prefix, entry.key),
        format!("is of type {type_name}, which is not modelled"),
        entry.at,
    );
    let mut converter = Converter::new(scope.file, entry.at.line);
    let record = converter.record(properties, &[], "");
    let id = ItemId::new(type_name, format!("{}{}", scope.prefix, entry.key));
    let mut item = Item::new(id, record).at(converter.places);
    item.presence = presence;
    item.region.clone_from(&scope.reading.given.region);
    inventory.insert(item);
}

/// Outputs as items, so that rules see what is handed out, and as values for the stack that nests this one.
fn outputs(scope: &Scope<'_>, outer: &Presence, inventory: &mut Inventory) -> BTreeMap<String, Datum> {
    let mut all = BTreeMap::new();
    for entry in scope.template.outputs.entries() {
        let Some(presence) = presence(scope, &entry.value, outer) else { continue };
        let Some(node) = entry.value.get("Value") else {
            scope.pass_over(format!("Outputs.{}", entry.key), "has no `Value`", entry.at);
            continue;
        };
        let value = scope.evaluate(node);
        all.insert(entry.key.clone(), value.clone());
        let mut converter = Converter::new(scope.file, entry.at.line);
        let mut record = Record::new();
        converter.argument("value", value, How::Map, "", &mut record);
        for (key, argument) in [("Description", "description"), ("Export", "export")] {
            if let Some(node) = entry.value.get(key) {
                let node = node.get("Name").unwrap_or(node);
                converter.argument(argument, scope.evaluate(node), How::Same, "", &mut record);
            }
        }
        let id = ItemId::new("terraform_output", format!("{}Outputs.{}", scope.prefix, entry.key));
        let mut item = Item::new(id, record).at(converter.places);
        item.presence = presence;
        inventory.insert(item);
    }
    all
}
