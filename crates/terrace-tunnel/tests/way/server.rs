//! An AWS on loopback that answers a case's calls, whichever comes first.

use std::sync::{Arc, Mutex};

use terrace_stand_in::Answer;

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
    _server: terrace_stand_in::Server,
}

impl Server {
    pub(crate) fn start(case: &Case) -> Self {
        let script = case.exchanges.clone();
        let asked = vec![None; script.len()];
        let state = Arc::new(Mutex::new(Asked { script, asked, more: Vec::new() }));
        let shared = state.clone();
        let server = terrace_stand_in::Server::start(move |request| {
            shared.lock().unwrap().answer(&request.call(), request.text().to_owned())
        });
        Self { address: server.address(), state, _server: server }
    }

    /// What was asked, at the place where it was expected.
    pub(crate) fn asked(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let told = state.asked.iter().map(|one| one.clone().unwrap_or_else(|| "never asked".to_owned()));
        told.chain(state.more.iter().cloned()).collect()
    }
}

impl Asked {
    fn answer(&mut self, call: &str, body: String) -> Answer {
        let next =
            self.script.iter().zip(&self.asked).position(|(one, asked)| one.call == call && asked.is_none());
        match next {
            Some(at) => {
                self.asked[at] = Some(body);
                Answer::of(self.script[at].status, self.script[at].answer.as_str())
            }
            None => {
                self.more.push(format!("{call} {body}"));
                Answer::of(418, "nobody expected that")
            }
        }
    }
}
