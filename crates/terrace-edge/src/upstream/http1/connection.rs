//! One connection to a target, driven by whoever uses it: no task of its own, no wake-ups across tasks.
//!
//! The request in flight drives it, then its response body. Nobody drives an idle connection; that the target has
//! closed it is seen when it is taken out again, without asking the machine anew.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::decoder::{Decoded, Decoder};
use super::response::{self, Ending, Head};
use super::stall::Stall;
use super::upload::{Outbox, Upload, WriteError};
use crate::body::BodyError;
use crate::upstream::moment::Moment;

/// The longest response head that is read, bytes; more is a broken response.
const HEAD: usize = 64 * 1024;
/// How much is read at once: heads and small bodies, and bodies that are known to be larger.
const FEW: usize = 4 * 1024;
const MANY: usize = 64 * 1024;
/// More interim responses (1xx) than this before the real one are a broken response.
const INTERIM: u32 = 16;

/// Why no connection came about.
#[derive(Debug)]
pub(crate) enum ConnectError {
    /// The machine said no.
    Io(std::io::Error),
    /// It took too long.
    Slow,
}

/// Why no response came.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The connection was closed before anything was sent; here is the body again.
    NotSent(Box<Upload>),
    /// The connection was closed. The target may have seen the request.
    Closed(Option<std::io::Error>),
    /// What came is no HTTP, or can be read in two ways.
    Broken,
    /// The client's body broke off.
    Client(BodyError),
    /// The target took too long.
    Slow,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    read: BytesMut,
    out: Outbox,
    decoder: Decoder,
    stall: Stall,
    /// Whether another request may follow the current one.
    keeps: bool,
    /// When it was last put aside.
    pub(crate) idle_since: Moment,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr, limit: Duration) -> Result<Box<Self>, ConnectError> {
        let stream = match tokio::time::timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(ConnectError::Io(error)),
            Err(_) => return Err(ConnectError::Slow),
        };
        // Best effort: without it small requests may wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        Ok(Box::new(Self {
            stream,
            read: BytesMut::new(),
            out: Outbox::default(),
            decoder: Decoder::new(Ending::Length(0)),
            stall: Stall::default(),
            keeps: true,
            idle_since: Moment::NEVER,
        }))
    }

    /// Sends a request and waits for the head of its response; the target may pause for `pause`.
    pub(crate) async fn send(
        &mut self,
        head: Bytes,
        upload: Upload,
        pause: Duration,
    ) -> Result<Head, SendError> {
        let headless = head.starts_with(b"HEAD ");
        self.out.begin(head, upload);
        self.stall.clear();
        let mut interim = 0;
        poll_fn(|cx| {
            let mut refused = false;
            if !self.out.is_done() {
                match self.out.poll_write(&mut self.stream, cx) {
                    Poll::Ready(Ok(())) => self.stall.clear(),
                    Poll::Ready(Err(WriteError::Client(error))) => {
                        return Poll::Ready(Err(SendError::Client(error)));
                    }
                    Poll::Ready(Err(WriteError::Io)) if !self.out.started => {
                        return Poll::Ready(Err(SendError::NotSent(Box::new(self.out.take_back()))));
                    }
                    // It may have answered before it closed.
                    Poll::Ready(Err(WriteError::Io)) => refused = true,
                    Poll::Pending if self.out.waits_for_client => self.stall.clear(),
                    Poll::Pending => {}
                }
            }
            match self.poll_head(cx, headless, &mut interim) {
                Poll::Pending if refused => Poll::Ready(Err(SendError::Closed(None))),
                Poll::Pending => self.stall.poll(cx, pause).map(|()| Err(SendError::Slow)),
                ready => ready,
            }
        })
        .await
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        headless: bool,
        interim: &mut u32,
    ) -> Poll<Result<Head, SendError>> {
        loop {
            while !self.read.is_empty() {
                match response::read(&self.read, headless) {
                    Err(_) => return Poll::Ready(Err(SendError::Broken)),
                    Ok(None) if self.read.len() >= HEAD => return Poll::Ready(Err(SendError::Broken)),
                    Ok(None) => break,
                    Ok(Some((_, length))) if length > HEAD => return Poll::Ready(Err(SendError::Broken)),
                    Ok(Some((head, length))) => {
                        self.read.advance(length);
                        let status = head.response.status();
                        if status.is_informational() && status.as_u16() != 101 {
                            *interim = interim.saturating_add(1);
                            if *interim > INTERIM {
                                return Poll::Ready(Err(SendError::Broken));
                            }
                            continue;
                        }
                        self.stall.clear();
                        self.keeps = head.keeps;
                        self.decoder = Decoder::new(head.ending);
                        return Poll::Ready(Ok(head));
                    }
                }
            }
            match ready!(self.poll_read(cx, FEW)) {
                Ok(0) if self.read.is_empty() => return Poll::Ready(Err(SendError::Closed(None))),
                Ok(0) => return Poll::Ready(Err(SendError::Broken)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(SendError::Closed(Some(error)))),
            }
        }
    }

    /// The next part of the response body.
    pub(crate) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        pause: Duration,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        if !self.out.is_done()
            && let Poll::Ready(Err(error)) = self.out.poll_write(&mut self.stream, cx)
        {
            // The response goes on; the connection does not.
            self.keeps = false;
            self.out = Outbox::default();
            if let WriteError::Client(error) = error {
                return Poll::Ready(Some(Err(error)));
            }
        }
        loop {
            match self.decoder.decode(&mut self.read) {
                Ok(Decoded::Data(data)) => {
                    self.stall.clear();
                    return Poll::Ready(Some(Ok(data)));
                }
                Ok(Decoded::End) => return Poll::Ready(None),
                Ok(Decoded::More) => {}
                Err(_) => return Poll::Ready(Some(Err(broken_off(std::io::ErrorKind::InvalidData.into())))),
            }
            let much = self.decoder.remaining().is_none_or(|left| left > FEW as u64);
            match self.poll_read(cx, if much { MANY } else { FEW }) {
                Poll::Ready(Ok(0)) => {
                    if self.decoder.end().is_err() {
                        return Poll::Ready(Some(Err(broken_off(std::io::ErrorKind::UnexpectedEof.into()))));
                    }
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(broken_off(error)))),
                Poll::Pending => {
                    return self.stall.poll(cx, pause).map(|()| Some(Err(BodyError::UpstreamSlow)));
                }
            }
        }
    }

    /// Whether the response body is over.
    pub(crate) fn is_over(&self) -> bool {
        self.decoder.is_done()
    }

    /// How much of the response body is to come, where that is known.
    pub(crate) const fn remaining(&self) -> Option<u64> {
        self.decoder.remaining()
    }

    /// Whether another request can be sent: the last one is done with, and the target neither closed nor went on.
    pub(crate) fn is_ready(&self) -> bool {
        let at_rest = self.keeps && self.decoder.is_done() && self.out.is_done() && self.read.is_empty();
        // No system call is made unless the machine has told of something to read.
        at_rest
            && matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The stream itself and what was read ahead, after a response 101.
    pub(crate) fn into_stream(self) -> (TcpStream, Bytes) {
        (self.stream, self.read.freeze())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<std::io::Result<usize>> {
        // Room is made when there is something to read: a thousand connections that wait take none.
        ready!(self.stream.poll_read_ready(cx))?;
        self.read.reserve(most);
        pin!(self.stream.read_buf(&mut self.read)).poll(cx)
    }
}

fn broken_off(error: std::io::Error) -> BodyError {
    BodyError::Upstream(error)
}
