//! How long the other side takes to acknowledge, and when to stop waiting for it (RFC 6298, with the bounds that the
//! official parts have).

use std::time::Duration;

/// Before anything was measured.
const FIRST: Duration = Duration::from_millis(200);
/// The official parts look every 100 ms; a shorter wait would send much twice for a hiccup.
const LEAST: Duration = Duration::from_millis(100);
/// Also after several waits in vain, so that a handshake of 15 s survives a bad link.
const MOST: Duration = Duration::from_secs(1);
/// What is longer says nothing about the next.
const LONGEST_SAMPLE: Duration = Duration::from_secs(60);

/// The round trip as measured, smoothed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimate {
    measured: Option<Measured>,
    /// Waits in vain since the last acknowledgement.
    vain: u32,
}

#[derive(Clone, Copy, Debug)]
struct Measured {
    smoothed: Duration,
    variance: Duration,
    least: Duration,
}

impl Estimate {
    /// Takes a round trip of a message that was sent only once (Karn's rule is the caller's).
    pub(super) fn sample(&mut self, trip: Duration) {
        let trip = trip.min(LONGEST_SAMPLE);
        self.measured = Some(match self.measured {
            None => Measured { smoothed: trip, variance: trip / 2, least: trip },
            Some(Measured { smoothed, variance, least }) => Measured {
                variance: variance * 3 / 4 + smoothed.abs_diff(trip) / 4,
                smoothed: smoothed * 7 / 8 + trip / 8,
                least: least.min(trip),
            },
        });
    }

    /// Something was acknowledged.
    pub(super) const fn progress(&mut self) {
        self.vain = 0;
    }

    /// A wait was in vain: the next is twice as long.
    pub(super) const fn back_off(&mut self) {
        self.vain = self.vain.saturating_add(1);
    }

    /// How long to wait for an acknowledgement.
    pub(super) fn timeout(&self) -> Duration {
        let base = self.measured.map_or(FIRST, |m| {
            (m.smoothed + (m.variance * 4).max(Duration::from_millis(10))).clamp(LEAST, MOST)
        });
        base.saturating_mul(1 << self.vain.min(5)).min(MOST)
    }

    /// The shortest round trip that was seen; an acknowledgement cannot be for what was sent later than that.
    pub(super) fn least(&self) -> Option<Duration> {
        self.measured.map(|m| m.least)
    }

    /// How long a round trip takes, as far as is known.
    pub(super) fn trip(&self) -> Duration {
        self.measured.map_or(FIRST, |m| m.smoothed)
    }

    /// The smoothed round trip.
    pub(super) fn smoothed(&self) -> Option<Duration> {
        self.measured.map(|m| m.smoothed)
    }
}
