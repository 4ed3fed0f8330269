//! A target that does as it is told: answers, stalls, breaks off, resets, hands its socket over.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// `GET /path`.
    pub(crate) line: String,
    /// All fields, one a line, names in lower case.
    pub(crate) head: String,
    pub(crate) body_length: u64,
    /// Its place among the requests of its connection, from 0.
    pub(crate) nth: usize,
}

/// What to do with a request.
pub(crate) enum Reply {
    /// A whole response with this status and text.
    Say(u16, String),
    /// These bytes, and on with the connection.
    Bytes(Vec<u8>),
    /// These bytes, then the end of the connection.
    Last(Vec<u8>),
    /// Nothing but a reset.
    Reset,
    /// The socket is the handler's.
    Hand(Box<dyn FnOnce(TcpStream) + Send>),
}

impl Reply {
    pub(crate) fn ok(text: &str) -> Self {
        Self::Say(200, text.to_owned())
    }

    pub(crate) fn bytes(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    pub(crate) fn last(text: &str) -> Self {
        Self::Last(text.as_bytes().to_vec())
    }

    pub(crate) fn hand(with: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        Self::Hand(Box::new(with))
    }
}

type Handler = dyn Fn(&Seen) -> Reply + Send + Sync;

/// A target; it lives as long as the test.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Vec<Seen>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Replica {
    pub(crate) fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    /// Answers everything with one text.
    pub(crate) fn saying(text: &'static str) -> Self {
        Self::start(move |_| Reply::ok(text))
    }

    pub(crate) fn on(
        listener: TcpListener,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let handler: Arc<Handler> = Arc::new(handler);
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, handler) = (Arc::clone(&for_thread), Arc::clone(&handler));
                std::thread::spawn(move || serve(stream, &shared, &*handler));
            }
        });
        Self { address, shared }
    }

    /// The requests so far, health checks left out.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|seen| !seen.line.contains("/health")).cloned().collect()
    }

    /// The most requests that were in its handler at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

fn serve(stream: TcpStream, shared: &Shared, handler: &Handler) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut out = stream;
    for nth in 0.. {
        let seen = read(&mut reader, nth)?;
        shared.seen.lock().unwrap().push(seen.clone());
        let now = shared.now.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most.fetch_max(now, Ordering::SeqCst);
        let reply = handler(&seen);
        shared.now.fetch_sub(1, Ordering::SeqCst);
        match reply {
            Reply::Say(status, text) => {
                let length = text.len();
                let text = if seen.line.starts_with("HEAD ") { String::new() } else { text };
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{text}");
                out.write_all(head.as_bytes()).ok()?;
            }
            Reply::Bytes(bytes) => out.write_all(&bytes).ok()?,
            Reply::Last(bytes) => return out.write_all(&bytes).ok(),
            Reply::Reset => {
                socket2::SockRef::from(&out).set_linger(Some(std::time::Duration::ZERO)).ok()?;
                return None;
            }
            Reply::Hand(with) => {
                drop(reader);
                with(out);
                return None;
            }
        }
    }
    None
}

fn read(reader: &mut BufReader<TcpStream>, nth: usize) -> Option<Seen> {
    let mut seen = Seen { nth, ..Seen::default() };
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            seen.line = line.trim_end_matches(" HTTP/1.1").to_owned();
            continue;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = value == "chunked",
            _ => {}
        }
        seen.head.push_str(&format!("{name}: {value}\n"));
    }
    seen.body_length = skip(reader, length)?;
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = u64::from_str_radix(size.trim_end(), 16).ok()?;
        seen.body_length += skip(reader, size)?;
        skip(reader, 2)?;
        chunked = size > 0;
    }
    Some(seen)
}

fn skip(reader: &mut impl Read, length: u64) -> Option<u64> {
    let skipped = std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    (skipped == length).then_some(length)
}
