//! Instances, network interfaces, addresses, flow logs.

use std::collections::BTreeMap;

use super::Items;
use super::fields::{Fields, decoded, tags};
use super::network::{VERSION, all, id};
use crate::asking::Account;
use crate::many::all as side_by_side;
use terrace_account::service::EC2;
use terrace_account::{Call, Xml};

pub(super) async fn read(account: &Account) -> Items {
    let (reservations, interfaces, addresses, volumes, logs) = tokio::join!(
        all(account, "DescribeInstances", "reservationSet"),
        all(account, "DescribeNetworkInterfaces", "networkInterfaceSet"),
        all(account, "DescribeAddresses", "addressesSet"),
        all(account, "DescribeVolumes", "volumeSet"),
        all(account, "DescribeFlowLogs", "flowLogSet"),
    );
    let encrypted: BTreeMap<&str, bool> =
        volumes.iter().filter_map(|one| Some((one.word("volumeId")?, one.is("encrypted")))).collect();
    let there = |one: &&Xml| {
        let state = one.at(&["instanceState"]).and_then(|state| state.word("name"));
        !matches!(state, Some("terminated" | "shutting-down"))
    };
    let instances: Vec<&Xml> =
        reservations.iter().flat_map(|reservation| reservation.list("instancesSet")).filter(there).collect();
    let scripts = side_by_side(instances.iter().map(|one| script(account, one)).collect()).await;
    let mut items: Items = instances
        .iter()
        .zip(&scripts)
        .map(|(one, script)| instance(one, script.as_deref(), &encrypted))
        .collect();
    // What AWS manages belongs to a balancer, a database, …; an instance's first one is told with it.
    let own = |one: &&Xml| {
        let first = one
            .at(&["attachment"])
            .is_some_and(|to| to.word("instanceId").is_some() && to.word("deviceIndex") == Some("0"));
        !one.is("requesterManaged") && !first
    };
    items.extend(interfaces.iter().filter(own).map(interface));
    items.extend(addresses.iter().map(|one| {
        let name = one.word("allocationId").or_else(|| one.word("publicIp")).unwrap_or_default();
        Fields::new()
            .words(
                one,
                &[
                    ("id", "allocationId"),
                    ("domain", "domain"),
                    ("public_ip", "publicIp"),
                    ("instance", "instanceId"),
                ],
            )
            .text(
                "network_interface",
                one.word("networkInterfaceId").filter(|_| one.word("instanceId").is_none()),
            )
            .tags(tags(one, "tagSet"))
            .item("aws_eip", name)
    }));
    items.extend(logs.iter().map(flow_log));
    items
}

/// What an instance is told to do at its start, in base64.
async fn script(account: &Account, one: &Xml) -> Option<String> {
    let call = Call::query(EC2, VERSION, "DescribeInstanceAttribute")
        .with("InstanceId", one.word("instanceId").unwrap_or_default())
        .with("Attribute", "userData");
    Some(account.seek(&call).await?.find("userData")?.word("value")?.to_owned())
}

fn instance(
    one: &Xml,
    script: Option<&str>,
    encrypted: &BTreeMap<&str, bool>,
) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let groups: Vec<String> =
        one.list("groupSet").filter_map(|group| group.word("groupId")).map(str::to_owned).collect();
    let profile = one.at(&["iamInstanceProfile"]).and_then(|profile| profile.word("arn"));
    let root = one.word("rootDeviceName");
    let disk = |of_root: bool| {
        let disks =
            one.list("blockDeviceMapping").filter(move |disk| (disk.word("deviceName") == root) == of_root);
        disks
            .map(|disk| {
                let volume = disk.at(&["ebs"]).and_then(|disk| disk.word("volumeId"));
                Fields::new()
                    .words(disk, &[("device_name", "deviceName")])
                    .text("volume_id", volume)
                    .truth("encrypted", volume.and_then(|volume| encrypted.get(volume)).copied())
            })
            .collect::<Vec<_>>()
    };
    let metadata = one.get("metadataOptions").map(metadata);
    let six = one
        .list("networkInterfaceSet")
        .flat_map(|interface| interface.list("ipv6AddressesSet"))
        .filter_map(|address| address.word("ipv6Address"))
        .map(str::to_owned)
        .collect();
    let fields = Fields::new()
        .words(
            one,
            &[
                ("id", "instanceId"),
                ("ami", "imageId"),
                ("instance_type", "instanceType"),
                ("subnet_id", "subnetId"),
                ("private_ip", "privateIpAddress"),
                ("public_ip", "ipAddress"),
                ("key_name", "keyName"),
            ],
        )
        .truth("associate_public_ip_address", Some(one.word("ipAddress").is_some()))
        .truths(one, &[("source_dest_check", "sourceDestCheck")])
        .texts("vpc_security_group_ids", groups)
        .texts("ipv6_addresses", six)
        .named("iam_instance_profile", "aws_iam_instance_profile", profile.and_then(last), "name")
        .text("user_data", script.and_then(decoded))
        .blocks("root_block_device", disk(true))
        .blocks("ebs_block_device", disk(false));
    let fields = match metadata {
        Some(metadata) if !metadata.is_empty() => fields.block("metadata_options", metadata),
        _ => fields,
    };
    fields.tags(tags(one, "tagSet")).item("aws_instance", id(one, "instanceId"))
}

/// The name at the end of an ARN.
pub(super) fn last(arn: &str) -> Option<&str> {
    arn.rsplit('/').next()
}

/// How instances may ask for their metadata.
pub(super) fn metadata(one: &Xml) -> Fields {
    Fields::new()
        .words(
            one,
            &[
                ("http_tokens", "httpTokens"),
                ("http_endpoint", "httpEndpoint"),
                ("http_protocol_ipv6", "httpProtocolIpv6"),
            ],
        )
        .numbers(one, &[("http_put_response_hop_limit", "httpPutResponseHopLimit")])
}

fn interface(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let of = |list: &str, name: &str| -> Vec<String> {
        one.list(list).filter_map(|item| item.word(name)).map(str::to_owned).collect()
    };
    let to = one.at(&["attachment"]).filter(|to| to.word("instanceId").is_some());
    let attachment = to.map(|to| {
        Fields::new()
            .words(to, &[("instance", "instanceId"), ("attachment_id", "attachmentId")])
            .numbers(to, &[("device_index", "deviceIndex")])
    });
    Fields::new()
        .words(
            one,
            &[
                ("id", "networkInterfaceId"),
                ("subnet_id", "subnetId"),
                ("vpc_id", "vpcId"),
                ("description", "description"),
                ("interface_type", "interfaceType"),
                ("private_ip", "privateIpAddress"),
            ],
        )
        .text("public_ip", one.at(&["association"]).and_then(|address| address.word("publicIp")))
        .truths(one, &[("source_dest_check", "sourceDestCheck")])
        .texts("security_groups", of("groupSet", "groupId"))
        .texts("private_ips", of("privateIpAddressesSet", "privateIpAddress"))
        .texts("ipv6_addresses", of("ipv6AddressesSet", "ipv6Address"))
        .blocks("attachment", attachment.into_iter().collect())
        .tags(tags(one, "tagSet"))
        .item("aws_network_interface", id(one, "networkInterfaceId"))
}

fn flow_log(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let of = one.word("resourceId").unwrap_or_default();
    let argument = match of.split('-').next() {
        Some("subnet") => "subnet_id",
        Some("eni") => "eni_id",
        Some("tgw") => "transit_gateway_id",
        _ => "vpc_id",
    };
    Fields::new()
        .words(
            one,
            &[
                ("id", "flowLogId"),
                ("traffic_type", "trafficType"),
                ("log_destination_type", "logDestinationType"),
                ("log_destination", "logDestination"),
                ("log_group_name", "logGroupName"),
                ("iam_role_arn", "deliverLogsPermissionArn"),
            ],
        )
        .text(argument, Some(of))
        .tags(tags(one, "tagSet"))
        .item("aws_flow_log", id(one, "flowLogId"))
}
