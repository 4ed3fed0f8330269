//! A server on loopback that answers one request after the other by a script, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A status and a body.
pub(crate) type Answer<'a> = (u16, &'a str);

/// What was asked so far.
type Asked = Arc<Mutex<Vec<String>>>;

/// Answers until it is let go.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Asked,
    listener: Arc<TcpListener>,
}

impl Server {
    /// Answers by a script; what goes on after its end is refused with a 500 that is not asked again.
    pub(crate) fn start(script: &[Answer<'_>]) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let mut script: std::collections::VecDeque<_> =
            script.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let (told, heard) = (asked.clone(), listener.clone());
        std::thread::spawn(move || {
            for mut stream in heard.incoming().map_while(Result::ok) {
                let Some(request) = read(&stream) else { return };
                told.lock().unwrap().push(request);
                let (status, body) = script.pop_front().unwrap_or((418, "the script is over".to_owned()));
                let head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", body.len());
                drop(stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()));
            }
        });
        Self { address, asked, listener }
    }

    /// Each request in the order they came: its first line, what matters of its head, its body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread, and its listener with it.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

/// A request; none if there is none.
fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut kept, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(given) = lower.strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        let scope = |line: &str| {
            let (_, scope) = line.split_once("/20")?;
            let (_, scope) = scope.split_once('/')?;
            Some(format!("signed for {}", scope.split(',').next().unwrap_or_default()))
        };
        if lower.starts_with("authorization:") {
            kept.extend(scope(line).map(|scope| scope + "\n"));
        } else if kept.is_empty() || lower.starts_with("content-type") || lower.starts_with("x-amz-target") {
            kept.push_str(&format!("{line}\n"));
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(kept + &String::from_utf8_lossy(&body))
}
