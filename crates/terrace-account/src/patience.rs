//! How long is waited, and what is worth asking again.

use std::time::Duration;

use backon::ExponentialBuilder;

use crate::Refusal;

/// How long is waited for AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Without a byte in either direction, after which a call counts as cut off.
    pub silence: Duration,
    /// The first pause before a call is made again; each later one is twice as long, and by chance up to twice that.
    pub pause: Duration,
    /// Whether a call that only reads is made again if the connection broke before its answer. S3 is asked again anyway.
    pub broken: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(60), pause: Duration::from_millis(400), broken: false }
    }
}

impl Patience {
    /// Of a deployment, which goes on over a network that comes and goes.
    pub fn enduring() -> Self {
        Self { broken: true, ..Self::default() }
    }

    /// Three more times, longer apart each time, so that many do not ask at once.
    pub(crate) fn pauses(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.pause)
            .with_factor(2.0)
            .with_max_times(3)
            .with_jitter()
    }
}

/// Whether the same call may be answered otherwise soon.
pub(crate) fn passing(refusal: &Refusal) -> bool {
    // S3: the body came too slowly; two at the same bucket or key at once.
    let slow = ["RequestTimeout", "OperationAborted", "ConditionalRequestConflict"];
    let (status, code) = (refusal.status(), refusal.code());
    refusal.is_throttled()
        || matches!(status, 500 | 502 | 503 | 504)
        || slow.iter().any(|word| code.contains(word))
}
