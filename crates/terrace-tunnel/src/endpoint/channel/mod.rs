//! One session: the agent's side of the protocol, and the gateway between it and the client.
//!
//! The session outlives its connections: when one is gone, by a fault or by itself, the client has [`AWAY`] to come back
//! with a new token, and everything goes on where it was. Streams are dialled side by side (the real agent dials one after
//! the other, so that one slow host delays all).

mod flow;
mod lane;
mod socket;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use terrace_ssm::message::{Message, MessageType};
use terrace_ssm::{Event, Limits, MessageIds, Now, Pace, Session, StreamId, gateway};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::lane::Lane;
pub(super) use self::socket::WebSocket;
use self::socket::{FAREWELL, Socket};
use super::faults::Faults;
use super::sessions::Serves;
use super::shells::{self, Ended, ShellStart};
use crate::wire::{Shared, Stream, Waiting, pump};

/// How long a session waits for its client, before the first connection and between two.
const AWAY: Duration = Duration::from_secs(5 * 60);
/// After how long the gateway closes every connection.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// How long connecting to a host may take.
const CONNECT: Duration = Duration::from_secs(30);
/// How many bytes may be on their way before no more are taken.
const UNDERWAY: usize = 8 << 20;

/// What a session begins with.
pub(super) struct Start {
    pub(super) id: String,
    pub(super) banner: &'static str,
    pub(super) serves: Serves,
    pub(super) faults: Faults,
    pub(super) seed: u64,
    pub(super) agent: MessageIds,
    pub(super) gateway: MessageIds,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
}

/// What a session is told by others than its client's frames.
pub(super) enum Command {
    /// Its client has come, or come back.
    Attach(Box<WebSocket>),
    /// TerminateSession was called.
    Terminate,
    /// The system stops.
    Stop {
        /// What the client is told.
        output: String,
    },
}

/// Runs a session to its end.
pub(super) async fn run(start: Start) {
    let pace = if start.faults.unpaced { None } else { Some(Pace::AGENT) };
    let limits = Limits::default().with_pace(pace);
    let (session, address, shell) = match start.serves {
        Serves::Port(properties, address) => {
            (Session::agent(properties, start.banner, limits, start.agent), Some(address), None)
        }
        // The agent of most shells offers no handshake.
        Serves::Shell(shell) => (Session::shell_agent(None, limits, start.agent), None, Some(shell)),
    };
    let shared = Shared::new(session);
    let at = shared.now().at;
    let mut channel = Channel {
        id: start.id,
        address,
        shell,
        ended: Ended::default(),
        faults: start.faults,
        ids: start.gateway,
        up: Lane::new(&start.faults, start.seed.rotate_left(1)),
        down: Lane::new(&start.faults, start.seed.rotate_left(2)),
        streams: JoinSet::new(),
        connection: None,
        gone: at,
        unready: None,
        shared,
    };
    channel.drive(start.commands).await;
    channel.shared.reset_all();
}

struct Channel {
    id: String,
    shared: Arc<Shared>,
    /// What streams are connected to.
    address: Option<SocketAddr>,
    /// What is begun when the client has come.
    shell: Option<Box<ShellStart>>,
    ended: Ended,
    faults: Faults,
    /// Of the gateway's own frames.
    ids: MessageIds,
    /// To the agent.
    up: Lane,
    /// To the client.
    down: Lane,
    streams: JoinSet<()>,
    connection: Option<Connection>,
    /// Since when there is no connection.
    gone: Duration,
    /// Until when the agent takes nothing.
    unready: Option<Duration>,
}

struct Connection {
    socket: Socket,
    close: Duration,
    /// Since the gateway has said `Bye`: how long the client may take to say it too. What it sends until then counts, for
    /// the official plugin acknowledges nothing twice.
    closing: Option<Duration>,
    cut: Option<Duration>,
    turn: Option<Turn>,
}

/// Of the fault `pause`: what comes next, and when.
struct Turn {
    at: Duration,
    pauses: bool,
}

impl Connection {
    /// When the gateway does something with it next.
    fn wake(&self) -> Duration {
        if let Some(until) = self.closing {
            return until;
        }
        let turn = self.turn.as_ref().map(|turn| turn.at);
        [self.cut, turn].into_iter().flatten().fold(self.close, Duration::min)
    }
}

/// How a session ends.
enum End {
    /// The client has ended it.
    Quiet,
    /// The client is told why.
    Told(String),
}

impl Channel {
    async fn drive(&mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let end = loop {
            // Before anything is looked at, so that nothing that happens meanwhile is missed.
            let wanted = poll_fn(|context| Poll::Ready(self.shared.register(context))).await;
            let now = self.shared.now();
            if let Some(end) = self.advance(now) {
                break end;
            }
            let command = match self.wait(wanted, &mut commands).await {
                None => continue,
                Some(command) => command,
            };
            match command {
                Command::Attach(socket) => self.attach(*socket),
                Command::Terminate => break End::Told("the session was terminated".to_owned()),
                Command::Stop { output } => break End::Told(output),
            }
        };
        self.shared.reset_all();
        let Some(connection) = self.connection.take() else { return };
        let mut last = self.acknowledgements();
        if let End::Told(output) = end {
            last.push(gateway::closed(&self.id, &output, &mut self.ids, self.shared.now()));
        }
        connection.socket.close(last).await;
    }

    /// Does all that is to be done now.
    fn advance(&mut self, now: Now) -> Option<End> {
        self.keep_time(now);
        if self.connection.is_none() && now.at >= self.gone.saturating_add(AWAY) {
            return Some(End::Quiet);
        }
        while self.streams.try_join_next().is_some() {}
        while let Some(frame) = self.up.arrived(now.at) {
            if !self.is_unready(&frame, now) {
                self.shared.with(|session| session.receive(frame, now));
            }
            if let Some(end) = self.events(now) {
                return Some(end);
            }
        }
        self.shared.with(|session| session.tick(now));
        if let Some(end) = self.events(now) {
            return Some(end);
        }
        self.transmit(now);
        self.ended()
    }

    /// The shell has ended, and the client has all that it has written.
    fn ended(&self) -> Option<End> {
        let said = self.ended.said()?;
        let quiet = self.down.bytes() == 0 && self.shared.with(|session| session.is_quiet());
        quiet.then_some(End::Told(said))
    }

    /// Closes, cuts and pauses when it is time.
    fn keep_time(&mut self, now: Now) {
        let Some(connection) = &mut self.connection else { return };
        if connection.cut.is_some_and(|at| at <= now.at) {
            self.down.clear();
            self.up.clear();
            return self.detach();
        }
        if let Some(until) = connection.closing {
            if until <= now.at {
                self.detach();
            }
            return;
        }
        if connection.close <= now.at {
            connection.closing = Some(now.at.saturating_add(FAREWELL));
            // A client that has not read for so long is not waited for.
            if !connection.socket.say_bye() {
                self.detach();
            }
            return;
        }
        let Some(span) = self.faults.pause.map(|span| span.duration()) else { return };
        let Some(turn) = connection.turn.as_mut().filter(|turn| turn.at <= now.at) else { return };
        let pauses = turn.pauses;
        *turn = Turn { at: now.at.saturating_add(span), pauses: !pauses };
        let tell = if pauses { gateway::paused } else { gateway::started };
        let frame = tell(&mut self.ids, now);
        self.shared.with(|session| session.receive(frame.clone(), now));
        if let Some(room) = connection.socket.room() {
            room.send(frame.into());
        }
        if pauses {
            self.up.hold(now.at.saturating_add(span));
            self.down.hold(now.at.saturating_add(span));
        }
    }

    /// Whether the agent has no time for a frame, by the fault `unready`.
    fn is_unready(&self, frame: &Bytes, now: Now) -> bool {
        self.unready.is_some_and(|until| now.at < until)
            && Message::decode(frame).is_ok_and(|message| message.kind == MessageType::InputStreamData)
    }

    fn events(&mut self, now: Now) -> Option<End> {
        while let Some(event) = self.shared.with(Session::event) {
            match self.shared.dispatch(event) {
                Some(Event::Accepted(stream)) => self.accept(stream),
                Some(Event::Ready { .. }) => {
                    self.unready = self.faults.unready.map(|span| now.at.saturating_add(span.duration()));
                }
                Some(Event::Terminated) => return Some(End::Quiet),
                Some(Event::Failed(error)) => {
                    self.transmit(now);
                    return Some(End::Told(error.to_string()));
                }
                _ => {}
            }
        }
        None
    }

    fn accept(&mut self, id: StreamId) {
        let stream = self.shared.adopt(id);
        let address = self.address.filter(|_| !self.faults.connect_error);
        self.streams.spawn(connect(stream, address));
    }

    /// A client has come; one that was there is left.
    fn attach(&mut self, socket: WebSocket) {
        self.detach();
        let now = self.shared.now();
        let after = |span: Duration| now.at.saturating_add(span);
        let socket = Socket::new(socket);
        if let Some(room) = socket.room() {
            room.send(gateway::started(&mut self.ids, now).into());
        }
        self.connection = Some(Connection {
            socket,
            closing: None,
            close: after(self.faults.close.map_or(HOUR, |span| span.duration())),
            cut: self.faults.cut.map(|span| after(span.duration())),
            turn: self.faults.pause.map(|span| Turn { at: after(span.duration()), pauses: true }),
        });
        self.shared.with(|session| session.connected(now));
        if let Some(shell) = self.shell.take() {
            self.streams.spawn(shells::run(*shell, Arc::clone(&self.shared), self.ended.clone()));
        }
    }

    /// The connection is gone. What the client had sent still arrives: it may have said its last word and left.
    fn detach(&mut self) {
        self.connection = None;
        self.gone = self.shared.now().at;
        self.down.clear();
        self.shared.with(Session::disconnected);
    }
}

/// Connects a stream to the host, and moves its bytes.
async fn connect(stream: Stream, address: Option<SocketAddr>) {
    let connected = match address {
        None => None,
        Some(address) => {
            tokio::time::timeout(CONNECT, TcpStream::connect(address)).await.ok().and_then(Result::ok)
        }
    };
    let Some(tcp) = connected else { return stream.refuse() };
    // Without it a database's small answers wait for acknowledgements.
    let _ = tcp.set_nodelay(true);
    let _ = pump(Waiting::fresh(tcp), stream).await;
}
