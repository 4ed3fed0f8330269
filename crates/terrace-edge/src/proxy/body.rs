//! The response body of a target on its way to the client. It drives the connection it comes from.
//!
//! Nothing is read that the client does not take. At its end the connection goes back to the target's idle ones and
//! the place on the target is free; dropped before its end, the connection is closed, which tells the target.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::body::{BodyError, EdgeBody};
use crate::failure::Failure;
use crate::upstream::{Connection, Slot};

/// The response body of a target.
#[derive(Debug)]
pub(crate) struct UpstreamBody {
    /// What came with the head.
    first: Option<Bytes>,
    /// None once it is over.
    source: Option<Source>,
    pause: Duration,
}

#[derive(Debug)]
struct Source {
    connection: Box<Connection>,
    slot: Slot,
}

impl UpstreamBody {
    /// A body, `pause` at most between two parts.
    pub(crate) fn new(connection: Box<Connection>, slot: Slot, pause: Duration) -> Self {
        Self { first: None, source: Some(Source { connection, slot }), pause }
    }

    /// Takes what is there already: small responses come whole with their head, and then need no stream.
    pub(crate) fn gather(mut self, cx: &mut Context<'_>) -> Result<EdgeBody, Failure> {
        match self.poll_data(cx) {
            Poll::Ready(Some(Ok(data))) if self.source.is_none() => return Ok(EdgeBody::full(data)),
            Poll::Ready(Some(Ok(data))) => self.first = Some(data),
            Poll::Ready(Some(Err(error))) => return Err(error.failure()),
            Poll::Ready(None) => return Ok(EdgeBody::Empty),
            Poll::Pending => {}
        }
        Ok(EdgeBody::Proxied(self))
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let polled = source.connection.poll_body(cx, self.pause);
        match &polled {
            Poll::Ready(Some(Err(error))) => {
                if let Some(Source { slot, .. }) = self.source.take() {
                    let why = match error {
                        BodyError::Upstream(_) => Some("broke off a response"),
                        BodyError::UpstreamSlow => Some("stalled in a response"),
                        _ => None,
                    };
                    if let Some(why) = why {
                        slot.pool().count_failure(slot.target(), why);
                    }
                }
            }
            // With a length the end is known at once, and nobody will ask again.
            Poll::Ready(_) if source.connection.is_over() => {
                if let Some(Source { connection, slot }) = self.source.take() {
                    slot.pool().keep(slot.target(), connection);
                }
            }
            Poll::Ready(_) | Poll::Pending => {}
        }
        polled
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.poll_data(cx).map(|data| data.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.source.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, |first| first.len() as u64);
        match self.source.as_ref().map_or(Some(0), |source| source.connection.remaining()) {
            Some(rest) => SizeHint::with_exact(rest.saturating_add(first)),
            None => SizeHint::default(),
        }
    }
}
