//! The JSON of a plan → an inventory.
//!
//! Values come from what is planned; where they are only known after apply, from what the expression refers to, followed
//! through variables and outputs of modules. A plan tells the references of an expression and not the expression, so
//! what an argument makes of them is told by the argument's name ([`terrace_aws::inventory::vocabulary`]) or not at all: then it is
//! opaque. Not told by a plan, and so not here: locals, what a `dynamic` block says, and whether a nested block whose
//! number is unknown is there.
//!
//! Format: "JSON Output Format", Terraform documentation, `format_version` 1.x.

mod configuration;
mod document;
mod fill;
mod follow;
mod reference;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Printed;
use terrace_aws::inventory::{Inventory, Item, ItemId, Place, Places, UnknownName, Unread};
use terrace_aws::{Mode, Record, Reference, Value};

use super::json::{self, DocumentError, Form, Object, get, items, word};
use configuration::Module;
use fill::Fill;
use reference::{Key, Path};
use resolve::{Instances, Meaning, Resolver, Scope};

/// What `terraform show -json PLAN` prints, as an inventory of what is there after it is applied.
///
/// # Errors
/// If the text is something else.
pub fn plan(text: &str, file: &str) -> Result<Inventory, DocumentError> {
    match json::document(text)? {
        (Form::Plan, document) => Ok(read(&document, file)),
        (Form::State | Form::StateFile, _) => {
            Err(DocumentError::Other { found: "a state", expected: "a plan" })
        }
    }
}

/// How the resources of a plan were written.
pub(super) struct Written<'a>(Module<'a>);

impl<'a> Written<'a> {
    /// What a plan says of that; none if it says nothing.
    pub(super) fn read(document: &'a Object) -> Option<Self> {
        Some(Self(Module::read(get(get(document, "configuration")?, "root_module")?, 0)))
    }

    /// The arguments that were written of a resource; none if it is not written at all.
    pub(super) fn arguments(&self, fields: &Object) -> Option<BTreeSet<&'a str>> {
        let module = word(fields, "module_address");
        let path = if module.is_empty() { Path::new() } else { reference::path(module)? };
        let mode = resolve::mode(word(fields, "mode"));
        let own = self.0.at(&path)?.resource(mode, word(fields, "type"), word(fields, "name"))?;
        Some(get(own, "expressions").into_iter().flatten().map(|(name, _)| name.as_str()).collect())
    }
}

static NOTHING: Printed = Printed::Null;

/// A resource as a plan tells it.
struct Planned<'a> {
    item: ItemId,
    module: Path,
    key: Option<Key>,
    fields: &'a Object,
    after: &'a Printed,
    unknown: &'a Printed,
    sensitive: &'a Printed,
}

/// What is known of items by value.
struct Known<'a>(BTreeMap<ItemId, &'a Printed>);

impl<'a> Known<'a> {
    /// An attribute that is a text.
    fn text(&self, item: &ItemId, attribute: &str) -> Option<&'a str> {
        self.0.get(item)?.get(attribute)?.as_str().filter(|text| !text.is_empty())
    }
}

pub(super) fn read(document: &Printed, file: &str) -> Inventory {
    let mut inventory = Inventory::new();
    let empty = Object::new();
    let document = document.as_object().unwrap_or(&empty);
    let place = Place { file: file.to_owned(), line: None };
    let found = planned(document, &place, &mut inventory);
    let configuration = get(document, "configuration");
    let written = configuration.and_then(|all| get(all, "root_module"));
    let root = written.map_or_else(Module::none, |root| Module::read(root, 0));
    let mut instances = Instances::new();
    for one in &found {
        let (type_name, name) = (word(one.fields, "type").to_owned(), word(one.fields, "name").to_owned());
        let at = (one.module.clone(), resolve::mode(word(one.fields, "mode")), type_name, name);
        instances.entry(at).or_default().push((one.key.clone(), one.item.clone()));
    }
    let known = Known(found.iter().map(|one| (one.item.clone(), one.after)).collect());
    let resolver = Resolver::new(root, instances, get(document, "variables"));
    let providers = configuration.and_then(|all| get(all, "provider_config"));
    for one in &found {
        let scope = Scope { module: one.module.clone(), key: one.key.clone(), for_each: None };
        let mode = resolve::mode(word(one.fields, "mode"));
        let written = resolver.root.at(&one.module);
        let written =
            written.and_then(|all| all.resource(mode, word(one.fields, "type"), word(one.fields, "name")));
        let scope = Scope { for_each: written.and_then(|one| get(one, "for_each_expression")), ..scope };
        let fill = Fill {
            resolver: &resolver,
            known: &known,
            scope,
            type_name: word(one.fields, "type"),
            own: Some(one.item.clone()),
            address: one.item.name().to_owned(),
        };
        let expressions = written.and_then(|one| get(one, "expressions"));
        let record = fill.record(one.after, one.unknown, one.sensitive, expressions, written.is_some());
        let mut item = Item::new(one.item.clone(), record).at(Places::whole(place.clone()));
        let provider = written.map(|one| word(one, "provider_config_key")).unwrap_or_default();
        let own = one.after.get("region").and_then(Printed::as_str).map(str::to_owned);
        item.region = own.or_else(|| region(providers, provider, document));
        inventory.insert(item);
    }
    ephemeral(&place, &mut inventory);
    outputs(document, &resolver, &place, &mut inventory);
    document::rebuild(&mut inventory);
    follow::follow(&mut inventory);
    inventory.link();
    inventory
}

/// Everything that is there after apply: what changes or stays, and lookups that were made already.
fn planned<'a>(document: &'a Object, place: &Place, inventory: &mut Inventory) -> Vec<Planned<'a>> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut unread = |what: &str, why: &str| {
        let place = Some(place.clone());
        inventory.pass_over(Unread::detail(what, why, place));
    };
    if document.get("errored") == Some(&Printed::Bool(true)) {
        unread("the plan", "ended with an error, so that it does not tell everything; plan again");
    }
    for fields in items(document, "resource_changes") {
        let address = word(fields, "address");
        let Some(change) = get(fields, "change") else { continue };
        let gone = change.get("actions").and_then(Printed::as_array);
        let gone =
            gone.is_some_and(|all| matches!(all.as_slice(), [one] if one == "delete" || one == "forget"));
        seen.insert(address);
        if gone || fields.contains_key("deposed") {
            continue;
        }
        match identified(fields, word(fields, "module_address")) {
            Some((item, module, key)) => all.push(Planned {
                item,
                module,
                key,
                fields,
                after: change.get("after").unwrap_or(&NOTHING),
                unknown: change.get("after_unknown").unwrap_or(&NOTHING),
                sensitive: change.get("after_sensitive").unwrap_or(&NOTHING),
            }),
            None => unread(address, "has an address that is not understood"),
        }
    }
    for fields in items(document, "deferred_changes") {
        let address = get(fields, "resource_change").map_or("a resource", |change| word(change, "address"));
        unread(address, "is deferred: this plan does not say what becomes of it");
    }
    let module = |all: Option<&'a Object>| all.and_then(|all| get(all, "root_module"));
    let prior = get(document, "prior_state").and_then(|state| get(state, "values"));
    let mut left: Vec<(&Object, bool)> = Vec::new();
    left.extend(module(get(document, "planned_values")).map(|root| (root, false)));
    left.extend(module(prior).map(|root| (root, true)));
    while let Some((one, lookups)) = left.pop() {
        let address = word(one, "address");
        for fields in items(one, "resources") {
            // Of what was there before only lookups are still told by it.
            let wanted = !lookups || word(fields, "mode") == "data";
            if !wanted || !seen.insert(word(fields, "address")) {
                continue;
            }
            match identified(fields, address) {
                Some((item, module, key)) => all.push(Planned {
                    item,
                    module,
                    key,
                    fields,
                    after: fields.get("values").unwrap_or(&NOTHING),
                    unknown: &NOTHING,
                    sensitive: fields.get("sensitive_values").unwrap_or(&NOTHING),
                }),
                None => unread(word(fields, "address"), "has an address that is not understood"),
            }
        }
        left.extend(items(one, "child_modules").map(|child| (child, lookups)));
    }
    all
}

/// Which item a resource is, in which module instance, by which key.
fn identified(fields: &Object, module: &str) -> Option<(ItemId, Path, Option<Key>)> {
    let mode = match word(fields, "mode") {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        "ephemeral" => Mode::Ephemeral,
        _ => return None,
    };
    let (address, type_name) = (word(fields, "address"), word(fields, "type"));
    if address.is_empty() || type_name.is_empty() || word(fields, "name").is_empty() {
        return None;
    }
    let key = match fields.get("index") {
        Some(index) => Some(Key::printed(index)?),
        None => None,
    };
    let path = if module.is_empty() { Path::new() } else { reference::path(module)? };
    Some((ItemId::new(type_name, address).with_mode(mode), path, key))
}

/// Where a provider builds: its `region`, if that is a constant or a variable of the root.
fn region(providers: Option<&Object>, key: &str, document: &Object) -> Option<String> {
    let provider = get(providers?, if key.is_empty() { "aws" } else { key })?;
    let region = get(get(provider, "expressions")?, "region")?;
    if let Some(constant) = region.get("constant_value") {
        return constant.as_str().map(str::to_owned);
    }
    let names = configuration::references(region);
    let [name] = names.as_slice() else { return None };
    let variable = get(get(document, "variables")?, name.strip_prefix("var.")?)?;
    variable.get("value")?.as_str().map(str::to_owned)
}

/// Ephemeral resources are made for a run: a plan does not list them, so all that is told is who takes something of them.
fn ephemeral(place: &Place, inventory: &mut Inventory) {
    let mut named = BTreeSet::new();
    for item in inventory.items() {
        let mut references = Vec::new();
        item.record.iter().for_each(|(_, value)| value.references(&mut references));
        let items = references.iter().filter_map(Reference::item);
        named.extend(items.filter(|id| id.mode() == Mode::Ephemeral).cloned());
    }
    for id in named {
        inventory.insert(Item::new(id, Record::new()).at(Places::whole(place.clone())));
    }
}

/// The outputs of the root, which are kept in the state and shown to whoever applies.
fn outputs(document: &Object, resolver: &Resolver<'_>, place: &Place, inventory: &mut Inventory) {
    let planned = get(document, "planned_values").and_then(|all| get(all, "outputs"));
    let changes = get(document, "output_changes");
    let told = planned.into_iter().chain(changes).flat_map(|all| all.keys().map(String::as_str));
    let names: BTreeSet<&str> = told.chain(resolver.root.outputs().map(|(name, _)| name.as_str())).collect();
    for name in names {
        let output = planned.and_then(|all| get(all, name));
        let sensitive = output.and_then(|all| all.get("sensitive")) == Some(&Printed::Bool(true));
        let value = output.and_then(|all| all.get("value")).filter(|_| !sensitive);
        let known_value = value.and_then(|value| json::value("terraform_output", "value", value));
        let value = known_value.or_else(|| made(resolver, name));
        let mut record = Record::of(vec![("value", value)]);
        record.set("sensitive", Value::Bool(sensitive));
        let id = ItemId::new("terraform_output", format!("output.{name}"));
        inventory.insert(Item::new(id, record).at(Places::whole(place.clone())));
    }
}

/// What an output is made of.
fn made(resolver: &Resolver<'_>, name: &str) -> Option<Value> {
    let expression = resolver.root.output(name)?;
    let scope = Scope { module: Path::new(), key: None, for_each: None };
    let mut all: Vec<Reference> = Vec::new();
    for meaning in resolver.expression(expression, &scope) {
        let one = |found: resolve::Found| Reference::to_item(found.item, found.attribute);
        match meaning {
            Meaning::One(found) => all.push(one(found)),
            Meaning::All(some) => all.extend(some.into_iter().map(|(_, found)| one(found))),
            Meaning::Name(name) => all.push(Reference::unknown(UnknownName::new(name))),
            Meaning::Known { .. } => {}
        }
    }
    if all.is_empty() {
        let names = configuration::references(expression);
        all.extend(names.into_iter().map(|name| Reference::unknown(UnknownName::new(name))));
    }
    if all.is_empty() {
        all.push(Reference::unknown(UnknownName::new(format!("output.{name}"))));
    }
    Some(Value::Opaque(all))
}
