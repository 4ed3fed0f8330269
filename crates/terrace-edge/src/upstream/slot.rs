//! A request's place on a target: counted while it lives, given back when it is dropped, then the line moves on.

use std::sync::Arc;

use super::pool::Pool;
use super::target::Target;

/// A place on a target.
#[derive(Debug)]
pub(crate) struct Slot {
    pool: Arc<Pool>,
    target: Arc<Target>,
}

impl Slot {
    /// For a place that was taken with [`Target::enter`].
    pub(crate) fn taken(pool: Arc<Pool>, target: Arc<Target>) -> Self {
        Self { pool, target }
    }

    /// Whose place it is.
    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// Of which pool.
    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.target.leave();
        self.pool.serve_queue();
    }
}
