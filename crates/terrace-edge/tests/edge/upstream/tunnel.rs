//! WebSockets and their like: the switch, bytes both ways, the end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use terrace_edge_config::{Millis, Pool};

use super::proxy::{Proxy, addresses, pool};
use super::replica::{Replica, Reply};
use crate::support::{PATIENCE, eventually};

const SWITCH: &str = "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Switches, says something at once, then sends back what it gets.
fn echo() -> Replica {
    Replica::start(|seen| {
        if !seen.head.contains("upgrade: websocket\n") {
            return Reply::Say(426, String::new());
        }
        Reply::hand(|mut stream| {
            let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello";
            stream.write_all(head.as_bytes()).unwrap();
            let mut part = [0; 1024];
            while let Ok(length @ 1..) = stream.read(&mut part) {
                if stream.write_all(&part[..length]).is_err() {
                    return;
                }
            }
        })
    })
}

struct Socket(TcpStream);

impl Socket {
    fn open(proxy: &Proxy) -> Self {
        let stream = TcpStream::connect(proxy.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut socket = Self(stream);
        socket.0.write_all(SWITCH.as_bytes()).unwrap();
        let head = socket.until("\r\n\r\n").to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        for field in ["connection: upgrade", "upgrade: websocket", "sec-websocket-accept: s3ppl"] {
            assert!(head.contains(field), "{field} in {head}");
        }
        assert_eq!(socket.take(5), b"hello");
        socket
    }

    fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            text.push(char::from(self.take(1)[0]));
        }
        text
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    fn is_ended(&mut self) -> bool {
        matches!(self.0.read(&mut [0; 16]), Ok(0) | Err(_))
    }
}

#[test]
fn bytes_pass_both_ways_and_count_as_a_request_in_flight() {
    let server = echo();
    let proxy = Proxy::over(&[&server]);
    let mut socket = Socket::open(&proxy);
    for text in ["one", "two", "three"] {
        socket.0.write_all(text.as_bytes()).unwrap();
        assert_eq!(socket.take(text.len()), text.as_bytes());
    }
    assert_eq!(proxy.status().targets[0].in_flight, 1);
    socket.0.shutdown(Shutdown::Write).unwrap();
    assert!(socket.is_ended());
    eventually("the tunnel is gone", || proxy.status().targets[0].in_flight == 0);
}

#[test]
fn a_silent_tunnel_is_closed() {
    let server = echo();
    let idle = Pool { response_timeout: Millis::new(300), ..pool(&addresses(&[&server])) };
    let proxy = Proxy::start(idle);
    assert!(Socket::open(&proxy).is_ended());
    eventually("the tunnel is gone", || proxy.status().targets[0].in_flight == 0);
}

#[test]
fn a_tunnel_of_a_removed_target_ends_when_its_time_is_up() {
    let server = echo();
    let hasty = Pool { deregistration_delay: Millis::new(300), ..pool(&addresses(&[&server])) };
    let proxy = Proxy::start(hasty);
    let mut socket = Socket::open(&proxy);
    proxy.set_targets(&[]);
    assert!(socket.is_ended());
    eventually("the target is forgotten", || proxy.status().targets.is_empty());
}

#[test]
fn a_refused_switch_is_an_ordinary_response() {
    let server = Replica::start(|_| Reply::Say(403, "no".to_owned()));
    let proxy = Proxy::over(&[&server]);
    let mut connection = proxy.connect();
    assert_eq!(connection.ask(SWITCH).status, 403);
    assert_eq!(connection.get("/").status, 403);
}

#[test]
fn only_a_real_upgrade_reaches_the_target() {
    let server = Replica::saying("plain");
    let proxy = Proxy::over(&[&server]);
    for head in [
        // Not named in `Connection`; HTTP/2 in clear; not GET.
        "GET / HTTP/1.1\r\nUpgrade: websocket\r\n",
        "GET / HTTP/1.1\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        "POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n",
    ] {
        assert_eq!(proxy.connect().ask(&format!("{head}Host: x\r\n\r\n")).text(), "plain");
    }
    for seen in server.seen() {
        for field in ["upgrade: ", "connection: ", "http2-settings: "] {
            assert!(!seen.head.contains(field), "{}", seen.head);
        }
    }
}

#[test]
fn a_switch_that_nobody_asked_for_is_a_broken_response() {
    let server = Replica::start(|_| {
        Reply::last("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
    });
    let proxy = Proxy::over(&[&server]);
    assert_eq!(proxy.connect().get("/").status, 502);
}
