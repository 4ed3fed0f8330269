//! A server on loopback that answers one request after the other by a script, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use terrace_stand_in::Request;

/// A status and a body.
pub(crate) type Answer<'a> = (u16, &'a str);

/// Answers until it is let go.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
    _server: terrace_stand_in::Server,
}

impl Server {
    /// Answers by a script; what goes on after its end is refused with a 500 that is not asked again.
    pub(crate) fn start(script: &[Answer<'_>]) -> Self {
        let answer = |(status, body): &Answer<'_>| terrace_stand_in::Answer::of(*status, *body);
        Self::told(script.iter().map(answer).collect())
    }

    /// As `start`, with answers that have headers.
    pub(crate) fn told(mut script: VecDeque<terrace_stand_in::Answer>) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = asked.clone();
        let server = terrace_stand_in::Server::start(move |request| {
            told.lock().unwrap().push(shown(request));
            script.pop_front().unwrap_or_else(|| terrace_stand_in::Answer::of(418, "the script is over"))
        });
        Self { address: server.address(), asked, _server: server }
    }

    /// Each request in the order they came: its first line, what matters of its head, its body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn shown(request: &Request) -> String {
    let mut text = format!("{} {} HTTP/1.1\n", request.method, request.target);
    for (name, value) in &request.headers {
        match name.as_str() {
            "content-type" | "x-amz-target" => text.push_str(&format!("{name}: {value}\n")),
            "authorization" => {
                let (region, service) = (request.region(), request.service());
                text.push_str(&format!("signed for {region}/{service}/aws4_request\n"));
            }
            _ => {}
        }
    }
    text + request.text()
}
