//! The role to deploy with: what it may do, which is enough and no more, and who may become it.
//!
//! What it may do follows from the graph: every resource in it, by the table of calls (`calls.txt`), and what releases,
//! migrations, watching and taking away need. What has a name in its ARN is named, whole; what has none is known by this
//! system's tags; what AWS lets nobody narrow is told as it is, with the reason ([`Wide`]).
//!
//! GUARANTEE: of two environments neither's role changes what the other has. What it cannot guarantee: a role that may write
//! the policies of this system's roles can do, through them, whatever its account lets roles do.

mod calls;
mod grants;
mod names;
mod split;
mod trust;

use std::collections::BTreeSet;

use terrace_topology::{AccountId, Shape, Topology};

use crate::catalog::{self, Partition};
use crate::{PolicyDocument, ResourceGraph, repository};
use grants::{Grants, Owner};
use names::Names;

pub use split::{LONGEST, MOST, compact, length, pretty};
pub use trust::{
    ISSUER, Repository, RepositoryError, Workflows, account as trusting_account, github as trusting,
};

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Everything that Terrace does to a system.
    Deploy,
    /// Looking alone, as `terrace plan` does.
    Plan,
}

impl Purpose {
    /// As it stands in names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Plan => "plan",
        }
    }
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name: `terrace-items-prod-deploy-1`.
    pub name: String,
    /// At most [`LONGEST`] characters.
    pub document: PolicyDocument,
}

/// Something that is allowed on more than what is the system's own, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wide {
    /// On what.
    pub resource: String,
    /// What.
    pub actions: Vec<String>,
    /// Why AWS lets nothing narrower be said.
    pub why: String,
}

/// The name of the role, and of its policies but for their number: `terrace-items-prod-deploy`.
pub fn role(topology: &Topology, purpose: Purpose) -> String {
    let environment = topology.environment.as_ref().map(|name| format!("-{name}")).unwrap_or_default();
    format!("terrace-{}{environment}-{}", topology.name, purpose.word())
}

/// The partition of a system's region, as it stands in ARNs.
pub fn partition(topology: &Topology) -> &'static str {
    catalog::region(&topology.region).map_or(Partition::Aws, |facts| facts.partition).as_str()
}

/// The policies of the role that does this to the system in this account.
pub fn policies(
    topology: &Topology,
    graph: &ResourceGraph,
    account: &AccountId,
    purpose: Purpose,
) -> Vec<Policy> {
    let (subjects, _) = calls::read();
    let names = Names::new(graph, account, partition(topology), &subjects);
    let owner = Owner { names, system: &topology.name, environment: topology.environment.as_ref(), purpose };
    let mut grants = Grants::default();
    for subject in &subjects {
        for (_, node) in graph.nodes().filter(|(_, node)| grants::is_about(subject, node)) {
            owner.resource(&mut grants, subject, node, graph);
        }
    }
    let region = graph.region.as_str();
    let foundation = format!("terrace-{account}-{region}");
    let environment = topology.environment.as_ref().map_or("default", |name| name.as_str());
    let place = format!("{}/{environment}", topology.name);
    for subject in &subjects {
        match subject.name {
            "[foundation]" => {
                let put = [("foundation", foundation.as_str()), ("place", place.as_str())];
                owner.beside(&mut grants, subject, region, &put);
            }
            "[repository]" if topology.shape == Shape::Containers => {
                for party in topology.services.keys() {
                    let name = repository(topology, party);
                    owner.beside(&mut grants, subject, region, &[("repository", &name)]);
                }
            }
            "[sessions]" => owner.beside(&mut grants, subject, region, &[]),
            _ => {}
        }
    }
    let role = role(topology, purpose);
    let documents = split::split(owner.statements(grants));
    let numbered = documents.into_iter().enumerate();
    numbered.map(|(at, document)| Policy { name: format!("{role}-{}", at + 1), document }).collect()
}

/// What of it is wider than the system itself, with the reasons.
pub fn wide(graph: &ResourceGraph) -> Vec<Wide> {
    let (subjects, _) = calls::read();
    let there: BTreeSet<String> =
        graph.nodes().map(|(_, node)| names::called(node.resource.kind())).collect();
    let mut wide = BTreeSet::new();
    for subject in subjects.iter().filter(|s| s.name.starts_with('[') || there.contains(s.name)) {
        for line in &subject.lines {
            if let (Some(why), Some(resource)) = (&line.why, line.about.first()) {
                wide.insert(Wide {
                    resource: resource.clone(),
                    actions: line.actions.clone(),
                    why: why.clone(),
                });
            }
        }
    }
    wide.into_iter().collect()
}
