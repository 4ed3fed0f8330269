//! Security groups and their rules.
//!
//! AWS gives a group without egress rules one that lets everything out; Terraform takes that one away. So it is written
//! out here, and `settle` takes it away where the template has egress rules of their own for the group.

use terrace_aws::inventory::Place;
use terrace_aws::{Record, Text, Value};

use crate::build::Build;
use crate::convert::Converter;
use crate::datum::{Content, Datum, alternatives};
use crate::model::{Field, How, Model, TAGS, model};

/// The argument by which `settle` knows an egress rule that AWS adds.
pub(super) const ADDED: &str = "AWS adds this rule where a template has none";

/// A rule as an item of its own.
const RULE: &[Field] = &[
    TAGS,
    Field("GroupId", "security_group_id", How::Same),
    Field("CidrIp", "cidr_ipv4", How::Same),
    Field("CidrIpv6", "cidr_ipv6", How::Same),
    Field("SourceSecurityGroupId", "referenced_security_group_id", How::Same),
    Field("DestinationSecurityGroupId", "referenced_security_group_id", How::Same),
    Field("SourcePrefixListId", "prefix_list_id", How::Same),
    Field("DestinationPrefixListId", "prefix_list_id", How::Same),
    Field("SourceSecurityGroupOwnerId", "", How::Drop),
];

/// A rule inside of its group.
const INLINE: &[Field] = &[
    Field("IpProtocol", "protocol", How::Same),
    Field("CidrIp", "cidr_blocks", How::Only),
    Field("CidrIpv6", "ipv6_cidr_blocks", How::Only),
    Field("SourceSecurityGroupId", "security_groups", How::Only),
    Field("SourceSecurityGroupName", "security_groups", How::Only),
    Field("DestinationSecurityGroupId", "security_groups", How::Only),
    Field("SourcePrefixListId", "prefix_list_ids", How::Only),
    Field("DestinationPrefixListId", "prefix_list_ids", How::Only),
    Field("SourceSecurityGroupOwnerId", "", How::Drop),
];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::EC2::SecurityGroup",
        "aws_security_group",
        "id",
        &[TAGS, Field("GroupName", "name", How::Same), Field("GroupDescription", "description", How::Same)],
    )
    .attributes(&[("GroupId", "id"), ("Id", "id"), ("GroupName", "name")])
    .shape(group),
    model("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule", "id", RULE).shape(rule),
    model("AWS::EC2::SecurityGroupEgress", "aws_vpc_security_group_egress_rule", "id", RULE).shape(rule),
];

fn group(build: &mut Build<'_, '_>) {
    let ingress = build.take("SecurityGroupIngress");
    let egress = build.take("SecurityGroupEgress");
    build.tell();
    rules(build, ingress, "ingress");
    let has_egress = rules(build, egress, "egress");
    if !has_egress {
        let mut everything = Record::new();
        everything.set("description", Value::Text(Text::from(ADDED)));
        everything.set("protocol", Value::Text(Text::from("-1")));
        everything.set("from_port", Value::Int(0));
        everything.set("to_port", Value::Int(0));
        everything.set("cidr_blocks", Value::List(vec![Value::Text(Text::from("0.0.0.0/0"))]));
        build.set("egress", Value::Blocks(vec![everything]));
        build.converter.places.set("egress", Place::new(build.scope.file, build.at.line));
    }
    build.add();
}

/// Tells rules that stand in a group; gives whether there are any. A rule that depends on a condition becomes an item of
/// its own, so that the others stay certain.
fn rules(build: &mut Build<'_, '_>, rules: Option<Datum>, argument: &str) -> bool {
    let Some(rules) = rules else { return false };
    let line = rules.line;
    let (certain, open): (Vec<_>, Vec<_>) =
        alternatives(Some(rules)).into_iter().partition(|(names, _)| names.is_empty());
    let certain: Vec<Datum> = certain.into_iter().map(|(_, rule)| rule).collect();
    let any = !certain.is_empty() || !open.is_empty();
    let is_told = certain.iter().all(|rule| matches!(rule.content, Content::Map(_)));
    if !is_told {
        let list = Datum::new(line, Content::List(certain));
        build.argument(argument, list, How::Blocks(INLINE));
    } else if !certain.is_empty() {
        build.converter.places.set(argument, Place::new(build.scope.file, line));
        let mut blocks = Vec::new();
        for (index, rule) in certain.into_iter().enumerate() {
            let path = format!("{argument}[{index}]");
            build.converter.places.set(path.clone(), Place::new(build.scope.file, rule.line));
            blocks.push(inline(&mut build.converter, rule, &format!("{path}.")));
        }
        build.set(argument, Value::Blocks(blocks));
    }
    let type_name = format!("aws_vpc_security_group_{argument}_rule");
    for (index, (names, rule)) in open.into_iter().enumerate() {
        let group = ("security_group_id", Value::Text(Text::from(build.own("id"))));
        build.beside(&type_name, &format!("{argument}[{index}]"), rule, RULE, vec![group], &names);
    }
    any
}

/// One rule; all protocols have all ports.
fn inline(converter: &mut Converter<'_>, rule: Datum, path: &str) -> Record {
    let mut record = converter.record(rule, INLINE, path);
    let protocol = match record.get("protocol") {
        Some(Value::Text(text)) => text.literal().map(str::to_owned),
        Some(Value::Int(number)) => Some(number.to_string()),
        _ => None,
    };
    if protocol.as_deref() == Some("-1") {
        record.set("from_port", Value::Int(0));
        record.set("to_port", Value::Int(0));
    }
    record
}

/// A rule of its own names the group by id, or by name in a network without VPCs.
fn rule(build: &mut Build<'_, '_>) {
    if let Some(name) = build.take("GroupName") {
        build.argument("security_group_id", name, How::Same);
    }
    if let Some(name) = build.take("SourceSecurityGroupName") {
        build.argument("referenced_security_group_id", name, How::Same);
    }
    build.finish();
}
