//! Heads as clients send them and as targets get them.

use std::time::Instant;

use http::{Request, Version};

use super::*;
use crate::context::{Scheme, Trace, UpstreamLog};

fn context(trust: Peer) -> RequestContext {
    RequestContext {
        request_id: RequestId::Made(0xabc),
        trace: Trace { trace_id: 0x1234, span_id: 0x56, flags: 1 },
        peer: "192.0.2.7:5000".parse().unwrap(),
        client: "192.0.2.7".parse().unwrap(),
        local: "192.0.2.1:8443".parse().unwrap(),
        scheme: Scheme::Https,
        version: Version::HTTP_11,
        trust,
        host: Some(HeaderValue::from_static("shop.example")),
        started: Instant::now(),
        upstream: UpstreamLog::default(),
    }
}

fn written(context: &RequestContext, target: &str, fields: &[(&'static str, &'static str)]) -> String {
    let mut request = Request::get(target).body(()).unwrap();
    for (name, value) in fields {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    let (parts, ()) = request.into_parts();
    let head = write(&parts, None, context, None);
    String::from_utf8(head.to_vec()).unwrap().replace("\r\n", "\n")
}

const OURS: &str = "\
x-forwarded-for: 192.0.2.7
forwarded: for=192.0.2.7;proto=https;host=shop.example
x-forwarded-proto: https
x-forwarded-port: 8443
x-forwarded-host: shop.example
x-request-id: 00000000000000000000000000000abc
traceparent: 00-00000000000000000000000000001234-0000000000000056-01
";

#[test]
fn a_public_client_is_believed_nothing() {
    let head = written(
        &context(Peer::Public),
        "https://other.example/a?b=c",
        &[
            ("host", "ignored.example"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-prefix", "/admin"),
            ("forwarded", "for=10.0.0.1"),
            ("x-real-ip", "10.0.0.1"),
            ("x_forwarded_for", "10.0.0.1"),
            ("x-request-id", "mine"),
            ("traceparent", "00-00000000000000000000000000001234-00000000000000aa-01"),
            ("tracestate", "vendor=1"),
            ("proxy", "http://evil.example"),
            ("accept", "*/*"),
        ],
    );
    assert_eq!(
        head,
        format!("GET /a?b=c HTTP/1.1\nhost: shop.example\ntracestate: vendor=1\naccept: */*\n{OURS}\n")
    );
}

#[test]
fn an_edge_is_believed_and_added_to() {
    let head = written(
        &context(Peer::Edge),
        "/",
        &[
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=203.0.113.9;proto=https"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "www.example"),
            ("x-forwarded-port", "443"),
            ("tracestate", "vendor=1"),
        ],
    );
    let expected = "\
GET / HTTP/1.1
host: shop.example
x-forwarded-proto: https
x-forwarded-host: www.example
x-forwarded-port: 443
x-forwarded-for: 203.0.113.9, 10.0.0.1, 192.0.2.7
forwarded: for=203.0.113.9;proto=https, for=192.0.2.7;proto=https;host=shop.example
x-request-id: 00000000000000000000000000000abc
traceparent: 00-00000000000000000000000000001234-0000000000000056-01

";
    assert_eq!(head, expected);
}

#[test]
fn what_concerns_the_connection_is_not_passed_on() {
    let head = written(
        &context(Peer::Public),
        "/",
        &[
            ("connection", "close, X-One"),
            ("connection", " x-TWO ,, keep-alive"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("x-three", "3"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("http2-settings", "AA"),
            ("expect", "100-continue"),
        ],
    );
    assert_eq!(head, format!("GET / HTTP/1.1\nhost: shop.example\nx-three: 3\n{OURS}\n"));
}

#[test]
fn cookies_are_joined_and_other_lists_are_not() {
    let fields = [("cookie", "a=1"), ("accept", "x/y"), ("cookie", "b=2; c=3"), ("accept", "y/z")];
    let head = written(&context(Peer::Public), "/", &fields);
    assert_eq!(
        head,
        format!(
            "GET / HTTP/1.1\nhost: shop.example\ncookie: a=1; b=2; c=3\naccept: x/y\naccept: y/z\n{OURS}\n"
        )
    );
}

#[test]
fn addresses_of_both_families_and_odd_hosts_are_written_so_that_they_can_be_read() {
    let mut context = context(Peer::Public);
    context.peer = "[2001:db8::7]:5000".parse().unwrap();
    context.host = Some(HeaderValue::from_static("shop.example:8443"));
    let head = written(&context, "/", &[]);
    assert!(head.contains("x-forwarded-for: 2001:db8::7\n"), "{head}");
    assert!(
        head.contains("forwarded: for=\"[2001:db8::7]\";proto=https;host=\"shop.example:8443\"\n"),
        "{head}"
    );
    // A client that came over IPv4 to a socket for both is named by its IPv4 address.
    context.peer = "[::ffff:192.0.2.7]:5000".parse().unwrap();
    assert!(written(&context, "/", &[]).contains("forwarded: for=192.0.2.7;"));
    context.host = None;
    assert!(written(&context, "/", &[]).starts_with("GET / HTTP/1.1\nhost: 192.0.2.1:8443\n"));
}
