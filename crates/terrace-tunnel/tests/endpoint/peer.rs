//! A client as plain as can be: one task, one session of `terrace-ssm`, one WebSocket.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use terrace_ssm::open::OpenDataChannel;
use terrace_ssm::{Event, Limits, MessageIds, Now, Session, StreamId};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::http::Call;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// How long anything may take, before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What StartSession and ResumeSession answer.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) session: String,
    pub(crate) token: String,
    pub(crate) url: String,
}

impl Grant {
    pub(crate) async fn by(call: Call, endpoint: SocketAddr) -> Self {
        let reply = call.send(endpoint).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let value = reply.json();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        Self { session: text("SessionId"), token: text("TokenValue"), url: text("StreamUrl") }
    }

    /// Asks for a new token; an empty one if the session is over.
    pub(crate) async fn resume(&self, endpoint: SocketAddr) -> Self {
        Self::by(Call::ssm("ResumeSession", &json!({ "SessionId": self.session })), endpoint).await
    }
}

/// Dials a WebSocket and shows a token.
pub(crate) async fn dial(grant: &Grant, endpoint: SocketAddr) -> Socket {
    let stream = TcpStream::connect(endpoint).await.unwrap();
    let request = grant.url.as_str().into_client_request().unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    socket.send(Message::text(opening(&grant.token))).await.unwrap();
    socket
}

/// The first frame of a data channel.
pub(crate) fn opening(token: &str) -> String {
    OpenDataChannel {
        message_schema_version: OpenDataChannel::SCHEMA.to_owned(),
        request_id: "00000000-0000-4000-8000-000000000000".to_owned(),
        token_value: token.to_owned(),
        client_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        client_version: terrace_ssm::Version::CLIENT.to_string(),
    }
    .encode()
}

/// How the far side closes a WebSocket: its close frame, or nothing.
pub(crate) async fn farewell(socket: &mut Socket) -> Option<CloseFrame> {
    let last = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    };
    tokio::time::timeout(PATIENCE, last).await.unwrap()
}

/// A client.
pub(crate) struct Peer {
    pub(crate) session: Session,
    pub(crate) events: VecDeque<Event>,
    /// How often it had to come back, and how often the far side had said `Bye`.
    pub(crate) returns: usize,
    pub(crate) byes: usize,
    grant: Grant,
    endpoint: SocketAddr,
    socket: Option<Socket>,
    start: Instant,
}

impl Peer {
    /// A client with a session that was granted.
    pub(crate) async fn new(grant: Grant, endpoint: SocketAddr) -> Self {
        let socket = dial(&grant, endpoint).await;
        let session = Session::client(Limits::default(), MessageIds::new([7; 16]));
        let mut peer = Self {
            session,
            events: VecDeque::new(),
            returns: 0,
            byes: 0,
            grant,
            endpoint,
            socket: Some(socket),
            start: Instant::now(),
        };
        let now = peer.now();
        peer.session.connected(now);
        peer
    }

    fn now(&self) -> Now {
        Now { at: self.start.elapsed(), unix_millis: 1_795_000_000_000 }
    }

    /// Goes on until there is what is looked for.
    pub(crate) async fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = look(self) {
                    return found;
                }
                self.step().await;
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!("no {what}: {:?} {:?}", self.session.statistics(), self.events),
        }
    }

    /// Goes on until an event of that kind.
    pub(crate) async fn event<T>(&mut self, what: &str, mut is: impl FnMut(&Event) -> Option<T>) -> T {
        self.until(what, |peer| peer.events.iter().find_map(&mut is)).await
    }

    /// Waits for the handshake; the agent's words.
    pub(crate) async fn ready(&mut self) -> String {
        self.event("handshake", |event| match event {
            Event::Ready { message, .. } => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// Writes all of it and reads as much back.
    pub(crate) async fn echoed(&mut self, stream: StreamId, sent: &[u8]) -> Vec<u8> {
        let (mut written, mut read) = (0, Vec::new());
        self.until("echo", |peer| {
            written += peer.session.write(stream, &sent[written..]);
            while let Some(piece) = peer.session.read(stream) {
                read.extend_from_slice(&piece);
            }
            (read.len() >= sent.len()).then_some(())
        })
        .await;
        read
    }

    /// One round: send, wait for something, take it in; come back if the connection is gone.
    async fn step(&mut self) {
        let now = self.now();
        self.session.tick(now);
        let Some(socket) = &mut self.socket else { return self.come_back().await };
        let mut alive = true;
        while let Some(frame) = self.session.transmit(now) {
            alive &= socket.feed(Message::Binary(frame)).await.is_ok();
        }
        alive &= socket.flush().await.is_ok();
        let deadline = self.session.deadline().map_or(PATIENCE, |at| at.saturating_sub(now.at));
        let message = if alive { tokio::time::timeout(deadline, socket.next()).await } else { Ok(None) };
        let now = self.now();
        match message {
            Err(_) => {}
            Ok(Some(Ok(Message::Binary(frame)))) => self.receive(frame, now),
            Ok(Some(Ok(Message::Close(frame)))) => {
                self.byes += usize::from(frame.is_some_and(|frame| frame.reason.as_str() == "Bye"));
                self.lose();
            }
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(_)) | None) => self.lose(),
        }
        while let Some(event) = self.session.event() {
            self.events.push_back(event);
        }
    }

    fn receive(&mut self, frame: Bytes, now: Now) {
        self.session.receive(frame, now);
    }

    fn lose(&mut self) {
        self.socket = None;
        self.session.disconnected();
    }

    async fn come_back(&mut self) {
        // Over is over: whoever waits for something else finds it among the events, or not.
        if self.events.iter().any(|event| matches!(event, Event::Closed { .. })) {
            return std::future::pending().await;
        }
        let grant = self.grant.resume(self.endpoint).await;
        assert!(!grant.token.is_empty(), "the session is over: {:?}", self.events);
        self.socket = Some(dial(&grant, self.endpoint).await);
        self.returns += 1;
        let now = self.now();
        self.session.connected(now);
    }
}
