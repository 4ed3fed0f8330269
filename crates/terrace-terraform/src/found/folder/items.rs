//! Modules, one after another, → the items of an inventory.

use std::collections::BTreeSet;
use std::rc::Rc;

use terrace_aws::inventory::{Inventory, Item, ItemId, Places, Presence, UnknownName, Unread};
use terrace_aws::{Mode, Record, Reference, Target, Value};

use super::bodies::Made;
use super::keys::{Declared, Instance, Key, Slot};
use super::lookup::thing;
use super::modules::spelled;
use super::output;
use super::scope::Scope;
use super::source::Placed;
use super::val::Val;
use super::world::{Module, Own, World};

/// Items in all, and what their values come to when they are written out.
const ITEMS: usize = 20_000;

impl World<'_> {
    /// Everything that a module and those it calls declare.
    pub(super) fn describe(&self, module: &Rc<Module>, all: &mut Inventory) {
        for (declared, placed) in &module.declared.resources {
            self.resources(module, declared, placed, all);
        }
        self.settings_of(module, all);
        for name in module.declared.calls.keys() {
            let slot = Slot::Call(module.id, name.as_str().into());
            let Ok(value) = self.complete(|| self.get(&slot)) else { continue };
            let mut inner = Vec::new();
            modules_in(&value, &mut inner);
            for id in inner {
                if let Ok(module) = self.module(id) {
                    self.describe(&module, all);
                }
            }
        }
    }

    fn resources(&self, module: &Rc<Module>, declared: &Rc<Declared>, placed: &Placed, all: &mut Inventory) {
        let slot = Slot::Resource(module.id, Rc::clone(declared));
        if self.complete(|| self.get(&slot)).is_err() {
            return;
        }
        let instances = self.instances.borrow().get(&(module.id, Rc::clone(declared))).cloned();
        for (key, own) in instances.iter().flat_map(|instances| instances.iter()) {
            if all.len() >= ITEMS || self.spend(1).is_err() {
                let what = module.address_of(declared);
                self.not_read(Unread::part(what, "is one of too many resources", Some(placed.place())));
                return;
            }
            all.insert(self.item(module, declared, placed, key, own));
        }
    }

    fn item(
        &self,
        module: &Rc<Module>,
        declared: &Rc<Declared>,
        placed: &Placed,
        key: &Key,
        own: &Own,
    ) -> Item {
        let instance = thing(module, declared, key);
        let Instance::Resource { id, .. } = &instance else {
            return Item::new(ItemId::new(declared.type_name.as_ref(), ""), Record::new());
        };
        let this = Val::Thing(instance.clone());
        let scope = Scope::of(module, own).with_self(&this);
        let mut made = Made { address: id.name(), file: &placed.file, places: Places::whole(placed.place()) };
        let mut record = self.record(&placed.block.body, scope, &mut made);
        let provider = placed.block.body.attribute("provider").and_then(|found| spelled(&found.value));
        let provider =
            provider.unwrap_or_else(|| declared.type_name.split('_').next().unwrap_or_default().to_owned());
        let settings = self.provider(module, &provider);
        if declared.mode == Mode::Managed
            && let Some(defaults) = settings.default_tags
        {
            self.tag(&mut record, &defaults);
        }
        if let Some(json) = self.policy_json(&this, declared) {
            record.set("json", json);
        }
        let region = match record.get("region") {
            Some(Value::Text(text)) => text.literal().map(str::to_owned),
            _ => None,
        };
        let mut item = Item::new(ItemId::clone(id), record).at(made.places);
        item.region = region.or_else(|| super::convert::literal(settings.region.as_ref()?).ok());
        let why: BTreeSet<&Reference> = own.why.iter().chain(&module.why).collect();
        if !why.is_empty() {
            item.presence = Presence::Depends(why.into_iter().map(depends_on).collect());
        }
        item
    }

    /// `tags_all`, as the provider makes it.
    fn tag(&self, record: &mut Record, defaults: &Val) {
        let Some(Value::Map(mut all)) = output::value("tags", defaults) else { return };
        if all.is_empty() {
            return;
        }
        match record.get("tags") {
            Some(Value::Map(own)) => all.extend(own.iter().map(|(key, tag)| (key.clone(), tag.clone()))),
            None => {}
            Some(_) => return,
        }
        record.set("tags_all", Value::Map(all));
    }

    /// Outputs and backends of the root, and every provider.
    fn settings_of(&self, module: &Rc<Module>, all: &mut Inventory) {
        let root = module.caller.is_none();
        for placed in &module.declared.providers {
            let label = placed.block.labels.first().map_or("", String::as_str);
            let mut item = self.plain(module, placed, "terraform_provider", &format!("provider.{label}"));
            item.record.set("provider", Value::Text(label.into()));
            if let Some(Value::Text(alias)) = item.record.get("alias")
                && let Some(alias) = alias.literal()
            {
                let name = module.address_of(format_args!("provider.{label}.{alias}"));
                item = renamed(item, ItemId::new("terraform_provider", name));
            }
            all.insert(item);
        }
        if !root {
            return;
        }
        for placed in &module.declared.backends {
            let kind = placed.block.labels.first().map_or("cloud", String::as_str);
            let mut item = self.plain(module, placed, "terraform_backend", &format!("backend.{kind}"));
            item.record.set("backend", Value::Text(kind.into()));
            all.insert(item);
        }
        for (name, placed) in &module.declared.outputs {
            all.insert(self.plain(module, placed, "terraform_output", &format!("output.{name}")));
        }
    }

    fn plain(&self, module: &Rc<Module>, placed: &Placed, type_name: &str, name: &str) -> Item {
        let own = Own::single();
        let name = module.address_of(name);
        let mut made = Made { address: &name, file: &placed.file, places: Places::whole(placed.place()) };
        let record = self.record(&placed.block.body, Scope::of(module, &own), &mut made);
        let places = made.places;
        Item::new(ItemId::new(type_name, name), record).at(places)
    }
}

fn renamed(item: Item, id: ItemId) -> Item {
    let Item { record, places, presence, region, .. } = item;
    let mut item = Item::new(id, record).at(places);
    item.presence = presence;
    item.region = region;
    item
}

/// The name of what something depends on.
fn depends_on(reference: &Reference) -> UnknownName {
    match reference.target() {
        Target::Unknown(name) => name.clone(),
        _ => UnknownName::new(reference.to_string()),
    }
}

fn modules_in(value: &Val, all: &mut Vec<super::keys::ModuleId>) {
    match value {
        Val::Thing(Instance::Module { id, .. }) => all.push(*id),
        Val::List(node) => node.items.iter().for_each(|item| modules_in(item, all)),
        Val::Map(node) => node.items.values().for_each(|item| modules_in(item, all)),
        Val::Rest(rest) => modules_in(&rest.each, all),
        _ => {}
    }
}
