//! A registry that plays what others do and what goes wrong, from the specification and from what is known of ECR.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use terrace_image::Digest;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// What a request comes to instead of its answer.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Another answer: status, header, body.
    Answer(u16, Option<(&'static str, String)>, String),
    /// So much of the body is read and kept, then the connection ends.
    Cut(usize),
    /// All is done, and no answer comes.
    Deaf,
    /// Nothing comes, ever.
    Silent,
}

/// What is asked to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asks {
    #[default]
    Nothing,
    /// `Basic` of this.
    Password(String),
    /// A token of this realm, or of its own if none is named; each is taken so often.
    Token { realm: String, uses: usize },
}

/// The registry's ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ways {
    pub(crate) asks: Asks,
    /// 201 to parts, and a `Range` that stays at the first.
    pub(crate) as_ecr: bool,
    /// Whether it mounts.
    pub(crate) mounts: bool,
    /// Parts smaller than this are refused, unless the last.
    pub(crate) least: u64,
    /// Uploads go on at this other address.
    pub(crate) uploads_at: Option<String>,
    /// What is to be shown where it gives tokens.
    pub(crate) gives_tokens_to: Option<String>,
}

#[derive(Default)]
struct Upload {
    bytes: Vec<u8>,
    first: usize,
}

#[derive(Default)]
struct State {
    blobs: BTreeMap<String, BTreeMap<String, Bytes>>,
    manifests: BTreeMap<String, Bytes>,
    uploads: BTreeMap<String, Upload>,
    seen: Vec<String>,
    shown: Vec<String>,
    tokens: BTreeMap<String, usize>,
    faults: Vec<(String, Fault)>,
    bytes: u64,
}

/// A registry on a free port of this machine, gone when it is let go.
pub(crate) struct Play {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
    task: AbortHandle,
}

impl Drop for Play {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Play {
    pub(crate) async fn start(mut ways: Ways) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        if let Asks::Token { realm, .. } = &mut ways.asks
            && realm.is_empty()
        {
            *realm = format!("http://{address}/token");
        }
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (state, ways) = (Arc::clone(&shared), ways.clone());
                let service = service_fn(move |request| serve(Arc::clone(&state), ways.clone(), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, state, task: task.abort_handle() }
    }

    /// The next request that begins with this (`PATCH /v2/shop`) comes to a fault; once.
    pub(crate) fn fault(&self, request: &str, fault: Fault) {
        self.state.lock().unwrap().faults.push((request.to_owned(), fault));
    }

    /// Every request, without what differs from run to run.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Every `Authorization` that came.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.state.lock().unwrap().shown.clone()
    }

    /// How many bytes of uploads came.
    pub(crate) fn bytes(&self) -> u64 {
        self.state.lock().unwrap().bytes
    }

    /// Digests and bytes of a repository.
    pub(crate) fn blobs(&self, repository: &str) -> BTreeMap<String, Bytes> {
        self.state.lock().unwrap().blobs.get(repository).cloned().unwrap_or_default()
    }

    /// The names that manifests have.
    pub(crate) fn manifests(&self) -> BTreeSet<String> {
        self.state.lock().unwrap().manifests.keys().cloned().collect()
    }

    /// Puts a manifest by hand.
    pub(crate) fn keep(&self, name: &str, bytes: &'static [u8]) {
        self.state.lock().unwrap().manifests.insert(name.to_owned(), Bytes::from_static(bytes));
    }
}

type Answer = Response<Full<Bytes>>;

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    answer
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
    answer(status, &[], body.to_string())
}

async fn serve(
    state: Arc<Mutex<State>>,
    ways: Ways,
    request: Request<Incoming>,
) -> Result<Answer, std::io::Error> {
    let (parts, mut body) = request.into_parts();
    let (method, path) = (parts.method, parts.uri.path().to_owned());
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let line = format!("{method} {path}");
    let fault = {
        let mut state = state.lock().unwrap();
        let shown = parts.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        state.shown.extend(shown.into_iter().map(|shown| format!("{} {shown}", without_chance(&line))));
        let range = parts.headers.get("content-range").map(|value| format!(" [{}]", value.to_str().unwrap()));
        state.seen.push(format!("{}{}", without_chance(&line), range.unwrap_or_default()));
        let found = state.faults.iter().position(|(start, _)| line.starts_with(start));
        found.map(|found| state.faults.remove(found).1)
    };
    let keep = match &fault {
        Some(Fault::Cut(bytes)) => *bytes,
        _ => usize::MAX,
    };
    let mut read = Vec::new();
    while read.len() < keep {
        let Some(frame) = body.frame().await else { break };
        let Ok(data) = frame.map_err(std::io::Error::other)?.into_data() else { continue };
        read.extend(data);
    }
    read.truncate(keep);
    if matches!(method, Method::PATCH | Method::PUT) && path.contains("/uploads/") {
        state.lock().unwrap().bytes += read.len() as u64;
    }
    match fault {
        None => Ok(act(&state, &ways, &method, &path, &query, &parts.headers, read)),
        Some(Fault::Answer(status, header, body)) => {
            let header: Vec<(&str, &str)> =
                header.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Ok(answer(status, &header, body))
        }
        Some(Fault::Cut(_)) => {
            act(&state, &ways, &Method::PATCH, &path, &query, &parts.headers, read);
            Err(std::io::Error::other("cut"))
        }
        Some(Fault::Deaf) => {
            act(&state, &ways, &method, &path, &query, &parts.headers, read);
            Err(std::io::Error::other("deaf"))
        }
        Some(Fault::Silent) => std::future::pending::<Result<Answer, std::io::Error>>().await,
    }
}

/// Digests by their first four digits.
fn without_chance(line: &str) -> String {
    line.split_once("sha256:").map_or_else(
        || line.to_owned(),
        |(start, hex)| format!("{start}sha256:{}", hex.chars().take(4).collect::<String>()),
    )
}

fn act(
    state: &Mutex<State>,
    ways: &Ways,
    method: &Method,
    path: &str,
    query: &BTreeMap<String, String>,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Answer {
    let state = &mut *state.lock().unwrap();
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if path == "/token" {
        if ways.gives_tokens_to.as_ref().is_some_and(|to| *to != header("authorization")) {
            return error(401, "UNAUTHORIZED", "incorrect username or password");
        }
        let token = format!("good-{}", state.tokens.len());
        state.tokens.insert(token.clone(), 0);
        return answer(200, &[], serde_json::json!({"token": token, "expires_in": 300}).to_string());
    }
    if let Some(refusal) = ask(state, &ways.asks, &header("authorization")) {
        return refusal;
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return error(404, "NOT_FOUND", "no such page") };
    if rest.is_empty() {
        return answer(200, &[], "{}");
    }
    if let Some((repository, digest)) = rest.split_once("/blobs/sha256:") {
        let digest = format!("sha256:{digest}");
        let blob = state.blobs.get(repository).and_then(|blobs| blobs.get(&digest));
        return blob.map_or_else(
            || error(404, "BLOB_UNKNOWN", "no such blob"),
            |blob| answer(200, &[], blob.clone()),
        );
    }
    if let Some((repository, id)) = rest.split_once("/blobs/uploads/") {
        return upload(state, ways, method, repository, id, query, &header("content-range"), body);
    }
    let Some((repository, reference)) = rest.split_once("/manifests/") else {
        return error(404, "NOT_FOUND", "no such page");
    };
    let (name, body) = (format!("{repository} {reference}"), Bytes::from(body));
    if *method == Method::PUT {
        let digest = Digest::of(&body).to_string();
        for name in [name, format!("{repository} {digest}")] {
            state.manifests.insert(name, body.clone());
        }
        return answer(201, &[("docker-content-digest", &digest)], "");
    }
    let Some(manifest) = state.manifests.get(&name) else {
        return error(404, "MANIFEST_UNKNOWN", "no such manifest");
    };
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let digest = Digest::of(manifest).to_string();
    answer(200, &[("docker-content-digest", &digest), ("content-type", kind)], manifest.clone())
}

fn ask(state: &mut State, asks: &Asks, shown: &str) -> Option<Answer> {
    let (challenge, good) = match asks {
        Asks::Nothing => return None,
        Asks::Password(password) => ("Basic realm=\"play\"".to_owned(), shown == password),
        Asks::Token { realm, uses } => {
            let used = shown.strip_prefix("Bearer ").and_then(|token| state.tokens.get_mut(token));
            let good = used.is_some_and(|used| {
                *used += 1;
                *used <= *uses
            });
            (format!("Bearer realm=\"{realm}\",service=\"play\",scope=\"any\""), good)
        }
    };
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    (!good).then(|| answer(401, &[("www-authenticate", &challenge)], body))
}

#[expect(clippy::too_many_arguments, reason = "a request's parts, once")]
fn upload(
    state: &mut State,
    ways: &Ways,
    method: &Method,
    repository: &str,
    id: &str,
    query: &BTreeMap<String, String>,
    range: &str,
    body: Vec<u8>,
) -> Answer {
    let start = ways.uploads_at.clone().unwrap_or_default();
    let at = |id: &str| format!("{start}/v2/{repository}/blobs/uploads/{id}?state=a%2Bb");
    if *method == Method::POST {
        if let (Some(digest), Some(from), true) = (query.get("mount"), query.get("from"), ways.mounts)
            && let Some(blob) = state.blobs.get(from).and_then(|blobs| blobs.get(digest)).cloned()
        {
            state.blobs.entry(repository.to_owned()).or_default().insert(digest.clone(), blob);
            return answer(201, &[("docker-content-digest", digest)], "");
        }
        let id = format!("u{}", state.uploads.len());
        state.uploads.insert(id.clone(), Upload::default());
        let least = ways.least.to_string();
        return answer(202, &[("location", &at(&id)), ("oci-chunk-min-length", &least)], "");
    }
    let Some(upload) = state.uploads.get_mut(id) else {
        return error(404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
    };
    assert_eq!(query.get("state").map(String::as_str), Some("a+b"), "the address is to be followed as it is");
    let told = |upload: &Upload| {
        let has = if ways.as_ecr { upload.first } else { upload.bytes.len() };
        format!("0-{}", has.saturating_sub(1))
    };
    if *method == Method::GET {
        return answer(204, &[("location", &at(id)), ("range", &told(upload))], "");
    }
    let first = range.split_once('-').and_then(|(first, _)| first.parse::<usize>().ok()).unwrap_or(0);
    if !body.is_empty() && first != upload.bytes.len() {
        let message = format!("First byte of the layer part is {first} instead of {}", upload.bytes.len());
        return error(416, "BLOB_UPLOAD_INVALID", &message);
    }
    if *method == Method::PATCH && (body.len() as u64) < ways.least {
        return error(416, "BLOB_UPLOAD_INVALID", "the part is too small");
    }
    upload.bytes.extend(body);
    if upload.first == 0 {
        upload.first = upload.bytes.len();
    }
    if *method == Method::PATCH {
        let status = if ways.as_ecr { 201 } else { 202 };
        return answer(status, &[("location", &at(id)), ("range", &told(upload))], "");
    }
    let digest = Digest::of(&upload.bytes).to_string();
    if query.get("digest") != Some(&digest) {
        return error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    let bytes = state.uploads.remove(id).map(|upload| upload.bytes).unwrap_or_default();
    state.blobs.entry(repository.to_owned()).or_default().insert(digest.clone(), bytes.into());
    answer(201, &[("docker-content-digest", &digest)], "")
}
