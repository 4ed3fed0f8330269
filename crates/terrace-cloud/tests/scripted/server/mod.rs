//! A small AWS of our own at the HTTP level, on loopback: services as state machines, faults by order.
//!
//! Answers have the shapes of AWS's API references (`tests/aws/models` holds them to its service models).

mod cloudfront;
mod ecs;
mod s3;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use terrace_stand_in::{Answer, Reply};

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

/// A request as it came, and what its target says.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    own: terrace_stand_in::Request,
    /// Decoded.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: BTreeMap<String, String>,
}

impl std::ops::Deref for Request {
    type Target = terrace_stand_in::Request;

    fn deref(&self) -> &Self::Target {
        &self.own
    }
}

impl Request {
    fn of(own: &terrace_stand_in::Request) -> Self {
        let (path, query) = own.target.split_once('?').unwrap_or((&own.target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
        Self { path: decoded(path), query, own: own.clone() }
    }

    /// Refused in the service's own form.
    pub(crate) fn error(&self, status: u16, code: &str) -> Answer {
        self.refused(status, code, "as the script says")
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
    fn answer(&mut self, request: &Request) -> Answer {
        match request.service() {
            "s3" => self.s3(request),
            "cloudfront" => self.cloudfront(request),
            "ecs" => self.ecs(request),
            "logs" => self.logs(request),
            "elasticloadbalancing" => self.health(),
            other => panic!("no such service: `{other}`"),
        }
    }

    fn name(request: &Request) -> String {
        let action = match request.service() {
            "s3" => s3::name(request),
            "cloudfront" => cloudfront::name(request),
            _ => request.action().unwrap().to_owned(),
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
    _server: terrace_stand_in::Server,
}

impl Server {
    pub(crate) fn start(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        let all = world.clone();
        let server =
            terrace_stand_in::Server::start(move |request| all.lock().unwrap().reply(&Request::of(request)));
        Self { address: server.address(), world, _server: server }
    }

    /// Looks at the world, or changes it.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }
}

impl World {
    fn reply(&mut self, request: &Request) -> Reply {
        let fault = self.befalls();
        self.calls.push(Self::name(request));
        let answer = match fault {
            None => self.answer(request),
            Some(Fault::Throttled) => request.throttled(),
            Some(Fault::Broken) => request.broken(),
            Some(Fault::Expired) => request.expired(),
            Some(Fault::Cut) => return Reply::Cut,
            Some(Fault::CutAfter) => {
                self.answer(request);
                return Reply::Cut;
            }
            Some(Fault::Silence) => return Reply::Silence,
        };
        answer.into()
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
