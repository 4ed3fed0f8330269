//! What is behind the load balancers, and how it is asked whether it is well.

use std::collections::BTreeMap;

use terrace_net::Port;
use terrace_topology::{PartyName, Shape};

use super::super::Draft;
use super::super::machines::WEB_HEALTH;
use super::super::network::Network;
use crate::catalog::limits;
use crate::resource::{BalancedProtocol, HealthCheck, TargetGroup, TargetType};
use crate::{Block, Concern, Ref, Text};

fn health(path: &str, matcher: &str) -> Block<HealthCheck> {
    Block(HealthCheck {
        path: Text::from(path),
        protocol: BalancedProtocol::Http,
        matcher: Text::from(matcher),
        interval: 10,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
    })
}

/// The web tier's machines.
pub(super) fn web(draft: &mut Draft<'_>, network: &Network) -> Ref<TargetGroup> {
    let party = PartyName::web();
    let (name, tags) = (draft.naming.of("web", limits::TARGET_GROUP), draft.party_tags("web", &party));
    draft
        .place(Concern::Web, &["web"])
        .why("Asks the machine alone: a service that is down takes no page off the air.")
        .put(TargetGroup {
            name: Text::from(name),
            vpc_id: network.vpc.clone(),
            target_type: TargetType::Instance,
            port: Port::HTTP,
            protocol: BalancedProtocol::Http,
            deregistration_delay: 30,
            load_balancing_algorithm_type: Some(Text::from("least_outstanding_requests")),
            health_check: health(WEB_HEALTH, "200"),
            tags,
        })
}

/// Each service's machines or tasks.
pub(super) fn services(draft: &mut Draft<'_>, network: &Network) -> BTreeMap<PartyName, Ref<TargetGroup>> {
    let topology = draft.topology;
    let target_type = match topology.shape {
        Shape::Machines => TargetType::Instance,
        Shape::Containers => TargetType::Ip,
    };
    let mut groups = BTreeMap::new();
    for (party, service) in &topology.services {
        let part = party.as_str();
        // AWS makes another group of another port, before the one in use can go: so they cannot share a name.
        let name = draft.naming.of(&format!("{part}-{}", service.port), limits::TARGET_GROUP);
        let tags = draft.party_tags(part, party);
        let group = draft.place(Concern::App, &[part]).before_destroy().put(TargetGroup {
            name: Text::from(name),
            vpc_id: network.vpc.clone(),
            target_type,
            port: service.port,
            protocol: BalancedProtocol::Http,
            deregistration_delay: 30,
            load_balancing_algorithm_type: Some(Text::from("least_outstanding_requests")),
            health_check: health(service.health.as_str(), "200-299"),
            tags,
        });
        groups.insert(party.clone(), group);
    }
    groups
}
