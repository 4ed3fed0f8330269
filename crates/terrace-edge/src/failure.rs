//! Every way a request can fail, and the one function that turns any of them into a response.
//!
//! A failure knows whose fault it is, its status (RFC 9110, section 15) and whether the request may be tried
//! again on another target. What a client reads never says more about the inside than the status does.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode, Version};

use crate::body::EdgeBody;
use crate::context::RequestId;

/// Who has to change something for the request to succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The client.
    Client,
    /// This process: too much at once, or a fault of its own.
    Edge,
    /// The target behind it.
    Upstream,
}

impl Fault {
    /// The word in the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Edge => "edge",
            Self::Upstream => "upstream",
        }
    }
}

/// Whether a failed attempt may be made again on another target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// It would fail again, or it has been answered.
    Never,
    /// The target may have acted on it: only when the method is idempotent and the body can be sent again.
    IfIdempotent,
    /// Nothing of the request reached the target.
    Safe,
}

/// How a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// 400: the request contradicts itself or RFC 9112; what is wrong, in a few words. The connection is closed,
    /// because the framing of what follows cannot be trusted.
    BadRequest(&'static str),
    /// 404: there is nothing here.
    NotFound,
    /// 405: the method is known and not allowed; which ones are.
    MethodNotAllowed {
        /// The value of `Allow`.
        allow: &'static str,
    },
    /// 408: the client took too long to send its request.
    RequestTimeout,
    /// 413: the body is longer than the limit.
    BodyTooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// 414: the target is longer than the limit.
    TargetTooLong,
    /// 416: no part of the range lies within the file.
    RangeNotSatisfiable {
        /// The length of the whole, bytes.
        length: u64,
    },
    /// 412: a precondition of the request does not hold.
    PreconditionFailed,
    /// 417: an expectation other than `100-continue`.
    ExpectationFailed,
    /// 431: there are too many header fields, or they are too long.
    HeadersTooLarge,
    /// 501: the method or the transfer coding is not known.
    NotImplemented,
    /// 505: a version of HTTP other than 1.0, 1.1 and 2.
    VersionNotSupported,
    /// The client went away; what is answered reaches nobody (logged as 499, as nginx does).
    ClientGone,
    /// 500: a fault of this process; what, for the log.
    Internal(&'static str),
    /// 503: more requests in flight than the limit.
    Overloaded,
    /// 503: the pool has no target.
    NoTarget,
    /// 503: every target is at its limit of requests and the queue is full, or the wait was too long.
    Saturated,
    /// 502: no connection to the target.
    Unreachable,
    /// 504: connecting took too long.
    ConnectTimeout,
    /// 502: the target closed the connection before its response began.
    UpstreamClosed,
    /// 502: what the target answered is no HTTP response, or broke off.
    UpstreamBroken,
    /// 504: the target took too long to answer.
    UpstreamTimeout,
}

impl Failure {
    /// Whose fault it is.
    pub(crate) const fn fault(self) -> Fault {
        match self {
            Self::BadRequest(_)
            | Self::NotFound
            | Self::MethodNotAllowed { .. }
            | Self::RequestTimeout
            | Self::BodyTooLarge { .. }
            | Self::TargetTooLong
            | Self::RangeNotSatisfiable { .. }
            | Self::PreconditionFailed
            | Self::ExpectationFailed
            | Self::HeadersTooLarge
            | Self::NotImplemented
            | Self::VersionNotSupported
            | Self::ClientGone => Fault::Client,
            Self::Internal(_) | Self::Overloaded => Fault::Edge,
            Self::NoTarget
            | Self::Saturated
            | Self::Unreachable
            | Self::ConnectTimeout
            | Self::UpstreamClosed
            | Self::UpstreamBroken
            | Self::UpstreamTimeout => Fault::Upstream,
        }
    }

    /// The status it is answered with.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::ClientGone => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::ExpectationFailed => StatusCode::EXPECTATION_FAILED,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::VersionNotSupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded | Self::NoTarget | Self::Saturated => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreachable | Self::UpstreamClosed | Self::UpstreamBroken => StatusCode::BAD_GATEWAY,
            Self::ConnectTimeout | Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Whether another target may be tried.
    pub(crate) const fn retry(self) -> Retry {
        match self {
            Self::Unreachable | Self::ConnectTimeout => Retry::Safe,
            Self::UpstreamClosed | Self::UpstreamBroken => Retry::IfIdempotent,
            _ => Retry::Never,
        }
    }

    /// Whether the connection cannot be used for another request.
    const fn closes(self) -> bool {
        matches!(
            self,
            Self::BadRequest(_)
                | Self::RequestTimeout
                | Self::BodyTooLarge { .. }
                | Self::TargetTooLong
                | Self::HeadersTooLarge
                | Self::NotImplemented
                | Self::VersionNotSupported
                | Self::ClientGone
        )
    }

    /// What the log says beyond the status; `None` where the status says it all.
    pub(crate) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::BadRequest(what) | Self::Internal(what) => Some(what),
            Self::NoTarget => Some("no target"),
            Self::Saturated => Some("every target is busy"),
            Self::Overloaded => Some("too many requests in flight"),
            Self::Unreachable => Some("no connection"),
            Self::ConnectTimeout => Some("connecting took too long"),
            Self::UpstreamClosed => Some("closed before a response"),
            Self::UpstreamBroken => Some("broken response"),
            Self::UpstreamTimeout => Some("no response in time"),
            _ => None,
        }
    }

    /// What a person is told, one sentence without the inside of the house.
    const fn detail(self) -> &'static str {
        match self {
            Self::BadRequest(what) => what,
            Self::NotFound => "there is nothing at this path",
            Self::MethodNotAllowed { .. } => "this method is not allowed here",
            Self::RequestTimeout => "the request took too long to arrive",
            Self::BodyTooLarge { .. } => "the request body is longer than allowed",
            Self::TargetTooLong => "the path and query are longer than allowed",
            Self::RangeNotSatisfiable { .. } => "the range lies outside of the file",
            Self::PreconditionFailed => "a precondition of the request does not hold",
            Self::ExpectationFailed => "only the expectation `100-continue` is understood",
            Self::HeadersTooLarge => "the header fields are more or longer than allowed",
            Self::NotImplemented => "this method or transfer coding is not supported",
            Self::VersionNotSupported => "this version of HTTP is not spoken here",
            Self::ClientGone => "the request broke off",
            Self::Internal(_) => "the server failed",
            Self::Overloaded | Self::Saturated => "the server is busy, try again in a moment",
            Self::NoTarget => "nothing is running to answer this, try again in a moment",
            Self::Unreachable | Self::UpstreamClosed => "the application could not be reached",
            Self::UpstreamBroken => "the application's response was broken",
            Self::ConnectTimeout | Self::UpstreamTimeout => "the application took too long to answer",
        }
    }
}

/// Turns a failure into its response: a problem document (RFC 9457) or, for who prefers it, a small page.
pub(crate) fn respond(
    failure: Failure,
    request_id: &RequestId,
    accept: Option<&HeaderValue>,
    version: Version,
) -> Response<EdgeBody> {
    let status = failure.status();
    let title = status.canonical_reason().unwrap_or("Error");
    let detail = failure.detail();
    let (kind, text) = if prefers_html(accept) {
        let text = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{code} {title}</title>\
             <h1>{code} {title}</h1><p>{detail}.</p><p><small>Request {request_id}</small></p></html>\n",
            code = status.as_u16(),
        );
        ("text/html; charset=utf-8", text)
    } else {
        let text = format!(
            "{{\"title\":\"{title}\",\"status\":{code},\"detail\":\"{detail}\",\"request_id\":\"{request_id}\"}}\n",
            code = status.as_u16(),
        );
        ("application/problem+json", text)
    };
    let mut response = Response::new(EdgeBody::full(Bytes::from(text)));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    match failure {
        Failure::MethodNotAllowed { allow } => {
            fields.insert(ALLOW, HeaderValue::from_static(allow));
        }
        Failure::RangeNotSatisfiable { length } => {
            if let Ok(value) = HeaderValue::try_from(format!("bytes */{length}")) {
                fields.insert(CONTENT_RANGE, value);
            }
        }
        Failure::Overloaded | Failure::NoTarget | Failure::Saturated => {
            fields.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    if failure.closes() && version < Version::HTTP_2 {
        fields.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether `text/html` stands in `Accept` before any JSON.
fn prefers_html(accept: Option<&HeaderValue>) -> bool {
    let Some(accept) = accept.and_then(|v| v.to_str().ok()) else { return false };
    let mut kinds = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.find(|kind| *kind == "text/html" || kind.ends_with("json")) == Some("text/html")
}
