//! An edge that passes everything on to one pool, told what to do over its control socket.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use terrace_edge::control::Client;
use terrace_edge_config::{
    Action, EdgeConfig, HealthCheck, Millis, PathPattern, Pool, PoolName, PoolStatus, Route, StatusRange,
    TargetState, TargetStatus,
};
use terrace_net::Endpoint;
use tokio::runtime::Runtime;

use super::replica::Replica;
use crate::support::client::Connection;
use crate::support::{edge, eventually, http2};

/// A running edge; ended when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
    runtime: Runtime,
    client: Client,
}

/// A pool with these targets that is patient only as long as a test is.
pub(crate) fn pool(targets: &[SocketAddr]) -> Pool {
    Pool {
        targets: endpoints(targets),
        connect_timeout: Millis::seconds(5),
        response_timeout: Millis::seconds(10),
        queue_timeout: Millis::seconds(10),
        ..Pool::default()
    }
}

/// A check of `/health` so often that tests need not wait for it.
pub(crate) fn check() -> HealthCheck {
    HealthCheck {
        path: "/health".to_owned(),
        interval: Millis::new(50),
        timeout: Millis::seconds(5),
        healthy_after: std::num::NonZeroU32::MIN,
        unhealthy_after: std::num::NonZeroU32::MIN,
        expect: StatusRange::FINE,
    }
}

pub(crate) fn endpoints(addresses: &[SocketAddr]) -> BTreeSet<Endpoint> {
    addresses.iter().map(|address| (*address).try_into().unwrap()).collect()
}

pub(crate) fn addresses(replicas: &[&Replica]) -> Vec<SocketAddr> {
    replicas.iter().map(|replica| replica.address).collect()
}

fn name() -> PoolName {
    PoolName::new("app").unwrap()
}

impl Proxy {
    pub(crate) fn start(pool: Pool) -> Self {
        Self::with(pool, |_| {})
    }

    /// Starts one whose configuration is changed first.
    pub(crate) fn with(pool: Pool, change: impl FnOnce(&mut EdgeConfig)) -> Self {
        let mut config = edge::config(&std::env::temp_dir(), None);
        config.routes = vec![Route { path: PathPattern::everything(), action: Action::Proxy(name()) }];
        config.pools.insert(name(), pool);
        change(&mut config);
        let (ours, theirs) = UnixStream::pair().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_terrace-edge"))
            .arg("--inherit")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let runtime = http2::runtime();
        let client = runtime.block_on(Client::start(ours, config, vec![socket])).unwrap();
        Self { address, child, runtime, client }
    }

    pub(crate) fn over(replicas: &[&Replica]) -> Self {
        Self::start(pool(&addresses(replicas)))
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    pub(crate) fn status(&self) -> PoolStatus {
        self.runtime.block_on(self.client.status()).unwrap().pools.remove(&name()).unwrap()
    }

    pub(crate) fn target(&self, address: SocketAddr) -> Option<TargetStatus> {
        let wanted = Endpoint::try_from(address).unwrap();
        self.status().targets.into_iter().find(|target| target.target == wanted)
    }

    /// Waits until a target stands so.
    pub(crate) fn stands(&self, address: SocketAddr, state: TargetState) -> TargetStatus {
        let mut last = None;
        eventually(&format!("{address} is {state:?}"), || {
            last = self.target(address);
            last.as_ref().is_some_and(|target| target.state == state)
        });
        last.unwrap()
    }

    pub(crate) fn set_targets(&self, targets: &[SocketAddr]) {
        self.runtime.block_on(self.client.set_targets(name(), endpoints(targets))).unwrap();
    }

    /// The resident memory of its process, bytes.
    pub(crate) fn memory(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap();
        text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
