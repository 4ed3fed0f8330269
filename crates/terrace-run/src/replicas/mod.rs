//! The replicas of one service: as many as there should be, each of them well, none taken away while requests are
//! in flight to it.
//!
//! Guarantee: a replica gets requests only while it is healthy, and one that is asked to leave ends only after every
//! edge before it has seen its last response out (or the edges' deregistration delay has passed).

mod handover;
mod life;
mod restart;
mod scaling;
mod set;

use std::collections::BTreeMap;

use terrace_local::DatabaseAccess;
use terrace_topology::SettingName;

pub(crate) use set::{ReplicaSet, ServiceCommand, ServiceHandle};

/// What the references in a service's environment stand for.
pub(crate) struct Surroundings {
    /// The way to the database.
    pub(crate) database: DatabaseAccess,
    /// The values of secrets.
    pub(crate) secrets: BTreeMap<SettingName, String>,
    /// How they are read, where a replica reads them itself.
    pub(crate) boot: Option<terrace_boot::Config>,
}
