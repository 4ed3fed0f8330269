//! The body of a request on its way to a target: framed as its head says, never longer or shorter.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::body::Body;
use tokio::io::AsyncWrite;

use crate::body::{BodyError, RequestBody};

/// How a body's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By `Content-Length`.
    Length(u64),
    /// By a last chunk.
    Chunked,
}

/// What is sent after a head.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    body: Option<(RequestBody, Framing)>,
    /// What was taken from the body and not sent.
    first: Option<Bytes>,
    /// Whether its end is on the wire.
    ended: bool,
}

impl Upload {
    /// Nothing.
    pub(crate) const fn empty() -> Self {
        Self { body: None, first: None, ended: false }
    }

    /// A client's body.
    pub(crate) const fn of(body: RequestBody, framing: Framing) -> Self {
        Self { body: Some((body, framing)), first: None, ended: false }
    }

    /// Whether there is nothing (more) to send.
    pub(crate) const fn is_empty(&self) -> bool {
        self.body.is_none() || self.ended
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let Some((body, _)) = &mut self.body else { return Poll::Ready(None) };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                // Trailers of a request are not passed on.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    Err(_) => {}
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// Why a request could not be written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The target does not take it.
    Io,
    /// The client does not send it.
    Client(BodyError),
}

/// A request on its way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// What is next on the wire: a head or the start of a chunk, data, the end of a chunk.
    wire: [Bytes; 3],
    upload: Upload,
    /// Whether any byte was taken by the machine.
    pub(crate) started: bool,
    /// Whether what is missing has to come from the client.
    pub(crate) waits_for_client: bool,
}

impl Outbox {
    /// Begins with a request.
    pub(crate) fn begin(&mut self, head: Bytes, upload: Upload) {
        *self = Self { wire: [head, Bytes::new(), Bytes::new()], upload, ..Self::default() };
    }

    /// Whether all is written.
    pub(crate) fn is_done(&self) -> bool {
        self.upload.is_empty() && self.wire.iter().all(Bytes::is_empty)
    }

    /// The upload as it was, for a request of which nothing was sent.
    pub(crate) fn take_back(&mut self) -> Upload {
        let mut upload = std::mem::take(&mut self.upload);
        let [_, data, _] = std::mem::take(&mut self.wire);
        upload.ended = false;
        if !data.is_empty() {
            if let Some((_, Framing::Length(left))) = &mut upload.body {
                *left = left.saturating_add(data.len() as u64);
            }
            upload.first = Some(data);
        }
        upload
    }

    /// Writes what can be written.
    pub(crate) fn poll_write<W>(
        &mut self,
        stream: &mut W,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WriteError>>
    where
        W: AsyncWrite + Unpin,
    {
        // A first part of the body that is there already goes out with the head.
        if !self.started && !self.upload.is_empty() {
            let _ = self.poll_fill(cx)?;
        }
        loop {
            while self.wire.iter().any(Bytes::has_remaining) {
                ready!(self.poll_wire(stream, cx)).map_err(|_| WriteError::Io)?;
            }
            if self.upload.is_empty() {
                // What was sent is not held any longer than that.
                self.upload = Upload::empty();
                self.wire = Default::default();
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_fill(cx))?;
        }
    }

    fn poll_wire<W>(&mut self, stream: &mut W, cx: &mut Context<'_>) -> Poll<std::io::Result<()>>
    where
        W: AsyncWrite + Unpin,
    {
        let [a, b, c] = &self.wire;
        let mut written = if b.is_empty() && c.is_empty() {
            ready!(Pin::new(stream).poll_write(cx, a))?
        } else {
            let slices = [IoSlice::new(a), IoSlice::new(b), IoSlice::new(c)];
            ready!(Pin::new(stream).poll_write_vectored(cx, &slices))?
        };
        if written == 0 {
            return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
        }
        self.started = true;
        for part in &mut self.wire {
            let here = written.min(part.len());
            part.advance(here);
            written = written.saturating_sub(here);
        }
        Poll::Ready(Ok(()))
    }

    /// Puts the next part of the body behind what is on the wire (at most a head).
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        let polled = self.upload.poll_data(cx);
        self.waits_for_client = polled.is_pending();
        let data = ready!(polled).transpose().map_err(WriteError::Client)?;
        let [head, _, _] = std::mem::take(&mut self.wire);
        let Some((_, framing)) = &mut self.upload.body else { return Poll::Ready(Ok(())) };
        match (data, framing) {
            (Some(data), Framing::Length(left)) => {
                let Some(rest) = left.checked_sub(data.len() as u64) else {
                    return Poll::Ready(Err(WriteError::Io));
                };
                *left = rest;
                self.wire = [head, data, Bytes::new()];
                self.upload.ended = rest == 0;
            }
            (Some(data), Framing::Chunked) => {
                let mut start = Vec::with_capacity(head.len().saturating_add(18));
                start.extend_from_slice(&head);
                start.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
                self.wire = [start.into(), data, Bytes::from_static(b"\r\n")];
            }
            (None, Framing::Length(0)) => {
                self.wire = [head, Bytes::new(), Bytes::new()];
                self.upload.ended = true;
            }
            // Shorter than it said: the request must not look complete.
            (None, Framing::Length(_)) => return Poll::Ready(Err(WriteError::Io)),
            (None, Framing::Chunked) => {
                self.wire = [head, Bytes::new(), Bytes::from_static(b"0\r\n\r\n")];
                self.upload.ended = true;
            }
        }
        Poll::Ready(Ok(()))
    }
}
