//! Passes a request on to a target of a pool and its response back, both as streams.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::body::{BodyError, EdgeBody, RequestBody};
use crate::context::RequestContext;
use crate::failure::Failure;
use crate::upstream::Pool;

/// The response body of a target.
#[derive(Debug)]
pub(crate) struct UpstreamBody {
    incoming: Incoming,
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.incoming).poll_frame(cx).map_err(BodyError::Upstream)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Passes a request on. Its hop-by-hop fields are still there; its host and framing have been checked.
pub(crate) async fn forward(
    _pool: &Arc<Pool>,
    _request: Request<RequestBody>,
    _context: &mut RequestContext,
) -> Result<Response<EdgeBody>, Failure> {
    Err(Failure::NoTarget)
}
