//! Passes a request on to a target of a pool and its response back, both as streams.
//!
//! A request that failed without harm goes to another target: always when nothing of it was sent, and when it is
//! idempotent and has no body. A request with a body that was sent is never sent twice.

mod attempt;
mod body;
mod request_head;
mod tunnel;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use http::header::{CONTENT_LENGTH, UPGRADE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Body;

use self::attempt::{Answered, Missed, Outgoing, attempt};
pub(crate) use self::body::UpstreamBody;
use crate::body::{EdgeBody, RequestBody};
use crate::context::RequestContext;
use crate::failure::{Failure, Retry};
use crate::upstream::{Framing, Pool, Slot, Tried, Upload};

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
    let framing = framing(&request);
    let (parts, body) = request.into_parts();
    let outgoing = Outgoing {
        head: request_head::write(&parts, framing, context, upgrade.as_ref().map(|(protocol, _)| protocol)),
        repeatable: parts.method.is_idempotent() && body.is_end_stream(),
        upload: match framing {
            Some(framing) if !body.is_end_stream() => Upload::of(body, framing),
            _ => Upload::empty(),
        },
    };
    // The fields are cut from what the connection has read, and would keep all of it.
    drop(parts);
    let began = Instant::now();
    let outcome = send(pool, outgoing, context).await;
    context.upstream.time = Some(began.elapsed());
    let (slot, Answered { head, connection }) = outcome?;

    let pause = pool.snapshot().settings.response_timeout.duration();
    let response = head.response;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some((_, client)) = upgrade else { return Err(Failure::UpstreamBroken) };
        tunnel::join(client, connection, slot, pause);
        return Ok(response.map(|()| EdgeBody::Empty));
    }
    let mut stream = Some(UpstreamBody::new(connection, slot, pause));
    let body =
        poll_fn(|cx| Poll::Ready(stream.take().map_or(Ok(EdgeBody::Empty), |stream| stream.gather(cx))))
            .await?;
    Ok(response.map(|()| body))
}

/// Sends a request until it is answered or there is no use in trying.
async fn send(
    pool: &Arc<Pool>,
    outgoing: Outgoing,
    context: &mut RequestContext,
) -> Result<(Slot, Answered), Failure> {
    let Outgoing { head, mut upload, repeatable } = outgoing;
    let mut tried = Tried::default();
    let mut pause = PAUSE;
    loop {
        let slot = pool.acquire(&tried).await?;
        let rules = Arc::clone(&pool.snapshot());
        if tried.has(slot.target()) {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        context.upstream.attempts = context.upstream.attempts.saturating_add(1);
        context.upstream.target = Some(slot.target().address);
        let more = context.upstream.attempts < ATTEMPTS;
        match attempt(&slot, &rules, &head, upload, repeatable).await {
            Ok(answered) => {
                let status = answered.head.response.status().as_u16();
                if !matches!(status, 502..=504) {
                    slot.target().succeeded();
                    return Ok((slot, answered));
                }
                pool.count_failure(slot.target(), "answered 502 to 504");
                // Who is leaving says so that way; the others are still there.
                if !(more && repeatable && slot.target().is_removed()) {
                    return Ok((slot, answered));
                }
                upload = Upload::empty();
                tried.add(slot.target());
            }
            Err(Missed { failure, again, blame }) => {
                if blame {
                    pool.count_failure(slot.target(), failure.reason().unwrap_or("failed"));
                }
                match again {
                    Some(again) if more && failure.retry() != Retry::Never => {
                        upload = again;
                        tried.add(slot.target());
                    }
                    _ => return Err(failure),
                }
            }
        }
    }
}

/// How the body is framed for the target; `None` where there is none to speak of.
fn framing(request: &Request<RequestBody>) -> Option<Framing> {
    let body = request.body();
    match body.size_hint().exact() {
        Some(0) if !request.headers().contains_key(CONTENT_LENGTH) => None,
        Some(length) => Some(Framing::Length(length)),
        None if body.is_end_stream() => None,
        None => Some(Framing::Chunked),
    }
}

/// The protocol that a client wants to switch to. HTTP/2 in clear is not one of them (RFC 9113, section 3.1).
fn wanted_upgrade(request: &Request<RequestBody>) -> Option<HeaderValue> {
    let protocol = request.headers().get(UPGRADE)?;
    let fits = request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && request.body().is_end_stream()
        && request_head::connection_options(request.headers()).any(|o| o.eq_ignore_ascii_case("upgrade"))
        && !protocol.as_bytes().eq_ignore_ascii_case(b"h2c");
    fits.then(|| protocol.clone())
}
