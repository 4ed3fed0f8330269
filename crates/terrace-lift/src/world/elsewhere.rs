//! What could matter on a path and is not modelled: listed, never silent.

use terrace_aws::inventory::Told;
use terrace_proof::world::When;

use super::ask;
use super::lifting::Lifting;

/// Types, and what of them is not modelled.
const UNMODELLED: &[(&str, &str)] = &[
    ("aws_networkfirewall_firewall", "a network firewall, which may stop what the rules let pass"),
    ("aws_vpclattice_service_network_vpc_association", "services of VPC Lattice, which connect networks"),
    ("aws_vpclattice_service", "a service of VPC Lattice"),
    ("aws_networkmanager_core_network", "a core network"),
    ("aws_networkmanager_vpc_attachment", "a core network's attachment"),
    ("aws_dx_gateway", "a Direct Connect gateway"),
    ("aws_dx_private_virtual_interface", "a private interface of Direct Connect"),
    ("aws_ec2_client_vpn_endpoint", "a client VPN, whose clients come from its interfaces"),
    ("aws_ec2_transit_gateway_connect", "a transit gateway's tunnel to an appliance"),
    ("aws_vpc_endpoint_service", "a service that others reach by endpoints of theirs"),
    ("aws_globalaccelerator_accelerator", "an accelerator, which leads to its endpoints from the internet"),
    ("aws_ec2_fleet", "machines of a fleet"),
    ("aws_spot_fleet_request", "machines of a fleet"),
    ("aws_eks_node_group", "machines of a Kubernetes cluster, whose groups the cluster makes"),
    ("aws_eks_fargate_profile", "containers of a Kubernetes cluster"),
    ("aws_emr_cluster", "machines of a cluster"),
    ("aws_lightsail_instance", "a machine outside of any network here"),
    ("aws_elastic_beanstalk_environment", "an environment that makes its own machines and balancers"),
    ("aws_verifiedaccess_endpoint", "an endpoint of Verified Access"),
    ("aws_ec2_local_gateway_route", "a local gateway's route"),
    ("aws_ec2_carrier_gateway", "a carrier gateway"),
    ("aws_api_gateway_vpc_link", "a link by which an API comes to a balancer, from whoever may call the API"),
    ("aws_apigatewayv2_vpc_link", "a link by which an API comes from the internet to its integrations"),
    ("aws_apprunner_vpc_ingress_connection", "a service of App Runner"),
    ("aws_route53_resolver_endpoint", "an endpoint of the resolver"),
];

impl Lifting<'_> {
    pub(super) fn elsewhere(&mut self) {
        for (type_name, what) in UNMODELLED {
            let found: Vec<_> = self.inventory.all(type_name).map(|item| item.id().clone()).collect();
            for item in found {
                self.unmodelled(&item, *what);
            }
        }
        self.block_public_access();
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
