//! Security groups and network ACLs.

use super::Items;
use super::fields::{Fields, tags};
use super::network::{all, id};
use crate::asking::Account;
use terrace_account::Xml;

pub(super) async fn read(account: &Account) -> Items {
    let (groups, lists) = tokio::join!(
        all(account, "DescribeSecurityGroups", "securityGroupInfo"),
        all(account, "DescribeNetworkAcls", "networkAclSet"),
    );
    groups.iter().map(group).chain(lists.iter().map(list)).collect()
}

fn group(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let own = id(one, "groupId");
    let rules = |name: &str| one.list(name).map(|rule| permission(rule, &own)).collect();
    // Every VPC has one of this name, which guards whatever has no other.
    let type_name = if one.word("groupName") == Some("default") {
        "aws_default_security_group"
    } else {
        "aws_security_group"
    };
    Fields::new()
        .words(
            one,
            &[
                ("id", "groupId"),
                ("arn", "securityGroupArn"),
                ("name", "groupName"),
                ("description", "groupDescription"),
                ("vpc_id", "vpcId"),
            ],
        )
        .blocks("ingress", rules("ipPermissions"))
        .blocks("egress", rules("ipPermissionsEgress"))
        .tags(tags(one, "tagSet"))
        .item(type_name, own)
}

/// One permission: a protocol and ports, and everyone to whom they are open.
fn permission(one: &Xml, own: &str) -> Fields {
    let protocol = one.word("ipProtocol").unwrap_or("-1");
    let port = |name: &str| one.word(name).and_then(|port| port.parse().ok()).unwrap_or(0);
    let of = |list: &str, name: &str| -> Vec<String> {
        one.list(list).filter_map(|item| item.word(name)).map(str::to_owned).collect()
    };
    let mut groups = of("groups", "groupId");
    let whole = groups.len();
    groups.retain(|group| group != own);
    let descriptions = ["ipRanges", "ipv6Ranges", "prefixListIds", "groups"]
        .iter()
        .find_map(|list| of(list, "description").pop());
    Fields::new()
        .text("protocol", Some(protocol))
        .number("from_port", Some(port("fromPort")))
        .number("to_port", Some(port("toPort")))
        .texts("cidr_blocks", of("ipRanges", "cidrIp"))
        .texts("ipv6_cidr_blocks", of("ipv6Ranges", "cidrIpv6"))
        .texts("prefix_list_ids", of("prefixListIds", "prefixListId"))
        .truth("self", (groups.len() < whole).then_some(true))
        .texts("security_groups", groups)
        .text("description", descriptions)
}

fn list(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let entries = |egress: bool| {
        let way = one.list("entrySet").filter(|entry| entry.is("egress") == egress);
        // The last entry, which denies the rest, is in every list and has no number that could be given.
        way.filter(|entry| entry.word("ruleNumber") != Some("32767")).map(entry).collect()
    };
    let subnets =
        one.list("associationSet").filter_map(|to| to.word("subnetId")).map(str::to_owned).collect();
    let is_default = one.is("default");
    Fields::new()
        .words(one, &[("id", "networkAclId"), ("vpc_id", "vpcId")])
        .text("default_network_acl_id", one.word("networkAclId").filter(|_| is_default))
        .texts("subnet_ids", subnets)
        .blocks("ingress", entries(false))
        .blocks("egress", entries(true))
        .tags(tags(one, "tagSet"))
        .item(if is_default { "aws_default_network_acl" } else { "aws_network_acl" }, id(one, "networkAclId"))
}

fn entry(one: &Xml) -> Fields {
    let part = |block: &str, name: &str| one.at(&[block]).and_then(|block| block.word(name)?.parse().ok());
    Fields::new()
        .numbers(one, &[("rule_no", "ruleNumber")])
        .words(
            one,
            &[
                ("action", "ruleAction"),
                ("protocol", "protocol"),
                ("cidr_block", "cidrBlock"),
                ("ipv6_cidr_block", "ipv6CidrBlock"),
            ],
        )
        .number("from_port", Some(part("portRange", "from").unwrap_or(0)))
        .number("to_port", Some(part("portRange", "to").unwrap_or(0)))
        .number("icmp_type", part("icmpTypeCode", "type"))
        .number("icmp_code", part("icmpTypeCode", "code"))
}
