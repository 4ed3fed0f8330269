//! A time limit that costs little to move: the timer is armed once and looks for the current limit when it fires.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// How long something may take that is waited for again and again.
#[derive(Debug, Default)]
pub(crate) struct Stall {
    limit: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Something moved.
    pub(crate) fn clear(&mut self) {
        self.limit = None;
    }

    /// Ready once `pause` has passed since the first poll after the last `clear`.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, pause: Duration) -> Poll<()> {
        let limit = *self.limit.get_or_insert_with(|| Instant::now() + pause);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        if timer.deadline() > limit {
            timer.as_mut().reset(limit);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= limit {
                return Poll::Ready(());
            }
            timer.as_mut().reset(limit);
        }
    }
}
