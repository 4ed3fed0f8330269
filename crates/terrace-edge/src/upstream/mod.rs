//! Pools of targets: who is in them, who is healthy, who takes the next request.

mod choice;
mod ejection;
mod health;
mod http1;
mod idle;
mod membership;
mod moment;
mod names;
mod pool;
mod queue;
mod random;
mod slot;
mod target;
mod upkeep;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terrace_edge_config::{EdgeConfig, PoolName, PoolStatus};
use terrace_net::Endpoint;

pub(crate) use http1::{ConnectError, Connection, Framing, Head, SendError, Upload};
pub(crate) use moment::Moment;
use names::Names;
pub(crate) use pool::{Pool, Snapshot, Tried};
pub(crate) use slot::Slot;

/// All pools of an edge.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    pools: Mutex<BTreeMap<PoolName, Arc<Pool>>>,
    names: Arc<Names>,
}

impl Pools {
    /// The pools of a configuration; called within the runtime.
    pub(crate) fn from_config(config: &EdgeConfig) -> Self {
        let pools = Self::default();
        pools.apply(config);
        pools
    }

    /// Follows a new configuration: pools that stay keep their connections and what is known of their targets.
    /// Called within the runtime.
    pub(crate) fn apply(&self, config: &EdgeConfig) {
        let mut pools = self.lock();
        pools.retain(|name, _| config.pools.contains_key(name));
        for (name, settings) in &config.pools {
            if let Some(pool) = pools.get(name) {
                pool.apply(settings.clone());
            } else {
                let pool = Pool::new(settings.clone(), Arc::clone(&self.names));
                pools.insert(name.clone(), pool);
            }
        }
    }

    /// Replaces the targets of a pool; false if there is no such pool. Called within the runtime.
    pub(crate) fn set_targets(&self, pool: &PoolName, targets: BTreeSet<Endpoint>) -> bool {
        let Some(pool) = self.lookup(pool) else { return false };
        pool.set_targets(targets);
        true
    }

    /// How the pools stand.
    pub(crate) fn status(&self) -> BTreeMap<PoolName, PoolStatus> {
        self.lock().iter().map(|(name, pool)| (name.clone(), pool.status())).collect()
    }

    /// The pool of a name; asked once per configuration.
    pub(crate) fn lookup(&self, pool: &PoolName) -> Option<Arc<Pool>> {
        self.lock().get(pool).map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PoolName, Arc<Pool>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
