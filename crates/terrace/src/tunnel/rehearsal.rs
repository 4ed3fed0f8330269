//! What the way in is rehearsed with: the names that the system has on AWS.
//!
//! They are read from the resources that `terrace export` writes, so that what works here works there. A system that AWS would
//! not have is rehearsed under the names that it would get if it were mended.

use terrace_aws::{Resource, ResourceGraph, Text};
use terrace_run::Rehearsal;
use terrace_topology::{Engine, PartyName, Shape as TopologyShape, Topology};
use terrace_tunnel::endpoint::{DatabaseService, Faults, Name, Region, Shape};

/// How a system is rehearsed; none if it has a name that AWS has not.
pub(crate) fn of(topology: &Topology, environment: Option<&str>, faults: Faults) -> Option<Rehearsal> {
    let graph = terrace_aws::lower(topology).ok().map(|design| design.graph);
    let names = Names { topology, environment, graph: graph.as_ref() };
    let (party, service) = topology.services.iter().next()?;
    let shape = match topology.shape {
        TopologyShape::Containers => Shape::Fargate {
            cluster: names.of("", |resource| match resource {
                Resource::EcsCluster(cluster) => Some(&cluster.name),
                _ => None,
            })?,
            service: names.of(party.as_str(), |resource| match resource {
                Resource::EcsService(service) => Some(&service.name),
                _ => None,
            })?,
            container: party.as_str().parse().ok()?,
            exec: service.exec,
        },
        TopologyShape::Machines => Shape::Ec2 { group: names.group(party)?, tags: names.tags(party) },
    };
    let (service, engine) = names.database()?;
    Some(Rehearsal {
        region: topology.region.as_str().parse::<Region>().ok()?,
        environment: environment.map(str::to_owned),
        shape,
        identifier: names.of("data", |resource| match resource {
            Resource::DatabaseInstance(server) => Some(&server.identifier),
            Resource::DatabaseCluster(cluster) => Some(&cluster.cluster_identifier),
            _ => None,
        })?,
        service,
        engine,
        faults,
    })
}

struct Names<'a> {
    topology: &'a Topology,
    environment: Option<&'a str>,
    graph: Option<&'a ResourceGraph>,
}

impl Names<'_> {
    /// The first name of such a resource; without one, that of a part by the scheme of all names.
    fn of(&self, part: &str, name: impl Fn(&Resource) -> Option<&Text>) -> Option<Name> {
        let found = self.resources().find_map(|resource| name(resource)?.literal());
        let words = [Some(self.topology.name.as_str()), self.environment, Some(part)];
        let scheme =
            || words.iter().flatten().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join("-");
        found.map_or_else(scheme, str::to_owned).parse().ok()
    }

    fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.graph.into_iter().flat_map(ResourceGraph::nodes).map(|(_, node)| &node.resource)
    }

    /// The Auto Scaling group of a party; the web tier has one as well.
    fn group(&self, party: &PartyName) -> Option<Name> {
        let of_party = self.graph.into_iter().flat_map(ResourceGraph::nodes).find_map(|(address, node)| {
            match &node.resource {
                Resource::AutoScalingGroup(group) if address.label().as_str() == party.as_str() => {
                    group.name.literal()
                }
                _ => None,
            }
        });
        match of_party {
            Some(name) => name.parse().ok(),
            None => self.of(party.as_str(), |_| None),
        }
    }

    fn tags(&self, party: &PartyName) -> std::collections::BTreeMap<String, String> {
        let name = self.group(party).map(|name| name.to_string()).unwrap_or_default();
        [("Name".to_owned(), name)].into()
    }

    fn database(&self) -> Option<(DatabaseService, String)> {
        for resource in self.resources() {
            match resource {
                Resource::DatabaseInstance(server) => {
                    return Some((DatabaseService::Rds, server.engine.literal()?.to_owned()));
                }
                Resource::DatabaseCluster(cluster) => {
                    let engine = cluster.engine.literal()?.to_owned();
                    return Some((DatabaseService::Aurora { instances: self.instances() }, engine));
                }
                _ => {}
            }
        }
        let engine = self.topology.database.engine;
        Some(match (self.topology.shape, engine) {
            (TopologyShape::Machines, Engine::Postgres) => (DatabaseService::Rds, "postgres".to_owned()),
            (TopologyShape::Machines, Engine::Mysql) => (DatabaseService::Rds, "mysql".to_owned()),
            (TopologyShape::Containers, engine) => {
                let instances = vec![self.of("data-a", |_| None)?];
                let engine = match engine {
                    Engine::Postgres => "aurora-postgresql",
                    Engine::Mysql => "aurora-mysql",
                };
                (DatabaseService::Aurora { instances }, engine.to_owned())
            }
        })
    }

    /// The cluster's instances, the writer first.
    fn instances(&self) -> Vec<Name> {
        let mut all: Vec<(u32, Name)> = self
            .resources()
            .filter_map(|resource| match resource {
                Resource::ClusterInstance(one) => {
                    Some((one.promotion_tier, one.identifier.literal()?.parse().ok()?))
                }
                _ => None,
            })
            .collect();
        all.sort();
        all.into_iter().map(|(_, name)| name).collect()
    }
}
