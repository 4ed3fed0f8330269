//! Limits over all connections: who is beyond them waits, is shed or is let go, and nobody else notices.

use terrace_edge_config::Millis;

use crate::support::client::Connection;
use crate::support::edge::{Edge, config};
use crate::support::folder::Folder;
use crate::support::upstream::Upstream;

#[test]
fn connections_beyond_the_limit_wait_their_turn() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.limits.connections = 2;
    let edge = Edge::start(&settings);
    let (mut first, mut second) = (edge.connect(), edge.connect());
    assert_eq!(first.get("/probe.txt").text(), "PROBE");
    assert_eq!(second.get("/probe.txt").text(), "PROBE");
    let mut third = edge.connect();
    third.send("GET /probe.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(first.get("/probe.txt").text(), "PROBE");
    drop(second);
    assert_eq!(third.response(false).unwrap().text(), "PROBE");
}

#[test]
fn requests_beyond_the_limit_are_shed() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let mut settings = config(&folder.path(), Some(upstream.address));
    settings.limits.requests = 1;
    let edge = Edge::start(&settings);
    let mut first = edge.connect();
    first
        .send("POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    // The interim response says that the request is in flight.
    assert_eq!(first.response(false).unwrap().status, 100);
    let mut second = edge.connect();
    let shed = second.get("/probe.txt");
    assert_eq!((shed.status, shed.header("retry-after")), (503, "1"));
    first.send("body");
    assert_eq!(first.response(false).unwrap().status, 200);
    assert_eq!(second.get("/probe.txt").text(), "PROBE");
}

#[test]
fn idle_connections_are_let_go() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.limits.idle_timeout = Millis::new(300);
    let edge = Edge::start(&settings);
    let mut silent = edge.connect();
    let mut used = edge.connect();
    assert_eq!(used.get("/probe.txt").text(), "PROBE");
    assert!(silent.is_closed());
    assert!(used.is_closed());
}

#[test]
fn many_slow_heads_do_not_keep_others_out() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.limits.header_timeout = Millis::new(500);
    let edge = Edge::start(&settings);
    let mut slow: Vec<Connection> = (0..100).map(|_| edge.connect()).collect();
    for connection in &mut slow {
        connection.send("GET / HTTP/1.1\r\nHost: loc");
    }
    assert_eq!(edge.connect().get("/probe.txt").text(), "PROBE");
    for mut connection in slow {
        assert_eq!(connection.response(false).unwrap().status, 408);
        assert!(connection.is_closed());
    }
}

#[test]
fn who_does_not_read_is_let_go() {
    let folder = Folder::new();
    folder.write("huge.bin", &"x".repeat(32 * 1024 * 1024));
    let mut settings = config(&folder.path(), None);
    settings.limits.idle_timeout = Millis::new(300);
    settings.limits.connections = 1;
    let edge = Edge::start(&settings);
    let mut greedy = edge.connect();
    greedy.send("GET /huge.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(greedy.has_begun());
    // There is one place only, and it comes free although the greedy one keeps its end open.
    assert_eq!(edge.connect().get("/probe.txt").text(), "PROBE");
    assert!(greedy.rest().len() < 32 * 1024 * 1024);
    let lines = edge.finish();
    let cut = lines.iter().find(|line| line["path"] == "/huge.bin").unwrap();
    assert_eq!(cut["whole"], false);
}

#[test]
fn http2_has_the_same_limits() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.limits.target_bytes = 100;
    settings.limits.header_fields = 10;
    let edge = Edge::start(&settings);
    let statuses = crate::support::http2::statuses(
        edge.addresses[0],
        vec![
            http::Request::get("/probe.txt"),
            http::Request::get(format!("/{}", "a".repeat(200))),
            (0..20).fold(http::Request::get("/probe.txt"), |r, n| r.header(format!("x-{n}"), "y")),
            http::Request::post("/probe.txt"),
            http::Request::get("/../secret.txt"),
            http::Request::get("/probe.txt").header("host", "evil"),
        ],
    );
    assert_eq!(statuses, [200, 414, 431, 405, 400, 400]);
}
