//! A request to its response, in a fixed order: count, identify, check, route, act, and one place for failures.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, EXPECT, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use terrace_edge_config::Peer;
use terrace_net::Port;

use super::connection_state::ConnectionState;
use super::exchange::{Exchange, Outgoing};
use super::host::requested_host;
use super::identity::{request_id, trace};
use super::path::RequestPath;
use super::route::Destination;
use super::shared::{Shared, Snapshot};
use crate::body::{EdgeBody, RequestBody};
use crate::context::{RequestContext, UpstreamLog};
use crate::failure::{Failure, respond};
use crate::files::Folder;
use crate::log::Draft;
use crate::proxy;
use crate::upstream::Pool;

/// The methods that some resource behind an edge may know.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Answers the requests of one connection.
#[derive(Debug)]
pub(crate) struct Service {
    /// The edge.
    pub(crate) shared: Arc<Shared>,
    /// The connection.
    pub(crate) connection: Arc<ConnectionState>,
    /// Whether everything is sent to HTTPS, and on which port.
    pub(crate) redirect: Option<Port>,
}

impl Service {
    /// Answers a request. Every failure has become a response.
    pub(crate) async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Outgoing>, Infallible> {
        let started = Instant::now();
        let (mut exchange, in_flight) = Exchange::begin(&self.shared, &self.connection, started);
        let snapshot = self.shared.snapshot.load_full();
        let version = request.version();
        let mut context = self.context(&request, snapshot.peer, started);
        let mut log = self.shared.log.is_on().then(|| {
            let agent = request.headers().get(USER_AGENT).cloned();
            (request.method().clone(), request.uri().clone(), agent)
        });
        // A copy, as that of the host is.
        let accept = request.headers().get(ACCEPT).and_then(|v| HeaderValue::from_bytes(v.as_bytes()).ok());
        let decision = if in_flight > u64::from(snapshot.limits.requests) {
            Err(Failure::Overloaded)
        } else {
            self.decide(&mut request, &snapshot, &mut context)
        };
        let outcome = match decision {
            Ok(Decision::Answer(response)) => Ok(response),
            Ok(Decision::Health) => {
                log = None;
                Ok(health())
            }
            // Boxed: their state is large, and an idle connection must not reserve it.
            Ok(Decision::Look { folder, path }) => {
                Box::pin(async move { folder.look(&mut request, &path).await }).await
            }
            Ok(Decision::Forward(pool)) => {
                let limits = &snapshot.limits;
                let request = request
                    .map(|body| RequestBody::new(body, limits.body_bytes, limits.body_timeout.duration()));
                Box::pin(proxy::forward(&pool, request, &mut context)).await
            }
            Err(failure) => Err(failure),
        };
        let (response, failure) = match outcome {
            Ok(response) => (response, None),
            Err(failure) => (respond(failure, &context.request_id, accept.as_ref(), version), Some(failure)),
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.connection.upgrade();
        }
        if let Some((method, target, user_agent)) = log {
            let status = response.status();
            exchange.log_as(Some(Box::new(Draft { context, method, target, user_agent, status, failure })));
        }
        Ok(response.map(|body| Outgoing::new(body, exchange)))
    }

    fn context(&self, request: &Request<Incoming>, trust: Peer, started: Instant) -> RequestContext {
        let headers = request.headers();
        RequestContext {
            request_id: request_id(headers, trust),
            trace: trace(headers),
            peer: self.connection.peer,
            client: client(headers, trust, self.connection.peer.ip()),
            local: self.connection.local,
            scheme: self.connection.scheme,
            version: request.version(),
            trust,
            host: None,
            started,
            upstream: UpstreamLog::default(),
        }
    }

    /// What can be said without waiting, which for a file in memory is everything.
    fn decide(
        &self,
        request: &mut Request<Incoming>,
        snapshot: &Snapshot,
        context: &mut RequestContext,
    ) -> Result<Decision, Failure> {
        check_head(request, snapshot)?;
        context.host = requested_host(request)?;
        if let Some(port) = self.redirect {
            return redirect_to_https(request, context, port).map(Decision::Answer);
        }
        if request.method() == Method::OPTIONS && request.uri().path() == "*" {
            return Ok(Decision::Answer(no_content_with_methods()));
        }
        let uri = request.uri().clone();
        let path = RequestPath::new(uri.path())?;
        match snapshot.routes.find(path.as_str()) {
            Some(Destination::Folder(folder)) => {
                match folder.at_hand(request, path.as_str(), context.started) {
                    Some(response) => response.map(Decision::Answer),
                    None => Ok(Decision::Look { folder: Arc::clone(folder), path: path.as_str().to_owned() }),
                }
            }
            // Another program might resolve the segments otherwise, and answer for a path of another route.
            Some(Destination::Pool(_)) if path.had_dots() => {
                Err(Failure::BadRequest("the path has dot segments"))
            }
            Some(Destination::Health) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
                Err(Failure::MethodNotAllowed { allow: "GET, HEAD" })
            }
            Some(Destination::Health) => Ok(Decision::Health),
            Some(Destination::Pool(pool)) => Ok(Decision::Forward(Arc::clone(pool))),
            None => Err(Failure::NotFound),
        }
    }
}

/// What is to be done with a request.
enum Decision {
    /// Send this.
    Answer(Response<EdgeBody>),
    /// Say that the edge is well.
    Health,
    /// Look for a file on disk.
    Look { folder: Arc<Folder>, path: String },
    /// Pass it on.
    Forward(Arc<Pool>),
}

/// What holds for every request, whatever it asks for.
fn check_head(request: &Request<Incoming>, snapshot: &Snapshot) -> Result<(), Failure> {
    let limits = &snapshot.limits;
    let head = snapshot.head_limits();
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(Failure::MethodNotAllowed { allow: METHODS });
    }
    if request.version() == Version::HTTP_2 {
        let target = request.uri().path_and_query().map_or(0, |t| t.as_str().len());
        if target > head.target {
            return Err(Failure::TargetTooLong);
        }
        if request.headers().len() > head.fields {
            return Err(Failure::HeadersTooLarge);
        }
    }
    if request.body().size_hint().lower() > limits.body_bytes {
        return Err(Failure::BodyTooLarge { limit: limits.body_bytes });
    }
    match request.headers().get(EXPECT) {
        Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Failure::ExpectationFailed)
        }
        _ => Ok(()),
    }
}

/// Who asked first. A trusted edge appends its own peer, so the last address it names is the one it saw.
pub(super) fn client(headers: &HeaderMap, trust: Peer, peer: IpAddr) -> IpAddr {
    if trust == Peer::Public {
        return peer;
    }
    headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|address| address.trim().trim_matches(['[', ']']).parse().ok())
        .unwrap_or(peer)
}

fn redirect_to_https(
    request: &Request<Incoming>,
    context: &RequestContext,
    port: Port,
) -> Result<Response<EdgeBody>, Failure> {
    let host = context
        .host
        .as_ref()
        .and_then(|host| host.to_str().ok())
        .ok_or(Failure::BadRequest("the request names no host"))?;
    let name = match host.rfind([':', ']']) {
        Some(at) if host.get(at..).is_some_and(|rest| rest.starts_with(':')) => host.get(..at),
        _ => Some(host),
    };
    let name = name.unwrap_or(host);
    let target = request.uri().path_and_query().map_or("/", |t| t.as_str());
    let target = if target.starts_with('/') { target } else { "/" };
    let location = if port == Port::HTTPS {
        format!("https://{name}{target}")
    } else {
        format!("https://{name}:{port}{target}")
    };
    let mut response = Response::new(EdgeBody::Empty);
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let location = HeaderValue::try_from(location)
        .map_err(|_| Failure::BadRequest("the request target cannot be redirected"))?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// What a load balancer wants to hear.
fn health() -> Response<EdgeBody> {
    let mut response = Response::new(EdgeBody::full(Bytes::from_static(b"ok\n")));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn no_content_with_methods() -> Response<EdgeBody> {
    let mut response = Response::new(EdgeBody::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
    response
}
