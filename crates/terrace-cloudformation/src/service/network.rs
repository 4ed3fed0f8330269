//! VPCs and what lies in them. Security groups are in `groups`.

use terrace_aws::Value;

use crate::build::Build;
use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    model("AWS::EC2::VPC", "aws_vpc", "id", &[TAGS])
        .attributes(&[
            ("VpcId", "id"),
            ("DefaultSecurityGroup", "default_security_group_id"),
            ("DefaultNetworkAcl", "default_network_acl_id"),
            ("Ipv6CidrBlocks", "ipv6_cidr_block[one]"),
            ("CidrBlockAssociations", "cidr_block_association[]"),
        ])
        .repeated(&["CidrBlock"]),
    model("AWS::EC2::VPCCidrBlock", "aws_vpc_ipv4_cidr_block_association", "id", &[])
        .instead(&["AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock"], "AWS::EC2::VPCCidrBlock (IPv6)"),
    model(
        "AWS::EC2::VPCCidrBlock (IPv6)",
        "aws_vpc_ipv6_cidr_block_association",
        "id",
        &[Field("AmazonProvidedIpv6CidrBlock", "assign_generated_ipv6_cidr_block", How::Same)],
    ),
    model("AWS::EC2::Subnet", "aws_subnet", "id", &[TAGS])
        .attributes(&[("SubnetId", "id"), ("Ipv6CidrBlocks", "ipv6_cidr_block[one]")])
        .repeated(&["CidrBlock", "AvailabilityZone"]),
    model("AWS::EC2::SubnetCidrBlock", "aws_subnet_ipv6_cidr_block_association", "id", &[]),
    model("AWS::EC2::RouteTable", "aws_route_table", "id", &[TAGS]).attributes(&[("RouteTableId", "id")]),
    model(
        "AWS::EC2::Route",
        "aws_route",
        "id",
        &[
            Field("InstanceId", "instance_id", How::Same),
            Field("DestinationIpv6CidrBlock", "destination_ipv6_cidr_block", How::Same),
            Field("EgressOnlyInternetGatewayId", "egress_only_gateway_id", How::Same),
        ],
    ),
    model("AWS::EC2::SubnetRouteTableAssociation", "aws_route_table_association", "id", &[]),
    model("AWS::EC2::GatewayRouteTableAssociation", "aws_route_table_association", "id", &[]),
    model("AWS::EC2::InternetGateway", "aws_internet_gateway", "id", &[TAGS])
        .attributes(&[("InternetGatewayId", "id")]),
    // It is the gateway's `vpc_id`: `settle` puts it there.
    model("AWS::EC2::VPCGatewayAttachment", "aws_internet_gateway_attachment", "id", &[])
        .instead(&["VpnGatewayId"], "AWS::EC2::VPCGatewayAttachment (VPN)"),
    model("AWS::EC2::VPCGatewayAttachment (VPN)", "aws_vpn_gateway_attachment", "id", &[]),
    model("AWS::EC2::EgressOnlyInternetGateway", "aws_egress_only_internet_gateway", "id", &[TAGS]),
    model("AWS::EC2::NatGateway", "aws_nat_gateway", "id", &[TAGS]).attributes(&[("NatGatewayId", "id")]),
    model("AWS::EC2::EIP", "aws_eip", "public_ip", &[TAGS, Field("InstanceId", "instance", How::Same)])
        .attributes(&[("AllocationId", "id"), ("PublicIp", "public_ip")]),
    model("AWS::EC2::EIPAssociation", "aws_eip_association", "id", &[Field("EIP", "public_ip", How::Same)]),
    model("AWS::EC2::NetworkAcl", "aws_network_acl", "id", &[TAGS]).attributes(&[("Id", "id")]),
    model(
        "AWS::EC2::NetworkAclEntry",
        "aws_network_acl_rule",
        "id",
        &[
            Field(
                "PortRange",
                "",
                How::Lift(&[Field("From", "from_port", How::Same), Field("To", "to_port", How::Same)]),
            ),
            Field(
                "Icmp",
                "",
                How::Lift(&[Field("Code", "icmp_code", How::Same), Field("Type", "icmp_type", How::Same)]),
            ),
        ],
    )
    .shape(acl_entry),
    model("AWS::EC2::SubnetNetworkAclAssociation", "aws_network_acl_association", "id", &[]),
    model(
        "AWS::EC2::VPCEndpoint",
        "aws_vpc_endpoint",
        "id",
        &[
            TAGS,
            Field("PolicyDocument", "policy", How::Json),
            Field("RouteTableIds", "route_table_ids", How::List),
            Field("SubnetIds", "subnet_ids", How::List),
            Field("SecurityGroupIds", "security_group_ids", How::List),
        ],
    )
    .attributes(&[
        ("Id", "id"),
        ("DnsEntries", "dns_entry[]"),
        ("NetworkInterfaceIds", "network_interface_ids[]"),
    ]),
    model("AWS::EC2::VPCPeeringConnection", "aws_vpc_peering_connection", "id", &[TAGS])
        .attributes(&[("Id", "id")])
        .shape(peering),
    model("AWS::EC2::TransitGateway", "aws_ec2_transit_gateway", "id", &[TAGS]).attributes(&[("Id", "id")]),
    model(
        "AWS::EC2::TransitGatewayAttachment",
        "aws_ec2_transit_gateway_vpc_attachment",
        "id",
        &[TAGS, Field("Options", "", How::Lift(&[]))],
    )
    .attributes(&[("Id", "id")]),
    model(
        "AWS::EC2::TransitGatewayVpcAttachment",
        "aws_ec2_transit_gateway_vpc_attachment",
        "id",
        &[TAGS, Field("Options", "", How::Lift(&[]))],
    )
    .attributes(&[("Id", "id")]),
    model("AWS::EC2::TransitGatewayRouteTable", "aws_ec2_transit_gateway_route_table", "id", &[TAGS]),
    model("AWS::EC2::TransitGatewayRoute", "aws_ec2_transit_gateway_route", "id", &[]),
    model(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "aws_ec2_transit_gateway_route_table_association",
        "id",
        &[],
    ),
    model(
        "AWS::EC2::TransitGatewayRouteTablePropagation",
        "aws_ec2_transit_gateway_route_table_propagation",
        "id",
        &[],
    ),
    model(
        "AWS::EC2::PrefixList",
        "aws_ec2_managed_prefix_list",
        "id",
        &[TAGS, Field("PrefixListName", "name", How::Same), Field("Entries", "entry", How::Blocks(&[]))],
    )
    .attributes(&[("PrefixListId", "id")]),
    model("AWS::EC2::FlowLog", "aws_flow_log", "id", &[TAGS]).shape(flow_log),
    model("AWS::EC2::DHCPOptions", "aws_vpc_dhcp_options", "id", &[TAGS]),
    model("AWS::EC2::VPCDHCPOptionsAssociation", "aws_vpc_dhcp_options_association", "id", &[]),
    model("AWS::EC2::VPNGateway", "aws_vpn_gateway", "id", &[TAGS]).attributes(&[("VPNGatewayId", "id")]),
    model("AWS::EC2::CustomerGateway", "aws_customer_gateway", "id", &[TAGS]),
    model("AWS::EC2::VPNConnection", "aws_vpn_connection", "id", &[TAGS]),
    model("AWS::EC2::VPNGatewayRoutePropagation", "aws_vpn_gateway_route_propagation", "id", &[]),
];

/// Without a word for it an entry is about what comes in.
fn acl_entry(build: &mut Build<'_, '_>) {
    build.tell();
    if build.record.get("egress").is_none() {
        build.set("egress", Value::Bool(false));
    }
    build.add();
}

/// Within one account and region a peering accepts itself.
fn peering(build: &mut Build<'_, '_>) {
    let is_own =
        build.properties.get("PeerOwnerId").is_none() && build.properties.get("PeerRegion").is_none();
    build.tell();
    if is_own {
        build.set("auto_accept", Value::Bool(true));
    }
    build.add();
}

fn flow_log(build: &mut Build<'_, '_>) {
    let kind = build.take("ResourceType").and_then(|kind| kind.literal());
    let argument = match kind.as_deref() {
        Some("Subnet") => "subnet_id",
        Some("NetworkInterface") => "eni_id",
        Some("TransitGateway") => "transit_gateway_id",
        _ => "vpc_id",
    };
    if let Some(resource) = build.take("ResourceId") {
        build.argument(argument, resource, How::Same);
    }
    if let Some(role) = build.take("DeliverLogsPermissionArn") {
        build.argument("iam_role_arn", role, How::Same);
    }
    build.finish();
}
