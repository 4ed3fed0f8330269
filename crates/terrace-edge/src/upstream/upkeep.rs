//! The housekeeping of a pool: old connections closed, drained targets forgotten, the line served again.

use std::sync::Weak;
use std::time::Duration;

use super::pool::Pool;

/// Often enough that nothing idles much longer than it should.
const OFTEN: Duration = Duration::from_millis(500);

/// Runs until the pool is gone.
pub(crate) async fn run(pool: Weak<Pool>) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        pool.tidy();
    }
}
