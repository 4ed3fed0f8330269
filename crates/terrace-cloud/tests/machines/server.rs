//! HTTP on loopback around a world, with faults.

use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use terrace_account::Sha256;
use terrace_stand_in::{Answer, Reply, Request};

use crate::answers::Fields;
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
    _server: terrace_stand_in::Server,
}

impl Server {
    pub(crate) fn start(world: World) -> Self {
        let played = Arc::new(Mutex::new(Played { world, ..Played::default() }));
        let told = played.clone();
        let server = terrace_stand_in::Server::start(move |request| answer(&told, request));
        Self { address: server.address(), played, _server: server }
    }
}

fn answer(played: &Mutex<Played>, request: &Request) -> Reply {
    let mut played = played.lock().unwrap();
    let fields = fields(request);
    let action = match request.action() {
        Some(action) => action.to_owned(),
        None => format!("{} {}", request.method, request.target.rsplit('/').next().unwrap()),
    };
    let nth = played.asked.len();
    played.asked.push(action.clone());
    let trouble = played.trouble.filter(|one| nth >= one.from && nth < one.from + one.count);
    let answer = match trouble.map(|one| one.fault) {
        Some(Fault::CutBefore) => return Reply::Cut,
        Some(Fault::CutAfter) => {
            carry_out(&mut played.world, request, &action, &fields);
            return Reply::Cut;
        }
        Some(Fault::Throttled) => request.throttled(),
        Some(Fault::Broken) => request.broken(),
        Some(Fault::Expired) => request.expired(),
        None => carry_out(&mut played.world, request, &action, &fields),
    };
    answer.into()
}

fn carry_out(world: &mut World, request: &Request, action: &str, fields: &Fields) -> Answer {
    if fields.contains_key("Action") {
        return world.answer(request, action, fields);
    }
    if request.header("x-amz-target").is_some() {
        return world.log(request);
    }
    let there = world.objects.get(&request.target).cloned();
    match (request.method.as_str(), there) {
        ("HEAD", Some(bytes)) => {
            let sum = Sha256::of(&bytes).base64();
            Answer::of(200, bytes).with("x-amz-checksum-sha256", &sum)
        }
        ("HEAD", None) => Answer::of(404, ""),
        ("PUT", Some(_)) if request.header("if-none-match").is_some() => {
            request.refused(412, "PreconditionFailed", "it is there")
        }
        ("PUT", _) => {
            assert_eq!(request.header("x-amz-checksum-sha256"), Some(&*Sha256::of(&request.body).base64()));
            world.objects.insert(request.target.clone(), request.body.clone());
            *world.written.entry(request.target.clone()).or_default() += 1;
            Answer::of(200, "").with("etag", "\"1\"")
        }
        (method, _) => panic!("nobody plays {method}"),
    }
}

/// Of a form; none of anything else.
fn fields(request: &Request) -> Fields {
    if !request.body.starts_with(b"Action=") {
        return Fields::new();
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = request.text().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}
