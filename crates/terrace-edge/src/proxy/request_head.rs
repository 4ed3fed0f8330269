//! The head of a request as a target gets it: HTTP/1.1, origin form, hop-by-hop fields gone, and who asked told in
//! `X-Forwarded-*` and `Forwarded` (RFC 7239).
//!
//! From a public client nothing that claims to be forwarded is believed; from another edge it is kept and added to.

use std::fmt::Write;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, request};
use hyper::body::Body;
use terrace_edge_config::Peer;

use super::hop_by_hop;
use crate::context::RequestContext;
use crate::upstream::SentBody;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What is to become of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    /// Says something about the connection, or would be taken for something that only an edge may say.
    Drop,
    /// Something that only an edge may say.
    Claim,
}

fn fate(name: &str) -> Fate {
    match name {
        "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade"
        | "http2-settings" | "expect" | "proxy" => Fate::Drop,
        "forwarded" | "x-real-ip" | "x-request-id" => Fate::Claim,
        _ if name.starts_with("x-forwarded-") => Fate::Claim,
        // Servers that turn names into variables cannot tell these from the real ones.
        _ if name.contains('_') => match fate(&name.replace('_', "-")) {
            Fate::Pass => Fate::Pass,
            Fate::Drop | Fate::Claim => Fate::Drop,
        },
        _ => Fate::Pass,
    }
}

/// Turns the head of a client's request into the one that a target gets. `upgrade` is the protocol to switch to.
pub(crate) fn outgoing(
    mut parts: request::Parts,
    body: SentBody,
    context: &RequestContext,
    upgrade: Option<&HeaderValue>,
) -> Request<SentBody> {
    let headers = &mut parts.headers;
    clean(headers, context.trust);
    join_cookies(headers);
    tell_who_asked(headers, context);
    frame(headers, &parts.method, &body);
    if let Some(protocol) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol.clone());
    }
    let mut request = Request::new(body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = origin_form(parts.uri);
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = parts.headers;
    request
}

fn clean(headers: &mut HeaderMap, trust: Peer) {
    let (mut hop_by_hop, mut other) = (false, Vec::new());
    for name in headers.keys() {
        match fate(name.as_str()) {
            Fate::Pass => {}
            Fate::Drop if name == EXPECT || name.as_str() == "proxy" || name.as_str().contains('_') => {
                other.push(name.clone());
            }
            Fate::Drop => hop_by_hop = true,
            Fate::Claim if trust == Peer::Public => other.push(name.clone()),
            Fate::Claim => {}
        }
    }
    if hop_by_hop {
        hop_by_hop::strip(headers);
    }
    for name in other {
        headers.remove(name);
    }
    // A vendor's part of a trace means nothing without the trace.
    if headers.contains_key(TRACESTATE) && !headers.contains_key(TRACEPARENT) {
        headers.remove(TRACESTATE);
    }
}

/// HTTP/2 may split cookies over fields; HTTP/1.1 has one (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(COOKIE).iter();
    if crumbs.next().is_none() || crumbs.next().is_none() {
        return;
    }
    let mut joined = Vec::new();
    for crumb in headers.get_all(COOKIE) {
        if !joined.is_empty() {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(crumb.as_bytes());
    }
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(joined)) {
        headers.insert(COOKIE, value);
    }
}

fn tell_who_asked(headers: &mut HeaderMap, context: &RequestContext) {
    let peer = context.peer.ip().to_canonical();
    let host = context.host.as_ref();
    let mut line = Line::with_capacity(320);

    line.add_to(headers, &X_FORWARDED_FOR, |text| write!(text, "{peer}"));
    line.add_to(headers, &FORWARDED, |text| {
        match peer {
            IpAddr::V4(ip) => write!(text, "for={ip}")?,
            IpAddr::V6(ip) => write!(text, "for=\"[{ip}]\"")?,
        }
        write!(text, ";proto={}", context.scheme.as_str())?;
        match host.and_then(|host| host.to_str().ok()) {
            Some(host) if is_token(host) => write!(text, ";host={host}"),
            Some(host) if !host.contains(['"', '\\']) => write!(text, ";host=\"{host}\""),
            _ => Ok(()),
        }
    });
    if !headers.contains_key(X_FORWARDED_PROTO) {
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(context.scheme.as_str()));
    }
    if !headers.contains_key(X_FORWARDED_PORT) {
        headers.insert(X_FORWARDED_PORT, HeaderValue::from(context.local.port()));
    }
    if let Some(host) = host {
        if !headers.contains_key(X_FORWARDED_HOST) {
            headers.insert(X_FORWARDED_HOST, host.clone());
        }
        headers.insert(HOST, host.clone());
    }
    headers.insert(X_REQUEST_ID, context.request_id.header_value());
    headers.insert(TRACEPARENT, context.trace.header_value());
}

/// A buffer that several values are cut from: one allocation for all.
struct Line(bytes::BytesMut);

impl Line {
    fn with_capacity(bytes: usize) -> Self {
        Self(bytes::BytesMut::with_capacity(bytes))
    }

    /// Appends to the list that a field is, or begins it.
    fn add_to(
        &mut self,
        headers: &mut HeaderMap,
        name: &HeaderName,
        write: impl FnOnce(&mut bytes::BytesMut) -> std::fmt::Result,
    ) {
        for value in headers.get_all(name) {
            if !self.0.is_empty() {
                self.0.extend_from_slice(b", ");
            }
            self.0.extend_from_slice(value.as_bytes());
        }
        if !self.0.is_empty() {
            self.0.extend_from_slice(b", ");
        }
        let written = write(&mut self.0);
        let value = HeaderValue::from_maybe_shared(self.0.split().freeze());
        if let (Ok(()), Ok(value)) = (written, value) {
            headers.insert(name, value);
        }
    }
}

fn is_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Says how the body is framed, where the HTTP library would guess otherwise.
fn frame(headers: &mut HeaderMap, method: &Method, body: &SentBody) {
    match body.size_hint().exact() {
        _ if headers.contains_key(CONTENT_LENGTH) => {}
        // Without it, a server may wait for a body or refuse the request (RFC 9110, section 8.6).
        Some(0) if body.is_end_stream() && !matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
        }
        Some(length) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        None if body.is_end_stream() => {}
        None => {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
    }
}

fn origin_form(uri: Uri) -> Uri {
    if uri.scheme().is_none() && uri.authority().is_none() {
        return uri;
    }
    uri.into_parts().path_and_query.map_or_else(|| Uri::from_static("/"), Uri::from)
}
