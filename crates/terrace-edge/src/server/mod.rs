//! The server: listening sockets, connections, requests, and their orderly end.

mod accept;
mod chunks;
mod connection;
mod connection_state;
mod exchange;
mod framing;
mod gate;
mod host;
mod identity;
mod lane;
mod path;
mod refusal;
mod registry;
mod route;
mod service;
mod shared;

use std::net::{SocketAddr, TcpListener as StdTcpListener};
use std::sync::Arc;
use std::time::Duration;

use terrace_edge_config::{EdgeConfig, EdgeStatus, PoolName};
use terrace_net::Endpoint;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::error::EdgeError;
use crate::log::AccessLog;
use crate::tls::Tls;
use crate::upstream::Pools;
use accept::Acceptance;
use connection_state::Signal;
use shared::{Shared, Snapshot};

pub(crate) use connection_state::ConnectionState;
pub(crate) use framing::{HeadLimits, read_head};
pub(crate) use path::RequestPath;
pub(crate) use route::Routes;

/// How long connections may take to close once nothing is in flight and the time to drain is over.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// A running edge.
#[derive(Debug)]
pub(crate) struct Edge {
    shared: Arc<Shared>,
    certificates: Vec<Arc<Tls>>,
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    drain: std::sync::Mutex<Duration>,
    /// The accept loops, until they are told to stop.
    accepting: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Edge {
    /// Starts serving on sockets that listen, one for each listener of the configuration, in order.
    pub(crate) fn start(config: &EdgeConfig, sockets: Vec<StdTcpListener>) -> Result<Self, EdgeError> {
        check(config)?;
        if sockets.len() != config.listeners.len() {
            return Err(EdgeError::Listeners { sockets: sockets.len(), listeners: config.listeners.len() });
        }
        let log = AccessLog::new(config.name.clone(), config.access_log).map_err(EdgeError::System)?;
        let shared = Shared::new(config, Pools::from_config(config), log);
        let (stop, stopped) = watch::channel(false);
        let places = usize::try_from(config.limits.connections).unwrap_or(usize::MAX);
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        let mut certificates = Vec::new();
        let mut addresses = Vec::new();
        let mut acceptances = Vec::new();
        for (listener, socket) in config.listeners.iter().zip(sockets) {
            socket.set_nonblocking(true).map_err(EdgeError::System)?;
            let socket = tokio::net::TcpListener::from_std(socket).map_err(EdgeError::System)?;
            addresses.push(socket.local_addr().map_err(EdgeError::System)?);
            let acceptor = match &listener.tls {
                Some(tls) => {
                    let tls = Tls::load(&tls.certificate)?;
                    let acceptor = tls.acceptor();
                    certificates.push(tls);
                    Some(acceptor)
                }
                None => None,
            };
            acceptances.push(Acceptance {
                shared: Arc::clone(&shared),
                socket,
                acceptor,
                redirect: listener.redirect_to_https,
                places: Arc::clone(&places),
                stopped: stopped.clone(),
            });
        }
        let accepting = acceptances.into_iter().map(|acceptance| tokio::spawn(acceptance.run())).collect();
        let accepting = std::sync::Mutex::new(accepting);
        tokio::spawn(sweep(Arc::clone(&shared), stopped.clone()));
        for tls in &certificates {
            tokio::spawn(Arc::clone(tls).renew_in_time(stopped.clone()));
        }
        let drain = std::sync::Mutex::new(config.drain.duration());
        Ok(Self { shared, certificates, addresses, stop, drain, accepting })
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Follows a new configuration. Listeners stay; a configuration that does not hold together changes nothing.
    pub(crate) fn reconfigure(&self, config: &EdgeConfig) -> Result<(), EdgeError> {
        check(config)?;
        for tls in &self.certificates {
            tls.reload()?;
        }
        self.shared.pools.apply(config);
        self.shared.snapshot.store(Arc::new(Snapshot::new(config, &self.shared.pools)));
        *self.drain.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = config.drain.duration();
        Ok(())
    }

    /// Replaces the targets of a pool; false if there is none of that name.
    pub(crate) fn set_targets(&self, pool: &PoolName, targets: std::collections::BTreeSet<Endpoint>) -> bool {
        self.shared.pools.set_targets(pool, targets)
    }

    /// Forgets the files in memory.
    pub(crate) fn reload_files(&self) {
        for folder in self.shared.snapshot.load().routes.folders() {
            folder.forget();
        }
    }

    /// How it stands.
    pub(crate) fn status(&self) -> EdgeStatus {
        self.shared.status()
    }

    /// Stops accepting, lets what is in flight finish within the time allowed, and writes the log out.
    pub(crate) async fn drain(&self) {
        self.stop.send_replace(true);
        // A loop that has just taken a connection from the kernel has to enter it before anybody counts: else the
        // process could end with a connection that nobody has heard.
        let loops =
            std::mem::take(&mut *self.accepting.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for accepting in loops {
            let _ = accepting.await;
        }
        self.shared.registry.tell_all(Signal::Finish);
        let allowed = *self.drain.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if timeout(allowed, self.shared.registry.empty()).await.is_err() {
            self.shared.registry.tell_all(Signal::Abort);
            // Whoever is still here after this is cut off by the end of the process.
            let _ = timeout(LAST_WORDS, self.shared.registry.empty()).await;
        }
        let shared = Arc::clone(&self.shared);
        let _ = tokio::task::spawn_blocking(move || shared.log.flush()).await;
    }
}

/// What a configuration must hold beyond its types.
fn check(config: &EdgeConfig) -> Result<(), EdgeError> {
    let mut wrong = Vec::new();
    for (path, pool) in route::routes_without_pool(config) {
        wrong.push(format!("the route `{path}` leads to the pool `{pool}`, which is not there"));
    }
    for (place, route) in config.routes.iter().enumerate() {
        if config.routes.iter().skip(place.saturating_add(1)).any(|other| other.path == route.path) {
            wrong.push(format!("the route `{}` is there twice", route.path));
        }
    }
    if config.limits.connections == 0 || config.limits.requests == 0 {
        wrong.push("a limit of no connections or no requests would serve nobody".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(EdgeError::Config(wrong.join("; "))) }
}

/// Looks for connections that overstay, a few times within the shortest time that one may last.
async fn sweep(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let limits = shared.snapshot.load().limits;
    let shortest = limits.header_timeout.duration().min(limits.idle_timeout.duration());
    let period = (shortest / 4).clamp(Duration::from_millis(25), Duration::from_secs(1));
    let mut tick = interval(period);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stopped.borrow() {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => {}
        }
        let limits = shared.snapshot.load().limits;
        shared.registry.sweep(limits.header_timeout.duration(), limits.idle_timeout.duration());
    }
}
