//! One HTTP/1.1 connection to a target, driven by whoever uses it: no task of its own, no wake-ups across tasks.
//!
//! The HTTP library splits a connection into a handle and a driver that is meant to be spawned. Here both live
//! in one value: the request in flight, and then its response body, poll the driver themselves. Nobody polls
//! an idle connection; that the target has closed it is seen when it is taken out again.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::moment::Moment;
use crate::body::{BodyError, RequestBody};

/// The longest response head that is read from a target, bytes; more is a broken response.
const HEAD: usize = 64 * 1024;
/// The most fields a response may have.
const FIELDS: usize = 256;

/// What is sent to a target.
#[derive(Debug)]
pub(crate) enum SentBody {
    /// Nothing.
    Empty,
    /// What a client sends.
    Client(RequestBody),
}

impl Body for SentBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Client(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Client(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Client(body) => body.size_hint(),
        }
    }
}

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
    /// The connection was closed before anything was sent; here is the request again.
    NotSent(Box<Request<SentBody>>),
    /// The connection broke, or what came is no HTTP. The target may have seen the request.
    Broke(hyper::Error),
    /// The target took too long.
    Slow,
}

/// A connection.
pub(crate) struct Connection {
    sender: http1::SendRequest<SentBody>,
    /// Let go of once nothing more can come of it.
    driver: Option<http1::Connection<TokioIo<TcpStream>, SentBody>>,
    /// Whether the driver has ended, after which it must not be polled.
    ended: bool,
    stall: Stall,
    /// When it was last put aside.
    pub(crate) idle_since: Moment,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("idle_since", &self.idle_since).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(
        address: std::net::SocketAddr,
        limit: Duration,
    ) -> Result<Box<Self>, ConnectError> {
        let stream = match tokio::time::timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(ConnectError::Io(error)),
            Err(_) => return Err(ConnectError::Slow),
        };
        // Best effort: without it small requests may wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(HEAD.max(128 * 1024))
            .max_header_size(HEAD)
            .max_headers(FIELDS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| ConnectError::Io(std::io::ErrorKind::NotConnected.into()))?;
        Ok(Box::new(Self {
            sender,
            driver: Some(driver),
            ended: false,
            stall: Stall::default(),
            idle_since: Moment::NEVER,
        }))
    }

    /// Sends a request and waits for the head of its response, `pause` at most.
    pub(crate) async fn send(
        &mut self,
        request: Request<SentBody>,
        pause: Duration,
    ) -> Result<Response<Incoming>, SendError> {
        let mut answer = pin!(self.sender.try_send_request(request));
        self.stall.clear();
        poll_fn(|cx| {
            self.drive(cx);
            // Only the driver completes the answer, and it was polled just now: nobody has to be woken.
            let idle = &mut Context::from_waker(Waker::noop());
            let mut answered = answer.as_mut().poll(idle);
            if answered.is_pending() && self.ended {
                // A request that is still queued comes back when the driver goes.
                self.driver = None;
                answered = answer.as_mut().poll(idle);
            }
            if let Poll::Ready(answer) = answered {
                return Poll::Ready(answer.map_err(|mut error| match error.take_message() {
                    Some(request) => SendError::NotSent(Box::new(request)),
                    None => SendError::Broke(error.into_error()),
                }));
            }
            self.stall.poll(cx, pause).map(|()| Err(SendError::Slow))
        })
        .await
    }

    /// The next part of a response body.
    pub(crate) fn poll_body(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
        pause: Duration,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let idle = &mut Context::from_waker(Waker::noop());
        let mut polled = Pin::new(&mut *incoming).poll_frame(idle);
        if polled.is_pending() {
            self.drive(cx);
            polled = Pin::new(&mut *incoming).poll_frame(idle);
            if polled.is_pending() && self.ended {
                self.driver = None;
                polled = Pin::new(&mut *incoming).poll_frame(idle);
            }
        }
        match polled {
            Poll::Ready(frame) => {
                self.stall.clear();
                Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Upstream)))
            }
            Poll::Pending => self.stall.poll(cx, pause).map(|()| Some(Err(BodyError::UpstreamSlow))),
        }
    }

    /// Whether another request can be sent: the last one is done with, and the target has not closed.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.sender.is_ready()
    }

    /// The stream itself and what was read ahead, after a response 101.
    pub(crate) async fn into_stream(mut self) -> Option<(TcpStream, Bytes)> {
        let mut driver = self.driver.take()?;
        if !self.ended {
            poll_fn(|cx| driver.poll_without_shutdown(cx)).await.ok()?;
        }
        let parts = driver.into_parts();
        Some((parts.io.into_inner(), parts.read_buf))
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.ended
            && let Some(driver) = &mut self.driver
        {
            // How it ended is told through the answer and the body.
            self.ended = driver.poll_without_shutdown(cx).is_ready();
        }
    }
}

/// A time limit that costs little to move: the timer is armed once and looks for the current limit when it fires.
#[derive(Debug, Default)]
struct Stall {
    limit: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    fn clear(&mut self) {
        self.limit = None;
    }

    /// Ready once `pause` has passed since the first poll after the last `clear`.
    fn poll(&mut self, cx: &mut Context<'_>, pause: Duration) -> Poll<()> {
        let limit = *self.limit.get_or_insert_with(|| Instant::now() + pause);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        if timer.deadline() > limit {
            timer.as_mut().reset(limit);
        }
        loop {
            std::task::ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= limit {
                return Poll::Ready(());
            }
            timer.as_mut().reset(limit);
        }
    }
}
