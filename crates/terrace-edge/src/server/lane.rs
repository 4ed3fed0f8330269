//! The short way of the most frequent request: a plain `GET` of a file in memory, answered at the gate.
//!
//! The HTTP library would build a request out of the head, a map out of the fields and a head out of a map, only
//! for the same bytes to go out as the last time. Here they are kept and sent again. Guarantees: what goes this way
//! has passed the same checks and gets the same fields as on the long way, is counted and logged alike, and
//! whatever is not as simple (or fails) takes the long way from its first byte on.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use tokio::io::AsyncWrite;

use super::connection_state::{ConnectionState, Signal};
use super::exchange::Exchange;
use super::framing::Simple;
use super::host::is_host;
use super::identity::{TRACEPARENT, X_REQUEST_ID, request_id, trace};
use super::path::RequestPath;
use super::route::Destination;
use super::service::{X_FORWARDED_FOR, client};
use super::shared::Shared;
use crate::context::{RequestContext, UpstreamLog};
use crate::files::Ready;
use crate::log::Draft;

/// An answer on its way out.
#[derive(Debug)]
pub(super) struct Answer {
    ready: Ready,
    date: DateLine,
    written: usize,
    exchange: Exchange,
}

/// `date: Sat, 21 Nov 2026 11:00:00 GMT` with its line end, and the empty line after it.
type DateLine = [u8; 39];

/// The answer to a request, if it may take the short way.
pub(super) fn answer(
    shared: &Arc<Shared>,
    connection: &Arc<ConnectionState>,
    request: &Simple<'_>,
) -> Option<Answer> {
    let target = std::str::from_utf8(request.target).ok()?;
    let raw = target.split_once('?').map_or(target, |(path, _)| path);
    let path = RequestPath::new(raw).ok()?;
    let snapshot = shared.snapshot.load();
    let Some(Destination::Folder(folder)) = snapshot.routes.find(path.as_str()) else { return None };
    if connection.signal() != Signal::None || !is_host(request.host) {
        return None;
    }
    let now = Instant::now();
    let ready = folder.ready(path.as_str(), request.accept_encoding, now)?;
    let date = date_line(now)?;
    if shared.in_flight() >= u64::from(snapshot.limits.requests) {
        return None;
    }
    let draft = match shared.log.is_on() {
        true => Some(Box::new(draft(connection, request, target, snapshot.peer, now)?)),
        false => None,
    };
    let (mut exchange, _) = Exchange::begin(shared, connection, now);
    exchange.log_as(draft);
    Some(Answer { ready, date, written: 0, exchange })
}

impl Answer {
    /// Writes it; when that is done it is over.
    pub(super) fn poll_send<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        state: &ConnectionState,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let (head, body) = (&self.ready.head, &self.ready.body);
        let (before_body, whole) = (
            head.len().saturating_add(self.date.len()),
            head.len().saturating_add(self.date.len()).saturating_add(body.len()),
        );
        while self.written < whole {
            let rest = |part: &'_ [u8], at: usize| self.written.saturating_sub(at).min(part.len());
            let slices = [
                IoSlice::new(head.get(rest(head, 0)..).unwrap_or_default()),
                IoSlice::new(self.date.get(rest(&self.date, head.len())..).unwrap_or_default()),
                IoSlice::new(body.get(rest(body, before_body)..).unwrap_or_default()),
            ];
            let polled = Pin::new(&mut *stream).poll_write_vectored(cx, &slices);
            state.blocked(polled.is_pending());
            match ready!(polled)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written = self.written.saturating_add(written),
            }
            self.exchange.sent(self.written.saturating_sub(before_body) as u64, self.written >= whole);
        }
        Pin::new(stream).poll_flush(cx)
    }
}

fn draft(
    connection: &ConnectionState,
    request: &Simple<'_>,
    target: &str,
    trust: terrace_edge_config::Peer,
    started: Instant,
) -> Option<Draft> {
    let mut headers = HeaderMap::new();
    let mut keep = |name: HeaderName, value: Option<&[u8]>| {
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    };
    keep(X_REQUEST_ID, request.request_id);
    keep(TRACEPARENT, request.traceparent);
    keep(X_FORWARDED_FOR, request.forwarded_for);
    keep(USER_AGENT, request.user_agent);
    let context = RequestContext {
        request_id: request_id(&headers, trust),
        trace: trace(&headers),
        peer: connection.peer,
        client: client(&headers, trust, connection.peer.ip()),
        local: connection.local,
        scheme: connection.scheme,
        version: Version::HTTP_11,
        trust,
        host: HeaderValue::from_bytes(request.host).ok(),
        started,
        upstream: UpstreamLog::default(),
    };
    Some(Draft {
        context,
        method: Method::GET,
        target: Uri::try_from(target).ok()?,
        user_agent: headers.remove(USER_AGENT),
        status: StatusCode::OK,
        failure: None,
    })
}

thread_local! {
    static DATE: RefCell<Option<(Instant, DateLine)>> = const { RefCell::new(None) };
}

/// The date, written anew once a second.
fn date_line(now: Instant) -> Option<DateLine> {
    DATE.with_borrow_mut(|kept| {
        match kept {
            Some((until, line)) if now < *until => return Some(*line),
            _ => {}
        }
        let time = SystemTime::now();
        let into_second = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.subsec_nanos();
        let until =
            now.checked_add(Duration::from_secs(1))?.checked_sub(Duration::from_nanos(into_second.into()))?;
        let text = format!("date: {}\r\n\r\n", httpdate::fmt_http_date(time));
        let line = DateLine::try_from(text.as_bytes()).ok()?;
        *kept = Some((until, line));
        Some(line)
    })
}
