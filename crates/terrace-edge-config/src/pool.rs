//! A pool of targets behind a proxy: who is in it, how their health is judged, how much they take.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use terrace_net::Endpoint;

/// A time in whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(u64);

impl Millis {
    /// So many milliseconds.
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// So many seconds.
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as u64 * 1000)
    }

    /// As the standard library's type.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// The targets of a proxied route, and the rules between them and the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pool {
    /// Who takes requests. A name stands for every address it resolves to. May be empty: then 503.
    pub targets: BTreeSet<Endpoint>,
    /// How health is asked; without it, only failures seen in passing count.
    pub health: Option<HealthCheck>,
    /// Requests in flight per target before others wait in the edge; without it, no limit.
    pub concurrency: Option<NonZeroU32>,
    /// How long a request may wait for a free place before it is shed with 503.
    pub queue_timeout: Millis,
    /// How many may wait at once, over the whole pool, before they are shed with 503.
    pub queue_length: u32,
    /// When failures seen in passing take a target out.
    pub ejection: Ejection,
    /// Over how long a target that has just become healthy is brought to its full share; zero: at once.
    pub slow_start: Millis,
    /// How long a removed target may finish what it has in flight.
    pub deregistration_delay: Millis,
    /// How long connecting may take.
    pub connect_timeout: Millis,
    /// How long the target may take to the first byte of its response, and between two parts of it.
    pub response_timeout: Millis,
    /// How long an idle connection to a target is kept; keep it under the server's own
    /// (Uvicorn closes after 5 s).
    pub keep_alive: Millis,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            targets: BTreeSet::new(),
            health: None,
            concurrency: None,
            queue_timeout: Millis::seconds(10),
            queue_length: 1024,
            ejection: Ejection::default(),
            slow_start: Millis::new(0),
            deregistration_delay: Millis::seconds(30),
            connect_timeout: Millis::seconds(2),
            response_timeout: Millis::seconds(60),
            keep_alive: Millis::seconds(4),
        }
    }
}

/// An active health check: `GET path` on every target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// An absolute path, with its query if it has one.
    pub path: String,
    /// Between two checks of one target.
    pub interval: Millis,
    /// How long one check may take.
    pub timeout: Millis,
    /// Good checks in a row that make a target healthy.
    pub healthy_after: NonZeroU32,
    /// Bad checks in a row that make it unhealthy.
    pub unhealthy_after: NonZeroU32,
    /// Which statuses are good.
    pub expect: StatusRange,
}

/// An inclusive range of HTTP statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u16, u16)", into = "(u16, u16)")]
pub struct StatusRange {
    from: u16,
    to: u16,
}

/// Why two numbers are no range of statuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a range of statuses lies within 100 to 599, the lower first")]
pub struct StatusRangeError;

impl StatusRange {
    /// 200 to 399: what a load balancer and people alike call fine.
    pub const FINE: Self = Self { from: 200, to: 399 };

    /// The range, both ends included.
    pub fn new(from: u16, to: u16) -> Result<Self, StatusRangeError> {
        if (100..=599).contains(&from) && from <= to && to <= 599 {
            Ok(Self { from, to })
        } else {
            Err(StatusRangeError)
        }
    }

    /// Whether a status lies in it.
    pub fn contains(self, status: u16) -> bool {
        (self.from..=self.to).contains(&status)
    }
}

impl TryFrom<(u16, u16)> for StatusRange {
    type Error = StatusRangeError;

    fn try_from((from, to): (u16, u16)) -> Result<Self, StatusRangeError> {
        Self::new(from, to)
    }
}

impl From<StatusRange> for (u16, u16) {
    fn from(range: StatusRange) -> Self {
        (range.from, range.to)
    }
}

/// Passive ejection: a target that fails requests is left out for a while, longer each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ejection {
    /// Failures in a row (no connection, a broken response, 502 to 504) before it is left out.
    pub after: NonZeroU32,
    /// How long the first time; doubled each time up to `at_most`.
    pub base: Millis,
    /// The longest.
    pub at_most: Millis,
}

impl Default for Ejection {
    fn default() -> Self {
        Self {
            after: NonZeroU32::MIN.saturating_add(2),
            base: Millis::seconds(1),
            at_most: Millis::seconds(30),
        }
    }
}
