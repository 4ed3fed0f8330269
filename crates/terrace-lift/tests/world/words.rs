//! Where rules say they come from, and designs that name things by their ids as states and accounts do.

use insta::assert_snapshot;
use terrace_aws::inventory::{Inventory, Item, ItemId, Tree};
use terrace_aws::{Record, Text, Value};
use terrace_lift::world::{Lifted, lift};

use super::edges;

fn said(lifted: &Lifted) -> String {
    let lines = lifted.rules.iter().map(|rule| {
        let place = rule.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place} {} [{}] {}", rule.item, rule.path, rule.says)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn rules_know_their_lines() {
    let mut tree = Tree::new();
    tree.insert(
        "main.tf",
        r#"resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = var.nat
  }
}

variable "nat" {}

resource "aws_security_group" "db" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.db.id]
    cidr_blocks = [
      "10.0.0.0/16",
      "192.0.2.0/24",
    ]
  }
}
"#,
    );
    let found = terrace_terraform::found::folder(&tree, "", &Default::default()).unwrap();
    assert_snapshot!(said(&lift(&found)), @"
    main.tf:5 aws_route_table.main [] the local route to 10.0.0.0/16
    main.tf:7 aws_route_table.main [route[0]] route 0.0.0.0/0 to var.nat
    main.tf:22 aws_security_group.db [ingress[0].cidr_blocks[0]] ingress tcp 5432 from 10.0.0.0/16
    main.tf:22 aws_security_group.db [ingress[0].cidr_blocks[1]] ingress tcp 5432 from 192.0.2.0/24
    main.tf:21 aws_security_group.db [ingress[0].security_groups] ingress tcp 5432 from aws_security_group.db
    ");
}

fn text(word: &str) -> Value {
    Value::Text(Text::from(word))
}

fn list(words: &[&str]) -> Value {
    Value::List(words.iter().map(|word| text(word)).collect())
}

fn add(to: &mut Inventory, type_name: &str, name: &str, arguments: &[(&str, Value)]) {
    let mut record = Record::new();
    arguments.iter().for_each(|(name, value)| record.set(name, value.clone()));
    to.insert(Item::new(ItemId::new(type_name, name), record));
}

/// An account's network, in which everything is named by its id.
fn account() -> Inventory {
    let mut all = Inventory::new();
    add(
        &mut all,
        "aws_vpc",
        "vpc-1",
        &[
            ("id", text("vpc-1")),
            ("cidr_block", text("10.0.0.0/16")),
            ("main_route_table_id", text("rtb-1")),
            ("default_security_group_id", text("sg-default")),
        ],
    );
    add(&mut all, "aws_internet_gateway", "igw-1", &[("id", text("igw-1")), ("vpc_id", text("vpc-1"))]);
    let subnet = [
        ("id", text("subnet-1")),
        ("vpc_id", text("vpc-1")),
        ("cidr_block", text("10.0.1.0/24")),
        ("ipv6_cidr_block", text("")),
        ("map_public_ip_on_launch", text("true")),
    ];
    add(&mut all, "aws_subnet", "subnet-1", &subnet);
    let route = [
        ("route_table_id", text("rtb-1")),
        ("destination_cidr_block", text("0.0.0.0/0")),
        ("gateway_id", text("igw-1")),
    ];
    add(&mut all, "aws_route", "rtb-1_0.0.0.0/0", &route);
    let rule = [
        ("security_group_id", text("sg-default")),
        ("ip_protocol", text("tcp")),
        ("from_port", text("22")),
        ("to_port", text("22")),
        ("cidr_ipv4", text("0.0.0.0/0")),
    ];
    add(&mut all, "aws_vpc_security_group_ingress_rule", "sgr-1", &rule);
    let machine = [("subnet_id", text("subnet-1")), ("vpc_security_group_ids", list(&["sg-default"]))];
    add(&mut all, "aws_instance", "i-1", &machine);
    // Another network's group, which nothing here tells of.
    let stranger = [("subnet_id", text("subnet-1")), ("vpc_security_group_ids", list(&["sg-elsewhere"]))];
    add(&mut all, "aws_instance", "i-2", &stranger);
    all
}

#[test]
fn ids_name_what_they_are_the_ids_of() {
    let lifted = lift(&account());
    let told = format!("{}\n{}", lifted.describe(), edges(&lifted).join("\n"));
    assert_snapshot!(told, @"
    network vpc-1: 10.0.0.0/16
      internet gateway igw-1
    subnet subnet-1: 10.0.1.0/24 in vpc-1, main table of vpc-1
    table main table of vpc-1
      10.0.0.0/16 local
      0.0.0.0/0 internet
    group default group of vpc-1
      in all traffic default group of vpc-1
      in tcp 22 0.0.0.0/0
      out all traffic everywhere
    group sg-elsewhere
      in all traffic everywhere [perhaps: sg-elsewhere]
      out all traffic everywhere [perhaps: sg-elsewhere]
    site i-1: instance
      subnet-1 10.0.1.4-10.0.1.254 with default group of vpc-1, public
    site i-2: instance
      subnet-1 10.0.1.4-10.0.1.254 with sg-elsewhere, public

    i-1 -> i-1: all
    i-1 -> internet: all
    internet -> i-1: tcp 22
    perhaps i-1 -> i-2: all
    perhaps i-2 -> i-1: tcp 22
    perhaps i-2 -> i-2: all
    perhaps i-2 -> internet: all
    perhaps internet -> i-2: all
    ");
}

#[test]
fn linked_ids_are_the_same() {
    let mut linked = account();
    linked.link();
    assert_eq!(lift(&linked).describe(), lift(&account()).describe());
}
