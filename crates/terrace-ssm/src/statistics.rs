//! What a session has done and holds, for people and for tests.

use std::time::Duration;

/// Counts since the session began, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Data messages sent for the first time.
    pub messages_sent: u64,
    /// Data messages received and taken, each once.
    pub messages_received: u64,
    /// Bytes of streams sent for the first time.
    pub bytes_sent: u64,
    /// Bytes of streams received, each once.
    pub bytes_received: u64,
    /// Data messages sent again.
    pub retransmissions: u64,
    /// Data messages received again.
    pub duplicates: u64,
    /// Frames that were not understood or not expected.
    pub ignored: u64,
    /// Bytes sent and not acknowledged, headers counted.
    pub unacknowledged_bytes: usize,
    /// Bytes of streams that arrived and were not read.
    pub spooled_bytes: usize,
    /// Bytes of messages that wait for an earlier one.
    pub reordering_bytes: usize,
    /// The smoothed round trip, once one was measured.
    pub round_trip: Option<Duration>,
}
