//! Points in time that fit into an atomic: whole milliseconds since this process first asked.
//!
//! What the choice of a target reads on every request must be read without a lock.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A point in time, milliseconds; orders as time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Before everything.
    pub(crate) const NEVER: Self = Self(0);

    /// Now. Never [`Moment::NEVER`].
    pub(crate) fn now() -> Self {
        Self::at(Instant::now())
    }

    /// The moment of an instant.
    pub(crate) fn at(instant: Instant) -> Self {
        Self(millis(instant.saturating_duration_since(*EPOCH)).saturating_add(1))
    }

    /// So many milliseconds, as stored.
    pub(crate) const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// For storing.
    pub(crate) const fn raw(self) -> u64 {
        self.0
    }

    /// Later by so much.
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// How long ago `earlier` was; zero if it is still to come.
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
