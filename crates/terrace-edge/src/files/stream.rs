//! A part of a large file as a body: read piece by piece on the blocking threads, one piece ahead of none.
//!
//! Memory is bounded by one piece per response. A file that became shorter ends in an error, so that the client
//! sees a broken response and not a short one.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::body::BodyError;

/// How much is read at once, bytes.
const PIECE: u64 = 256 * 1024;

/// Part of a file.
#[derive(Debug)]
pub(crate) struct FileBody {
    file: Arc<File>,
    offset: u64,
    remaining: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileBody {
    /// `length` bytes from `offset`; nothing is read yet.
    pub(crate) fn new(file: Arc<File>, offset: u64, length: u64) -> Self {
        Self { file, offset, remaining: length, reading: None }
    }
}

fn read_piece(file: &File, offset: u64, length: u64) -> io::Result<Bytes> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut piece = vec![0; length];
    file.read_exact_at(&mut piece, offset)?;
    Ok(Bytes::from(piece))
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if this.remaining == 0 {
            return Poll::Ready(None);
        }
        let reading = this.reading.get_or_insert_with(|| {
            let (file, offset, length) = (Arc::clone(&this.file), this.offset, this.remaining.min(PIECE));
            spawn_blocking(move || read_piece(&file, offset, length))
        });
        let read = ready!(Pin::new(reading).poll(cx)).unwrap_or_else(|error| Err(io::Error::other(error)));
        this.reading = None;
        match read {
            Ok(piece) => {
                this.offset = this.offset.saturating_add(piece.len() as u64);
                this.remaining = this.remaining.saturating_sub(piece.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => {
                this.remaining = 0;
                Poll::Ready(Some(Err(BodyError::File(error))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
