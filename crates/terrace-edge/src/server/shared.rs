//! What all connections of an edge share: the current configuration, the counters, the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use terrace_edge_config::{EdgeConfig, EdgeStatus, Limits, Peer};

use super::framing::HeadLimits;
use super::registry::Registry;
use super::route::Routes;
use crate::log::AccessLog;
use crate::upstream::Pools;

/// One configuration, as it is used: replaced whole, never changed.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// What is done with a path.
    pub(crate) routes: Routes,
    /// What a client may ask for.
    pub(crate) limits: Limits,
    /// Whether forwarding headers are believed.
    pub(crate) peer: Peer,
}

impl Snapshot {
    /// Resolves a configuration: pools and folders are looked up once, here.
    pub(crate) fn new(config: &EdgeConfig, pools: &Pools) -> Self {
        Self { routes: Routes::new(config, pools), limits: config.limits, peer: config.peer }
    }

    /// The limits of a request head.
    pub(crate) fn head_limits(&self) -> HeadLimits {
        let bytes = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        HeadLimits {
            bytes: bytes(self.limits.header_bytes),
            fields: usize::from(self.limits.header_fields),
            target: bytes(self.limits.target_bytes),
        }
    }
}

/// What all connections of an edge share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The current configuration.
    pub(crate) snapshot: ArcSwap<Snapshot>,
    /// The pools, which outlive configurations.
    pub(crate) pools: Pools,
    /// The open connections.
    pub(crate) registry: Registry,
    /// The request log.
    pub(crate) log: AccessLog,
    in_flight: AtomicU64,
    answered: AtomicU64,
}

impl Shared {
    /// The shared part of an edge that has just been configured.
    pub(crate) fn new(config: &EdgeConfig, pools: Pools, log: AccessLog) -> Arc<Self> {
        let snapshot = ArcSwap::from_pointee(Snapshot::new(config, &pools));
        Arc::new(Self {
            snapshot,
            pools,
            registry: Registry::default(),
            log,
            in_flight: AtomicU64::new(0),
            answered: AtomicU64::new(0),
        })
    }

    /// Counts a request in; says how many are in flight with it.
    pub(crate) fn request_begins(&self) -> u64 {
        self.in_flight.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// How many requests are in flight.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Counts a request out.
    pub(crate) fn request_ends(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was refused before it was one.
    pub(crate) fn request_refused(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// How the edge stands.
    pub(crate) fn status(&self) -> EdgeStatus {
        EdgeStatus {
            connections: self.registry.count(),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            requests: self.answered.load(Ordering::Relaxed),
            pools: self.pools.status(),
        }
    }
}
