//! One resource on its way to being items.

use terrace_aws::inventory::{Inventory, Item, ItemId, Presence, UnknownName};
use terrace_aws::{Record, Reference, Value};

use crate::convert::Converter;
use crate::datum::{Datum, Names};
use crate::model::{Field, How, Model};
use crate::node::At;
use crate::scope::Scope;

/// A resource, its properties, and the inventory that it goes into.
pub(crate) struct Build<'a, 'scope> {
    pub(crate) scope: &'a Scope<'scope>,
    pub(crate) inventory: &'a mut Inventory,
    pub(crate) model: &'static Model,
    /// Its logical id.
    pub(crate) name: &'a str,
    pub(crate) at: At,
    pub(crate) presence: Presence,
    /// Properties that are not yet told.
    pub(crate) properties: Datum,
    /// Arguments that are told already.
    pub(crate) record: Record,
    pub(crate) converter: Converter<'a>,
    pub(crate) region: Option<String>,
}

impl Build<'_, '_> {
    /// Takes a property.
    pub(crate) fn take(&mut self, property: &str) -> Option<Datum> {
        self.properties.take(property)
    }

    /// Sets an argument to a value.
    pub(crate) fn set(&mut self, argument: &str, value: Value) {
        self.record.set(argument, value);
    }

    /// Tells a property under a name.
    pub(crate) fn argument(&mut self, argument: &str, value: Datum, how: How) {
        self.converter.argument(argument, value, how, "", &mut self.record);
    }

    /// The id of the item that the resource becomes.
    pub(crate) fn id(&self) -> ItemId {
        ItemId::new(self.model.terraform, format!("{}{}", self.scope.prefix, self.name))
    }

    /// A reference to an attribute of it.
    pub(crate) fn own(&self, attribute: &str) -> Reference {
        Reference::to_item(self.id(), attribute)
    }

    /// Tells the properties that are left, and adds the item.
    pub(crate) fn finish(&mut self) {
        self.tell();
        self.add();
    }

    /// Tells the properties that are left.
    pub(crate) fn tell(&mut self) {
        let properties =
            std::mem::replace(&mut self.properties, Datum::new(self.at.line, crate::datum::Content::Nothing));
        self.converter.arguments(properties, self.model.fields, "", &mut self.record);
    }

    /// Adds the item of what has been told.
    pub(crate) fn add(&mut self) {
        let record = std::mem::take(&mut self.record);
        let places = std::mem::take(&mut self.converter.places);
        let mut item = Item::new(self.id(), record).at(places);
        item.presence = self.presence.clone();
        item.region = self.region.clone();
        self.inventory.insert(item);
    }

    /// Adds an item that the resource has in Terraform besides its own, with arguments of its own, depending on more
    /// names; its name follows the resource's after a slash.
    pub(crate) fn beside(
        &mut self,
        type_name: &str,
        name: &str,
        properties: Datum,
        fields: &[Field],
        arguments: Vec<(&str, Value)>,
        names: &Names,
    ) -> ItemId {
        let id = ItemId::new(type_name, format!("{}{}/{name}", self.scope.prefix, self.name));
        let mut converter = Converter::new(self.scope.file, properties.line);
        let mut record = Record::new();
        for (argument, value) in arguments {
            record.set(argument, value);
        }
        converter.arguments(properties, fields, "", &mut record);
        let mut item = Item::new(id.clone(), record).at(converter.places);
        item.presence = depending(self.presence.clone(), names);
        item.region = self.region.clone();
        self.inventory.insert(item);
        id
    }
}

/// A presence that depends on more names.
pub(crate) fn depending(presence: Presence, names: &Names) -> Presence {
    match presence {
        presence if names.is_empty() => presence,
        Presence::Sure => Presence::Depends(names.clone()),
        Presence::Depends(mut known) => {
            known.extend(names.iter().cloned());
            Presence::Depends(known)
        }
    }
}

/// A name that stands for a choice of AWS's.
pub(crate) fn left_to_aws(what: &str) -> Value {
    Value::Opaque(vec![Reference::unknown(UnknownName::new(format!("{what}, which is not given")))])
}
