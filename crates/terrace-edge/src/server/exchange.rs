//! One request from its head to the last byte of its response: counted while it lasts, logged when it ends.
//!
//! The response body carries the exchange, so that it ends exactly when the HTTP library lets go of the body,
//! whether the response was sent whole, broke off, or the client went away.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::connection_state::ConnectionState;
use super::shared::Shared;
use crate::body::{BodyError, EdgeBody};
use crate::log::Draft;

/// A request in flight.
#[derive(Debug)]
pub(crate) struct Exchange {
    shared: Arc<Shared>,
    connection: Arc<ConnectionState>,
    draft: Option<Box<Draft>>,
    sent: u64,
    whole: bool,
}

impl Exchange {
    /// Begins one; also says how many are in flight with it.
    pub(crate) fn begin(
        shared: &Arc<Shared>,
        connection: &Arc<ConnectionState>,
        now: Instant,
    ) -> (Self, u64) {
        connection.begin(now);
        let in_flight = shared.request_begins();
        let exchange = Self {
            shared: Arc::clone(shared),
            connection: Arc::clone(connection),
            draft: None,
            sent: 0,
            whole: false,
        };
        (exchange, in_flight)
    }

    /// How much of the response's body has been sent, and whether that is all.
    pub(crate) fn sent(&mut self, bytes: u64, whole: bool) {
        self.sent = bytes;
        self.whole = whole;
    }

    /// What will be logged of it.
    pub(crate) fn log_as(&mut self, draft: Option<Box<Draft>>) {
        self.draft = draft;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.connection.end();
        self.shared.request_ends();
        if let Some(draft) = self.draft.take() {
            self.shared.log.write(&draft, self.sent, self.whole);
        }
    }
}

/// A response body on its way to the client.
#[derive(Debug)]
pub(crate) struct Outgoing {
    body: EdgeBody,
    exchange: Exchange,
}

impl Outgoing {
    /// The body of an exchange's response.
    pub(crate) fn new(body: EdgeBody, mut exchange: Exchange) -> Self {
        exchange.whole = body.is_end_stream();
        Self { body, exchange }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    this.exchange.sent = this.exchange.sent.saturating_add(data.len() as u64);
                }
                this.exchange.whole = this.body.is_end_stream();
            }
            Poll::Ready(None) => this.exchange.whole = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
