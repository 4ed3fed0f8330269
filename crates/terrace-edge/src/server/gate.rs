//! Stands between the socket and the HTTP/1 library and lets only sound messages through, one at a time.
//!
//! Guarantees: the library never sees part of a head, a head that [`framing`](super::framing) refuses, or a byte
//! of the next message while one is being answered. A refused message is answered after all earlier ones, and
//! then the connection is closed in an orderly way (the rest is read for a moment, so that the answer arrives).
//! Once the connection is HTTP/2 or upgraded, bytes pass as they are.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::chunks::{Chunks, Measured};
use super::connection_state::{ConnectionState, Signal};
use super::framing::{HeadLimits, Payload, read_head};
use super::lane::{self, Answer};
use super::refusal::refuse;
use super::registry::Registration;
use crate::failure::Failure;

/// How much is read at once while a head is gathered.
const PART: usize = 4 * 1024;
/// How long, and how much, is read and thrown away after the last answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
enum Phase {
    /// Before or within a head.
    Head,
    /// Within a body of known length.
    Length(u64),
    /// Within a chunked body.
    Chunked(Chunks),
    /// After a request to change the protocol: what comes belongs to whoever is chosen.
    Undecided,
    /// Not HTTP/1: everything passes.
    Open,
}

/// A client's stream, with a gate in it.
#[derive(Debug)]
pub(crate) struct Gate<S> {
    inner: S,
    state: Arc<ConnectionState>,
    /// Keeps the connection counted for as long as its stream lives, upgraded ones too.
    registration: Registration,
    limits: HeadLimits,
    phase: Phase,
    /// Read and not yet passed on.
    held: BytesMut,
    /// How much of `held` may pass.
    cleared: usize,
    refused: Option<Failure>,
    closing: Option<Closing>,
    /// An answer that goes past the library.
    answer: Option<Box<Answer>>,
    /// Whether requests may be answered here at all.
    has_lane: bool,
    /// The library has written all that it had to write.
    quiet: bool,
}

/// How many bytes at the start of what came may go where.
#[derive(Clone, Copy, Debug, Default)]
struct Cleared {
    /// To the library.
    passed: usize,
    /// Nowhere: they were a request that is answered here.
    taken: usize,
}

#[derive(Debug)]
struct Closing {
    answer: Bytes,
    shut: bool,
    linger: Option<Pin<Box<Sleep>>>,
    discarded: usize,
}

impl<S> Gate<S> {
    /// A gate for HTTP/1 over `inner`, of which `start` has already been read.
    pub(crate) fn http1(
        inner: S,
        start: BytesMut,
        state: Arc<ConnectionState>,
        registration: Registration,
        limits: HeadLimits,
    ) -> Self {
        Self {
            inner,
            state,
            registration,
            limits,
            phase: Phase::Head,
            held: start,
            cleared: 0,
            refused: None,
            closing: None,
            answer: None,
            has_lane: false,
            quiet: true,
        }
    }

    /// Lets simple requests be answered at the gate.
    pub(crate) fn with_lane(self) -> Self {
        Self { has_lane: true, ..self }
    }

    /// A gate that stands open, for HTTP/2.
    pub(crate) fn open(
        inner: S,
        start: BytesMut,
        state: Arc<ConnectionState>,
        registration: Registration,
        limits: HeadLimits,
    ) -> Self {
        let cleared = start.len();
        Self { phase: Phase::Open, cleared, ..Self::http1(inner, start, state, registration, limits) }
    }

    /// How many bytes at the start of `bytes` may pass now, or are a request that is answered here.
    fn clear(&mut self, bytes: &[u8]) -> Cleared {
        let mut passed = 0_usize;
        while self.refused.is_none() {
            let rest = bytes.get(passed..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match self.step(rest, passed == 0) {
                Ok(Cleared { passed: 0, taken: 0 }) => break,
                Ok(Cleared { passed: length, taken: 0 }) => passed = passed.saturating_add(length),
                Ok(taken) => return taken,
                Err(failure) => self.refused = Some(failure),
            }
        }
        Cleared { passed, taken: 0 }
    }

    fn step(&mut self, rest: &[u8], first: bool) -> Result<Cleared, Failure> {
        let pass = |passed: usize| Ok(Cleared { passed, taken: 0 });
        match &mut self.phase {
            Phase::Open => pass(rest.len()),
            Phase::Undecided if self.state.is_upgraded() => {
                self.phase = Phase::Open;
                pass(rest.len())
            }
            Phase::Undecided if self.state.is_exchanging() => pass(0),
            Phase::Undecided => {
                self.phase = Phase::Head;
                self.step(rest, first)
            }
            Phase::Head if self.state.is_exchanging() => pass(0),
            Phase::Head => {
                // RFC 9112, section 2.2: an empty line before a request line is skipped; the library does so too.
                if rest.starts_with(b"\r\n") {
                    return pass(2);
                }
                if rest == b"\r" {
                    return pass(0);
                }
                let Some(head) = read_head(rest, self.limits)? else {
                    self.state.begin_head();
                    return pass(0);
                };
                // Only when the library has nothing to say: answers go out in the order of their requests.
                if let Some(simple) = head.simple.filter(|_| first && self.takes_lane())
                    && let Some(answer) = lane::answer(self.registration.shared(), &self.state, &simple)
                {
                    self.state.end_head();
                    self.answer = Some(Box::new(answer));
                    return Ok(Cleared { passed: 0, taken: head.length });
                }
                self.state.begin_exchange();
                self.quiet = false;
                self.phase = match head.payload {
                    Payload::Nothing if head.upgrade => Phase::Undecided,
                    Payload::Nothing => Phase::Head,
                    Payload::Length(length) => Phase::Length(length),
                    Payload::Chunked => Phase::Chunked(Chunks::new()),
                };
                pass(head.length)
            }
            Phase::Length(left) => {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                *left = left.saturating_sub(take as u64);
                if *left == 0 {
                    self.phase = Phase::Head;
                }
                pass(take)
            }
            Phase::Chunked(chunks) => match chunks.measure(rest)? {
                Measured::All => pass(rest.len()),
                Measured::End(at) => {
                    self.phase = Phase::Head;
                    pass(at)
                }
            },
        }
    }

    fn within_body(&self) -> bool {
        matches!(self.phase, Phase::Length(_) | Phase::Chunked(_))
    }

    /// Whether a request may be answered here. The last answer on a connection is the library's: it says so in it.
    fn takes_lane(&self) -> bool {
        self.has_lane && self.quiet && self.state.signal() == Signal::None
    }

    /// Whether more bytes would change nothing, because an answer has to come first.
    fn waits_for_answer(&self) -> bool {
        !self.held.is_empty()
            && self.state.is_exchanging()
            && matches!(self.phase, Phase::Head | Phase::Undecided)
    }
}

impl<S: AsyncWrite + Unpin> Gate<S> {
    /// Sends the answer that goes past the library, if there is one.
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(answer) = &mut self.answer {
            ready!(answer.poll_send(&mut self.inner, &self.state, cx))?;
            self.answer = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            ready!(this.poll_answer(cx))?;
            if this.cleared > 0 {
                let take = this.cleared.min(buf.remaining());
                if let Some(part) = this.held.get(..take) {
                    buf.put_slice(part);
                }
                this.held.advance(take.min(this.held.len()));
                this.cleared = this.cleared.saturating_sub(take);
                if this.held.is_empty() {
                    this.held = BytesMut::new();
                }
                return Poll::Ready(Ok(()));
            }
            if this.refused.is_none() && this.state.signal() == Signal::HeadTimeout {
                this.refused = this.state.failure();
            }
            if this.refused.is_some() {
                if this.within_body() {
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
                // The end of the stream lets the library finish what it has; the refusal is sent after it.
                if !this.state.is_exchanging() {
                    return Poll::Ready(Ok(()));
                }
                this.state.hold();
                return Poll::Pending;
            }
            if !this.held.is_empty() {
                let mut held = std::mem::take(&mut this.held);
                let Cleared { passed, taken } = this.clear(&held);
                this.cleared = passed;
                held.advance(taken);
                this.held = if held.is_empty() { BytesMut::new() } else { held };
                if this.cleared > 0 || taken > 0 || this.refused.is_some() {
                    continue;
                }
                if this.waits_for_answer() {
                    this.state.hold();
                    return Poll::Pending;
                }
                let mut part = [0_u8; PART];
                let mut part = ReadBuf::new(&mut part);
                ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
                if part.filled().is_empty() {
                    if matches!(this.phase, Phase::Head) {
                        this.held = BytesMut::new();
                    }
                    return Poll::Ready(Ok(()));
                }
                this.held.extend_from_slice(part.filled());
                continue;
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
            if buf.filled().len() == before {
                return Poll::Ready(Ok(()));
            }
            let fresh = buf.filled().get(before..).unwrap_or_default();
            let Cleared { passed, taken } = this.clear(fresh);
            if passed < fresh.len() {
                this.held.extend_from_slice(fresh.get(passed.saturating_add(taken)..).unwrap_or_default());
                buf.set_filled(before.saturating_add(passed));
            }
            if passed > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Gate<S> {
    fn poll_closing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_answer(cx))?;
        let within_body = self.within_body();
        let unread = within_body || self.refused.is_some() || !self.held.is_empty();
        let closing = self.closing.get_or_insert_with(|| Closing {
            answer: match self.refused {
                Some(failure) if !within_body => refuse(self.registration.shared(), failure, &self.state),
                _ => Bytes::new(),
            },
            shut: false,
            linger: None,
            discarded: 0,
        });
        while !closing.answer.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_write(cx, &closing.answer))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => closing.answer.advance(written),
            }
        }
        if !closing.shut {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            closing.shut = true;
        }
        if !unread {
            return Poll::Ready(Ok(()));
        }
        let linger = closing.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        loop {
            if linger.as_mut().poll(cx).is_ready() || closing.discarded > LINGER_BYTES {
                return Poll::Ready(Ok(()));
            }
            let mut part = [0_u8; PART];
            let mut part = ReadBuf::new(&mut part);
            match ready!(Pin::new(&mut self.inner).poll_read(cx, &mut part)) {
                Ok(()) if !part.filled().is_empty() => {
                    closing.discarded = closing.discarded.saturating_add(part.filled().len());
                }
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.state.blocked(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.state.blocked(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes when its own buffer is empty.
        self.quiet |= !self.state.is_exchanging();
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.state.blocked(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Another protocol may close one direction and go on with the other.
        if matches!(self.phase, Phase::Open) || self.state.is_upgraded() {
            return Pin::new(&mut self.inner).poll_shutdown(cx);
        }
        self.poll_closing(cx)
    }
}
