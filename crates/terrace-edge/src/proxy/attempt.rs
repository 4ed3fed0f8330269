//! One attempt: a request sent to one target over a kept or a new connection.
//!
//! That a kept connection was closed by the target just as it was used is nobody's failure: where that can do no
//! harm the request goes out again on a new one, to the same target, at once.

use http::{HeaderMap, Method, Request, Response, Uri};
use hyper::body::{Body, Incoming};

use crate::body::BodyError;
use crate::failure::Failure;
use crate::upstream::{ConnectError, Connection, Moment, SendError, SentBody, Slot, Snapshot};

/// A request that can be made again, because it has no body, and is idempotent (RFC 9110, section 9.2.2).
#[derive(Debug)]
pub(crate) struct Replay {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Replay {
    /// A copy, if the request may be made again.
    pub(crate) fn of(request: &Request<SentBody>) -> Option<Self> {
        let safe = request.method().is_idempotent() && request.body().is_end_stream();
        safe.then(|| Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    /// The request again.
    pub(crate) fn request(&self) -> Request<SentBody> {
        let mut request = Request::new(SentBody::Empty);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// A response, and the connection that its body is read from.
#[derive(Debug)]
pub(crate) struct Answered {
    /// As it came.
    pub(crate) response: Response<Incoming>,
    /// Where from.
    pub(crate) connection: Box<Connection>,
}

/// An attempt that brought no response.
#[derive(Debug)]
pub(crate) struct Missed {
    /// What went wrong.
    pub(crate) failure: Failure,
    /// The request, where it may be made again.
    pub(crate) again: Option<Request<SentBody>>,
    /// Whether the target is to blame.
    pub(crate) blame: bool,
}

/// Sends a request to the target of a slot.
pub(crate) async fn attempt(
    slot: &Slot,
    rules: &Snapshot,
    mut request: Request<SentBody>,
    replay: Option<&Replay>,
) -> Result<Answered, Missed> {
    let target = slot.target();
    let settings = &rules.settings;
    let mut fresh = false;
    loop {
        let kept = if fresh { None } else { target.idle.take(Moment::now(), settings.keep_alive.duration()) };
        let was_kept = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => match Connection::open(target.address, settings.connect_timeout.duration()).await {
                Ok(connection) => connection,
                Err(error) => {
                    let failure = match error {
                        ConnectError::Io(_) => Failure::Unreachable,
                        ConnectError::Slow => Failure::ConnectTimeout,
                    };
                    return Err(Missed { failure, again: Some(request), blame: true });
                }
            },
        };
        let error = match connection.send(request, settings.response_timeout.duration()).await {
            Ok(response) => return Ok(Answered { response, connection }),
            Err(error) => error,
        };
        drop(connection);
        let (failure, again) = match error {
            SendError::NotSent(unsent) => (Failure::UpstreamClosed, Some(*unsent)),
            SendError::Slow => {
                return Err(Missed { failure: Failure::UpstreamTimeout, again: None, blame: true });
            }
            SendError::Broke(error) => {
                if let Some(cause) = BodyError::among_causes_of(&error) {
                    return Err(Missed { failure: cause.failure(), again: None, blame: false });
                }
                let failure =
                    if error.is_parse() { Failure::UpstreamBroken } else { Failure::UpstreamClosed };
                (failure, replay.map(Replay::request))
            }
        };
        match again {
            Some(again) if was_kept && failure == Failure::UpstreamClosed => {
                request = again;
                fresh = true;
            }
            again => return Err(Missed { failure, again, blame: true }),
        }
    }
}
