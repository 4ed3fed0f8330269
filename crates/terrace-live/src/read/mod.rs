//! Each service's answers as items.

mod balancing;
mod caches;
mod cdn;
mod containers;
mod database;
mod fields;
mod functions;
mod identity;
mod keys;
mod machines;
mod messages;
mod network;
mod objects;
mod rules;
mod scaling;
mod secrets;
mod tasks;
mod templates;

use std::collections::BTreeSet;

use terrace_aws::inventory::{Inventory, Item, ItemId, Place, Places};
use terrace_aws::{Mode, Record, Value};

use crate::Settings;
use crate::asking::Account;
use terrace_account::Identity;

/// Items, before they stand in an inventory.
pub(crate) type Items = Vec<(ItemId, Record)>;

/// Asks every service side by side.
pub(crate) async fn everything(account: &Account, who: &Identity, settings: &Settings) -> Inventory {
    let owner = who.account.clone();
    let (network, rules, machines, templates) = tokio::join!(
        network::read(account),
        rules::read(account),
        machines::read(account),
        templates::read(account),
    );
    let (balancing, scaling, containers, database, caches) = tokio::join!(
        balancing::read(account),
        scaling::read(account),
        containers::read(account),
        database::read(account),
        caches::read(account),
    );
    let (identity, objects, secrets, keys) = tokio::join!(
        identity::read(account),
        objects::read(account),
        secrets::read(account, &owner),
        keys::read(account),
    );
    let (cdn, functions, messages) =
        tokio::join!(cdn::read(account), functions::read(account), messages::read(account));
    let mut all = vec![caller(who)];
    for part in [
        network, rules, machines, templates, balancing, scaling, containers, database, caches, identity,
        objects, secrets, keys, cdn, functions, messages,
    ] {
        all.extend(part);
    }
    let mut inventory = Inventory::new();
    let place = Place { file: format!("account {owner}, {}", account.region), line: None };
    // A NAT gateway's interface belongs to it; AWS marks it so, and what speaks like AWS may not.
    let own: BTreeSet<String> = all
        .iter()
        .filter(|(id, _)| id.type_name() == "aws_nat_gateway")
        .filter_map(|(_, record)| literal(record, "network_interface_id"))
        .collect();
    all.retain(|(id, _)| id.type_name() != "aws_network_interface" || !own.contains(id.name()));
    for (_, record) in all.iter_mut().filter(|(id, _)| id.type_name() == "aws_eip") {
        if literal(record, "network_interface").is_some_and(|of| own.contains(&of)) {
            record.remove("network_interface");
        }
    }
    tasks::fold(&mut all);
    for (id, record) in within(all, &settings.vpcs) {
        let mut item = Item::new(id, record).at(Places::whole(place.clone()));
        item.region = Some(account.region.clone());
        inventory.insert(item);
    }
    account.unread().into_iter().for_each(|unread| inventory.pass_over(unread));
    inventory.link();
    inventory
}

fn caller(who: &Identity) -> (ItemId, Record) {
    let mut record = Record::new();
    record.set("account_id", Value::Text(who.account.as_str().into()));
    if !who.arn.is_empty() {
        record.set("arn", Value::Text(who.arn.as_str().into()));
    }
    (ItemId::new("aws_caller_identity", "data.aws_caller_identity.this").with_mode(Mode::Data), record)
}

fn literal(record: &Record, name: &str) -> Option<String> {
    match record.get(name) {
        Some(Value::Text(text)) => text.literal().map(str::to_owned),
        _ => None,
    }
}

/// Without what stands in other VPCs, if some are asked for.
fn within(all: Items, vpcs: &[String]) -> Items {
    if vpcs.is_empty() {
        return all;
    }
    let elsewhere = |id: &ItemId, record: &Record| {
        let own = if id.type_name() == "aws_vpc" { "id" } else { "vpc_id" };
        literal(record, own).is_some_and(|vpc| !vpcs.contains(&vpc))
    };
    let gone: BTreeSet<String> = all
        .iter()
        .filter(|(id, record)| elsewhere(id, record))
        .filter_map(|(_, record)| literal(record, "id").or_else(|| literal(record, "arn")))
        .collect();
    let names_gone = |record: &Record| {
        ["subnet_id", "route_table_id", "load_balancer_arn", "target_group_arn", "listener_arn"]
            .iter()
            .any(|name| literal(record, name).is_some_and(|value| gone.contains(&value)))
    };
    all.into_iter().filter(|(id, record)| !elsewhere(id, record) && !names_gone(record)).collect()
}
