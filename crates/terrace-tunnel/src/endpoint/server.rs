//! The port: calls over HTTP, and the upgrade to a data channel's WebSocket.
//!
//! GUARANTEE: what has not shown a token holds no socket for longer than [`LIFE`], sends no more than [`call::LARGEST`] bytes,
//! and there are at most [`MOST`] of it at a time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header::{
    CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use terrace_ssm::open::OpenDataChannel;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::answer::call::{self, Input, Operation};
use super::answer::refusal::{Form, Refusal};
use super::answer::{self, Answer, World};
use super::channel::{Command, WebSocket};
use super::gate;
use super::sessions::{SessionId, Sessions};
use super::system::{Place, System};
use crate::wire;

/// How long a connection may live that has not become a data channel.
const LIFE: Duration = Duration::from_secs(60);
/// How long its first line and headers may take, and the first frame of a data channel.
const BEGINNING: Duration = Duration::from_secs(10);
/// How many such connections there may be.
const MOST: usize = 128;
/// Where data channels are.
const CHANNELS: &str = "/v1/data-channel/";
/// The largest first frame, in bytes.
const OPENING: usize = 8 * 1024;

/// What every connection works with.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) system: watch::Receiver<System>,
    pub(super) place: Arc<Place>,
    pub(super) sessions: Sessions,
}

/// Accepts connections for as long as it is polled; calls under way end with it.
pub(super) async fn listen(listener: TcpListener, desk: Desk) {
    let strangers = Arc::new(Semaphore::new(MOST));
    let mut conversations = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&strangers).acquire_owned().await else { return };
        while conversations.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => drop(conversations.spawn(converse(stream, desk.clone(), permit))),
            // Out of descriptors, for one: whoever asks tries again.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse(stream: TcpStream, desk: Desk, permit: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let permit = Arc::new(permit);
    let service = service_fn(|request| serve(request, desk.clone(), Arc::clone(&permit)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(BEGINNING)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Whoever breaks off has its reasons.
    let _ended = tokio::time::timeout(LIFE, connection).await;
}

async fn serve(
    mut request: Request<Incoming>,
    desk: Desk,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET && request.uri().path().starts_with(CHANNELS) {
        let upgrade = hyper::upgrade::on(&mut request);
        let (head, _) = request.into_parts();
        return Ok(switch(&head, upgrade, desk, permit));
    }
    let (head, body) = request.into_parts();
    let id = request_id(&desk.place);
    let form = form(&head);
    let answer = match call(&head, form, body, &desk, &id).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.answer(form, &id),
    };
    Ok(respond(answer, &id))
}

/// Something to write where AWS writes a request's id; nobody looks it up.
fn request_id(place: &Place) -> String {
    let hex = place.hex("request", "", 32);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn respond(answer: Answer, id: &str) -> Response<Full<Bytes>> {
    let kind = HeaderValue::from_static(answer.content_type());
    let mut response = Response::new(Full::new(Bytes::from(answer.text)));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// Which form the answer has: as far as can be told before anything else is looked at.
fn form(head: &Parts) -> Form {
    if head.headers.contains_key("x-amz-target") {
        Form::Json
    } else if signed_for(head, "ec2") {
        // The service is in the signature's scope; RDS's and STS's errors have the same form.
        Form::Ec2
    } else {
        Form::Query
    }
}

fn signed_for(head: &Parts, service: &str) -> bool {
    let scope = format!("/{service}/aws4_request");
    head.headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains(&scope))
}

async fn call(head: &Parts, form: Form, body: Incoming, desk: &Desk, id: &str) -> Result<Answer, Refusal> {
    gate::local(head, form)?;
    if head.method != Method::POST || head.uri.path() != "/" {
        let path: String = head.uri.path().chars().take(100).collect();
        let what = format!("{} {path}", head.method);
        return Err(answer::unknown(form, &what).status(StatusCode::NOT_FOUND));
    }
    let signed = gate::signed(&head.headers, form, &desk.place.region)?;
    let body = Limited::new(body, call::LARGEST).collect();
    let body = match tokio::time::timeout(BEGINNING, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => {
            let message = format!("a call is at most {} bytes", call::LARGEST);
            return Err(Refusal::new("RequestEntityTooLarge", message).status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(_) => {
            let message = "the call's body did not come in time";
            return Err(Refusal::new("RequestTimeout", message).status(StatusCode::REQUEST_TIMEOUT));
        }
    };
    let target = head.headers.get("x-amz-target").map(|value| value.to_str().unwrap_or_default());
    let (operation, input) = match target {
        Some(target) => {
            let operation = Operation::of_target(target)?;
            if operation.service != signed.service {
                let service = operation.service;
                let message = format!("Credential should be scoped to correct service: '{service}'.");
                return Err(gate::mismatch(form, message));
            }
            (operation, Input::json(&body)?)
        }
        None => {
            let input = Input::query(&body)?;
            let name = input.action();
            (Operation { service: signed.service, name }, input)
        }
    };
    let system = desk.system.borrow().clone();
    let world = World { system: &system, place: &desk.place, sessions: &desk.sessions };
    Ok(answer::answer(world, &operation, &input, id))
}

/// Answers a WebSocket's upgrade (RFC 6455, section 4.2), and goes on with it.
fn switch(
    head: &Parts,
    upgrade: OnUpgrade,
    desk: Desk,
    permit: Arc<OwnedSemaphorePermit>,
) -> Response<Full<Bytes>> {
    let id = request_id(&desk.place);
    let outcome = gate::local(head, Form::Json).and_then(|()| {
        gate::upgrade(&head.headers, &desk.place.region)?;
        let is = |name, value: &str| {
            let header = head.headers.get(name).and_then(|header: &HeaderValue| header.to_str().ok());
            header.is_some_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(value)))
        };
        let key = head.headers.get(SEC_WEBSOCKET_KEY).filter(|_| {
            is(CONNECTION, "upgrade") && is(UPGRADE, "websocket") && is(SEC_WEBSOCKET_VERSION, "13")
        });
        let key =
            key.ok_or_else(|| Refusal::invalid("a data channel is a WebSocket (RFC 6455, version 13)"))?;
        let session = head.uri.path().strip_prefix(CHANNELS).and_then(SessionId::parse);
        let session = session.ok_or_else(|| Refusal::invalid("this is no session's id"))?;
        Ok((derive_accept_key(key.as_bytes()), session))
    });
    let (accept, session) = match outcome {
        Ok(found) => found,
        Err(refusal) => return respond(refusal.answer(Form::Json, &id), &id),
    };
    tokio::spawn(async move {
        let opened = tokio::time::timeout(BEGINNING, open(upgrade, session, desk)).await;
        drop(permit);
        // A refused client is told so by the close frame, and the socket is dropped.
        drop(opened);
    });
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// Reads the first frame, looks at its token, and brings the connection to its session.
async fn open(upgrade: OnUpgrade, session: SessionId, desk: Desk) -> Option<()> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<TcpStream>>().ok()?;
    let (stream, read) = (wire::buffered(parts.io.into_inner()), parts.read_buf.to_vec());
    let mut socket: WebSocket =
        WebSocketStream::from_partially_read(stream, read, Role::Server, Some(wire::config())).await;
    let text = loop {
        match socket.next().await?.ok()? {
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(text) if text.len() <= OPENING => break text,
            _ => {
                return refuse(socket, "request to open data channel is not text of the form expected").await;
            }
        }
    };
    let opening = match OpenDataChannel::decode(&text) {
        Ok(opening) => zeroize::Zeroizing::new(opening.token_value),
        Err(_) => return refuse(socket, "request to open data channel does not contain token").await,
    };
    match desk.sessions.admit(&session, &opening) {
        Some(commands) => commands.send(Command::Attach(Box::new(socket))).ok(),
        None => refuse(socket, "the token opens no session: it was used, or the session is over").await,
    }
}

async fn refuse(mut socket: WebSocket, reason: &'static str) -> Option<()> {
    let frame = CloseFrame { code: CloseCode::Unsupported, reason: reason.into() };
    let _ = socket.close(Some(frame)).await;
    // The close frame would be lost if the socket went with unread bytes.
    while let Some(Ok(_)) = socket.next().await {}
    None
}
