//! VPCs, subnets, route tables, gateways, endpoints, prefix lists, peering. Amazon EC2 API Reference, 2016-11-15.

use super::Items;
use super::fields::{Fields, tags};
use crate::asking::Account;
use terrace_account::Xml;
use terrace_account::service::EC2;

/// The version of the interface.
pub(super) const VERSION: &str = "2016-11-15";
const TOKEN: (&str, &str) = ("nextToken", "NextToken");

/// All items of one of EC2's lists.
pub(super) async fn all(account: &Account, action: &str, list: &str) -> Vec<Xml> {
    all_with(account, action, list, &[]).await
}

/// The same, with fields.
pub(super) async fn all_with(
    account: &Account,
    action: &str,
    list: &str,
    fields: &[(&str, &str)],
) -> Vec<Xml> {
    let pages = account.pages(EC2, VERSION, action, fields, TOKEN).await;
    pages.iter().flat_map(|page| page.list(list).cloned()).collect()
}

pub(super) async fn read(account: &Account) -> Items {
    let (vpcs, subnets, tables, doors, egress_only) = tokio::join!(
        all(account, "DescribeVpcs", "vpcSet"),
        all(account, "DescribeSubnets", "subnetSet"),
        all(account, "DescribeRouteTables", "routeTableSet"),
        all(account, "DescribeInternetGateways", "internetGatewaySet"),
        all(account, "DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet"),
    );
    let (nats, endpoints, peerings, lists, transit, private) = tokio::join!(
        all(account, "DescribeNatGateways", "natGatewaySet"),
        all(account, "DescribeVpcEndpoints", "vpcEndpointSet"),
        all(account, "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet"),
        all(account, "DescribeManagedPrefixLists", "prefixListSet"),
        all(account, "DescribeTransitGatewayVpcAttachments", "transitGatewayVpcAttachments"),
        all(account, "DescribeVpnGateways", "vpnGatewaySet"),
    );
    let mut items: Items = vpcs.iter().map(vpc).collect();
    items.extend(subnets.iter().map(subnet));
    tables.iter().for_each(|one| table(one, &mut items));
    items.extend(doors.iter().map(|one| {
        let fields = Fields::new().words(one, &[("id", "internetGatewayId")]);
        let vpc = one.list("attachmentSet").find_map(|to| to.word("vpcId"));
        fields
            .text("vpc_id", vpc)
            .tags(tags(one, "tagSet"))
            .item("aws_internet_gateway", id(one, "internetGatewayId"))
    }));
    items.extend(egress_only.iter().map(|one| {
        let fields = Fields::new().words(one, &[("id", "egressOnlyInternetGatewayId")]);
        let vpc = one.list("attachmentSet").find_map(|to| to.word("vpcId"));
        let name = id(one, "egressOnlyInternetGatewayId");
        fields.text("vpc_id", vpc).tags(tags(one, "tagSet")).item("aws_egress_only_internet_gateway", name)
    }));
    items.extend(nats.iter().filter(|one| !is_gone(one, "state")).map(nat));
    items.extend(endpoints.iter().filter(|one| !is_gone(one, "state")).map(endpoint));
    items.extend(peerings.iter().map(peering));
    for one in &lists {
        let entries = match one.word("prefixListId") {
            Some(list) => {
                let fields = [("PrefixListId", list)];
                all_with(account, "GetManagedPrefixListEntries", "entrySet", &fields).await
            }
            None => Vec::new(),
        };
        items.push(prefix_list(one, &entries));
    }
    items.extend(transit.iter().map(|one| {
        let fields = Fields::new()
            .words(
                one,
                &[
                    ("id", "transitGatewayAttachmentId"),
                    ("transit_gateway_id", "transitGatewayId"),
                    ("vpc_id", "vpcId"),
                ],
            )
            .texts("subnet_ids", one.words("subnetIds"));
        fields
            .tags(tags(one, "tagSet"))
            .item("aws_ec2_transit_gateway_vpc_attachment", id(one, "transitGatewayAttachmentId"))
    }));
    items.extend(private.iter().filter(|one| !is_gone(one, "state")).map(|one| {
        let vpc = one.list("attachments").find_map(|to| to.word("vpcId"));
        let fields = Fields::new().words(one, &[("id", "vpnGatewayId")]).text("vpc_id", vpc);
        fields.tags(tags(one, "tagSet")).item("aws_vpn_gateway", id(one, "vpnGatewayId"))
    }));
    items
}

pub(super) fn id(of: &Xml, name: &str) -> String {
    of.word(name).unwrap_or_default().to_owned()
}

fn is_gone(one: &Xml, state: &str) -> bool {
    one.word(state)
        .is_some_and(|state| matches!(state, "deleted" | "deleting" | "failed" | "Deleted" | "Deleting"))
}

fn vpc(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let six = one.list("ipv6CidrBlockAssociationSet").find_map(|block| block.word("ipv6CidrBlock"));
    Fields::new()
        .words(one, &[("id", "vpcId"), ("cidr_block", "cidrBlock"), ("instance_tenancy", "instanceTenancy")])
        .text("ipv6_cidr_block", six)
        .tags(tags(one, "tagSet"))
        .item("aws_vpc", id(one, "vpcId"))
}

fn subnet(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let six = one.list("ipv6CidrBlockAssociationSet").find_map(|block| block.word("ipv6CidrBlock"));
    Fields::new()
        .words(
            one,
            &[
                ("id", "subnetId"),
                ("arn", "subnetArn"),
                ("vpc_id", "vpcId"),
                ("cidr_block", "cidrBlock"),
                ("availability_zone", "availabilityZone"),
            ],
        )
        .truths(
            one,
            &[
                ("map_public_ip_on_launch", "mapPublicIpOnLaunch"),
                ("assign_ipv6_address_on_creation", "assignIpv6AddressOnCreation"),
            ],
        )
        .text("ipv6_cidr_block", six)
        .tags(tags(one, "tagSet"))
        .item("aws_subnet", id(one, "subnetId"))
}

/// A route table, with the associations beside it as items of their own.
fn table(one: &Xml, items: &mut Items) {
    let name = id(one, "routeTableId");
    let routes = one.list("routeSet").filter_map(route).collect();
    let announced: Vec<String> =
        one.list("propagatingVgwSet").filter_map(|from| from.word("gatewayId")).map(str::to_owned).collect();
    let fields = Fields::new()
        .words(one, &[("id", "routeTableId"), ("vpc_id", "vpcId")])
        .blocks("route", routes)
        .texts("propagating_vgws", announced);
    items.push(fields.tags(tags(one, "tagSet")).item("aws_route_table", name.clone()));
    for to in one.list("associationSet") {
        let association = id(to, "routeTableAssociationId");
        let fields =
            Fields::new().text("id", Some(association.clone())).text("route_table_id", Some(name.clone()));
        if to.is("main") {
            let fields = fields.words(one, &[("vpc_id", "vpcId")]);
            items.push(fields.item("aws_main_route_table_association", association));
        } else {
            let fields = fields.words(to, &[("subnet_id", "subnetId"), ("gateway_id", "gatewayId")]);
            items.push(fields.item("aws_route_table_association", association));
        }
    }
}

fn route(one: &Xml) -> Option<Fields> {
    let gateway = one.word("gatewayId");
    // The local route is in every table; a gateway endpoint's routes are told by the endpoint.
    let own = gateway == Some("local");
    let of_endpoint =
        gateway.is_some_and(|to| to.starts_with("vpce-")) && one.word("destinationPrefixListId").is_some();
    if own || of_endpoint || one.word("origin") == Some("EnableVgwRoutePropagation") {
        return None;
    }
    let balanced = gateway.filter(|to| to.starts_with("vpce-"));
    Some(
        Fields::new()
            .words(
                one,
                &[
                    ("cidr_block", "destinationCidrBlock"),
                    ("ipv6_cidr_block", "destinationIpv6CidrBlock"),
                    ("destination_prefix_list_id", "destinationPrefixListId"),
                    ("nat_gateway_id", "natGatewayId"),
                    ("egress_only_gateway_id", "egressOnlyInternetGatewayId"),
                    ("transit_gateway_id", "transitGatewayId"),
                    ("vpc_peering_connection_id", "vpcPeeringConnectionId"),
                    ("network_interface_id", "networkInterfaceId"),
                    ("local_gateway_id", "localGatewayId"),
                    ("carrier_gateway_id", "carrierGatewayId"),
                    ("core_network_arn", "coreNetworkArn"),
                ],
            )
            .text("gateway_id", gateway.filter(|_| balanced.is_none()))
            .text("vpc_endpoint_id", balanced),
    )
}

fn nat(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let address = |name: &str| one.list("natGatewayAddressSet").find_map(|address| address.word(name));
    Fields::new()
        .words(
            one,
            &[
                ("id", "natGatewayId"),
                ("subnet_id", "subnetId"),
                ("vpc_id", "vpcId"),
                ("connectivity_type", "connectivityType"),
            ],
        )
        .text("allocation_id", address("allocationId"))
        .text("network_interface_id", address("networkInterfaceId"))
        .text("private_ip", address("privateIp"))
        .text("public_ip", address("publicIp"))
        .tags(tags(one, "tagSet"))
        .item("aws_nat_gateway", id(one, "natGatewayId"))
}

fn endpoint(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let groups: Vec<String> =
        one.list("groupSet").filter_map(|group| group.word("groupId")).map(str::to_owned).collect();
    Fields::new()
        .words(
            one,
            &[
                ("id", "vpcEndpointId"),
                ("vpc_id", "vpcId"),
                ("service_name", "serviceName"),
                ("vpc_endpoint_type", "vpcEndpointType"),
            ],
        )
        .truths(one, &[("private_dns_enabled", "privateDnsEnabled")])
        .policy("policy", one.word("policyDocument"))
        .texts("subnet_ids", one.words("subnetIdSet"))
        .texts("route_table_ids", one.words("routeTableIdSet"))
        .texts("security_group_ids", groups)
        .tags(tags(one, "tagSet"))
        .item("aws_vpc_endpoint", id(one, "vpcEndpointId"))
}

fn peering(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let of = |side: &str, name: &str| one.at(&[side]).and_then(|side| side.word(name)).map(str::to_owned);
    Fields::new()
        .words(one, &[("id", "vpcPeeringConnectionId")])
        .text("vpc_id", of("requesterVpcInfo", "vpcId"))
        .text("peer_vpc_id", of("accepterVpcInfo", "vpcId"))
        .text("peer_owner_id", of("accepterVpcInfo", "ownerId"))
        .text("peer_region", of("accepterVpcInfo", "region"))
        .text("accept_status", one.at(&["status"]).and_then(|status| status.word("code")))
        .tags(tags(one, "tagSet"))
        .item("aws_vpc_peering_connection", id(one, "vpcPeeringConnectionId"))
}

fn prefix_list(one: &Xml, entries: &[Xml]) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let entries = entries
        .iter()
        .map(|entry| Fields::new().words(entry, &[("cidr", "cidr"), ("description", "description")]));
    Fields::new()
        .words(
            one,
            &[
                ("id", "prefixListId"),
                ("arn", "prefixListArn"),
                ("name", "prefixListName"),
                ("address_family", "addressFamily"),
                ("owner_id", "ownerId"),
            ],
        )
        .blocks("entry", entries.collect())
        .tags(tags(one, "tagSet"))
        .item("aws_ec2_managed_prefix_list", id(one, "prefixListId"))
}
