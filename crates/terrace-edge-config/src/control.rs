//! How a running edge is spoken to: one JSON object a line over a Unix stream socket, a reply to every request.
//!
//! The socket is the process's standard input (`--inherit`). The first line is `configure` and carries the
//! listening sockets as `SCM_RIGHTS`, one for each listener, in order. When the socket closes, the edge drains
//! and ends: whoever started it is gone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use terrace_net::Endpoint;

use crate::{EdgeConfig, PoolName};

/// What the edge is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlRequest {
    /// Serve this. Later ones replace routes, pools and limits; listeners stay as they are.
    Configure(Box<EdgeConfig>),
    /// Replace the targets of a pool. Targets that left get nothing new and are forgotten once idle or when the
    /// deregistration delay has passed; until then `status` shows them as draining.
    SetTargets {
        /// Which pool.
        pool: PoolName,
        /// Its targets from now on.
        targets: BTreeSet<Endpoint>,
    },
    /// Forget the cached files, and read the folders again when asked for them: the page was rebuilt.
    ReloadFiles,
    /// Say how things stand.
    Status,
    /// Stop accepting, finish what is in flight, end.
    Drain,
}

/// What the edge answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlReply {
    /// Done.
    Done,
    /// How things stand.
    Status(EdgeStatus),
    /// Not done, and why.
    Refused {
        /// One line for a person.
        reason: String,
    },
}

/// How an edge stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeStatus {
    /// Open client connections.
    pub connections: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Requests answered since the start.
    pub requests: u64,
    /// Its pools.
    pub pools: BTreeMap<PoolName, PoolStatus>,
}

/// How a pool stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolStatus {
    /// Requests that wait for a free place.
    pub waiting: u64,
    /// Its targets, draining ones included.
    pub targets: Vec<TargetStatus>,
}

/// How a target stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Who.
    pub target: Endpoint,
    /// In which state.
    pub state: TargetState,
    /// Requests in flight.
    pub in_flight: u64,
    /// Why it is not healthy, one line.
    pub reason: Option<String>,
}

/// The states of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetState {
    /// Registered, not yet judged.
    Initial,
    /// Takes requests.
    Healthy,
    /// Fails its checks; takes requests only when no other does.
    Unhealthy,
    /// Failed requests; left out for a while.
    Ejected,
    /// Removed; finishes what it has.
    Draining,
}
