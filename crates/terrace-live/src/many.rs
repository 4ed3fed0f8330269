//! Several calls side by side.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// No more than this at a time, or AWS slows all of them down.
const SIDE_BY_SIDE: usize = 8;

/// What all of them come to, in their order.
pub(crate) async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut done = Vec::with_capacity(futures.len());
    let mut left = futures.into_iter();
    loop {
        let some: Vec<F> = left.by_ref().take(SIDE_BY_SIDE).collect();
        if some.is_empty() {
            return done;
        }
        done.extend(together(some).await);
    }
}

/// A call under way, and what it came to.
type Running<F> = (Pin<Box<F>>, Option<<F as Future>::Output>);

async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(move |context| {
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                *output = Some(value);
            }
        }
        if running.iter().any(|(_, output)| output.is_none()) {
            return Poll::Pending;
        }
        Poll::Ready(running.iter_mut().filter_map(|(_, output)| output.take()).collect())
    })
    .await
}
