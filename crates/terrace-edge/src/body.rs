//! The two bodies that pass through the edge: what a client sends (held to the limits), and what it gets.
//!
//! Neither is boxed: a response from memory costs no allocation. Both end in a [`BodyError`] that knows whose
//! fault the end was.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::failure::Failure;
use crate::files::FileBody;
use crate::proxy::UpstreamBody;

/// How a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The client sent more than the limit.
    #[error("the request body is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// The client let too much time pass between two parts.
    #[error("the request body stalled")]
    Slow,
    /// The client's framing was broken or its connection ended.
    #[error("the request body broke off")]
    Client(#[source] hyper::Error),
    /// The target's framing was broken or its connection ended.
    #[error("the response of the target broke off")]
    Upstream(#[source] std::io::Error),
    /// The target let too much time pass between two parts.
    #[error("the response of the target stalled")]
    UpstreamSlow,
    /// A file could not be read to its end.
    #[error("the file could not be read")]
    File(#[source] std::io::Error),
}

impl BodyError {
    /// The failure that this is to a request, where the response has not begun.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::TooLarge { limit } => Failure::BodyTooLarge { limit: *limit },
            Self::Slow => Failure::RequestTimeout,
            Self::Client(_) => Failure::ClientGone,
            Self::Upstream(_) => Failure::UpstreamBroken,
            Self::UpstreamSlow => Failure::UpstreamTimeout,
            Self::File(_) => Failure::Internal("the file could not be read"),
        }
    }
}

/// What a client sends: never longer than the limit, never silent for longer than the time allowed.
#[derive(Debug)]
pub(crate) struct RequestBody {
    incoming: Incoming,
    received: u64,
    limit: u64,
    pause: Duration,
    /// Armed only while a part is awaited.
    stall: Option<Pin<Box<Sleep>>>,
}

impl RequestBody {
    /// Holds a body to its limits.
    pub(crate) fn new(incoming: Incoming, limit: u64, pause: Duration) -> Self {
        Self { incoming, received: 0, limit, pause, stall: None }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.stall = None;
                if let Some(data) = frame.data_ref() {
                    this.received = this.received.saturating_add(data.len() as u64);
                    if this.received > this.limit {
                        return Poll::Ready(Some(Err(BodyError::TooLarge { limit: this.limit })));
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(BodyError::Client(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let pause = this.pause;
                let stall = this.stall.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + pause)));
                ready!(stall.as_mut().poll(cx));
                Poll::Ready(Some(Err(BodyError::Slow)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// What a client gets.
#[derive(Debug, Default)]
pub(crate) enum EdgeBody {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes in memory, sent in one piece.
    Full(Bytes),
    /// Part of a file, read as it is sent.
    File(FileBody),
    /// What a target answers; its place is given back when this ends or is dropped.
    Proxied(UpstreamBody),
}

impl EdgeBody {
    /// Bytes in memory.
    pub(crate) fn full(bytes: Bytes) -> Self {
        if bytes.is_empty() { Self::Empty } else { Self::Full(bytes) }
    }
}

impl Body for EdgeBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::File(file) => Pin::new(file).poll_frame(cx),
            Self::Proxied(upstream) => Pin::new(upstream).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(_) => false,
            Self::File(file) => file.is_end_stream(),
            Self::Proxied(upstream) => upstream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::File(file) => file.size_hint(),
            Self::Proxied(upstream) => upstream.size_hint(),
        }
    }
}
