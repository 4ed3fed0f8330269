//! What is worth asking again.

use std::time::Duration;

/// How often a call is made, with the first time.
pub(super) const ATTEMPTS: u32 = 4;

/// Whether an answer of this status and code may be another one soon.
pub(super) fn passing(status: u16, code: &str) -> bool {
    let slow = ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete"];
    status == 429 || matches!(status, 500 | 502 | 503 | 504) || slow.iter().any(|word| code.contains(word))
}

/// How long to wait before the next time.
pub(super) fn pause(attempt: u32) -> Duration {
    Duration::from_millis(200 * u64::from(1_u32 << attempt.min(5)))
}
