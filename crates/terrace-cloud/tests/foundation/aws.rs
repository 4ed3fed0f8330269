//! Buckets and repositories that are kept, and everything that can go wrong on the way to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value as Json, json};
use terrace_account::{Account, Keys, Patience};
use terrace_stand_in::{Answer, Reply, Request, Server};

/// How requests fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 503, and nothing is done.
    Unavailable,
    /// Too many requests, and nothing is done.
    Throttled,
    /// The session has ended, and nothing is done.
    Expired,
    /// The connection ends, and nothing is done.
    CutBefore,
    /// It is done, and the connection ends before the answer.
    CutAfter,
    /// It is done, and no answer ever comes.
    Silent,
}

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// What stands under each query: `tagging`.
    pub(crate) parts: BTreeMap<String, String>,
    pub(crate) objects: BTreeMap<String, Object>,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) body: String,
    etag: u32,
    meta: Vec<(String, String)>,
    modified: u64,
}

/// All that is kept, and what was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) buckets: BTreeMap<String, Kept>,
    pub(crate) repositories: BTreeMap<String, Json>,
    /// How often each was made.
    pub(crate) made: BTreeMap<String, u32>,
    pub(crate) calls: Vec<String>,
    /// From which request on, how many of them, how.
    pub(crate) fault: Option<(usize, usize, Fault)>,
    /// Seconds since 1970.
    pub(crate) now: u64,
    etags: u32,
}

/// Answers until it is let go.
pub(crate) struct Aws {
    pub(crate) address: String,
    pub(crate) state: Arc<Mutex<State>>,
    _server: Server,
    /// How long an account waits.
    pub(crate) silence: Duration,
}

impl Aws {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State { now: 1_795_300_000, ..State::default() }));
        let shared = state.clone();
        let server = Server::start(move |request| shared.lock().unwrap().reply(request));
        Self { address: server.address(), state, _server: server, silence: Duration::from_secs(20) }
    }

    pub(crate) fn account(&self) -> Account {
        let patience = Patience { silence: self.silence, pause: Duration::from_millis(1), broken: true };
        let keys = Keys::new("AKIDEXAMPLE", "very-secret", None);
        Account::given("eu-west-1", &self.address, keys).with(patience)
    }

    pub(crate) fn with<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        how(&mut self.state.lock().unwrap())
    }

    /// What was asked since the last time.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.with(|state| std::mem::take(&mut state.calls))
    }
}

/// A repository as it is told: its tags and its policy are asked for apart.
fn told(repository: &Json) -> Json {
    let mut told = repository.clone();
    for apart in ["tags", "lifecyclePolicyText"] {
        told.as_object_mut().unwrap().remove(apart);
    }
    told
}

fn refused(request: &Request, status: u16, code: &str) -> Answer {
    request.refused(status, code, "as the script says")
}

impl State {
    fn reply(&mut self, request: &Request) -> Reply {
        let at = self.calls.len();
        self.calls.push(request.call());
        let fault = self.fault.filter(|(from, many, _)| (*from..from + many).contains(&at));
        let fault = fault.map(|(.., fault)| fault);
        let json = request.header("x-amz-target").is_some();
        match fault {
            Some(Fault::Unavailable) => return request.unavailable().into(),
            Some(Fault::Throttled) => return request.throttled().into(),
            Some(Fault::Expired) => return request.expired().into(),
            Some(Fault::CutBefore) => return Reply::Cut,
            Some(Fault::CutAfter | Fault::Silent) | None => {}
        }
        let answer = if json { self.registry(request) } else { self.storage(request) };
        match fault {
            Some(Fault::Silent) => Reply::Silence,
            Some(_) => Reply::Cut,
            None => answer.into(),
        }
    }

    fn storage(&mut self, request: &Request) -> Answer {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let (name, key) = path.trim_start_matches('/').split_once('/').unwrap();
        let none = refused(request, 404, "NoSuchBucket");
        if request.method == "PUT" && key.is_empty() && query.is_empty() {
            if self.buckets.contains_key(name) {
                return refused(request, 409, "BucketAlreadyOwnedByYou");
            }
            self.buckets.insert(name.to_owned(), Kept::default());
            *self.made.entry(name.to_owned()).or_default() += 1;
            return Answer::of(200, "");
        }
        let (now, etags) = (self.now, &mut self.etags);
        let Some(bucket) = self.buckets.get_mut(name) else { return none };
        match (request.method.as_str(), key, query) {
            ("GET", "", "max-keys=1&versions") => {
                let one =
                    bucket.objects.keys().next().map(|key| format!("<Version><Key>{key}</Key></Version>"));
                Answer::of(
                    200,
                    format!("<ListVersionsResult>{}</ListVersionsResult>", one.unwrap_or_default()),
                )
            }
            ("GET", "", "versioning") => {
                let told = bucket.parts.get(query).cloned();
                Answer::of(200, told.unwrap_or_else(|| "<VersioningConfiguration/>".to_owned()))
            }
            ("GET", "", part) => match bucket.parts.get(part) {
                Some(text) => Answer::of(200, text.as_str()),
                None => refused(
                    request,
                    404,
                    match part {
                        "tagging" => "NoSuchTagSet",
                        "publicAccessBlock" => "NoSuchPublicAccessBlockConfiguration",
                        "ownershipControls" => "OwnershipControlsNotFoundError",
                        "encryption" => "ServerSideEncryptionConfigurationNotFoundError",
                        "policy" => "NoSuchBucketPolicy",
                        "lifecycle" => "NoSuchLifecycleConfiguration",
                        _ => panic!("what is {part}?"),
                    },
                ),
            },
            ("PUT", "", part) => {
                bucket.parts.insert(part.to_owned(), request.text().to_owned());
                Answer::of(200, "")
            }
            ("PUT", key, _) => {
                let found = bucket.objects.get(key);
                let is = |object: &Object| {
                    Some(format!("\"{}\"", object.etag).as_str()) == request.header("if-match")
                };
                if request.header("if-none-match").is_some() && found.is_some() {
                    return refused(request, 412, "PreconditionFailed");
                }
                if request.header("if-match").is_some() {
                    match found {
                        None => return refused(request, 404, "NoSuchKey"),
                        Some(object) if !is(object) => return refused(request, 412, "PreconditionFailed"),
                        Some(_) => {}
                    }
                }
                *etags += 1;
                let meta =
                    request.headers.iter().filter(|(name, _)| name.starts_with("x-amz-meta-")).cloned();
                let object = Object {
                    body: request.text().to_owned(),
                    etag: *etags,
                    meta: meta.collect(),
                    modified: now,
                };
                bucket.objects.insert(key.to_owned(), object);
                Answer::of(200, "").with("ETag", &format!("\"{etags}\""))
            }
            (_, key, _) => match bucket.objects.get(key) {
                Some(object) => {
                    let time = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
                    let mut headers = object.meta.clone();
                    headers.push(("ETag".to_owned(), format!("\"{}\"", object.etag)));
                    headers.push(("Date".to_owned(), time(now)));
                    headers.push(("Last-Modified".to_owned(), time(object.modified)));
                    Answer { headers, ..Answer::of(200, object.body.as_str()) }
                }
                None => refused(request, 404, "NoSuchKey"),
            },
        }
    }

    fn registry(&mut self, request: &Request) -> Answer {
        let fields: Json = serde_json::from_str(request.text()).unwrap();
        let call = request.call();
        let word = |name: &str| fields.pointer(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let name = [word("/repositoryName"), word("/repositoryNames/0")].concat();
        let arn = word("/resourceArn");
        let name = if arn.is_empty() { name } else { arn.rsplit(":repository/").next().unwrap().to_owned() };
        let Some(found) = self.repositories.get_mut(&name) else {
            if call != "ecr:CreateRepository" {
                return refused(request, 400, "RepositoryNotFoundException");
            }
            let mut made = fields.clone();
            made["repositoryArn"] = json!(format!("arn:aws:ecr:eu-west-1:123456789012:repository/{name}"));
            made["repositoryUri"] = json!(format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}"));
            *self.made.entry(name.clone()).or_default() += 1;
            self.repositories.insert(name, made.clone());
            return Answer::of(200, json!({"repository": told(&made)}).to_string());
        };
        let done = Answer::of(200, "{}");
        let mut set = |name: &str| {
            found[name] = fields[name].clone();
            done.clone()
        };
        match call.as_str() {
            "ecr:CreateRepository" => refused(request, 400, "RepositoryAlreadyExistsException"),
            "ecr:DescribeRepositories" => Answer::of(200, json!({"repositories": [told(found)]}).to_string()),
            "ecr:ListTagsForResource" => Answer::of(200, json!({"tags": found["tags"]}).to_string()),
            "ecr:PutImageTagMutability" => set("imageTagMutability"),
            "ecr:PutImageScanningConfiguration" => set("imageScanningConfiguration"),
            "ecr:PutLifecyclePolicy" => set("lifecyclePolicyText"),
            "ecr:GetLifecyclePolicy" if found["lifecyclePolicyText"].is_string() => done,
            "ecr:GetLifecyclePolicy" => refused(request, 400, "LifecyclePolicyNotFoundException"),
            _ => panic!("what is {call}?"),
        }
    }
}
