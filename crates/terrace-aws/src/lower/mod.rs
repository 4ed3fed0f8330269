//! The one lowering from intent to resources. Every choice is made here; emitters make none.
//!
//! Each part of the system is a module that puts its resources into the [`Draft`] and hands on what others
//! refer to. What AWS would refuse is refused here ([`Refusal`]), all at once, in the manifest's words.
//!
//! Labels are told from what a thing is for: the groups, target groups, scaling groups, log groups and services
//! of a party have the party's name; the load balancers are `public` and `internal`, or `main` where there is one;
//! what there is only one of is `main`.

mod alarms;
mod arns;
mod balancers;
mod budget;
mod cdn;
pub mod codes;
mod containers;
mod data;
mod draft;
mod endpoints;
mod facts;
mod foundation;
mod guards;
mod logbucket;
mod logs;
mod machines;
mod names;
mod naming;
mod network;
mod outputs;
mod page;
mod refusal;
mod secrets;
mod storage;

pub(crate) use draft::Draft;
pub use foundation::{Foundation, release_variables, repository, settings_variables};
pub use machines::{ReleaseFiles, release_files};
pub use refusal::{Refusal, Warning};

use terrace_topology::{Shape, Topology};

use crate::Design;

/// What the tiers stand on: all that was put down before them.
pub(crate) struct Ground<'g> {
    pub(crate) network: &'g network::Network,
    pub(crate) guards: &'g guards::Guards,
    pub(crate) balancers: &'g balancers::Balancers,
    pub(crate) secrets: &'g secrets::Secrets,
    pub(crate) data: &'g data::Data,
    pub(crate) logs: &'g logs::Logs,
}

/// Every resource of a system that stands for itself, or all the reasons why AWS would not have it.
pub fn lower(topology: &Topology) -> Result<Design, Vec<Refusal>> {
    lower_on(topology, Foundation::Within)
}

/// Every resource of a system on a foundation, or all the reasons why AWS would not have it.
pub fn lower_on(topology: &Topology, foundation: Foundation) -> Result<Design, Vec<Refusal>> {
    let mut draft = Draft::new(topology, foundation);
    facts::check(&mut draft);
    let network = network::lower(&mut draft);
    let mut guards = guards::lower(&mut draft, &network);
    let endpoints = endpoints::lower(&mut draft, &network, guards.endpoints.as_ref());
    guards.open(&endpoints);
    guards.open(&network.exits);
    let secrets = secrets::lower(&mut draft);
    let logs = logs::lower(&mut draft, &network, &secrets);
    let data = data::lower(&mut draft, &network, &guards, &secrets);
    let names = names::certificates(&mut draft);
    let balancers = balancers::lower(&mut draft, &network, &guards, names.as_ref());
    cdn::entrance(&mut draft, &balancers, names.as_ref());
    let ground = Ground {
        network: &network,
        guards: &guards,
        balancers: &balancers,
        secrets: &secrets,
        data: &data,
        logs: &logs,
    };
    match topology.shape {
        Shape::Machines => machines::lower(&mut draft, &ground),
        Shape::Containers => containers::lower(&mut draft, &ground),
    }
    let topics = alarms::lower(&mut draft, &secrets, &data);
    budget::lower(&mut draft, &topics.main);
    outputs::lower(&mut draft, &secrets, &logs, &data, &topics.main);
    outputs::deployment(&mut draft, &ground);
    draft.finish()
}
