//! An AWS on loopback: each call is read as a service and an action, and answered by whoever plays it.

use std::time::Duration;

use terrace_account::{Account, Keys, Patience};

/// A call as IAM calls it, where it was signed for, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: String,
    pub(crate) region: String,
    pub(crate) body: String,
    /// Method, path and query.
    pub(crate) line: String,
}

/// Status, date in HTTP's form (empty for none), body.
pub(crate) type Answer = (u16, String, String);

/// Answers until it is let go.
pub(crate) struct Server(terrace_stand_in::Server);

impl Server {
    pub(crate) fn start(mut play: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        Self(terrace_stand_in::Server::start(move |request| {
            let asked = Asked {
                call: format!("{}:{}", request.service(), request.action().unwrap_or_default()),
                region: request.region().to_owned(),
                body: request.text().to_owned(),
                line: format!("{} {}", request.method, request.target),
            };
            let (status, date, body) = play(&asked);
            let answer = terrace_stand_in::Answer::of(status, body);
            if date.is_empty() { answer } else { answer.with("date", &date) }
        }))
    }

    pub(crate) fn account(&self) -> Account {
        let patience = Patience { pause: Duration::from_millis(1), ..Patience::default() };
        let keys = Keys::new("AKIDEXAMPLE", "very-secret", None);
        Account::given("eu-west-1", &self.0.address(), keys).with(patience)
    }
}
