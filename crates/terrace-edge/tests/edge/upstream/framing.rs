//! Responses whose end can be known pass, whatever their form; the others are no responses.

use super::proxy::Proxy;
use super::replica::{Replica, Reply};
use crate::support::client::Response;

fn through(raw: &'static str, request: &str) -> Response {
    let server = Replica::start(move |_| Reply::last(raw));
    Proxy::over(&[&server]).connect().ask(request)
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const HEAD: &str = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn responses_in_doubt_are_refused() {
    for raw in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "hello\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ] {
        let response = through(raw, GET);
        assert_eq!(response.status, 502, "{raw:?} gave {response:?}");
        assert!(!response.text().contains("hello"), "{raw:?}");
    }
}

#[test]
fn what_follows_a_response_is_nobodys() {
    // A second response that was never asked for must not be given to the next request.
    let server = Replica::start(|seen| {
        if seen.nth == 0 {
            Reply::bytes(
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            )
        } else {
            Reply::ok("kept")
        }
    });
    let proxy = Proxy::over(&[&server]);
    let mut connection = proxy.connect();
    for _ in 0..5 {
        assert_eq!(connection.get("/").text(), "one");
    }
}

#[test]
fn every_honest_framing_passes() {
    for (raw, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"),
        ("HTTP/1.1 200 OK\r\n\r\nhello until it closes", "hello until it closes"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", "old"),
        ("HTTP/1.0 200 OK\r\n\r\nold until it closes", "old until it closes"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
        (
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "ok",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
    ] {
        let response = through(raw, GET);
        assert_eq!((response.status, response.text().as_str()), (200, body), "{raw:?}");
        assert_eq!(response.header("connection"), "", "{raw:?}");
    }
}

#[test]
fn responses_without_a_body_keep_their_head_and_the_connection_goes_on() {
    for (request, raw, status, length) in [
        (HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n", 200, "1234"),
        (GET, "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", 304, ""),
        (GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n", 304, ""),
        (GET, "HTTP/1.1 204 No Content\r\nETag: \"a\"\r\n\r\n", 204, ""),
    ] {
        let server = Replica::start(move |_| Reply::bytes(raw));
        let proxy = Proxy::over(&[&server]);
        let mut connection = proxy.connect();
        for _ in 0..3 {
            let response = connection.ask(request);
            assert_eq!((response.status, response.header("etag")), (status, "\"a\""), "{raw:?}");
            assert_eq!(response.header("content-length"), length, "{raw:?}");
        }
        assert_eq!(server.seen().iter().map(|seen| seen.nth).max(), Some(2), "{raw:?}");
    }
}

#[test]
fn fields_of_the_connection_stay_on_it() {
    let response = through(
        "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nX-Kept: 2\r\n\
         Proxy-Connection: x\r\nContent-Length: 0\r\n\r\n",
        GET,
    );
    for gone in ["connection", "keep-alive", "x-hop", "proxy-connection"] {
        assert_eq!(response.header(gone), "", "{gone}");
    }
    assert_eq!(response.header("x-kept"), "2");
}

#[test]
fn an_endless_head_is_no_response() {
    let server = Replica::start(|_| {
        let field = format!("X-Long: {}\r\n", "x".repeat(8000));
        Reply::Last(format!("HTTP/1.1 200 OK\r\n{}\r\n", field.repeat(40)).into_bytes())
    });
    assert_eq!(Proxy::over(&[&server]).connect().get("/").status, 502);
}
