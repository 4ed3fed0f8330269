//! The head of a request as a target gets it: HTTP/1.1, origin form, hop-by-hop fields gone, and who asked told in
//! `X-Forwarded-*` and `Forwarded` (RFC 7239). It is written once, as bytes.
//!
//! From a public client nothing that claims to be forwarded is believed; from another edge it is kept and added to.

use std::io::Write;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, COOKIE, FORWARDED};
use http::{HeaderMap, HeaderName, HeaderValue, Method, request};
use terrace_edge_config::Peer;

use crate::context::{RequestContext, RequestId};
use crate::upstream::Framing;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const TRACEPARENT: &str = "traceparent";

/// What is to become of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    /// Concerns the connection, or is written anew.
    Drop,
    /// Something that only an edge may say.
    Claim,
    /// A list that is added to.
    List,
    /// One field whose values are joined.
    Cookie,
}

fn fate(name: &str) -> Fate {
    match name {
        "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade"
        | "http2-settings" | "expect" | "proxy" | "host" | "content-length" | "x-request-id"
        | "traceparent" => Fate::Drop,
        "x-forwarded-for" | "forwarded" => Fate::List,
        "cookie" => Fate::Cookie,
        "x-real-ip" => Fate::Claim,
        _ if name.starts_with("x-forwarded-") => Fate::Claim,
        // Servers that turn names into variables cannot tell these from the real ones.
        _ if name.contains('_') => match fate(&name.replace('_', "-")) {
            Fate::Pass => Fate::Pass,
            _ => Fate::Drop,
        },
        _ => Fate::Pass,
    }
}

/// The tokens of `Connection`, as they were written.
pub(crate) fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// Writes the head of a client's request for a target. `upgrade` is the protocol to switch to.
pub(crate) fn write(
    parts: &request::Parts,
    framing: Option<Framing>,
    context: &RequestContext,
    upgrade: Option<&HeaderValue>,
) -> Bytes {
    let mut head = HeadWriter(Vec::with_capacity(768));
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    head.push(parts.method.as_str()).push(" ");
    if !target.starts_with('/') {
        head.push("/");
    }
    head.push(target).push(" HTTP/1.1\r\nhost: ");
    match &context.host {
        Some(host) => head.push(host),
        None => head.print(context.local),
    };
    head.push("\r\n");

    let headers = &parts.headers;
    let named: Vec<&str> = connection_options(headers)
        .filter(|option| !["keep-alive", "close", "upgrade", "Upgrade"].contains(option))
        .collect();
    let trusted = context.trust == Peer::Edge;
    let traced = headers.contains_key(TRACEPARENT);
    let mut cookies = false;
    for (name, value) in headers {
        let text = name.as_str();
        let passes = match fate(text) {
            // A vendor's part of a trace means nothing without the trace.
            Fate::Pass => traced || text != "tracestate",
            Fate::Claim => trusted,
            Fate::Drop | Fate::List => false,
            Fate::Cookie => !std::mem::replace(&mut cookies, true),
        };
        if !passes || named.iter().any(|named| named.eq_ignore_ascii_case(text)) {
            continue;
        }
        head.push(text).push(": ");
        if name == COOKIE {
            // HTTP/2 may split it; HTTP/1.1 has one (RFC 9113, section 8.2.3).
            head.list(headers, name, "; ");
        } else {
            head.push(value);
        }
        head.push("\r\n");
    }
    tell_who_asked(&mut head, headers, context, trusted);
    match framing {
        Some(Framing::Chunked) => {
            head.push("transfer-encoding: chunked\r\n");
        }
        Some(Framing::Length(length)) => {
            head.push("content-length: ").decimal(length).push("\r\n");
        }
        // Without it, a server may wait for a body or refuse the request (RFC 9110, section 8.6).
        None if matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) => {
            head.push("content-length: 0\r\n");
        }
        None => {}
    }
    if let Some(protocol) = upgrade {
        head.push("connection: upgrade\r\nupgrade: ").push(protocol).push("\r\n");
    }
    head.push("\r\n");
    Bytes::from(head.0)
}

fn tell_who_asked(head: &mut HeadWriter, headers: &HeaderMap, context: &RequestContext, trusted: bool) {
    let peer = context.peer.ip().to_canonical();
    let scheme = context.scheme.as_str();
    head.push("x-forwarded-for: ");
    if trusted && head.list(headers, &X_FORWARDED_FOR, ", ") {
        head.push(", ");
    }
    head.address(peer).push("\r\nforwarded: ");
    if trusted && head.list(headers, &FORWARDED, ", ") {
        head.push(", ");
    }
    match peer {
        IpAddr::V4(_) => head.push("for=").address(peer),
        IpAddr::V6(ip) => head.push("for=\"[").print(ip).push("]\""),
    };
    head.push(";proto=").push(scheme);
    match context.host.as_ref().and_then(|host| host.to_str().ok()) {
        Some(host) if is_token(host) => {
            head.push(";host=").push(host);
        }
        Some(host) if !host.contains(['"', '\\']) => {
            head.push(";host=\"").push(host).push("\"");
        }
        _ => {}
    }
    head.push("\r\n");
    let says = |name: &str| trusted && headers.contains_key(name);
    if !says("x-forwarded-proto") {
        head.push("x-forwarded-proto: ").push(scheme).push("\r\n");
    }
    if !says("x-forwarded-port") {
        head.push("x-forwarded-port: ").decimal(context.local.port().into()).push("\r\n");
    }
    if let Some(host) = &context.host
        && !says("x-forwarded-host")
    {
        head.push("x-forwarded-host: ").push(host).push("\r\n");
    }
    head.push("x-request-id: ");
    match &context.request_id {
        RequestId::Made(bits) => head.hexadecimal(&bits.to_be_bytes()),
        RequestId::Given(value) => head.push(value),
    };
    let trace = &context.trace;
    head.push("\r\ntraceparent: 00-").hexadecimal(&trace.trace_id.to_be_bytes()).push("-");
    head.hexadecimal(&trace.span_id.to_be_bytes()).push("-").hexadecimal(&[trace.flags]).push("\r\n");
}

fn is_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A head being written.
struct HeadWriter(Vec<u8>);

impl HeadWriter {
    fn push(&mut self, bytes: &(impl AsRef<[u8]> + ?Sized)) -> &mut Self {
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    fn print(&mut self, what: impl std::fmt::Display) -> &mut Self {
        // Writing to memory does not fail.
        let _ = write!(self.0, "{what}");
        self
    }

    /// Numbers and addresses are written for every request: by hand that costs a tenth.
    fn decimal(&mut self, number: u64) -> &mut Self {
        let mut digits = [b'0'; 20];
        let (mut rest, mut length) = (number, 0_usize);
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
            length = length.saturating_add(1);
            if rest == 0 {
                break;
            }
        }
        let start = digits.len().saturating_sub(length);
        self.push(digits.get(start..).unwrap_or_default())
    }

    fn address(&mut self, address: IpAddr) -> &mut Self {
        let IpAddr::V4(ip) = address else { return self.print(address) };
        let [a, b, c, d] = ip.octets();
        self.decimal(a.into())
            .push(".")
            .decimal(b.into())
            .push(".")
            .decimal(c.into())
            .push(".")
            .decimal(d.into())
    }

    fn hexadecimal(&mut self, bytes: &[u8]) -> &mut Self {
        let digit = |half: u8| if half < 10 { b'0'.wrapping_add(half) } else { b'W'.wrapping_add(half) };
        self.0.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        self
    }

    /// All values of a field; false if it has none.
    fn list(&mut self, headers: &HeaderMap, name: &HeaderName, between: &str) -> bool {
        let mut any = false;
        for value in headers.get_all(name) {
            if any {
                self.push(between);
            }
            self.push(value);
            any = true;
        }
        any
    }
}

#[cfg(test)]
mod tests;
