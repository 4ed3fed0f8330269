//! Moments as AWS tells them, and as they are told here.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

/// The end of the year 9999: what cannot be written as RFC 3339 is no moment.
const LAST: u64 = 253_402_300_799_999;

/// A moment to the millisecond; as text and in JSON RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    /// Of a clock; nothing is before 1970.
    pub fn of(clock: SystemTime) -> Self {
        let since = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::of_millis(u64::try_from(since.as_millis()).unwrap_or(LAST))
    }

    /// Milliseconds since 1970.
    pub fn of_millis(millis: u64) -> Self {
        Self(millis.min(LAST))
    }

    /// Seconds since 1970 with a fraction, as ECS has them.
    pub(crate) fn of_seconds(seconds: f64) -> Option<Self> {
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        Some(Self::of_millis(u64::try_from(since.as_millis()).ok()?))
    }

    /// RFC 3339, as answers in XML have it.
    pub(super) fn read(text: &str) -> Option<Self> {
        humantime::parse_rfc3339_weak(text).ok().map(Self::of)
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> u64 {
        self.0
    }

    /// As a clock has it.
    pub fn clock(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// So much earlier; not before 1970.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis(self.clock()).fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_tell_a_moment_is_read() {
        let told = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
        assert_eq!(told(Time::of_seconds(1_795_300_000.25)), "2026-11-21T22:26:40.250Z");
        assert_eq!(told(Time::read("2026-11-21T22:26:40Z")), "2026-11-21T22:26:40.000Z");
        assert_eq!(told(Time::read("2026-11-21T22:26:40.25Z")), "2026-11-21T22:26:40.250Z");
        for odd in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(Time::of_seconds(odd), None);
        }
        // What is beyond every clock can be written all the same.
        assert_eq!(Time::of_millis(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Time::of_millis(5).before(Duration::from_secs(1)), Time::default());
    }
}
