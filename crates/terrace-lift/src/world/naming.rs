//! Which items an argument names: by reference, by id or name, or by something that is not told.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Inventory, Item, ItemId, Told, View};
use terrace_aws::{Mode, Reference, Text};
use terrace_proof::world::{Fact, When};

use super::lifting::Lifting;
use super::networks::OF_SUBNET;

impl<'a> Lifting<'a> {
    /// The items that an argument names, of these types (the first stands for what is not in the inventory). What is
    /// not there, or empty, names none.
    pub(super) fn named(
        &mut self,
        view: View<'_>,
        argument: &str,
        types: &'static [&'static str],
    ) -> Vec<Fact<ItemId>> {
        match view.texts(argument) {
            Told::Nothing => Vec::new(),
            Told::Is(texts) => {
                let mut all = Vec::new();
                for text in texts.iter().filter(|text| text.literal() != Some("")) {
                    all.extend(self.items_of(text, types));
                }
                all
            }
            Told::Unknown(of) => self.items_of(&Text::opaque(of), types),
        }
    }

    /// The one item that an argument names; of several the first.
    pub(super) fn one(
        &mut self,
        view: View<'_>,
        argument: &str,
        types: &'static [&'static str],
    ) -> Option<Fact<ItemId>> {
        self.named(view, argument, types).into_iter().next()
    }

    /// The items that a text names.
    pub(super) fn items_of(&mut self, text: &Text, types: &'static [&'static str]) -> Vec<Fact<ItemId>> {
        if let Some(named) = self.of_name(text, types) {
            return vec![Fact::sure(named)];
        }
        if let Some(literal) = text.literal() {
            return vec![Fact::sure(ItemId::new(types.first().copied().unwrap_or_default(), literal))];
        }
        let references: Vec<Reference> = text.references().cloned().collect();
        let mut found: BTreeSet<ItemId> = BTreeSet::new();
        let mut others: Vec<&Reference> = Vec::new();
        for reference in &references {
            let fitting = self.fitting(reference, types);
            if fitting.is_empty() {
                others.push(reference);
            } else {
                found.extend(fitting);
            }
        }
        if found.is_empty() {
            return vec![Fact::sure(self.symbol(&references, types))];
        }
        // A condition between items names what it asks, too; an index (`count`) does not make them others.
        let asked: Vec<&Reference> = others.into_iter().filter(|r| r.item().is_none()).collect();
        let when = if asked.is_empty() { When::Always } else { When::Perhaps(self.unknowns(asked)) };
        found.into_iter().map(|id| Fact { is: id, when: when.clone() }).collect()
    }

    /// The item of these types that has this text, whatever it comes to, as its name.
    fn of_name(&self, text: &Text, types: &'static [&'static str]) -> Option<ItemId> {
        // A text that is one reference names what it points at; what others have as their name is a detour to that.
        if text.reference().and_then(Reference::item).is_some() {
            return None;
        }
        let owners = self.by_name.get(text)?.iter().filter(|id| types.contains(&id.type_name()));
        let mut managed: Vec<&ItemId> = owners.collect();
        if managed.iter().any(|id| id.mode() == Mode::Managed) {
            managed.retain(|id| id.mode() == Mode::Managed);
        }
        managed.dedup();
        // What a network is born with gives way to the item that takes it over.
        if managed.len() > 1 {
            managed.retain(|id| self.inventory.get(id).is_some());
        }
        match managed.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    /// Items of the wanted types that a reference points at, or that are born with what it points at.
    fn fitting(&self, reference: &Reference, types: &'static [&'static str]) -> Vec<ItemId> {
        let Some(id) = reference.item() else { return Vec::new() };
        if let Some(born) = born_with(id, reference.attribute())
            && types.contains(&born.type_name())
        {
            return vec![self.taken_over(&born, id).unwrap_or(born)];
        }
        if types.contains(&"aws_vpc") && id.type_name() == "aws_subnet" && reference.attribute() == "vpc_id" {
            return vec![self.network_of_subnet(id)];
        }
        if !types.contains(&id.type_name()) {
            return Vec::new();
        }
        if self.inventory.get(id).is_some() {
            return vec![id.clone()];
        }
        let copies = |other: &&Item| {
            let rest = other.id().name().strip_prefix(id.name());
            other.id().mode() == id.mode()
                && other.type_name() == id.type_name()
                && rest.is_some_and(|rest| rest.starts_with('['))
        };
        let copies: Vec<ItemId> =
            self.inventory.items().filter(copies).map(|item| item.id().clone()).collect();
        if copies.is_empty() { vec![id.clone()] } else { copies }
    }

    /// `data.aws_subnet.x.vpc_id`: what the subnet itself says, else a network of that subnet's own.
    fn network_of_subnet(&self, subnet: &ItemId) -> ItemId {
        let view = self.inventory.get(subnet).map(Item::view);
        let names = |argument: &str| view.map(|view| view.references(argument)).unwrap_or_default();
        let network = names("vpc_id").into_iter().find_map(|r| r.item().cloned());
        network.filter(|id| matches!(id.type_name(), "aws_vpc" | "aws_default_vpc")).unwrap_or_else(|| {
            let of = names("id").first().map_or_else(|| subnet.to_string(), ToString::to_string);
            ItemId::new("aws_vpc", format!("{OF_SUBNET}{of}"))
        })
    }

    /// The managed item that takes over what a network is born with.
    fn taken_over(&self, born: &ItemId, network: &ItemId) -> Option<ItemId> {
        let by = |item: &&Item| {
            ["vpc_id", "default_route_table_id", "default_network_acl_id"]
                .iter()
                .any(|argument| item.view().references(argument).iter().any(|r| r.item() == Some(network)))
        };
        self.inventory.all(born.type_name()).find(by).map(|item| item.id().clone())
    }

    /// An item of the first type with a name made of what is not told.
    fn symbol(&mut self, references: &[Reference], types: &'static [&'static str]) -> ItemId {
        let unknowns = self.unknowns(references);
        let names: Vec<String> = references.iter().map(ToString::to_string).collect();
        let name = if names.is_empty() { "a value that is not told".to_owned() } else { names.join(", ") };
        let id = ItemId::new(types.first().copied().unwrap_or_default(), name);
        self.outside.insert(id.clone(), unknowns);
        id
    }

    /// Whether it is a value that nobody has told, and so may be any item.
    pub(super) fn is_open(&self, id: &ItemId) -> bool {
        self.outside.contains_key(id)
    }

    /// The item, if the inventory has it.
    pub(super) fn item(&self, id: &ItemId) -> Option<&'a Item> {
        let inventory: &'a Inventory = self.inventory;
        inventory.get(id)
    }
}

/// What a network is born with, by the attribute of the network that names it.
pub(super) fn born_with(network: &ItemId, attribute: &str) -> Option<ItemId> {
    if !matches!(network.type_name(), "aws_vpc" | "aws_default_vpc") {
        return None;
    }
    let (type_name, what) = match attribute {
        "default_security_group_id" => ("aws_default_security_group", "default group"),
        "default_route_table_id" | "main_route_table_id" => ("aws_default_route_table", "main table"),
        "default_network_acl_id" => ("aws_default_network_acl", "default ACL"),
        _ => return None,
    };
    Some(ItemId::new(type_name, format!("{what} of {network}")))
}
