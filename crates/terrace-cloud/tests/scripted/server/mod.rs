//! A small AWS of our own at the HTTP level, on loopback: services as state machines, faults by order.
//!
//! Answers have the shapes of AWS's API references. Each connection carries one request.

mod cloudfront;
mod ecs;
mod s3;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub(crate) use cloudfront::Distribution;
pub(crate) use ecs::{Ecs, Fate, arn};
pub(crate) use s3::Object;

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Refused: too many.
    Throttled,
    /// A fault of AWS's own.
    Broken,
    /// No answer; not carried out.
    Silence,
    /// The connection ends; not carried out.
    Cut,
    /// The connection ends; carried out.
    CutAfter,
    /// The credentials have expired.
    Expired,
}

impl Fault {
    pub(crate) const ALL: [Self; 6] =
        [Self::Throttled, Self::Broken, Self::Silence, Self::Cut, Self::CutAfter, Self::Expired];
}

/// Which calls a fault befalls, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// This one.
    Once(usize),
    /// This one and all that follow.
    From(usize),
}

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Decoded.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: BTreeMap<String, String>,
    /// Names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The service that it was signed for.
    fn service(&self) -> &str {
        let scope = self.header("authorization").and_then(|text| text.split("Credential=").nth(1));
        scope.and_then(|scope| scope.split('/').nth(3)).unwrap_or_default()
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Of a body that is not sent.
    pub(crate) length: Option<usize>,
}

impl Reply {
    pub(crate) fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::of(status, format!("<Error><Code>{code}</Code><Message>as the script says</Message></Error>"))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Of HEAD.
    fn bodiless(self) -> Self {
        Self { length: Some(self.length.unwrap_or(self.body.len())), body: Vec::new(), ..self }
    }

    fn bytes(&self) -> Vec<u8> {
        let length = self.length.unwrap_or(self.body.len());
        let mut head =
            format!("HTTP/1.1 {} Told\r\nContent-Length: {length}\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}

/// All that there is.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Objects by bucket and key.
    pub(crate) buckets: BTreeMap<String, BTreeMap<String, Object>>,
    pub(crate) distributions: BTreeMap<String, Distribution>,
    pub(crate) ecs: Ecs,
    /// What was asked: `s3 PutObject page index.html`.
    pub(crate) calls: Vec<String>,
    /// As many bytes came in the bodies of objects.
    pub(crate) bytes: usize,
    pub(crate) fault: Option<(Fault, When)>,
    /// Etags that were given out.
    given: usize,
}

impl World {
    fn answer(&mut self, request: &Request) -> Reply {
        match request.service() {
            "s3" => self.s3(request),
            "cloudfront" => self.cloudfront(request),
            "ecs" => self.ecs(request),
            "logs" => self.logs(request),
            "elasticloadbalancing" => self.health(),
            other => Reply::of(400, format!("no such service: `{other}`")),
        }
    }

    fn name(request: &Request) -> String {
        let action = match request.service() {
            "s3" => s3::name(request),
            "cloudfront" => cloudfront::name(request),
            "elasticloadbalancing" => ecs::form(request),
            _ => ecs::name(request),
        };
        format!("{} {action}", request.service())
    }

    fn befalls(&self) -> Option<Fault> {
        let nth = self.calls.len();
        self.fault
            .filter(|(_, when)| match when {
                When::Once(at) => nth == *at,
                When::From(at) => nth >= *at,
            })
            .map(|(fault, _)| fault)
    }
}

/// Answers until it is let go.
pub(crate) struct Server {
    pub(crate) address: String,
    world: Arc<Mutex<World>>,
    listener: Arc<TcpListener>,
}

impl Server {
    pub(crate) fn start(world: World) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(world));
        let (heard, all) = (listener.clone(), world.clone());
        std::thread::spawn(move || {
            for stream in heard.incoming().map_while(Result::ok) {
                let Some(request) = read(&stream) else { return };
                let all = all.clone();
                std::thread::spawn(move || serve(stream, &request, &all));
            }
        });
        Self { address, world, listener }
    }

    /// Looks at the world, or changes it.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread, and its listener with it.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

fn serve(mut stream: TcpStream, request: &Request, all: &Mutex<World>) {
    let mut world = all.lock().unwrap();
    let fault = world.befalls();
    world.calls.push(World::name(request));
    let json = request.header("x-amz-target").is_some();
    let refused = |status, code: &str| {
        if json {
            Reply::of(status, format!("{{\"__type\":\"{code}\"}}"))
        } else {
            Reply::error(status, code)
        }
    };
    let reply = match fault {
        None => world.answer(request),
        Some(Fault::Throttled) if request.service() == "s3" => refused(503, "SlowDown"),
        Some(Fault::Throttled) => refused(400, "ThrottlingException"),
        Some(Fault::Broken) => refused(500, "InternalError"),
        Some(Fault::Expired) => refused(400, "ExpiredToken"),
        Some(Fault::Cut) => return,
        Some(Fault::CutAfter) => {
            drop(world.answer(request));
            return;
        }
        Some(Fault::Silence) => {
            drop(world);
            // Until the other side goes.
            drop(stream.read(&mut [0]));
            return;
        }
    };
    drop(world);
    let reply = if request.method == "HEAD" { reply.bodiless() } else { reply };
    drop(stream.write_all(&reply.bytes()));
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
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
            Some((name, value)) if !request.method.is_empty() => {
                request.headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            _ => {
                let mut words = line.split(' ');
                request.method = words.next()?.to_owned();
                let target = words.next()?;
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                request.path = decoded(path);
                for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    request.query.insert(decoded(name), decoded(value));
                }
            }
        }
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { body, ..request })
}
