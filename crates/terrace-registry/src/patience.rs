//! How often something is tried, and how long apart.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

use crate::error::RegistryError;
use crate::event::{Event, Told};

/// The longest that a registry's wish to be left alone is heeded.
const LONGEST: Duration = Duration::from_secs(60);

/// What is left of the attempts for one thing; longer apart each time, by chance.
pub(crate) struct Patience {
    builder: ExponentialBuilder,
    left: ExponentialBackoff,
}

impl Patience {
    /// So many attempts after the first, this long apart at first.
    pub(crate) fn new(attempts: usize, first: Duration) -> Self {
        let builder = ExponentialBuilder::new()
            .with_min_delay(first)
            .with_max_delay(first.saturating_mul(40))
            .with_max_times(attempts)
            .with_jitter();
        Self { builder, left: builder.build() }
    }

    /// Something moved: all attempts are there again.
    pub(crate) fn renew(&mut self) {
        self.left = self.builder.build();
    }

    /// Waits if the error may pass and attempts are left; else gives it back.
    pub(crate) async fn wait(
        &mut self,
        error: RegistryError,
        passing: bool,
        told: Told<'_>,
    ) -> Result<(), RegistryError> {
        let Some(delay) = self.left.next().filter(|_| passing) else {
            return Err(error);
        };
        let after = error.again().map_or(delay, |again| again.min(LONGEST).max(delay));
        told(Event::Again { why: error.to_string(), after });
        tokio::time::sleep(after).await;
        Ok(())
    }
}
