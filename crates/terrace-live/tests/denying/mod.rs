//! An AWS on loopback in which nobody may do anything.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

/// An AWS that tells who asks, and denies all else.
pub(crate) fn start() -> String {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in socket.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answered(stream));
        }
    });
    address
}

/// Answers one request and closes.
fn answered(mut stream: std::net::TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        let own = line.to_ascii_lowercase();
        if let Some(given) = own.strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    drop(reader.read_exact(&mut body));
    let (status, text) = if String::from_utf8_lossy(&body).contains("Action=GetCallerIdentity") {
        (
            "200 OK",
            "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>",
        )
    } else {
        ("403 Forbidden", "<R><Error><Code>AccessDenied</Code><Message>no</Message></Error></R>")
    };
    let length = text.len();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}");
    drop(stream.write_all(answer.as_bytes()));
}
