//! The request log: a JSON line for every request, and nothing in it that must not be there.

use crate::support::client::Connection;
use crate::support::edge::{Edge, config};
use crate::support::folder::Folder;
use crate::support::upstream::Upstream;

fn ask(connection: &mut Connection, request: &str) {
    connection.ask(request);
}

#[test]
fn every_request_has_its_line_and_no_secret() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let edge = Edge::start(&config(&folder.path(), Some(upstream.address)));
    let mut connection = edge.connect();
    ask(
        &mut connection,
        "GET /hello.txt?token=SECRET HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a \"b\"\r\n\
         Authorization: Bearer SECRET\r\nCookie: s=SECRET\r\n\r\n",
    );
    ask(&mut connection, "GET /none.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let proxied = connection.ask(
        "GET /api/x?key=SECRET HTTP/1.1\r\nHost: localhost\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
    );
    let seen_id = proxied.text().lines().find_map(|l| l.strip_prefix("x-request-id: ").map(str::to_owned));
    ask(&mut connection, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    let lines = edge.finish();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(!format!("{lines:?}").contains("SECRET"));

    let (file, missing, proxied, refused) = (&lines[0], &lines[1], &lines[2], &lines[3]);
    assert_eq!(file["edge"], "test");
    assert_eq!(file["method"], "GET");
    assert_eq!(file["host"], "localhost");
    assert_eq!(file["path"], "/hello.txt");
    assert_eq!(file["status"], 200);
    assert_eq!(file["bytes"], 13);
    assert_eq!(file["client"], "127.0.0.1");
    assert_eq!(file["proto"], "http/1.1");
    assert_eq!(file["agent"], "a \"b\"");
    assert_eq!(file["request_id"].as_str().unwrap().len(), 32);
    assert!(file["ms"].is_f64() && file["ts"].as_str().unwrap().ends_with('Z'));
    assert!(file.get("fault").is_none());

    assert_eq!((&missing["status"], &missing["fault"]), (&404.into(), &"client".into()));

    assert_eq!(proxied["path"], "/api/x");
    assert_eq!(proxied["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(proxied["target"], upstream.address.to_string());
    assert_eq!(proxied["attempts"], 1);
    assert!(proxied["upstream_ms"].is_f64());
    assert_eq!(proxied["request_id"].as_str(), seen_id.as_deref());

    assert_eq!((&refused["status"], &refused["fault"]), (&400.into(), &"client".into()));
    assert_eq!(refused["reason"], "the request has two Host fields");
}

#[test]
fn an_unreachable_target_is_its_own_fault() {
    let folder = Folder::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let edge = Edge::start(&config(&folder.path(), Some(gone)));
    let response = edge.connect().get("/api/x");
    assert_eq!(response.status, 502);
    let lines = edge.finish();
    assert_eq!((&lines[0]["status"], &lines[0]["fault"]), (&502.into(), &"upstream".into()));
}
