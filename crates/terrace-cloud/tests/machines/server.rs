//! HTTP on loopback around a world, with faults.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use terrace_account::Sha256;

use crate::answers::{Answer, Fields, refused};
use crate::world::World;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Throttled,
    Broken,
    Expired,
    /// The connection breaks before the call is carried out.
    CutBefore,
    /// The connection breaks after the call was carried out.
    CutAfter,
}

/// From which call on, and for how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) fault: Fault,
    pub(crate) from: usize,
    pub(crate) count: usize,
}

#[derive(Default)]
pub(crate) struct Played {
    pub(crate) world: World,
    pub(crate) trouble: Option<Trouble>,
    /// What was asked: the action, or method and key.
    pub(crate) asked: Vec<String>,
}

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) played: Arc<Mutex<Played>>,
    listener: Arc<TcpListener>,
}

impl Server {
    pub(crate) fn start(world: World) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let played = Arc::new(Mutex::new(Played { world, ..Played::default() }));
        let (told, heard) = (played.clone(), listener.clone());
        std::thread::spawn(move || {
            for stream in heard.incoming().map_while(Result::ok) {
                let Some(request) = read(&stream) else { return };
                answer(&told, stream, &request);
            }
        });
        Self { address, played, listener }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

struct Request {
    method: String,
    path: String,
    headers: Fields,
    body: Vec<u8>,
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Fields::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}

fn answer(played: &Mutex<Played>, mut stream: TcpStream, request: &Request) {
    let mut played = played.lock().unwrap();
    let fields: Fields = url_encoded(&request.body);
    let action = match (fields.get("Action"), request.headers.get("x-amz-target")) {
        (Some(action), _) => action.clone(),
        (None, Some(target)) => target.rsplit('.').next().unwrap().to_owned(),
        (None, None) => format!("{} {}", request.method, request.path.rsplit('/').next().unwrap()),
    };
    let nth = played.asked.len();
    played.asked.push(action.clone());
    let trouble = played.trouble.filter(|one| nth >= one.from && nth < one.from + one.count);
    let (status, headers, body) = match trouble.map(|one| one.fault) {
        Some(Fault::CutBefore) => return,
        Some(Fault::CutAfter) => {
            carry_out(&mut played.world, request, &action, &fields);
            return;
        }
        Some(Fault::Throttled) if fields.is_empty() => {
            refused(503, "SlowDown", "Please reduce your request rate.")
        }
        Some(Fault::Throttled) => refused(400, "Throttling", "Rate exceeded"),
        Some(Fault::Broken) => refused(500, "InternalFailure", "We are sorry"),
        Some(Fault::Expired) => {
            refused(403, "ExpiredToken", "The security token included in the request is expired")
        }
        None => carry_out(&mut played.world, request, &action, &fields),
    };
    let mut head = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = if request.method == "HEAD" { String::new() } else { body };
    drop(stream.write_all(format!("{head}\r\n{body}").as_bytes()));
}

fn carry_out(world: &mut World, request: &Request, action: &str, fields: &Fields) -> Answer {
    if fields.contains_key("Action") {
        return world.answer(action, fields);
    }
    if request.headers.contains_key("x-amz-target") {
        let json: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        return world.log(json["logStreamName"].as_str().unwrap());
    }
    if action.contains("StartImagePipelineExecution") || action.contains("GetImage") {
        return world.image(&request.body);
    }
    let there = world.objects.get(&request.path).cloned();
    let sum = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(Sha256::of(bytes).bytes());
    match (request.method.as_str(), there) {
        ("HEAD", Some(bytes)) => {
            let length = ("content-length".to_owned(), bytes.len().to_string());
            (200, vec![length, ("x-amz-checksum-sha256".to_owned(), sum(&bytes))], String::new())
        }
        ("HEAD", None) => (404, Vec::new(), String::new()),
        ("PUT", Some(_)) if request.headers.contains_key("if-none-match") => {
            refused(412, "PreconditionFailed", "it is there")
        }
        ("PUT", _) => {
            assert_eq!(request.headers["x-amz-checksum-sha256"], sum(&request.body));
            world.objects.insert(request.path.clone(), request.body.clone());
            *world.written.entry(request.path.clone()).or_default() += 1;
            (200, vec![("etag".to_owned(), "\"1\"".to_owned())], String::new())
        }
        (method, _) => panic!("nobody plays {method}"),
    }
}

fn url_encoded(body: &[u8]) -> Fields {
    let text = String::from_utf8_lossy(body);
    let decoded = |text: &str| percent_decoded(text);
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.extend(u8::from_str_radix(&String::from_utf8_lossy(&digits), 16));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
