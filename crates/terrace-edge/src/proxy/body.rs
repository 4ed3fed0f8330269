//! The response body of a target on its way to the client. It drives the connection it comes from.
//!
//! Nothing is read that the client does not take. At its end the connection goes back to the target's idle ones and
//! the place on the target is free; dropped before its end, the connection is closed, which tells the target.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::body::{BodyError, EdgeBody};
use crate::upstream::{Connection, Slot};

/// The response body of a target.
#[derive(Debug)]
pub(crate) struct UpstreamBody {
    /// What came with the head.
    first: Option<Bytes>,
    incoming: Incoming,
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
    pub(crate) fn new(incoming: Incoming, connection: Box<Connection>, slot: Slot, pause: Duration) -> Self {
        Self { first: None, incoming, source: Some(Source { connection, slot }), pause }
    }

    /// Takes what is there already: small responses come whole with their head, and then need no stream.
    pub(crate) fn gather(mut self, cx: &mut Context<'_>) -> EdgeBody {
        if self.incoming.is_end_stream() {
            self.finish();
            return EdgeBody::Empty;
        }
        if let Poll::Ready(Some(Ok(frame))) = self.poll_incoming(cx)
            && let Ok(data) = frame.into_data()
        {
            // Polled once more only where no length tells that this was all.
            if self.incoming.is_end_stream() {
                self.finish();
            }
            if self.source.is_none() {
                return EdgeBody::full(data);
            }
            self.first = Some(data);
        }
        EdgeBody::Proxied(self)
    }

    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let polled = source.connection.poll_body(&mut self.incoming, cx, self.pause);
        match &polled {
            Poll::Ready(None) => self.finish(),
            Poll::Ready(Some(Err(error))) => {
                if let Some(Source { slot, .. }) = self.source.take() {
                    let why = match error {
                        BodyError::UpstreamSlow => "stalled in a response",
                        _ => "broke off a response",
                    };
                    slot.pool().count_failure(slot.target(), why);
                }
            }
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        polled
    }

    fn finish(&mut self) {
        if let Some(Source { connection, slot }) = self.source.take() {
            slot.pool().keep(slot.target(), connection);
        }
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
        let polled = self.poll_incoming(cx);
        // With a length the end is known now, and nobody will ask again.
        if matches!(polled, Poll::Ready(Some(Ok(_)))) && self.incoming.is_end_stream() {
            self.finish();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.incoming.size_hint();
        let first = self.first.as_ref().map_or(0, |first| first.len() as u64);
        match rest.exact() {
            Some(rest) => SizeHint::with_exact(rest.saturating_add(first)),
            None => SizeHint::default(),
        }
    }
}
