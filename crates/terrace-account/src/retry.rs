//! What is worth asking again, and when.

use std::time::Duration;

use backon::ExponentialBuilder;

/// Whether an answer of this status and code may be another one soon.
pub(crate) fn passing(status: u16, code: &str) -> bool {
    let slow = ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete"];
    status == 429 || matches!(status, 500 | 502 | 503 | 504) || slow.iter().any(|word| code.contains(word))
}

/// Three more times: twice as long each time, and by chance up to twice that, so that many do not ask at once.
pub(crate) fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(400))
        .with_factor(2.0)
        .with_max_times(3)
        .with_jitter()
}
