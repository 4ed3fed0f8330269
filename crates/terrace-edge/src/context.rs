//! What is known about one request on its way: who asks, which identifiers it carries, what the proxy did with it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use http::{HeaderValue, Version};
use terrace_edge_config::Peer;

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As in `X-Forwarded-Proto`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The name of a request in every log: made here, or believed from a peer that is an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestId {
    /// 128 random bits, written as 32 hexadecimal digits.
    Made(u128),
    /// 1 to 128 characters of `A-Z a-z 0-9 - _ . = + / :`.
    Given(HeaderValue),
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(bits) => write!(f, "{bits:032x}"),
            Self::Given(value) => f.write_str(value.to_str().unwrap_or_default()),
        }
    }
}

/// The trace a request belongs to (W3C Trace Context, level 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Never zero.
    pub(crate) trace_id: u128,
    /// The span of this edge, never zero: what the target sees as its parent.
    pub(crate) span_id: u64,
    /// Bit 0: sampled.
    pub(crate) flags: u8,
}

/// What the proxy did with a request; written to the log.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UpstreamLog {
    /// The target that answered, or was tried last.
    pub(crate) target: Option<SocketAddr>,
    /// How many targets were tried.
    pub(crate) attempts: u32,
    /// From the first attempt to the head of the response.
    pub(crate) time: Option<Duration>,
}

/// What is known about one request.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    /// Its name.
    pub(crate) request_id: RequestId,
    /// Its trace.
    pub(crate) trace: Trace,
    /// The other end of the connection.
    pub(crate) peer: SocketAddr,
    /// Who asked first: the peer, or what a trusted edge says in `X-Forwarded-For`.
    pub(crate) client: IpAddr,
    /// The local address of the connection.
    pub(crate) local: SocketAddr,
    /// How it came in.
    pub(crate) scheme: Scheme,
    /// Which HTTP.
    pub(crate) version: Version,
    /// Whether the peer's forwarding headers are believed.
    pub(crate) trust: Peer,
    /// The authority asked for (`Host`, or `:authority`), checked; none only in HTTP/1.0.
    pub(crate) host: Option<HeaderValue>,
    /// When its head had arrived.
    pub(crate) started: Instant,
    /// Filled in by the proxy.
    pub(crate) upstream: UpstreamLog,
}
