//! What each kind of resource is paid for. A rule sees one resource, and the graph it stands in.

mod containers;
mod data;
mod edge;
mod keep;
mod machines;
mod network;

use terrace_aws::{Address, Concern, Resource, Text};

use crate::ledger::Ledger;
use crate::{Charge, charge};

/// Puts what every resource is paid for into the ledger.
pub(crate) fn apply(ledger: &mut Ledger<'_>) {
    for (address, node) in ledger.graph.nodes() {
        if matches!(charge(address.kind()), Charge::Free(_)) {
            ledger.free();
        } else {
            one(ledger, address, &node.resource);
        }
    }
}

fn one(ledger: &mut Ledger<'_>, address: &Address, resource: &Resource) {
    match resource {
        Resource::Vpc(_) => network::crossing(ledger, address),
        Resource::NatGateway(_) => network::nat(ledger, address),
        Resource::ElasticIp(_) => network::address(ledger, address),
        Resource::VpcEndpoint(endpoint) => network::endpoint(ledger, address, endpoint),
        Resource::LoadBalancer(balancer) => edge::balancer(ledger, address, balancer),
        Resource::CdnDistribution(_) => edge::distribution(ledger, address),
        Resource::CloudFrontFunction(_) => edge::function(ledger, address),
        Resource::AutoScalingGroup(group) => machines::group(ledger, address, group),
        Resource::MachineImage(image) => machines::image(ledger, address, image),
        Resource::EcsService(service) => containers::service(ledger, address, service),
        Resource::EcsCluster(cluster) => containers::cluster(ledger, address, cluster),
        Resource::Repository(_) => containers::repository(ledger, address),
        Resource::DatabaseInstance(instance) => data::instance(ledger, address, instance),
        Resource::DatabaseCluster(cluster) => data::cluster(ledger, address, cluster),
        Resource::ClusterInstance(instance) => data::server(ledger, address, instance),
        Resource::KmsKey(_) => keep::key(ledger, address),
        Resource::Secret(_) => keep::secret(ledger, address, "Secrets"),
        Resource::Bucket(_) => keep::bucket(ledger, address),
        Resource::LogGroup(group) => keep::log(ledger, address, group),
        Resource::MetricAlarm(alarm) => keep::alarm(ledger, address, alarm),
        // A test holds that no kind which costs something comes here.
        _ => ledger.cannot(address, address.kind().type_name(), "what it is paid for is not known"),
    }
}

/// Where machines and images belong: to the page's tier by its name, else to the services.
fn tier(address: &Address) -> Concern {
    if address.label().as_str() == "web" { Concern::Web } else { Concern::App }
}

/// A text that reads as something; none if it refers to something that is not known yet.
fn parsed<T: std::str::FromStr>(text: &Text) -> Option<T> {
    text.literal().and_then(|text| text.parse().ok())
}
