//! Trying again: after waits that double and differ from machine to machine, within one limit for everything.

use std::time::Duration;

use tokio::time::Instant;

/// The first wait, and the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// When to give up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    pub(crate) fn within(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    /// The same or an earlier one.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        let earlier = Self::within(limit);
        if earlier.at < self.at { earlier } else { self }
    }

    pub(crate) fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

/// The waits between tries.
#[derive(Debug)]
pub(crate) struct Tries {
    deadline: Deadline,
    made: u32,
}

impl Tries {
    pub(crate) fn until(deadline: Deadline) -> Self {
        Self { deadline, made: 0 }
    }

    /// Waits for the next try; false if there is no time for one.
    pub(crate) async fn wait(&mut self) -> bool {
        let longest = FIRST.saturating_mul(1 << self.made.min(10)).min(LONGEST);
        self.made = self.made.saturating_add(1);
        // "Full jitter": any part of it. Without randomness, all of it.
        let share = getrandom::u32().unwrap_or(u32::MAX);
        let wait = longest.mul_f64(f64::from(share) / f64::from(u32::MAX));
        if wait >= self.deadline.left() {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }

    /// How often and for how long it was tried.
    pub(crate) fn summary(&self) -> String {
        let seconds = self.deadline.limit.as_secs();
        format!("tried {} times within {seconds} s", self.made)
    }
}
