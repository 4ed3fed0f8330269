//! The route table: what is done with a normalised path. The most precise pattern wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrace_edge_config::{Action, EdgeConfig, PathPattern, PoolName};

use crate::files::Folder;
use crate::upstream::{Pool, Pools};

/// What a route does, with everything looked up.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// Files from a folder.
    Folder(Arc<Folder>),
    /// Passed on to a pool.
    Pool(Arc<Pool>),
    /// The edge's own health.
    Health,
}

/// The routes of one configuration.
#[derive(Debug)]
pub(crate) struct Routes {
    routes: Vec<(PathPattern, Destination)>,
}

impl Routes {
    /// Looks every route's folder and pool up. Routes to pools that do not exist are left out: a configuration
    /// with such a route is refused before it comes here.
    pub(crate) fn new(config: &EdgeConfig, pools: &Pools) -> Self {
        let mut by_precision = BTreeMap::new();
        for route in &config.routes {
            let destination = match &route.action {
                Action::Files(files) => Some(Destination::Folder(Arc::new(Folder::new(files)))),
                Action::Health => Some(Destination::Health),
                Action::Proxy(pool) => pools.lookup(pool).map(Destination::Pool),
            };
            if let Some(destination) = destination {
                by_precision.insert(route.path.clone(), destination);
            }
        }
        Self { routes: by_precision.into_iter().collect() }
    }

    /// What is done with a path.
    pub(crate) fn find(&self, path: &str) -> Option<&Destination> {
        self.routes.iter().find(|(pattern, _)| pattern.matches(path)).map(|(_, destination)| destination)
    }

    /// The folders that are served.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Arc<Folder>> {
        self.routes.iter().filter_map(|(_, destination)| match destination {
            Destination::Folder(folder) => Some(folder),
            Destination::Pool(_) | Destination::Health => None,
        })
    }
}

/// The routes whose pool is not in the configuration.
pub(crate) fn routes_without_pool(config: &EdgeConfig) -> Vec<(&PathPattern, &PoolName)> {
    config
        .routes
        .iter()
        .filter_map(|route| match &route.action {
            Action::Proxy(pool) if !config.pools.contains_key(pool) => Some((&route.path, pool)),
            _ => None,
        })
        .collect()
}
