//! A server on loopback that answers, cuts off or keeps silent by a script, and remembers whole requests.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply<'a> {
    /// A status, headers as they stand in an answer (`ETag: "1"|x-amz-version-id: v`), a body.
    Told(u16, &'a str, &'a str),
    /// The connection ends after the request.
    Cut,
    /// No answer, until the other side goes.
    Silence,
}

impl Reply<'_> {
    /// As it goes over the wire; none if nothing does.
    fn text(&self) -> Option<String> {
        let Reply::Told(status, headers, body) = *self else {
            return matches!(self, Reply::Cut).then(String::new);
        };
        let lines = headers.split('|').filter(|line| !line.is_empty());
        let headers: String = lines.map(|line| format!("{line}\r\n")).collect();
        let length = format!("Content-Length: {}\r\n", body.len());
        let length = if headers.contains("Content-Length") { "" } else { &length };
        Some(format!("HTTP/1.1 {status} Told\r\n{headers}{length}Connection: close\r\n\r\n{body}"))
    }
}

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Answers until it is let go.
pub(crate) struct Storage {
    pub(crate) address: String,
    script: Arc<Mutex<VecDeque<Option<String>>>>,
    asked: Arc<Mutex<Vec<Request>>>,
    listener: Arc<TcpListener>,
}

impl Storage {
    pub(crate) fn start(script: &[Reply<'_>]) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script.iter().map(Reply::text).collect::<VecDeque<_>>()));
        let (told, heard, next) = (asked.clone(), listener.clone(), script.clone());
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for mut stream in heard.incoming().map_while(Result::ok) {
                let Some(request) = read(&stream) else { return };
                told.lock().unwrap().push(request);
                let over = "HTTP/1.1 418 Over\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned();
                let reply = next.lock().unwrap().pop_front();
                match reply.unwrap_or(Some(over)) {
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    None => kept.push(stream),
                }
            }
        });
        Self { address, script, asked, listener }
    }

    /// Answers so after all that is in the script.
    pub(crate) fn then(&self, headers: &str) {
        self.script.lock().unwrap().push_back(Reply::Told(200, headers, "").text());
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // A connection without a request ends the thread, and its listener with it.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some((name, value)) if !request.line.is_empty() => {
                request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
            _ => line.clone_into(&mut request.line),
        }
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { body, ..request })
}
