//! The network: blocks, routes, ways out, security groups and their rules.

use std::collections::BTreeMap;

use terrace_net::{Ipv4Block, Port};

use crate::define::{resource, words};
use crate::{Arn, PolicyDocument, Ref, Text};

/// Tags by key.
pub type Tags = BTreeMap<String, Text>;

words! {
    /// Which protocol a rule is about.
    RuleProtocol {
        Tcp = "tcp",
        Udp = "udp",
        Icmp = "icmp",
        All = "-1",
    }
    /// How an endpoint is reached.
    EndpointType {
        Gateway = "Gateway",
        Interface = "Interface",
    }
    /// Which traffic a flow log keeps.
    TrafficType {
        Accept = "ACCEPT",
        Reject = "REJECT",
        All = "ALL",
    }
    /// Where an address is used.
    AddressDomain {
        Vpc = "vpc",
    }
}

resource! {
    /// A virtual network.
    Vpc(Managed "aws_vpc") {
        cidr_block: Ipv4Block,
        enable_dns_support: bool,
        enable_dns_hostnames: bool,
        tags: Tags,
    }

    /// A slice of a network in one zone.
    Subnet(Managed "aws_subnet") {
        vpc_id: Ref<Vpc>,
        availability_zone: Text,
        cidr_block: Ipv4Block,
        map_public_ip_on_launch: bool,
        tags: Tags,
    }

    /// A table of routes; the route within the network is always in it.
    RouteTable(Managed "aws_route_table") {
        vpc_id: Ref<Vpc>,
        tags: Tags,
    }

    /// One route.
    Route(Managed "aws_route") {
        route_table_id: Ref<RouteTable>,
        destination_cidr_block: Ipv4Block,
        gateway_id: Option<Ref<InternetGateway>>,
        nat_gateway_id: Option<Ref<NatGateway>>,
    }

    /// Which table a subnet uses.
    RouteTableAssociation(Managed "aws_route_table_association") {
        subnet_id: Ref<Subnet>,
        route_table_id: Ref<RouteTable>,
    }

    /// The network's door to the internet.
    InternetGateway(Managed "aws_internet_gateway") {
        vpc_id: Ref<Vpc>,
        tags: Tags,
    }

    /// Outward connections for addresses that are not public.
    NatGateway(Managed "aws_nat_gateway") {
        allocation_id: Ref<ElasticIp>,
        subnet_id: Ref<Subnet>,
        tags: Tags,
    }

    /// A public address.
    ElasticIp(Managed "aws_eip") {
        domain: AddressDomain,
        tags: Tags,
    }

    /// A way to a service of AWS that does not leave the network.
    VpcEndpoint(Managed "aws_vpc_endpoint") {
        vpc_id: Ref<Vpc>,
        service_name: Text,
        vpc_endpoint_type: EndpointType,
        route_table_ids: Vec<Ref<RouteTable>>,
        subnet_ids: Vec<Ref<Subnet>>,
        security_group_ids: Vec<Ref<SecurityGroup>>,
        private_dns_enabled: Option<bool>,
        policy: PolicyDocument,
        tags: Tags,
    }

    /// A set of network interfaces; who reaches them is said by rules of their own.
    SecurityGroup(Managed "aws_security_group") {
        name: Text,
        description: Text,
        vpc_id: Ref<Vpc>,
        tags: Tags,
    }

    /// Connections that a group takes.
    IngressRule(Managed "aws_vpc_security_group_ingress_rule") {
        security_group_id: Ref<SecurityGroup>,
        description: Text,
        ip_protocol: RuleProtocol,
        from_port: Option<Port>,
        to_port: Option<Port>,
        cidr_ipv4: Option<Ipv4Block>,
        prefix_list_id: Option<Text>,
        referenced_security_group_id: Option<Ref<SecurityGroup>>,
        tags: Tags,
    }

    /// Connections that a group opens.
    EgressRule(Managed "aws_vpc_security_group_egress_rule") {
        security_group_id: Ref<SecurityGroup>,
        description: Text,
        ip_protocol: RuleProtocol,
        from_port: Option<Port>,
        to_port: Option<Port>,
        cidr_ipv4: Option<Ipv4Block>,
        prefix_list_id: Option<Text>,
        referenced_security_group_id: Option<Ref<SecurityGroup>>,
        tags: Tags,
    }

    /// The group that every network is born with, taken over and emptied.
    DefaultSecurityGroup(Managed "aws_default_security_group") {
        vpc_id: Ref<Vpc>,
        tags: Tags,
    }

    /// A record of connections.
    FlowLog(Managed "aws_flow_log") {
        vpc_id: Ref<Vpc>,
        traffic_type: TrafficType,
        log_destination: Text,
        iam_role_arn: Ref<super::Role, Arn>,
        max_aggregation_interval: u32,
        tags: Tags,
    }

    /// Blocks of addresses that AWS keeps by name.
    ManagedPrefixList(Data "aws_ec2_managed_prefix_list") {
        name: Text,
    }
}
