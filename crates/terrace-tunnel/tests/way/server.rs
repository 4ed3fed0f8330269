//! An AWS on loopback that answers a case's calls, whichever comes first.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::case::{Case, Exchange};

/// What was asked so far, at the place of its exchange; what nobody expected after them.
struct Asked {
    script: Vec<Exchange>,
    asked: Vec<Option<String>>,
    more: Vec<String>,
}

/// Answers until it is let go.
pub(crate) struct Server {
    pub(crate) address: String,
    state: Arc<Mutex<Asked>>,
    listener: Arc<TcpListener>,
}

impl Server {
    pub(crate) fn start(case: &Case) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script = case.exchanges.clone();
        let asked = vec![None; script.len()];
        let state = Arc::new(Mutex::new(Asked { script, asked, more: Vec::new() }));
        let (shared, heard) = (state.clone(), listener.clone());
        std::thread::spawn(move || {
            for mut stream in heard.incoming().map_while(Result::ok) {
                let Some((call, body)) = read(&stream) else { return };
                let (status, answer) = shared.lock().unwrap().answer(&call, body);
                let head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", answer.len());
                drop(stream.write_all(format!("{head}connection: close\r\n\r\n{answer}").as_bytes()));
            }
        });
        Self { address, state, listener }
    }

    /// What was asked, at the place where it was expected.
    pub(crate) fn asked(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let told = state.asked.iter().map(|one| one.clone().unwrap_or_else(|| "never asked".to_owned()));
        told.chain(state.more.iter().cloned()).collect()
    }
}

impl Asked {
    fn answer(&mut self, call: &str, body: String) -> (u16, String) {
        let next =
            self.script.iter().zip(&self.asked).position(|(one, asked)| one.call == call && asked.is_none());
        match next {
            Some(at) => {
                self.asked[at] = Some(body);
                (self.script[at].status, self.script[at].answer.clone())
            }
            None => {
                self.more.push(format!("{call} {body}"));
                (418, "nobody expected that".to_owned())
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread, and its listener with it.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

/// A request as IAM calls it, and its body; none if there is none.
fn read(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let (mut service, mut action, mut length) = (String::new(), None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or((line.as_str(), ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => action = value.rsplit('.').next().map(str::to_owned),
            // `Credential=AKID/20261121/eu-west-1/ecs/aws4_request`
            "authorization" => service = value.split('/').nth(3).unwrap_or_default().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let action = action.or_else(|| {
        let (_, action) = body.split_once("Action=")?;
        action.split('&').next().map(str::to_owned)
    });
    Some((format!("{service}:{}", action.unwrap_or_default()), body))
}
