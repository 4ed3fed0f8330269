//! What a request carries: nothing, or a part of a blob, counted as it goes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How much is given to the connection at a time, in bytes.
const FRAME: usize = 64 * 1024;

/// Told how many bytes have gone since the start of the request.
pub(crate) type Told = Arc<dyn Fn(u64) + Send + Sync>;

/// A request's content. Cloning shares the bytes.
#[derive(Clone, Default)]
pub(crate) struct Payload {
    pub(crate) bytes: Bytes,
    pub(crate) told: Option<Told>,
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

impl Payload {
    /// These bytes, of which nobody is told.
    pub(crate) fn of(bytes: Bytes) -> Self {
        Self { bytes, told: None }
    }

    /// As a body that counts into `moved`.
    pub(crate) fn body(self, moved: Arc<AtomicU64>) -> Counted {
        Counted { left: self.bytes, told: self.told, gone: 0, moved }
    }
}

/// A body that tells what it has given.
pub(crate) struct Counted {
    left: Bytes,
    told: Option<Told>,
    gone: u64,
    moved: Arc<AtomicU64>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.left.len().min(FRAME);
        let frame = self.left.split_to(size);
        self.gone += size as u64;
        self.moved.fetch_add(size as u64, Ordering::Relaxed);
        if let Some(told) = &self.told {
            told(self.gone);
        }
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
