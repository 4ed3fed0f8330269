//! What stands before a system is made and outlives it: images, and the bucket of releases.
//!
//! Whoever applies an export has nothing yet, so there both are among the system's own resources ([`Foundation::Within`]).
//! A deployment makes them first, by calls of its own, because the release has to be there before the machines that start
//! it ([`Foundation::Apart`]): then they are names here, and which release is in force is a variable, so that an infrastructure
//! that is applied never leads a system back behind it. The plain settings of services come with a release too: machines fetch
//! them with their code, tasks find them in their definition, where another variable has those in force.
//!
//! SCHEME: images of a service lie in the repository [`repository()`]; what machines fetch lies in
//! `s3://terrace-ACCOUNT-REGION/artifacts/SYSTEM/ENVIRONMENT/`, `default` where there is no environment; the variables are
//! [`release_variables()`] and [`settings_variables()`].

use std::collections::BTreeMap;

use terrace_topology::{PartyName, Shape, Topology};

use super::naming::Naming;
use super::{Draft, arns, endpoints};
use crate::catalog::limits;
use crate::{Label, Text};

/// Where images and releases are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Foundation {
    /// In resources of the system's own: what is exported stands for itself.
    #[default]
    Within,
    /// In what was made before, and is only named.
    Apart,
}

/// The repository of a service's images in ECR: `items-prod-app`.
pub fn repository(topology: &Topology, party: &PartyName) -> String {
    Naming::new(&topology.name, topology.environment.as_ref()).of(party.as_str(), limits::REPOSITORY)
}

/// The variable that tells what of a party is in force, if the foundation is apart. With containers: `image_PARTY`, the digest of
/// a service's image (`sha256:` and 64 hexadecimal digits). With machines: `release_PARTY`, the digest of what a tier's machines
/// fetch (64 hexadecimal digits; empty where there is nothing yet, and then machines start nothing).
pub fn release_variables(topology: &Topology) -> BTreeMap<PartyName, Label> {
    let services = topology.services.keys().cloned();
    let web = (topology.shape == Shape::Machines).then(PartyName::web);
    services.chain(web).map(|party| (party.clone(), variable(topology.shape, &party))).collect()
}

/// The variable that tells which plain settings of a service are in force, if the foundation is apart and there are containers:
/// `settings_PARTY`, a JSON object of texts. Machines fetch theirs with their release.
pub fn settings_variables(topology: &Topology) -> BTreeMap<PartyName, Label> {
    let services = topology.services.keys().filter(|_| topology.shape == Shape::Containers);
    services.map(|party| (party.clone(), settings_variable(party))).collect()
}

fn settings_variable(party: &PartyName) -> Label {
    Label::from_words(&["settings", party.as_str()])
}

/// The variable of a service's plain settings, put into the graph.
pub(crate) fn settings_in_force(draft: &mut Draft<'_>, party: &PartyName) -> Text {
    let about = format!("The plain settings of {party} that are in force: a JSON object of texts.");
    Text::from(draft.variable(settings_variable(party).as_str(), &about, None))
}

fn variable(shape: Shape, party: &PartyName) -> Label {
    let word = match shape {
        Shape::Containers => "image",
        Shape::Machines => "release",
    };
    Label::from_words(&[word, party.as_str()])
}

/// The variable of a party, put into the graph.
pub(crate) fn in_force(draft: &mut Draft<'_>, party: &PartyName) -> Text {
    let shape = draft.topology.shape;
    let about = match shape {
        Shape::Containers => format!("The image of {party} that is in force: `sha256:` and 64 digits."),
        Shape::Machines => {
            format!("The release of {party} that is in force: 64 digits, or nothing if there is none yet.")
        }
    };
    Text::from(draft.variable(variable(shape, party).as_str(), &about, None))
}

/// `123456789012.dkr.ecr.eu-west-1.amazonaws.com/items-app`
pub(crate) fn repository_url(draft: &Draft<'_>, party: &PartyName) -> Text {
    let (region, suffix) = (&draft.topology.region, arns::partition(draft).dns_suffix());
    endpoints::account().then(format!(".dkr.ecr.{region}.{suffix}/{}", repository(draft.topology, party)))
}

/// The ARN of a service's repository.
pub(crate) fn repository_arn(draft: &Draft<'_>, party: &PartyName) -> Text {
    arns::regional(draft, "ecr", &format!("repository/{}", repository(draft.topology, party)))
}

/// The name of the bucket.
pub(crate) fn bucket(draft: &Draft<'_>) -> Text {
    Text::from("terrace-").then(endpoints::account()).then(format!("-{}", draft.topology.region))
}

/// Where in the bucket the artifacts of this system are: `artifacts/items/prod`.
pub(crate) fn artifacts(draft: &Draft<'_>) -> String {
    let environment = draft.topology.environment.as_ref().map_or("default", |name| name.as_str());
    format!("artifacts/{}/{environment}", draft.topology.name)
}

/// The ARN of all artifacts of this system.
pub(crate) fn artifacts_arn(draft: &Draft<'_>) -> Text {
    Text::from(format!("arn:{}:s3:::", arns::partition(draft).as_str()))
        .then(bucket(draft))
        .then(format!("/{}/*", artifacts(draft)))
}
