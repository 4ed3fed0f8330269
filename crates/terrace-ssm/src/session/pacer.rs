//! Credit for new data messages: on average one per interval, a few at once after a pause.

use std::time::Duration;

use crate::Pace;

/// The credit, as the time at which it would be used up had messages been sent evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacer {
    pace: Option<Pace>,
    spent: Duration,
}

impl Pacer {
    pub(super) const fn new(pace: Option<Pace>) -> Self {
        Self { pace, spent: Duration::ZERO }
    }

    /// When the next message may be sent; it may have passed.
    pub(super) fn ready_at(&self) -> Duration {
        self.pace.map_or(Duration::ZERO, |pace| {
            self.spent.saturating_sub(pace.interval().saturating_mul(pace.burst().saturating_sub(1)))
        })
    }

    /// A message is sent.
    pub(super) fn spend(&mut self, at: Duration) {
        if let Some(pace) = self.pace {
            self.spent = self.spent.max(at).saturating_add(pace.interval());
        }
    }
}
