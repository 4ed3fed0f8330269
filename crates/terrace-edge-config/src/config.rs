//! What one edge process serves: listeners, routes, pools, limits.
//!
//! In a file, what has a default may be left out: a web tier is a name, a listener, its routes and a pool.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use terrace_net::Port;

use crate::{EdgeName, Millis, PathPattern, Pool, PoolName};

/// All that an edge process needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeConfig {
    /// Its name, in its log.
    pub name: EdgeName,
    /// Where it listens.
    pub listeners: Vec<Listener>,
    /// What it does with a path; the most precise pattern wins, whatever the order here.
    pub routes: Vec<Route>,
    /// The targets of its proxied routes.
    #[serde(default)]
    pub pools: BTreeMap<PoolName, Pool>,
    /// Who is at the other end of its listeners; anyone, unless it is said.
    #[serde(default)]
    pub peer: Peer,
    /// What a client may ask for at most.
    #[serde(default)]
    pub limits: Limits,
    /// Where the request log goes; to standard output, unless it is said.
    #[serde(default)]
    pub access_log: AccessLog,
    /// How long what is in flight may take to end when the process is told to; 10 s, unless it is said.
    #[serde(default = "ten_seconds")]
    pub drain: Millis,
}

fn ten_seconds() -> Millis {
    Millis::seconds(10)
}

/// One address it listens on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// The address; ignored where the listening socket is inherited.
    pub address: SocketAddr,
    /// With a certificate, HTTPS (HTTP/2 and HTTP/1.1 by ALPN); without, HTTP (both, the older by default).
    pub tls: Option<Tls>,
    /// Answer everything with a redirect (308) to HTTPS on this port.
    pub redirect_to_https: Option<Port>,
}

/// How a listener speaks TLS (1.2 and 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Which certificate it shows.
    pub certificate: Certificate,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Certificate {
    /// PEM files: the chain, and the private key.
    Files {
        /// The certificate chain, leaf first.
        chain: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A certificate for `localhost`, `127.0.0.1` and `::1` that the edge makes once and keeps in this folder,
    /// readable by its owner only, and renews before it ends.
    Localhost {
        /// The folder it is kept in.
        folder: PathBuf,
    },
}

/// What is done with requests for some paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Which paths.
    pub path: PathPattern,
    /// What is done.
    pub action: Action,
}

/// What a route does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Files from a folder.
    Files(Files),
    /// Passed on to a pool, path and query unchanged.
    Proxy(PoolName),
    /// `ok`, with 200, for a load balancer that asks whether this edge is well; not logged.
    Health,
}

/// How a folder is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The folder. Nothing outside of it is ever served, links that lead out included.
    pub folder: PathBuf,
    /// Unknown paths that want a page get `index.html` (single-page application).
    pub single_page: bool,
    /// Whether text is compressed.
    #[serde(default)]
    pub compression: Compression,
}

/// Whether responses made here are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Brotli, Zstandard or gzip, as the client prefers, made once per file; `.br`, `.zst` and `.gz` files that
    /// lie beside a file are used as they are.
    #[default]
    On,
    /// Never (an object store behind a CDN that does it).
    Off,
}

/// Who is at the other end of the listeners, which decides whether forwarding headers are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// Anyone: `X-Forwarded-*`, `Forwarded` and `X-Request-Id` that come in are thrown away and made anew.
    #[default]
    Public,
    /// Another edge: they are believed and added to.
    Edge,
}

/// What a client may ask for; beyond it, the 4xx that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open connections over all listeners; more wait to be accepted.
    pub connections: u32,
    /// Requests in flight; more are shed with 503 and `Retry-After`.
    pub requests: u32,
    /// The request line and headers together, bytes (431).
    pub header_bytes: u32,
    /// How many header fields (431).
    pub header_fields: u16,
    /// The length of the request target, bytes (414).
    pub target_bytes: u32,
    /// The request body, bytes (413).
    pub body_bytes: u64,
    /// From the first byte of a request to the end of its headers (408).
    pub header_timeout: Millis,
    /// Between two parts of a request body (408).
    pub body_timeout: Millis,
    /// How long a connection may idle between requests.
    pub idle_timeout: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            requests: 5_000,
            header_bytes: 64 * 1024,
            header_fields: 100,
            target_bytes: 8 * 1024,
            body_bytes: 32 * 1024 * 1024,
            header_timeout: Millis::seconds(10),
            body_timeout: Millis::seconds(30),
            idle_timeout: Millis::seconds(65),
        }
    }
}

/// Where one JSON line a request goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessLog {
    /// Nowhere.
    Off,
    /// To standard output.
    #[default]
    Stdout,
}
