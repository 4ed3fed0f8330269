//! What is sent: bytes at hand, or a file that is read while it is sent. Either can be sent again.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use sha2::Digest as _;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};
use tokio::sync::watch;

use crate::Sha256;

/// As much is handed on at a time.
const PIECE: usize = 64 << 10;

/// What is sent, with its length and digest.
#[derive(Clone, Debug)]
pub struct Content {
    source: Source,
    length: u64,
    sha256: Sha256,
}

#[derive(Clone, Debug)]
enum Source {
    Bytes(Bytes),
    File(PathBuf),
}

impl Content {
    /// Bytes at hand.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { length: bytes.len() as u64, sha256: Sha256::of(&bytes), source: Source::Bytes(bytes) }
    }

    /// A file, which is read once now for its digest, and once each time it is sent; a file that has changed meanwhile is
    /// refused by S3.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn file(path: &Path) -> io::Result<Self> {
        let (mut file, mut hasher, mut length) = (File::open(path).await?, sha2::Sha256::new(), 0);
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece).await?;
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else { break };
            hasher.update(read);
            length += read.len() as u64;
        }
        Ok(Self { source: Source::File(path.to_owned()), length, sha256: Sha256::ended(hasher) })
    }

    /// In bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Of all of it.
    pub fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// A body, and how much of it has been handed to the connection so far.
    pub(crate) async fn body(&self) -> io::Result<(SdkBody, watch::Receiver<u64>)> {
        let (told, moved) = watch::channel(0);
        if self.length == 0 {
            return Ok((SdkBody::empty(), moved));
        }
        let source = match &self.source {
            Source::Bytes(bytes) => Open::Bytes(bytes.clone()),
            Source::File(path) => Open::File(File::open(path).await?, vec![0; PIECE]),
        };
        Ok((SdkBody::from_body_1_x(Stream { source, left: self.length, sent: 0, told }), moved))
    }
}

/// A body that is on its way.
struct Stream {
    source: Open,
    left: u64,
    sent: u64,
    told: watch::Sender<u64>,
}

enum Open {
    Bytes(Bytes),
    File(File, Vec<u8>),
}

impl Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = match &mut this.source {
            Open::Bytes(bytes) => bytes.split_to(bytes.len().min(PIECE)),
            Open::File(file, room) => {
                let mut room = ReadBuf::new(room);
                ready!(Pin::new(file).poll_read(context, &mut room))?;
                Bytes::copy_from_slice(room.filled())
            }
        };
        piece.truncate(usize::try_from(this.left).unwrap_or(usize::MAX));
        if piece.is_empty() {
            let shorter = io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter");
            return Poll::Ready(Some(Err(shorter)));
        }
        this.left -= piece.len() as u64;
        this.sent += piece.len() as u64;
        this.told.send_replace(this.sent);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
