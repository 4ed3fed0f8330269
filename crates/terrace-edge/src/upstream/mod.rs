//! Pools of targets: who is in them, who is healthy, who takes the next request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terrace_edge_config::{EdgeConfig, PoolName, PoolStatus};
use terrace_net::Endpoint;

/// One pool.
#[derive(Debug)]
pub(crate) struct Pool {}

/// All pools of an edge.
#[derive(Debug, Default)]
pub(crate) struct Pools {}

impl Pools {
    /// The pools of a configuration; called within the runtime.
    pub(crate) fn from_config(_config: &EdgeConfig) -> Self {
        Self {}
    }

    /// Follows a new configuration: pools that stay keep their connections and what is known of their targets.
    pub(crate) fn apply(&self, _config: &EdgeConfig) {}

    /// Replaces the targets of a pool; false if there is no such pool.
    pub(crate) fn set_targets(&self, _pool: &PoolName, _targets: BTreeSet<Endpoint>) -> bool {
        false
    }

    /// How the pools stand.
    pub(crate) fn status(&self) -> BTreeMap<PoolName, PoolStatus> {
        BTreeMap::new()
    }

    /// The pool of a name; asked once per configuration.
    pub(crate) fn lookup(&self, _pool: &PoolName) -> Option<Arc<Pool>> {
        None
    }
}
