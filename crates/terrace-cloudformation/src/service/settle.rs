//! What one resource of a template changes about another.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, Item, ItemId, Presence};
use terrace_aws::{Record, Reference, Text, Value};

use super::groups::ADDED;

/// Puts attachments where Terraform has them, and takes defaults away that others replace.
pub(crate) fn settle(inventory: &mut Inventory) {
    gateways(inventory);
    addresses(inventory);
    egress(inventory);
    added(inventory);
}

/// The item that an argument names and nothing else.
fn named(item: &Item, argument: &str) -> Option<ItemId> {
    match item.record.get(argument)? {
        Value::Text(text) => text.reference().and_then(Reference::item).cloned(),
        _ => None,
    }
}

fn change(inventory: &mut Inventory, id: &ItemId, change: impl FnOnce(&mut Record)) {
    if let Some(mut item) = inventory.get(id).cloned() {
        change(&mut item.record);
        inventory.insert(item);
    }
}

/// An internet gateway is attached by its `vpc_id`.
fn gateways(inventory: &mut Inventory) {
    let attached: Vec<(ItemId, Value)> = inventory
        .all("aws_internet_gateway_attachment")
        .filter_map(|item| Some((named(item, "internet_gateway_id")?, item.record.get("vpc_id")?.clone())))
        .collect();
    for (gateway, vpc) in attached {
        change(inventory, &gateway, |record| {
            if record.get("vpc_id").is_none() {
                record.set("vpc_id", vpc);
            }
        });
    }
}

/// A network has IPv6 if a block of AWS's is associated with it.
fn addresses(inventory: &mut Inventory) {
    let given: Vec<(ItemId, Value)> = inventory
        .all("aws_vpc_ipv6_cidr_block_association")
        .filter_map(|item| {
            let vpc = named(item, "vpc_id")?;
            Some((vpc, item.record.get("assign_generated_ipv6_cidr_block")?.clone()))
        })
        .collect();
    for (vpc, value) in given {
        change(inventory, &vpc, |record| record.set("assign_generated_ipv6_cidr_block", value));
    }
}

/// In a network with IPv6 the egress rule that AWS adds lets IPv6 out as well.
fn added(inventory: &mut Inventory) {
    let with: BTreeSet<ItemId> = inventory
        .all("aws_vpc_ipv6_cidr_block_association")
        .filter_map(|item| named(item, "vpc_id"))
        .collect();
    let groups: Vec<ItemId> = inventory
        .all("aws_security_group")
        .filter(|group| is_added(group) && named(group, "vpc_id").is_some_and(|vpc| with.contains(&vpc)))
        .map(|group| group.id().clone())
        .collect();
    for group in groups {
        change(inventory, &group, |record| {
            if let Some(Value::Blocks(mut blocks)) = record.remove("egress") {
                let everything = Value::List(vec![Value::Text(Text::from("::/0"))]);
                blocks.iter_mut().for_each(|block| block.set("ipv6_cidr_blocks", everything.clone()));
                record.set("egress", Value::Blocks(blocks));
            }
        });
    }
}

fn is_added(group: &Item) -> bool {
    let block = group.view().block("egress").known();
    block.is_some_and(|block| block.literal("description").known().as_deref() == Some(ADDED))
}

/// An egress rule of its own takes the group's default rule away; one that may not be there makes that depend, too.
fn egress(inventory: &mut Inventory) {
    let mut replaced: BTreeMap<ItemId, Presence> = BTreeMap::new();
    for rule in inventory.all("aws_vpc_security_group_egress_rule") {
        let Some(group) = named(rule, "security_group_id") else { continue };
        let known = replaced.entry(group).or_insert_with(|| rule.presence.clone());
        if rule.presence == Presence::Sure {
            *known = Presence::Sure;
        }
    }
    for (group, presence) in replaced {
        let Some(mut item) = inventory.get(&group).cloned() else { continue };
        if !is_added(&item) {
            continue;
        }
        item.record.remove("egress");
        if let Presence::Depends(_) = &presence {
            let mut rule = Record::new();
            rule.set("security_group_id", Value::Text(Text::from(Reference::to_item(group.clone(), "id"))));
            rule.set("description", Value::Text(Text::from(ADDED)));
            rule.set("ip_protocol", Value::Text(Text::from("-1")));
            rule.set("cidr_ipv4", Value::Text(Text::from("0.0.0.0/0")));
            let id = ItemId::new("aws_vpc_security_group_egress_rule", format!("{}/egress", group.name()));
            let mut default = Item::new(id, rule).at(item.places.clone());
            default.presence = presence;
            default.region.clone_from(&item.region);
            inventory.insert(default);
        }
        inventory.insert(item);
    }
}
