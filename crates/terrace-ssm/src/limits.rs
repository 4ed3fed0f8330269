//! How much a session may send, keep and hold back, each within what the protocol and memory bear.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Bounds of one session. The defaults are those of the official parts where they have any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    payload: usize,
    window: usize,
    spool: usize,
    spools: usize,
    queue: usize,
    streams: usize,
    pace: Option<Pace>,
}

/// How often a new data message may be sent: on average one per interval, a few at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    interval: Duration,
    burst: u32,
}

/// Why a limit was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {given}, but goes from {least} to {most}")]
pub struct LimitError {
    what: &'static str,
    given: u128,
    least: u128,
    most: u128,
}

fn within(what: &'static str, given: usize, least: usize, most: usize) -> Result<usize, LimitError> {
    if (least..=most).contains(&given) {
        Ok(given)
    } else {
        Err(LimitError { what, given: given as u128, least: least as u128, most: most as u128 })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload: KIB,
            window: MIB,
            spool: 64 * MIB,
            spools: 256 * MIB,
            queue: 256 * KIB,
            streams: 4096,
            pace: None,
        }
    }
}

impl Limits {
    /// Bytes of payload in a data message, 1 to 32 768. Default 1024, as the official parts send; the official agent
    /// was seen to take 32 KiB.
    pub fn with_payload(self, bytes: usize) -> Result<Self, LimitError> {
        Ok(Self { payload: within("the payload of a message", bytes, 1, 32 * KIB)?, ..self })
    }

    /// Bytes sent and not yet acknowledged, headers counted; 1 byte (then one message at a time) to 64 MiB. Default 1 MiB.
    pub fn with_window(self, bytes: usize) -> Result<Self, LimitError> {
        Ok(Self { window: within("the window", bytes, 1, 64 * MIB)?, ..self })
    }

    /// Unread bytes of one stream above which it is reset, 64 KiB to 4 GiB less one. Default 64 MiB.
    pub fn with_spool(self, bytes: usize) -> Result<Self, LimitError> {
        Ok(Self { spool: within("the spool of a stream", bytes, 64 * KIB, u32::MAX as usize)?, ..self })
    }

    /// Unread bytes of all streams above which the one with the most is reset, 64 KiB to 4 GiB less one. Default 256 MiB.
    pub fn with_spools(self, bytes: usize) -> Result<Self, LimitError> {
        Ok(Self { spools: within("the spool of all streams", bytes, 64 * KIB, u32::MAX as usize)?, ..self })
    }

    /// Bytes of one stream that wait to be sent, 1 to 64 MiB. Default 256 KiB.
    pub fn with_queue(self, bytes: usize) -> Result<Self, LimitError> {
        Ok(Self { queue: within("the queue of a stream", bytes, 1, 64 * MIB)?, ..self })
    }

    /// Streams open at a time, 1 to 65 536. Default 4096.
    pub fn with_streams(self, count: usize) -> Result<Self, LimitError> {
        Ok(Self { streams: within("the number of streams", count, 1, 65_536)?, ..self })
    }

    /// How fast new data is sent; `None` for as fast as the window allows, which is the default.
    #[must_use]
    pub fn with_pace(self, pace: Option<Pace>) -> Self {
        Self { pace, ..self }
    }

    /// Bytes of payload in a data message.
    pub const fn payload(&self) -> usize {
        self.payload
    }

    /// Bytes in flight.
    pub const fn window(&self) -> usize {
        self.window
    }

    /// Unread bytes of one stream.
    pub const fn spool(&self) -> usize {
        self.spool
    }

    /// Unread bytes of all streams.
    pub const fn spools(&self) -> usize {
        self.spools
    }

    /// Bytes of one stream that wait to be sent.
    pub const fn queue(&self) -> usize {
        self.queue
    }

    /// Streams open at a time.
    pub const fn streams(&self) -> usize {
        self.streams
    }

    /// How fast new data is sent.
    pub const fn pace(&self) -> Option<Pace> {
        self.pace
    }
}

impl Pace {
    /// The real agent's: it sleeps 1 ms after each message, which makes one per 1.36 ms as measured (0.7 MB/s at 1 KiB).
    pub const AGENT: Self = Self { interval: Duration::from_micros(1360), burst: 8 };

    /// One message per interval (1 µs to 1 s) and up to `burst` (1 to 1000) at once after a pause, so that a late
    /// timer costs nothing.
    pub fn new(interval: Duration, burst: u32) -> Result<Self, LimitError> {
        let (given, least, most) = (interval.as_nanos(), 1000, 1_000_000_000);
        if !(least..=most).contains(&given) {
            return Err(LimitError { what: "the pace in nanoseconds", given, least, most });
        }
        within("the burst of a pace", burst as usize, 1, 1000)?;
        Ok(Self { interval, burst })
    }

    /// The mean time between two messages.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How many may go at once after a pause.
    pub const fn burst(&self) -> u32 {
        self.burst
    }
}
