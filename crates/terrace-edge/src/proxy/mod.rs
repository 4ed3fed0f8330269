//! Passes a request on to a target of a pool and its response back, both as streams.
//!
//! A request that failed without harm goes to another target: always when nothing of it was sent, and when it is
//! idempotent and has no body. A request with a body that was sent is never sent twice.

mod attempt;
mod body;
mod hop_by_hop;
mod request_head;
mod response_head;
mod tunnel;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use http::header::UPGRADE;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use hyper::upgrade::OnUpgrade;

use self::attempt::{Answered, Missed, Replay, attempt};
pub(crate) use self::body::UpstreamBody;
use crate::body::{EdgeBody, RequestBody};
use crate::context::RequestContext;
use crate::failure::{Failure, Retry};
use crate::upstream::{Connection, Pool, SentBody, Slot, Tried};

/// How often a request is tried, over all targets.
const ATTEMPTS: u32 = 3;
/// Before the same target is tried again: time for a successor to take over its socket. Doubled each time.
const PAUSE: Duration = Duration::from_millis(50);

/// Passes a request on. Its hop-by-hop fields are still there; its host and framing have been checked.
pub(crate) async fn forward(
    pool: &Arc<Pool>,
    mut request: Request<RequestBody>,
    context: &mut RequestContext,
) -> Result<Response<EdgeBody>, Failure> {
    let upgrade = wanted_upgrade(&request).map(|protocol| (protocol, hyper::upgrade::on(&mut request)));
    let (parts, body) = request.into_parts();
    let body = if body.is_end_stream() { SentBody::Empty } else { SentBody::Client(body) };
    let protocol = upgrade.as_ref().map(|(protocol, _)| protocol);
    let request = request_head::outgoing(parts, body, context, protocol);
    let began = Instant::now();
    let outcome = send(pool, request, context).await;
    context.upstream.time = Some(began.elapsed());
    let (slot, Answered { mut response, connection }) = outcome?;

    let pause = pool.snapshot().settings.response_timeout.duration();
    if let Err(failure) = response_head::incoming(&mut response) {
        pool.count_failure(slot.target(), "answered with contradictory framing");
        return Err(failure);
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some((_, client)) = upgrade else { return Err(Failure::UpstreamBroken) };
        return Ok(switch(response, client, connection, slot, pause));
    }
    let (head, incoming) = response.into_parts();
    let mut stream = Some(UpstreamBody::new(incoming, connection, slot, pause));
    let body =
        poll_fn(|cx| Poll::Ready(stream.take().map_or(EdgeBody::Empty, |stream| stream.gather(cx)))).await;
    Ok(Response::from_parts(head, body))
}

/// Sends a request until it is answered or there is no use in trying.
async fn send(
    pool: &Arc<Pool>,
    mut request: Request<SentBody>,
    context: &mut RequestContext,
) -> Result<(Slot, Answered), Failure> {
    let replay = Replay::of(&request);
    let began = Instant::now();
    let mut tried = Tried::default();
    let mut pause = PAUSE;
    loop {
        let slot = pool.acquire(&tried).await?;
        let rules = pool.snapshot().clone();
        if tried.has(slot.target()) {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        context.upstream.attempts = context.upstream.attempts.saturating_add(1);
        context.upstream.target = Some(slot.target().address);
        let more = context.upstream.attempts < ATTEMPTS
            && began.elapsed() < rules.settings.connect_timeout.duration();
        match attempt(&slot, &rules, request, replay.as_ref()).await {
            Ok(answered) => {
                let status = answered.response.status().as_u16();
                if !matches!(status, 502..=504) {
                    slot.target().succeeded();
                    return Ok((slot, answered));
                }
                pool.count_failure(slot.target(), "answered 502 to 504");
                // Who is leaving says so that way; the others are still there.
                match &replay {
                    Some(replay) if more && slot.target().is_removed() => {
                        request = replay.request();
                        tried.add(slot.target());
                    }
                    _ => return Ok((slot, answered)),
                }
            }
            Err(Missed { failure, again, blame }) => {
                if blame {
                    pool.count_failure(slot.target(), failure.reason().unwrap_or("failed"));
                }
                match again {
                    Some(again) if more && failure.retry() != Retry::Never => {
                        request = again;
                        tried.add(slot.target());
                    }
                    _ => return Err(failure),
                }
            }
        }
    }
}

/// The protocol that a client wants to switch to. HTTP/2 in clear is not one of them (RFC 9113, section 3.1).
fn wanted_upgrade(request: &Request<RequestBody>) -> Option<HeaderValue> {
    let protocol = request.headers().get(UPGRADE)?;
    let fits = request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && request.body().is_end_stream()
        && hop_by_hop::has_option(request.headers(), "upgrade")
        && !protocol.as_bytes().eq_ignore_ascii_case(b"h2c");
    fits.then(|| protocol.clone())
}

fn switch(
    response: Response<Incoming>,
    client: OnUpgrade,
    connection: Box<Connection>,
    slot: Slot,
    idle: Duration,
) -> Response<EdgeBody> {
    tunnel::join(client, connection, slot, idle);
    response.map(|_| EdgeBody::Empty)
}
