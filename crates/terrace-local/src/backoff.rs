//! How long to wait before a crashed process is started again: doubled each time, forgotten once it has stood.

use std::time::Duration;

/// The waits of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    crashes: u32,
}

impl Backoff {
    /// The first wait.
    pub const FIRST: Duration = Duration::from_millis(50);
    /// The longest.
    pub const LONGEST: Duration = Duration::from_secs(10);
    /// How long a process has to stand for its crashes to be forgotten.
    pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(20);

    /// No crash yet.
    pub const fn new() -> Self {
        Self { crashes: 0 }
    }

    /// The wait after a crash of a process that had stood for `stood`.
    pub fn after_crash(&mut self, stood: Duration) -> Duration {
        if stood >= Self::FORGOTTEN_AFTER {
            self.crashes = 0;
        }
        let factor = 2_u32.saturating_pow(self.crashes.min(16));
        self.crashes = self.crashes.saturating_add(1);
        Self::FIRST.saturating_mul(factor).min(Self::LONGEST)
    }

    /// Crashes in a row.
    pub const fn crashes(self) -> u32 {
        self.crashes
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_forgotten() {
        let mut backoff = Backoff::new();
        let at_once = Duration::ZERO;
        assert_eq!(backoff.after_crash(at_once), Backoff::FIRST);
        assert_eq!(backoff.after_crash(at_once), Backoff::FIRST * 2);
        for _ in 0..40 {
            backoff.after_crash(at_once);
        }
        assert_eq!(backoff.after_crash(at_once), Backoff::LONGEST);
        assert_eq!(backoff.after_crash(Backoff::FORGOTTEN_AFTER), Backoff::FIRST);
        assert_eq!(backoff.crashes(), 1);
    }
}
