//! What holds of any inventory, however odd: nothing panics, the same gives the same, numbers have names, and what is
//! surely reached is reached perhaps.

use std::collections::BTreeSet;

use proptest::prelude::*;
use terrace_aws::inventory::{Inventory, Item, ItemId, Presence, UnknownName};
use terrace_aws::{Record, Reference, Text, Value};
use terrace_lift::world::lift;
use terrace_proof::reach::{Link, reach};
use terrace_proof::world::{Bound, UnknownId, When};

const TYPES: &[&str] = &[
    "aws_vpc",
    "aws_subnet",
    "aws_internet_gateway",
    "aws_route_table",
    "aws_route",
    "aws_route_table_association",
    "aws_nat_gateway",
    "aws_security_group",
    "aws_default_security_group",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_security_group_rule",
    "aws_network_acl",
    "aws_network_acl_rule",
    "aws_instance",
    "aws_network_interface",
    "aws_launch_template",
    "aws_autoscaling_group",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_ecs_service",
    "aws_db_instance",
    "aws_db_subnet_group",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_ec2_transit_gateway",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_cloudfront_distribution",
];

const ARGUMENTS: &[&str] = &[
    "vpc_id",
    "peer_vpc_id",
    "subnet_id",
    "subnet_ids",
    "subnets",
    "vpc_zone_identifier",
    "route_table_id",
    "route_table_ids",
    "gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "vpc_peering_connection_id",
    "transit_gateway_id",
    "network_acl_id",
    "cidr_block",
    "ipv6_cidr_block",
    "destination_cidr_block",
    "cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "security_groups",
    "vpc_security_group_ids",
    "security_group_id",
    "referenced_security_group_id",
    "source_security_group_id",
    "self",
    "type",
    "protocol",
    "ip_protocol",
    "from_port",
    "to_port",
    "port",
    "egress",
    "rule_number",
    "rule_action",
    "internal",
    "load_balancer_type",
    "load_balancer_arn",
    "listener_arn",
    "target_group_arn",
    "target_group_arns",
    "target_id",
    "target_type",
    "default_action",
    "action",
    "ingress",
    "route",
    "network_interface",
    "network_interfaces",
    "network_configuration",
    "launch_template",
    "id",
    "name",
    "associate_public_ip_address",
    "map_public_ip_on_launch",
    "source_dest_check",
    "db_subnet_group_name",
    "engine",
    "service_name",
    "vpc_endpoint_type",
    "origin",
    "domain_name",
];

const WORDS: &[&str] = &[
    "",
    "-1",
    "0",
    "22",
    "65536",
    "tcp",
    "6",
    "icmp",
    "300",
    "true",
    "false",
    "allow",
    "egress",
    "forward",
    "network",
    "Interface",
    "10.0.0.0/8",
    "10.0.1.0/24",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "10.0.0.0/33",
    "local",
    "subnet-1",
    "com.amazonaws.eu-west-1.s3",
    "postgres",
    "ip",
];

fn id() -> impl Strategy<Value = ItemId> {
    (prop::sample::select(TYPES), 0..3_u8)
        .prop_map(|(type_name, n)| ItemId::new(type_name, format!("{type_name}.x{n}")))
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        6 => (id(), prop::sample::select(&["id", "arn", "cidr_block", "private_ip", "default_security_group_id"][..]))
            .prop_map(|(id, attribute)| Reference::to_item(id, attribute)),
        1 => (0..3_u8).prop_map(|n| Reference::unknown(UnknownName::new(format!("var.v{n}")))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => reference().prop_map(|r| Value::Text(Text::from(r))),
        4 => prop::sample::select(WORDS).prop_map(|word| Value::Text(Text::from(word))),
        1 => prop::collection::vec(reference(), 0..3).prop_map(Value::Opaque),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let fields = prop::collection::vec((prop::sample::select(ARGUMENTS), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Value::List),
            prop::collection::vec(fields.prop_map(record), 0..3).prop_map(Value::Blocks),
        ]
    })
}

fn record(fields: Vec<(&'static str, Value)>) -> Record {
    let mut record = Record::new();
    fields.into_iter().for_each(|(name, value)| record.set(name, value));
    record
}

fn item() -> impl Strategy<Value = Item> {
    let fields = prop::collection::vec((prop::sample::select(ARGUMENTS), value()), 0..10);
    (id(), fields, any::<bool>()).prop_map(|(id, fields, sure)| {
        let mut item = Item::new(id, record(fields));
        if !sure {
            item.presence = Presence::Depends(BTreeSet::from([UnknownName::new("var.count")]));
        }
        item
    })
}

fn inventory() -> impl Strategy<Value = Inventory> {
    prop::collection::vec(item(), 0..24).prop_map(|items| {
        let mut all = Inventory::new();
        items.into_iter().for_each(|item| {
            all.insert(item);
        });
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_inventory_is_lifted(inventory in inventory()) {
        let lifted = lift(&inventory);
        prop_assert_eq!(lift(&inventory).describe(), lifted.describe());
        let world = &lifted.world;
        for interface in &world.interfaces {
            prop_assert!(lifted.site(interface.site).is_some());
            prop_assert!(lifted.subnet(interface.subnet).is_some());
            if let When::Perhaps(on) = &interface.when {
                prop_assert!(on.iter().all(|id: &UnknownId| lifted.unknown(*id).is_some()));
            }
        }
        for subnet in &world.subnets {
            prop_assert!((subnet.network.0 as usize) < world.networks.len());
            prop_assert!(subnet.table.is_none_or(|id| (id.0 as usize) < world.tables.len()));
            prop_assert!(subnet.acl.is_none_or(|id| (id.0 as usize) < world.acls.len()));
        }
        let least = reach(world, Bound::Least);
        let most = reach(world, Bound::Most);
        for link in least.links().filter(Link::converses) {
            let perhaps = most.link(link.from, link.to);
            prop_assert!(perhaps.is_some_and(|perhaps| perhaps.converses()), "{:?} {:?}", link.from, link.to);
            for id in link.rests().rules() {
                prop_assert!(lifted.rule(*id).is_some());
            }
        }
    }

    #[test]
    fn rules_of_a_group_that_nobody_carries_change_nothing(inventory in inventory()) {
        let id = ItemId::new("aws_security_group", "aws_security_group.nobody");
        let vpc = Value::Text(Text::from(Reference::to_item(ItemId::new("aws_vpc", "aws_vpc.x0"), "id")));
        let open = record(vec![
            ("protocol", Value::Text(Text::from("-1"))),
            ("cidr_blocks", Value::List(vec![Value::Text(Text::from("0.0.0.0/0"))])),
        ]);
        let mut group = record(vec![("vpc_id", vpc)]);
        let mut closed = inventory.clone();
        closed.insert(Item::new(id.clone(), group.clone()));
        group.set("ingress", Value::Blocks(vec![open]));
        let mut opened = inventory;
        opened.insert(Item::new(id, group));
        prop_assert_eq!(super::edges(&lift(&opened)), super::edges(&lift(&closed)));
    }
}
