//! The short way past the HTTP library: whoever asks cannot tell it from the long one.

use crate::support::client::{Connection, Response};
use crate::support::edge::{Edge, config};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::upstream::Upstream;

/// A condition that never holds makes a request take the long way to the same answer.
const LONG: &str = "If-None-Match: \"another\"\r\n";

fn ask(connection: &mut Connection, path: &str, fields: &str) -> Response {
    connection.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"))
}

fn without_date(mut response: Response) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let date = response.headers.remove("date").unwrap();
    assert!(httpdate::parse_http_date(&date).is_ok(), "{date}");
    (response.status, response.headers.into_iter().collect(), response.body)
}

#[test]
fn both_ways_answer_alike() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    for path in
        ["/", "/hello.txt", "/assets/plain.js", "/hello.txt?a=b", "/assets/../hello.txt", "/%68ello.txt"]
    {
        for coding in ["", "br", "zstd", "gzip", "identity", "br;q=0.1, gzip", "*;q=0", "nonsense;;q"] {
            let fields = format!("Accept-Encoding: {coding}\r\n");
            // The first one finds the file and has it compressed.
            eventually("both ways are the same", || {
                let long = ask(&mut connection, path, &format!("{fields}{LONG}"));
                without_date(ask(&mut connection, path, &fields)) == without_date(long)
            });
        }
        let long = ask(&mut connection, path, LONG);
        assert_eq!(
            without_date(ask(&mut connection, path, "Connection: Keep-Alive\r\n")),
            without_date(long)
        );
    }
}

#[test]
fn answers_come_in_the_order_of_their_requests() {
    let folder = Folder::new();
    folder.write("large.txt", &"0123456789".repeat(150_000));
    let upstream = Upstream::start();
    let edge = Edge::start(&config(&folder.path(), Some(upstream.address)));
    let paths = [
        "/hello.txt",
        "/api/x",
        "/large.txt",
        "/none.txt",
        "/hello.txt",
        "/large.txt",
        "/api/y",
        "/hello.txt",
    ];
    let mut connection = edge.connect();
    for path in paths {
        connection.get(path);
    }
    // All at once, and nothing is read before all has been sent.
    let rounds = 8;
    for _ in 0..rounds {
        for path in paths {
            let fields = if path.starts_with("/hello") { "\r\n" } else { "X: y\r\n\r\n" };
            connection.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}"));
        }
    }
    for _ in 0..rounds {
        for path in paths {
            let response = connection.response(false).unwrap();
            match path {
                "/hello.txt" => assert_eq!(response.text(), "hello, world\n"),
                "/large.txt" => assert_eq!(response.body.len(), 1_500_000),
                "/none.txt" => assert_eq!(response.status, 404),
                _ => assert!(response.text().starts_with(&format!("GET {path} ")), "{}", response.text()),
            }
        }
    }
}

#[test]
fn a_request_that_closes_the_connection_is_the_last() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    connection.get("/hello.txt");
    connection.send("GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    connection.send("GET /probe.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(connection.response(false).unwrap().text(), "hello, world\n");
    let last = connection.response(false).unwrap();
    assert_eq!((last.text().as_str(), last.header("connection")), ("PROBE", "close"));
    assert!(connection.is_closed());
}

#[test]
fn what_goes_the_short_way_is_logged_and_counted_too() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for _ in 0..3 {
        let fields = format!(
            "User-Agent: a\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\nX-Request-Id: forged\r\n"
        );
        ask(&mut connection, "/hello.txt?token=SECRET", &fields);
    }
    let lines = edge.finish();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        let [path, agent, trace_id] = ["path", "agent", "trace_id"].map(|key| line[key].as_str().unwrap());
        assert_eq!((path, agent, trace_id), ("/hello.txt", "a", trace));
        assert_eq!(
            (&line["status"], &line["bytes"], &line["host"]),
            (&200.into(), &13.into(), &"localhost".into())
        );
        assert_ne!(line["request_id"], "forged");
        assert!(line.get("whole").is_none() && line.get("fault").is_none());
    }
}
