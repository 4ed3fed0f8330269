//! What is in the picture, in words.

use std::collections::BTreeSet;

use terrace_aws::ResourceGraph;
use terrace_aws::resource::{IngressRule, Subnet};
use terrace_net::Port;
use terrace_topology::{Carries, Entrance, Flow, Party, PublicPath, Role, Shape, Topology, WebServer};

/// The zones in which the graph has subnets, in order.
pub(crate) fn zone_names(graph: &ResourceGraph) -> Vec<String> {
    let zones = graph.all::<Subnet>().filter_map(|(_, subnet)| subnet.availability_zone.literal());
    zones.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What travels along a flow, in a word or two.
pub(crate) fn carried(flow: &Flow) -> String {
    match flow.carries() {
        Carries::Http(paths) if paths.is_empty() => "HTTP".to_owned(),
        Carries::Http(paths) => paths.iter().map(PublicPath::as_str).collect::<Vec<_>>().join(" "),
        Carries::Sql(engine) => engine.title().to_owned(),
        Carries::Platform => "AWS".to_owned(),
        Carries::Outward => "out".to_owned(),
    }
}

/// What a party is, for people.
pub(crate) fn party_title(topology: &Topology, party: &Party) -> String {
    match (party.role(), topology.shape) {
        (Role::Internet, _) => "Internet".to_owned(),
        (Role::Platform, _) => "Services of AWS".to_owned(),
        (Role::Entrance, _) if topology.entrance == Entrance::Cdn => "CloudFront".to_owned(),
        (Role::Entrance, _) => "Public load balancer".to_owned(),
        (Role::Web, Shape::Containers) => "S3 bucket: the page".to_owned(),
        (Role::Web, Shape::Machines) => "web".to_owned(),
        (Role::Service, _) => party.name().to_string(),
        (Role::Database, _) => database(topology),
    }
}

/// The database as it is built.
pub(crate) fn database(topology: &Topology) -> String {
    let database = &topology.database;
    let service = match topology.shape {
        Shape::Machines => "RDS",
        Shape::Containers => "Aurora",
    };
    format!("{service} {} {}", database.engine.title(), database.version)
}

/// What serves the page on machines.
pub(crate) const fn server(topology: &Topology) -> &'static str {
    match topology.web.server {
        WebServer::Terrace => "terrace-edge",
        WebServer::Nginx => "nginx",
    }
}

/// The ports on which the members of a group take connections, by the group's label.
pub(crate) fn ports_of(graph: &ResourceGraph, group: &str) -> BTreeSet<Port> {
    graph
        .all::<IngressRule>()
        .filter(|(_, rule)| rule.security_group_id.label().is_some_and(|label| label.as_str() == group))
        .filter_map(|(_, rule)| rule.from_port)
        .collect()
}
