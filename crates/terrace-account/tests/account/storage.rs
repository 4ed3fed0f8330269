//! A server on loopback that answers, cuts off or keeps silent by a script, and remembers whole requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

pub(crate) use terrace_stand_in::Request;
use terrace_stand_in::{Answer, Server};

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
    fn own(&self) -> terrace_stand_in::Reply {
        let (status, headers, body) = match *self {
            Reply::Told(status, headers, body) => (status, headers, body),
            Reply::Cut => return terrace_stand_in::Reply::Cut,
            Reply::Silence => return terrace_stand_in::Reply::Silence,
        };
        let headers = headers.split('|').filter_map(|line| line.split_once(": "));
        headers.fold(Answer::of(status, body), |answer, (name, value)| answer.with(name, value)).into()
    }
}

/// A request's first line.
pub(crate) fn line(request: &Request) -> String {
    format!("{} {} HTTP/1.1", request.method, request.target)
}

/// Answers until it is let go.
pub(crate) struct Storage {
    pub(crate) address: String,
    script: Arc<Mutex<VecDeque<terrace_stand_in::Reply>>>,
    asked: Arc<Mutex<Vec<Request>>>,
    _server: Server,
}

impl Storage {
    pub(crate) fn start(script: &[Reply<'_>]) -> Self {
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let script = Arc::new(Mutex::new(script.iter().map(Reply::own).collect::<VecDeque<_>>()));
        let (told, next) = (asked.clone(), script.clone());
        let server = Server::start(move |request| {
            told.lock().unwrap().push(request.clone());
            next.lock().unwrap().pop_front().unwrap_or_else(|| Answer::of(418, "").into())
        });
        Self { address: server.address(), script, asked, _server: server }
    }

    /// Answers so after all that is in the script.
    pub(crate) fn then(&self, headers: &str) {
        self.script.lock().unwrap().push_back(Reply::Told(200, headers, "").own());
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}
