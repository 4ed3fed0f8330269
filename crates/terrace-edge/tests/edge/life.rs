//! The life of the process: its end waits for what is in flight, and a new configuration replaces an old one.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;

use terrace_edge_config::{Action, Files, Millis, PathPattern, Route};

use crate::support::client::Connection;
use crate::support::edge::{Edge, config};
use crate::support::folder::Folder;
use crate::support::{PATIENCE, eventually};

/// An upstream that says when a request has come, and answers when it is told to.
fn held_upstream() -> (std::net::SocketAddr, std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (arrived, has_arrived) = channel();
    let (answer, may_answer) = channel::<()>();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        arrived.send(()).unwrap();
        may_answer.recv_timeout(PATIENCE).unwrap();
        let mut connection = Connection::over(stream);
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    });
    (address, has_arrived, answer)
}

#[test]
fn sigterm_finishes_what_is_in_flight_and_refuses_what_is_new() {
    let folder = Folder::new();
    let (address, has_arrived, answer) = held_upstream();
    let mut edge = Edge::start(&config(&folder.path(), Some(address)));
    let mut idle = edge.connect();
    assert_eq!(idle.get("/probe.txt").text(), "PROBE");
    let mut busy = edge.connect();
    busy.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    has_arrived.recv_timeout(PATIENCE).unwrap();

    edge.signal("TERM");
    eventually("new connections are refused", || TcpStream::connect(edge.addresses[0]).is_err());
    assert!(idle.is_closed(), "an idle connection is closed");
    assert_eq!(edge.child.try_wait().unwrap(), None, "it waits for what is in flight");

    answer.send(()).unwrap();
    let response = busy.response(false).unwrap();
    assert_eq!((response.status, response.text().as_str()), (200, "late"));
    assert!(busy.is_closed());
    assert!(edge.ended().success());
}

#[test]
fn draining_does_not_wait_longer_than_it_may() {
    let folder = Folder::new();
    let (address, has_arrived, _answer) = held_upstream();
    let mut settings = config(&folder.path(), Some(address));
    settings.drain = Millis::new(300);
    let mut edge = Edge::start(&settings);
    let mut busy = edge.connect();
    busy.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    has_arrived.recv_timeout(PATIENCE).unwrap();
    edge.signal("TERM");
    assert!(edge.ended().success());
}

/// What stands in the file of a web tier: the page, the API behind a load balancer's name, and an answer for the one
/// that is before it.
#[test]
fn a_web_tier_needs_no_more_than_it_must_say() {
    let folder = Folder::new();
    let (address, has_arrived, answer) = held_upstream();
    let config = serde_json::json!({
        "name": "web",
        "listeners": [{ "address": "127.0.0.1:0" }],
        "peer": "edge",
        "routes": [
            { "path": "/*", "action": { "files": { "folder": folder.path(), "single_page": true } } },
            { "path": "/api/*", "action": { "proxy": "api" } },
            { "path": "/.terrace/health", "action": "health" },
        ],
        "pools": { "api": { "targets": [format!("localhost:{}", address.port())] } },
    });
    let edge = Edge::serve(&config.to_string(), 1);
    let mut connection = edge.connect();
    for (method, status, text) in [("GET", 200, "ok\n"), ("HEAD", 200, ""), ("POST", 405, "")] {
        connection.send(format!("{method} /.terrace/health HTTP/1.1\r\nHost: 10.0.0.7:8080\r\n\r\n"));
        let response = connection.response(method == "HEAD").unwrap();
        assert_eq!(response.status, status, "{method}");
        assert!(status != 200 || response.text() == text, "{method}: {}", response.text());
    }
    assert_eq!(connection.get("/hello.txt").text(), "hello, world\n");
    connection.send("GET /api/items HTTP/1.1\r\nHost: localhost\r\n\r\n");
    has_arrived.recv_timeout(PATIENCE).unwrap();
    answer.send(()).unwrap();
    assert_eq!(connection.response(false).unwrap().text(), "late");
    drop(connection);
    let log = edge.finish();
    let paths: Vec<_> = log.iter().filter_map(|line| line["path"].as_str()).collect();
    // A good answer to the load balancer is no news; a wrong question is.
    assert_eq!(paths, ["/.terrace/health", "/hello.txt", "/api/items"]);
}

#[test]
fn sighup_reads_the_configuration_again_and_refuses_a_bad_one() {
    let (first, second) = (Folder::new(), Folder::new());
    second.write("hello.txt", "second\n");
    let mut settings = config(&first.path(), None);
    let edge = Edge::start(&settings);
    let mut connection = edge.connect();
    assert_eq!(connection.get("/hello.txt").text(), "hello, world\n");

    std::fs::write(&edge.config_file, "{ nonsense").unwrap();
    edge.signal("HUP");
    let said = edge.said.recv_timeout(PATIENCE).unwrap();
    assert!(said.starts_with("the old configuration stays: the configuration in"), "{said}");
    assert_eq!(connection.get("/hello.txt").text(), "hello, world\n");

    settings.routes.truncate(1);
    settings.routes.push(Route {
        path: PathPattern::new("/hello.txt").unwrap(),
        action: Action::Files(Files {
            folder: second.path(),
            single_page: false,
            compression: terrace_edge_config::Compression::Off,
        }),
    });
    std::fs::write(&edge.config_file, serde_json::to_vec(&settings).unwrap()).unwrap();
    edge.signal("HUP");
    assert_eq!(edge.said.recv_timeout(PATIENCE).unwrap(), "configuration read again");
    assert_eq!(connection.get("/hello.txt").text(), "second\n");
    assert_eq!(connection.get("/probe.txt").text(), "PROBE");
}

#[test]
fn an_address_in_use_is_named() {
    let folder = Folder::new();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = config(&folder.path(), None);
    settings.listeners[0].address = holder.local_addr().unwrap();
    let file = folder.path().join("edge.json");
    std::fs::write(&file, serde_json::to_vec(&settings).unwrap()).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_terrace-edge")).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("cannot listen on {}", holder.local_addr().unwrap())), "{said}");
}
