//! The JSON of a state → an inventory: what is there, by its values.
//!
//! Read are both what `terraform show -json` prints and the file `terraform.tfstate` itself. A state tells every
//! attribute that a resource has, and no expression; an id, ARN or name of another resource becomes a reference to it.
//! Secrets are there in clear: they become unknowns that are named after where they stand.

use std::collections::BTreeMap;

use serde_json::Value as Printed;
use terrace_aws::inventory::{Inventory, Item, ItemId, Place, Places, UnknownName, Unread, vocabulary};
use terrace_aws::{Mode, Record, Reference, Value};

use super::json::{self, DocumentError, Form, Object, get, items, word};

/// What `terraform show -json` prints of a state, or a file `terraform.tfstate`, as an inventory.
///
/// # Errors
/// If the text is something else.
pub fn state(text: &str, file: &str) -> Result<Inventory, DocumentError> {
    match json::document(text)? {
        (Form::Plan, _) => Err(DocumentError::Other { found: "a plan", expected: "a state" }),
        (form, document) => Ok(read(&document, form, file)),
    }
}

pub(super) fn read(document: &Printed, form: Form, file: &str) -> Inventory {
    let place = Place { file: file.to_owned(), line: None };
    let mut reader = Reader { inventory: Inventory::new(), place, regions: BTreeMap::new() };
    let empty = Object::new();
    let document = document.as_object().unwrap_or(&empty);
    let outputs = if form == Form::StateFile {
        items(document, "resources").for_each(|resource| reader.instances(resource));
        get(document, "outputs")
    } else {
        // A state without `values` is an empty one.
        let values = get(document, "values");
        reader.modules(values.and_then(|values| get(values, "root_module")));
        values.and_then(|values| get(values, "outputs"))
    };
    for (name, output) in outputs.into_iter().flatten() {
        reader.output(name, output);
    }
    reader.finish()
}

struct Reader {
    inventory: Inventory,
    place: Place,
    /// How many items say that they are in a region.
    regions: BTreeMap<String, usize>,
}

impl Reader {
    fn modules(&mut self, root: Option<&Object>) {
        let mut left: Vec<&Object> = root.into_iter().collect();
        while let Some(module) = left.pop() {
            for resource in items(module, "resources") {
                let (address, type_name) = (word(resource, "address"), word(resource, "type"));
                let sensitive = resource.get("sensitive_values").unwrap_or(&Printed::Null);
                match (mode(resource), get(resource, "values")) {
                    (Some(mode), Some(values)) if !address.is_empty() && !type_name.is_empty() => {
                        self.item(ItemId::new(type_name, address).with_mode(mode), values, sensitive);
                    }
                    _ => self.unread(address, "has no values in this state"),
                }
            }
            left.extend(items(module, "child_modules"));
        }
    }

    /// One entry of a state file: every instance of a resource.
    fn instances(&mut self, resource: &Object) {
        let (type_name, name) = (word(resource, "type"), word(resource, "name"));
        let Some(mode) = mode(resource).filter(|_| !type_name.is_empty()) else {
            return self.unread(name, "is of a mode that is not known");
        };
        let module = word(resource, "module");
        let dot = if module.is_empty() { "" } else { "." };
        let base = format!("{module}{dot}{}{type_name}.{name}", mode.prefix());
        for instance in items(resource, "instances").filter(|one| !one.contains_key("deposed")) {
            let address = match instance.get("index_key") {
                None | Some(Printed::Null) => base.clone(),
                Some(key) => format!("{base}[{key}]"),
            };
            let Some(values) = get(instance, "attributes") else {
                self.unread(
                    &address,
                    "was written by a Terraform older than 0.12; `terraform show -json` tells it",
                );
                continue;
            };
            let mut marks = Printed::Object(Object::new());
            for path in instance.get("sensitive_attributes").and_then(Printed::as_array).into_iter().flatten()
            {
                // Steps as `[{"type": "get_attr", "value": "password"}, …]`; the first one is enough to hide it.
                let first = path.as_array().and_then(|steps| steps.first()).unwrap_or(path);
                if let (Some(name), Some(marks)) =
                    (first.get("value").and_then(Printed::as_str), marks.as_object_mut())
                {
                    marks.insert(name.to_owned(), Printed::Bool(true));
                }
            }
            self.item(ItemId::new(type_name, address).with_mode(mode), values, &marks);
        }
    }

    fn item(&mut self, id: ItemId, values: &Object, sensitive: &Printed) {
        let address = id.name().to_owned();
        let record = hidden(&address, &id, values, sensitive);
        let mut item = Item::new(id, record).at(Places::whole(self.place.clone()));
        item.region = region(values);
        if let Some(region) = &item.region {
            *self.regions.entry(region.clone()).or_default() += 1;
        }
        self.inventory.insert(item);
    }

    fn output(&mut self, name: &str, output: &Printed) {
        let sensitive = output.get("sensitive").and_then(Printed::as_bool).unwrap_or_default();
        let address = format!("output.{name}");
        let value = match (sensitive, output.get("value")) {
            (true, Some(_)) => Some(secret(&address)),
            (false, Some(value)) => json::value("terraform_output", "value", value),
            (_, None) => None,
        };
        let mut record = Record::of(vec![("value", value)]);
        record.set("sensitive", Value::Bool(sensitive));
        let item = Item::new(ItemId::new("terraform_output", address), record);
        self.inventory.insert(item.at(Places::whole(self.place.clone())));
    }

    fn unread(&mut self, what: &str, why: &str) {
        let place = Some(self.place.clone());
        self.inventory.pass_over(Unread::detail(what, why, place));
    }

    /// Many resources tell no region; where all others are in one, they are as well.
    fn finish(mut self) -> Inventory {
        let mut regions = self.regions.keys();
        if let (Some(only), None) = (regions.next(), regions.next()) {
            let open: Vec<Item> = self
                .inventory
                .items()
                .filter(|item| item.region.is_none() && item.type_name().starts_with("aws_"))
                .cloned()
                .collect();
            for mut item in open {
                item.region = Some(only.clone());
                self.inventory.insert(item);
            }
        }
        self.inventory.link();
        self.inventory
    }
}

fn mode(resource: &Object) -> Option<Mode> {
    match word(resource, "mode") {
        "managed" => Some(Mode::Managed),
        "data" => Some(Mode::Data),
        "ephemeral" => Some(Mode::Ephemeral),
        _ => None,
    }
}

/// In which region something is, by its argument (provider 6), its ARN or its zone.
fn region(values: &Object) -> Option<String> {
    let own = word(values, "region");
    let arn = word(values, "arn").split(':').nth(3).unwrap_or_default();
    let zone = word(values, "availability_zone").trim_end_matches(|c: char| c.is_ascii_lowercase());
    [own, arn, zone].into_iter().find(|region| !region.is_empty()).map(str::to_owned)
}

fn secret(path: &str) -> Value {
    Value::Opaque(vec![Reference::unknown(UnknownName::new(path))])
}

/// The attributes, with what is marked or known to be a secret as unknowns.
fn hidden(path: &str, id: &ItemId, values: &Object, sensitive: &Printed) -> Record {
    let mut all = Record::new();
    for (name, value) in values {
        let mark = sensitive.get(name).unwrap_or(&Printed::Null);
        let path = format!("{path}.{name}");
        let whole = mark == &Printed::Bool(true) || vocabulary::is_secret(name);
        let told = match value {
            _ if json::empty(value) => None,
            Printed::Array(_) | Printed::Object(_) | Printed::String(_) | Printed::Number(_) if whole => {
                Some(secret(&path))
            }
            Printed::Array(items) if items.iter().all(Printed::is_object) => {
                let marks = mark.as_array();
                let block = |(at, item): (usize, &Printed)| {
                    let mark = marks.and_then(|all| all.get(at)).unwrap_or(&Printed::Null);
                    Some(hidden(&format!("{path}[{at}]"), id, item.as_object()?, mark))
                };
                Some(Value::Blocks(items.iter().enumerate().filter_map(block).collect()))
            }
            Printed::Object(fields) => {
                let record = hidden(&path, id, fields, mark);
                Some(Value::Map(record.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()))
            }
            value => json::value(id.type_name(), name, value),
        };
        if let Some(told) = told {
            all.set(name, told);
        }
    }
    all
}
