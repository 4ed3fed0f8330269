//! What could matter on a path and is not modelled: listed, never silent.

use terrace_aws::inventory::Told;
use terrace_aws::{Json, Mode, Value};
use terrace_proof::world::When;

use super::ask;
use super::lifting::Lifting;
use super::stores::is_store;

/// Types, and what of them is not modelled.
const UNMODELLED: &[(&str, &str)] = &[
    ("aws_networkfirewall_firewall", "a network firewall, which may stop what the rules let pass"),
    ("aws_dx_gateway", "a Direct Connect gateway"),
    ("aws_dx_private_virtual_interface", "a private interface of Direct Connect"),
    ("aws_ec2_transit_gateway_connect", "a transit gateway's tunnel to an appliance"),
    ("aws_lightsail_instance", "a machine outside of any network here"),
    ("aws_ec2_local_gateway_route", "a local gateway's route"),
    ("aws_ec2_carrier_gateway", "a carrier gateway"),
    ("aws_route53_resolver_endpoint", "an endpoint of the resolver"),
];

/// Types that may lead somebody to somebody by ways that are not modelled.
const OPENERS: &[(&str, &str)] = &[
    ("aws_vpclattice_service_network_vpc_association", "services of VPC Lattice, which connect networks"),
    ("aws_vpclattice_service", "a service of VPC Lattice"),
    ("aws_networkmanager_core_network", "a core network"),
    ("aws_networkmanager_vpc_attachment", "a core network's attachment"),
    ("aws_ec2_client_vpn_endpoint", "a client VPN, whose clients come from its interfaces"),
    ("aws_vpc_endpoint_service", "a service that others reach by endpoints of theirs"),
    ("aws_globalaccelerator_accelerator", "an accelerator, which leads to its endpoints from the internet"),
    ("aws_ec2_fleet", "machines of a fleet"),
    ("aws_spot_fleet_request", "machines of a fleet"),
    ("aws_eks_node_group", "machines of a Kubernetes cluster, whose groups the cluster makes"),
    ("aws_eks_fargate_profile", "containers of a Kubernetes cluster"),
    ("aws_emr_cluster", "machines of a cluster"),
    ("aws_elastic_beanstalk_environment", "an environment that makes its own machines and balancers"),
    ("aws_verifiedaccess_endpoint", "an endpoint of Verified Access"),
    ("aws_api_gateway_vpc_link", "a link by which an API comes to a balancer, from whoever may call the API"),
    ("aws_apigatewayv2_vpc_link", "a link by which an API comes from the internet to its integrations"),
    ("aws_apprunner_vpc_ingress_connection", "a service of App Runner"),
    ("aws_cloudformation_stack", "a stack, whose resources a template makes"),
    ("aws_cloudformation_stack_set_instance", "a stack, whose resources a template makes"),
    ("aws_servicecatalog_provisioned_product", "a product, whose resources a template makes"),
    ("aws_cloudcontrolapi_resource", "a resource of any type"),
    ("aws_apprunner_service", "a service that the internet reaches by itself"),
];

/// Arguments, at any depth, that put something into subnets: without underscores and capitals, as Terraform and CloudFormation
/// write them.
const PLACED: &[&str] = &[
    "subnetid",
    "subnetids",
    "subnets",
    "vpcsubnetids",
    "clientsubnets",
    "securitygroupid",
    "securitygroupids",
    "securitygroups",
    "vpcsecuritygroupids",
];

/// Types with such arguments that have no interfaces of their own, or whose interfaces are known.
const KNOWN: &[&str] = &[
    "aws_instance",
    "aws_spot_instance_request",
    "aws_launch_template",
    "aws_launch_configuration",
    "aws_autoscaling_group",
    "aws_lb",
    "aws_alb",
    "aws_elb",
    "aws_ecs_service",
    "aws_cloudwatch_event_target",
    "aws_scheduler_schedule",
    "aws_subnet",
    "aws_default_subnet",
    "aws_nat_gateway",
    "aws_route_table_association",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_flow_log",
    "aws_ec2_subnet_cidr_reservation",
    "aws_ram_resource_association",
    "aws_lightsail_instance",
];

/// Beginnings of such types.
const KNOWN_PREFIXES: &[&str] = &[
    "aws_security_group",
    "aws_default_security_group",
    "aws_vpc_security_group_",
    "aws_network_interface",
    "aws_network_acl",
    "aws_default_network_acl",
    "aws_vpc_endpoint",
    "aws_db_",
    "aws_rds_",
];

/// Blocks that say where something stands or whom it leads to: where it is not told whether they are there, that is listed.
const BLOCKS: &[(&str, &[&str])] = &[
    ("aws_ecs_service", &["network_configuration", "load_balancer", "capacity_provider_strategy"]),
    ("aws_lambda_function", &["vpc_config"]),
    ("aws_elb", &["listener"]),
    ("aws_lb", &["subnet_mapping"]),
    ("aws_alb", &["subnet_mapping"]),
    ("aws_instance", &["network_interface", "launch_template"]),
    ("aws_network_interface", &["attachment"]),
    ("aws_launch_template", &["network_interfaces"]),
    ("aws_autoscaling_group", &["launch_template", "mixed_instances_policy", "traffic_source"]),
    ("aws_cloudfront_distribution", &["origin"]),
    ("aws_eks_cluster", &["vpc_config"]),
    ("aws_opensearch_domain", &["vpc_options"]),
    ("aws_elasticsearch_domain", &["vpc_options"]),
    ("aws_msk_cluster", &["broker_node_group_info"]),
    ("aws_codebuild_project", &["vpc_config"]),
];

impl Lifting<'_> {
    pub(super) fn elsewhere(&mut self) {
        let inventory = self.inventory;
        for (type_name, blocks) in BLOCKS {
            for item in inventory.all(type_name) {
                for block in *blocks {
                    if let Told::Unknown(_) = item.view().blocks(block) {
                        self.may_open(item.id(), format!("`{block}` blocks that are not told"));
                    }
                }
            }
        }
        for (type_name, what) in OPENERS {
            for item in inventory.all(type_name) {
                self.may_open(item.id(), *what);
            }
        }
        self.strangers();
        for item in inventory.all("aws_rds_cluster") {
            let told = ask::bool(item.view(), "enable_http_endpoint");
            if matches!(told, Told::Is(true) | Told::Unknown(_)) {
                self.may_open(
                    item.id(),
                    "the Data API, by which whoever IAM lets comes to the data past the network",
                );
            }
        }
        for (type_name, what) in UNMODELLED {
            for item in inventory.all(type_name) {
                self.unmodelled(item.id(), *what);
            }
        }
        self.block_public_access();
    }

    /// Whatever else is put into subnets: it may connect to others, and others to it.
    fn strangers(&mut self) {
        let listed = |of: &str| {
            OPENERS.iter().chain(UNMODELLED).any(|(name, _)| *name == of)
                || KNOWN.contains(&of)
                || KNOWN_PREFIXES.iter().any(|prefix| of.starts_with(prefix))
                || of.ends_with("_subnet_group")
                || of.ends_with("SubnetGroup")
                || is_store(of)
        };
        let inventory = self.inventory;
        for item in inventory.items().filter(|item| item.id().mode() == Mode::Managed) {
            let of = item.type_name();
            if of.starts_with("awscc_") {
                self.may_open(item.id(), "a resource of another provider for AWS");
            } else if (of.starts_with("aws_") || of.starts_with("AWS::"))
                && !listed(of)
                && !self.sites.contains_key(item.id())
                && item.view().iter().into_iter().any(|(name, value)| is_placed(name, value, 0))
            {
                self.may_open(item.id(), "something with interfaces in subnets");
            }
        }
    }

    /// VPC Block Public Access: what it stops does not pass internet gateways. Exclusions, and a block of what comes in alone,
    /// are not modelled: then it passes perhaps.
    fn block_public_access(&mut self) {
        let exclusions = self.all(&["aws_vpc_block_public_access_exclusion"]);
        for item in self.all(&["aws_vpc_block_public_access_options"]) {
            let mode = ask::literal(item.view(), "internet_gateway_block_mode");
            let is_whole = mode == Told::Is("block-bidirectional".to_owned()) && exclusions.is_empty();
            if mode == Told::Is("off".to_owned()) {
                continue;
            }
            let sure = self.presence(item) == When::Always;
            let unknown = self.unknown(format!("what {} stops", item.id()));
            if !is_whole {
                self.unmodelled(item.id(), "a block of public access with exceptions");
            }
            for network in &mut self.out.world.networks {
                for door in [&mut network.internet, &mut network.egress_only] {
                    if is_whole && sure {
                        *door = None;
                    } else if let Some(door) = door {
                        door.when = door.when.and(&When::on(unknown));
                    }
                }
            }
        }
    }
}

/// Whether an argument, or one inside of it, puts something into subnets.
fn is_placed(name: &str, value: &Value, depth: usize) -> bool {
    let plain = name.replace('_', "").to_ascii_lowercase();
    let places = PLACED.contains(&plain.as_str());
    match value {
        Value::Map(map) if depth < 8 => map.iter().any(|(name, value)| is_placed(name, value, depth + 1)),
        Value::Blocks(blocks) if depth < 8 => {
            blocks.iter().any(|block| block.iter().any(|(name, value)| is_placed(name, value, depth + 1)))
        }
        Value::List(items) => {
            let is_block = |item: &Value| matches!(item, Value::Map(_));
            (places && !items.is_empty())
                || items.iter().any(|item| is_block(item) && is_placed(name, item, depth + 1))
        }
        Value::Text(text) => places && text.literal() != Some(""),
        Value::Opaque(_) => places,
        Value::Json(Json::Object(fields)) if depth < 8 => {
            fields.iter().any(|(name, value)| is_placed(name, &Value::Json(value.clone()), depth + 1))
        }
        Value::Json(Json::List(items)) => places && !items.is_empty(),
        Value::Json(Json::Text(_)) => places,
        _ => false,
    }
}
