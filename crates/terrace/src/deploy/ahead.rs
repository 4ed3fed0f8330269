//! What would stop a deployment, looked for before anything is changed.

use std::collections::BTreeMap;

use terrace_aws::{Resource, Text};
use terrace_cloud::preflight::{self, Finding, Kind, Name, Quota, Weight};
use terrace_cloud::terraform::{Program, Searched};

use crate::aws::{Session, told};
use crate::commands::secret;
use crate::failure::Failure;
use crate::progress::Steps;
use crate::style::{WARNING, paint};

/// Looks; tells what may stop it, and fails with all that will. `new`: everything will be made.
pub(super) async fn look(session: &Session, new: bool, steps: &Steps) -> Result<(), Failure> {
    let program = Program::find(&Searched::from_env()).await;
    let graph = &session.designed.design.graph;
    let resources = || graph.nodes().map(|(_, node)| &node.resource).filter(|_| new);
    let topology = &session.designed.topology;
    let wanted = preflight::Wanted {
        system: session.system.clone(),
        account: topology.account.as_ref().and_then(|id| id.as_str().parse().ok()),
        region: topology.region.to_string(),
        own_region: None,
        program: program.map(|_| String::new()).map_err(|error| error.to_string()),
        more: more(resources(), session),
        names: resources().filter_map(name).collect(),
    };
    let found = preflight::check(Ok((&session.account, &session.who)), &wanted).await;
    let (stops, warns): (Vec<Finding>, Vec<Finding>) =
        found.into_iter().partition(|finding| finding.weight == Weight::Stops);
    for finding in &warns {
        steps.say(&format!("{} {}", paint(WARNING, "!"), finding.text));
        finding.help.iter().for_each(|line| steps.say(&format!("    {line}")));
    }
    let Some((first, others)) = stops.split_first() else { return secrets(session).await };
    let failure =
        others.iter().fold(Failure::new(first.text.clone()), |failure, one| failure.cause(one.text.clone()));
    Err(stops.iter().flat_map(|one| one.help.clone()).fold(failure, Failure::help))
}

/// Secrets that the manifest names and nobody made: without them no plan can be drawn.
async fn secrets(session: &Session) -> Result<(), Failure> {
    let named: Vec<_> = secret::known::all(session).into_iter().filter(|one| !one.generated).collect();
    if named.is_empty() {
        return Ok(());
    }
    let found = terrace_cloud::secrets::list(&session.account, None, &named).await;
    let found = found.map_err(|error| told::watch(&error))?;
    let absent = found.iter().filter(|one| !one.there);
    let settings: Vec<&str> =
        absent.flat_map(|one| one.readers.iter().filter_map(|reader| reader.setting.as_deref())).collect();
    if settings.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(format!("there is no secret yet for {}", settings.join(", ")));
    let env = session.env_flag();
    Err(settings.iter().fold(failure, |failure, setting| {
        failure.help(format!(
            "`terrace secret set {setting}{env}` makes it: from a hidden prompt, or standard input"
        ))
    }))
}

/// How much more of what has a quota there will be.
fn more<'a>(resources: impl Iterator<Item = &'a Resource>, session: &Session) -> BTreeMap<Quota, u32> {
    let mut all: BTreeMap<Quota, u32> = BTreeMap::new();
    let mut add = |quota, count: u32| {
        let entry = all.entry(quota).or_default();
        *entry = entry.saturating_add(count);
    };
    for resource in resources {
        match resource {
            Resource::Vpc(_) => add(Quota::Vpcs, 1),
            Resource::ElasticIp(_) => add(Quota::Addresses, 1),
            Resource::LoadBalancer(_) => add(Quota::LoadBalancers, 1),
            Resource::DatabaseInstance(_) | Resource::ClusterInstance(_) => add(Quota::DatabaseInstances, 1),
            Resource::DatabaseCluster(_) => add(Quota::DatabaseClusters, 1),
            Resource::EcsService(_) => {
                // While a release is brought out, twice as many tasks run. 1024 units are a vCPU.
                for service in session.designed.topology.services.values() {
                    let units =
                        u32::from(service.capacity.min()).saturating_mul(service.size.cpu().get().into());
                    add(Quota::TaskCpus, units.saturating_mul(2).div_ceil(1024));
                }
            }
            // The smallest machine has two, and while a release is brought out there is one more.
            Resource::AutoScalingGroup(group) => {
                add(Quota::MachineCpus, group.min_size.saturating_add(1).saturating_mul(2))
            }
            _ => {}
        }
    }
    all
}

/// The name of a resource that no second one can have.
fn name(resource: &Resource) -> Option<Name> {
    let (kind, name): (Kind, &Text) = match resource {
        Resource::Role(one) => (Kind::Role, &one.name),
        Resource::InstanceProfile(one) => (Kind::InstanceProfile, &one.name),
        Resource::LoadBalancer(one) => (Kind::LoadBalancer, &one.name),
        Resource::TargetGroup(one) => (Kind::TargetGroup, &one.name),
        Resource::Bucket(one) => (Kind::Bucket, &one.bucket),
        Resource::DatabaseInstance(one) => (Kind::DatabaseInstance, &one.identifier),
        Resource::DatabaseCluster(one) => (Kind::DatabaseCluster, &one.cluster_identifier),
        Resource::DatabaseSubnetGroup(one) => (Kind::DatabaseSubnetGroup, &one.name),
        Resource::EcsCluster(one) => (Kind::Cluster, &one.name),
        Resource::AutoScalingGroup(one) => (Kind::ScalingGroup, &one.name),
        Resource::LaunchTemplate(one) => (Kind::LaunchTemplate, &one.name),
        Resource::LogGroup(one) => (Kind::LogGroup, &one.name),
        Resource::Secret(one) => (Kind::Secret, &one.name),
        _ => return None,
    };
    Some(Name { kind, name: name.literal()?.to_owned() })
}
