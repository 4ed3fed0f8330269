//! An edge process of the plan, and the configuration it gets once addresses are known.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use terrace_edge_config::{
    AccessLog, Action, Certificate, Compression, EdgeConfig, Files, HealthCheck, Limits, Listener, Millis,
    PathPattern, Peer, Pool, PoolName, Route, StatusRange, Tls,
};
use terrace_net::{Endpoint, Port};
use terrace_topology::{HealthPath, ProjectPath};

use crate::ProcessName;

/// Which part an edge process plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeRole {
    /// The content delivery network before everything.
    Cdn,
    /// The load balancer that the public meets.
    PublicLoadBalancer,
    /// The web tier: serves the page, passes the rest on.
    WebServer,
    /// The bucket that the page lies in.
    Bucket,
    /// The load balancer before the services.
    ServiceLoadBalancer,
}

/// Who may connect to an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Other processes of the system only.
    Private,
    /// The user's browser, over HTTP.
    Http,
    /// The user's browser, over HTTPS; HTTP redirects.
    Https,
}

/// One edge process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgePlan {
    /// Which part it plays.
    pub role: EdgeRole,
    /// Who may connect.
    pub exposure: Exposure,
    /// What it does with which paths, most precise first.
    pub routes: Vec<RoutePlan>,
}

/// Requests for some paths, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutePlan {
    /// Which paths.
    pub path: PathPattern,
    /// Where to.
    pub to: Destination,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Files of the page.
    Files {
        /// The folder, from the project's.
        folder: ProjectPath,
        /// Whether unknown paths serve `index.html`.
        single_page: bool,
    },
    /// Another edge.
    Edge(ProcessName),
    /// The replicas of a service.
    Service {
        /// Which.
        name: ProcessName,
        /// What says that a replica is well.
        health: HealthPath,
        /// Requests in flight per replica.
        concurrency: Option<NonZeroU32>,
    },
}

/// The addresses of the processes that run now; several for a replicated one.
pub type Addresses = BTreeMap<ProcessName, BTreeSet<SocketAddr>>;

/// What an edge's configuration needs from the machine.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The project's folder, absolute.
    pub project: &'a Path,
    /// Where each process is reached.
    pub addresses: &'a Addresses,
    /// The sockets that the edge inherits, in order: one for HTTP, and a second for HTTPS if it has that exposure.
    pub listeners: &'a [SocketAddr],
    /// For HTTPS.
    pub tls: Option<LocalhostTls>,
}

/// What HTTPS on this machine needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalhostTls {
    /// Where the certificate is kept.
    pub folder: PathBuf,
    /// The port that HTTP redirects to.
    pub port: Port,
}

/// A process whose address is not known was pointed at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has no address yet")]
pub struct UnresolvedError(ProcessName);

impl EdgePlan {
    /// The configuration of this edge at a site.
    ///
    /// A service without replicas gives an empty pool; an edge that is pointed at must have an address.
    pub fn config(&self, name: &ProcessName, site: &Site<'_>) -> Result<EdgeConfig, UnresolvedError> {
        let mut pools = BTreeMap::new();
        let mut routes = Vec::new();
        for route in &self.routes {
            let action = match &route.to {
                Destination::Files { folder, single_page } => Action::Files(Files {
                    folder: site.project.join(folder.as_str()),
                    single_page: *single_page,
                    compression: Compression::On,
                }),
                Destination::Edge(to) => {
                    let targets =
                        endpoints(site.addresses.get(to).ok_or_else(|| UnresolvedError(to.clone()))?);
                    proxied(&mut pools, to, Pool { targets, ..Pool::default() })
                }
                Destination::Service { name, health, concurrency } => {
                    let targets = site.addresses.get(name).map(endpoints).unwrap_or_default();
                    proxied(&mut pools, name, service_pool(targets, health, *concurrency))
                }
            };
            routes.push(Route { path: route.path.clone(), action });
        }
        let listeners = site.listeners.iter().enumerate().map(|(index, address)| Listener {
            address: *address,
            tls: site
                .tls
                .as_ref()
                .filter(|_| index == 1)
                .map(|tls| Tls { certificate: Certificate::Localhost { folder: tls.folder.clone() } }),
            redirect_to_https: site.tls.as_ref().filter(|_| index == 0).map(|tls| tls.port),
        });
        Ok(EdgeConfig {
            name: name.clone(),
            listeners: listeners.collect(),
            routes,
            pools,
            peer: if self.exposure == Exposure::Private { Peer::Edge } else { Peer::Public },
            limits: Limits::default(),
            access_log: AccessLog::Stdout,
            drain: Millis::seconds(10),
        })
    }
}

fn endpoints(addresses: &BTreeSet<SocketAddr>) -> BTreeSet<Endpoint> {
    addresses.iter().filter_map(|a| Endpoint::try_from(*a).ok()).collect()
}

fn proxied(pools: &mut BTreeMap<PoolName, Pool>, to: &ProcessName, pool: Pool) -> Action {
    let name = PoolName::from(to.clone());
    pools.insert(name.clone(), pool);
    Action::Proxy(name)
}

/// How a load balancer treats the replicas of a service on this machine: as in the cloud, in a hurry.
fn service_pool(targets: BTreeSet<Endpoint>, health: &HealthPath, concurrency: Option<NonZeroU32>) -> Pool {
    Pool {
        targets,
        health: Some(HealthCheck {
            path: health.as_str().to_owned(),
            interval: Millis::seconds(1),
            timeout: Millis::seconds(5),
            healthy_after: NonZeroU32::MIN,
            unhealthy_after: NonZeroU32::MIN.saturating_add(1),
            expect: StatusRange::FINE,
        }),
        concurrency,
        deregistration_delay: Millis::seconds(10),
        ..Pool::default()
    }
}
