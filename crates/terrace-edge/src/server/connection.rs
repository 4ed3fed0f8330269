//! One client connection from its first byte to its last: TLS, which HTTP, and the library that speaks it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use terrace_net::Port;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::connection_state::{ConnectionState, Signal};
use super::gate::Gate;
use super::registry::Registration;
use super::service::Service;
use super::shared::Shared;

/// The start of an HTTP/2 connection (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a new connection may stay silent once it is told to finish.
const FIRST_WORDS: Duration = Duration::from_millis(250);

/// A connection that has been accepted and registered.
pub(crate) struct Accepted {
    /// The edge.
    pub(crate) shared: Arc<Shared>,
    /// Its state, as registered.
    pub(crate) state: Arc<ConnectionState>,
    /// Its place.
    pub(crate) registration: Registration,
    /// Where its listener redirects to.
    pub(crate) redirect: Option<Port>,
}

impl Accepted {
    /// Serves it until it ends. Errors of a connection concern nobody but its client.
    pub(crate) async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let Some(acceptor) = tls else {
            // Boxed apart: a connection in clear must not reserve what one over TLS needs.
            return Box::pin(self.serve_stream(stream, None)).await;
        };
        let limit = self.shared.snapshot.load().limits.header_timeout.duration();
        let Ok(Ok(stream)) = timeout(limit, acceptor.accept(stream)).await else { return };
        let version = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => HttpVersion::Two,
            _ => HttpVersion::One,
        };
        Box::pin(self.serve_stream(stream, Some(version))).await;
    }

    async fn serve_stream<S>(self, mut stream: S, version: Option<HttpVersion>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut start = BytesMut::new();
        let version = match version {
            Some(version) => version,
            None => match until_told(&self.state, detect(&mut stream, &mut start, &self.state)).await {
                Told::Done(Ok(version)) => version,
                Told::Done(Err(_)) => return,
                // Let HTTP/1 say that the head took too long.
                Told::Signal(Signal::HeadTimeout) => HttpVersion::One,
                // As in `drive`: who has just connected is heard.
                Told::Signal(Signal::Finish) => {
                    match timeout(FIRST_WORDS, detect(&mut stream, &mut start, &self.state)).await {
                        Ok(Ok(version)) => version,
                        Ok(Err(_)) | Err(_) => return,
                    }
                }
                Told::Signal(_) => return,
            },
        };
        let limits = self.shared.snapshot.load().head_limits();
        let (state, shared) = (Arc::clone(&self.state), Arc::clone(&self.shared));
        let service = Arc::new(Service { shared, connection: Arc::clone(&state), redirect: self.redirect });
        let service = service_fn(move |request| Arc::clone(&service).answer(request));
        match version {
            HttpVersion::One => {
                let gate = Gate::http1(stream, start, Arc::clone(&state), self.registration, limits);
                let gate = if self.redirect.is_none() { gate.with_lane() } else { gate };
                let connection = http1::Builder::new()
                    .header_read_timeout(None)
                    .max_headers(limits.fields.max(100))
                    .serve_connection(TokioIo::new(gate), service)
                    .with_upgrades();
                drive(&state, pin!(connection), |c| c.graceful_shutdown()).await;
            }
            HttpVersion::Two => {
                let gate = Gate::open(stream, start, Arc::clone(&state), self.registration, limits);
                let header_list = u32::try_from(limits.bytes).unwrap_or(u32::MAX);
                let connection = http2::Builder::new(TokioExecutor::new())
                    .max_concurrent_streams(128)
                    .max_header_list_size(header_list)
                    .serve_connection(TokioIo::new(gate), service);
                drive(&state, Box::pin(connection).as_mut(), |c| c.graceful_shutdown()).await;
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HttpVersion {
    One,
    Two,
}

/// Reads until the first bytes are, or are not, the HTTP/2 preface.
async fn detect<S: AsyncRead + Unpin>(
    stream: &mut S,
    start: &mut BytesMut,
    state: &ConnectionState,
) -> io::Result<HttpVersion> {
    loop {
        if start.starts_with(PREFACE) {
            state.end_head();
            return Ok(HttpVersion::Two);
        }
        if !start.is_empty() {
            if !PREFACE.starts_with(start) {
                return Ok(HttpVersion::One);
            }
            state.begin_head();
        }
        start.reserve(4096);
        if stream.read_buf(start).await? == 0 {
            return if start.is_empty() {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(HttpVersion::One)
            };
        }
    }
}

enum Told<T> {
    Done(T),
    Signal(Signal),
}

/// Runs a future until it ends or the connection is told something.
async fn until_told<F: Future>(state: &ConnectionState, future: F) -> Told<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        state.driven_by(cx.waker());
        match state.signal() {
            Signal::None => future.as_mut().poll(cx).map(Told::Done),
            signal => Poll::Ready(Told::Signal(signal)),
        }
    })
    .await
}

/// Drives a connection of the HTTP library, and passes on what it is told.
///
/// Told to finish before its first request, the library would close at once; but whoever has just connected may have
/// sent one that nobody has read. So it is passed on after that request, or when none has come for [`FIRST_WORDS`].
async fn drive<C>(state: &ConnectionState, mut connection: Pin<&mut C>, finish: impl Fn(Pin<&mut C>))
where
    C: Future,
{
    let mut finishing = false;
    let mut silence: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx: &mut Context<'_>| {
        state.driven_by(cx.waker());
        if state.signal() == Signal::Abort {
            return Poll::Ready(());
        }
        let polled = connection.as_mut().poll(cx).map(|_| ());
        if polled.is_ready() || finishing || state.signal() != Signal::Finish {
            return polled;
        }
        let mut silent =
            || silence.get_or_insert_with(|| Box::pin(sleep(FIRST_WORDS))).as_mut().poll(cx).is_ready();
        if state.has_begun() || silent() {
            finishing = true;
            finish(connection.as_mut());
            return connection.as_mut().poll(cx).map(|_| ());
        }
        polled
    })
    .await;
}
