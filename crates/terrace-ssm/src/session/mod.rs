//! One data channel, in either role.

mod carried;
mod estimate;
mod greeting;
mod inbox;
mod outbox;
mod pacer;
mod process;
mod send;
mod shell;
mod spool;
mod streams;
mod terminal;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use crate::message::{Flag, PayloadType};
use crate::{Event, Limits, MessageIds, Now, PortProperties, SessionError, Statistics, StreamId};
use carried::Carried;
use greeting::Greeted;
use inbox::Inbox;
use outbox::Outbox;
use pacer::Pacer;
use streams::Hold;

/// How long the handshake may take (the official agent's bound).
const HANDSHAKE: Duration = Duration::from_secs(15);

/// How long the agent of a shell may take to begin a handshake, if it is to have one.
const UNGREETED: Duration = Duration::from_secs(3);

/// How long a client waits for any acknowledgement (the official one's 3000 resends). An agent waits for ever: a client
/// that does not read for a while is no error.
const PATIENCE: Duration = Duration::from_secs(300);

/// One data channel: messages, their reliability, the handshake and the multiplexer.
#[derive(Debug)]
pub struct Session {
    role: Role,
    limits: Limits,
    ids: MessageIds,
    state: State,
    connected: bool,
    /// The gateway asked for no data; only an agent minds.
    paused: bool,
    /// The client has ended the session: no more of the streams is sent.
    terminating: bool,
    /// The time as last told.
    clock: Now,
    /// When the agent first had a connection.
    began: Option<Duration>,
    patience: Option<Duration>,
    inbox: Inbox,
    outbox: Outbox,
    pacer: Pacer,
    carried: Carried,
    /// Data messages to acknowledge.
    acknowledge: VecDeque<(i64, Uuid)>,
    /// Messages that are not of the streams and have no number yet.
    control: VecDeque<(PayloadType, Bytes)>,
    events: VecDeque<Event>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    sent: u64,
    received: u64,
    duplicates: u64,
    ignored: u64,
}

#[derive(Debug)]
enum Role {
    Client,
    Agent { properties: PortProperties, customer_message: String },
}

#[derive(Debug)]
enum State {
    /// The handshake is under way; the client may know the agent already.
    Greeting(Option<Greeted>),
    Ready,
    Failed,
    /// The gateway closed the channel.
    Closed,
}

impl Session {
    /// The client's side. Nothing is sent before the agent's handshake.
    pub fn client(limits: Limits, ids: MessageIds) -> Self {
        let carried = Carried::streams(limits.clone());
        Self::new(Role::Client, carried, limits, ids)
    }

    /// The agent's side: `properties` as the session document has them, `customer_message` printed by the client.
    pub fn agent(
        properties: PortProperties,
        customer_message: &str,
        limits: Limits,
        ids: MessageIds,
    ) -> Self {
        let request = Bytes::from(greeting::request("Port", &properties));
        let carried = Carried::streams(limits.clone());
        let customer_message = customer_message.to_owned();
        let role = Role::Agent { properties, customer_message };
        let mut session = Self::new(role, carried, limits, ids);
        session.control.push_back((PayloadType::HANDSHAKE_REQUEST, request));
        session
    }

    fn new(role: Role, carried: Carried, limits: Limits, ids: MessageIds) -> Self {
        let patience = if matches!(role, Role::Client) { PATIENCE } else { Duration::MAX };
        Self {
            role,
            ids,
            state: State::Greeting(None),
            connected: false,
            paused: false,
            terminating: false,
            clock: Now::default(),
            began: None,
            patience: None,
            inbox: Inbox::default(),
            outbox: Outbox::new(patience),
            pacer: Pacer::new(limits.pace()),
            carried,
            limits,
            acknowledge: VecDeque::new(),
            control: VecDeque::new(),
            events: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// The socket is open and the open frame is sent: all that is unacknowledged is sent again, in order.
    pub fn connected(&mut self, now: Now) {
        self.clock = now;
        self.connected = true;
        self.paused = false;
        self.outbox.restart(now.at);
        self.began.get_or_insert(now.at);
        if let State::Greeting(greeted) = &self.state {
            let agent = matches!(self.role, Role::Agent { .. });
            let shell = self.carried.is_shell() && greeted.is_none() && !agent;
            let patience = if shell { UNGREETED } else { HANDSHAKE };
            self.patience = Some(now.at.saturating_add(patience));
        }
    }

    /// The socket is gone: nothing is transmitted until [`Session::connected`].
    pub const fn disconnected(&mut self) {
        self.connected = false;
    }

    /// Takes one binary WebSocket frame. A bad one is counted and told as [`Event::Ignored`].
    pub fn receive(&mut self, frame: Bytes, now: Now) {
        self.clock = now;
        if !matches!(self.state, State::Closed) {
            self.process(&frame);
        }
    }

    /// What has happened, in order. Take all of it after each call that takes a frame or the time.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether the socket should be read. Not while the only stream has more than 4 MiB unread and nothing is to be
    /// acknowledged: to wait harms nobody else then. What comes for several streams is kept in memory instead; only when
    /// three quarters of what one may keep are full and its reader has taken something in the last 5 s, waiting is better
    /// than to reset it. Who has asked to terminate reads on, to hear that it was heard.
    pub fn wants_input(&self) -> bool {
        self.hold() == Hold::No
    }

    /// Client: opens a stream. `None` before [`Event::Ready`], after the end, and when too many are open.
    pub fn open(&mut self) -> Option<StreamId> {
        if !self.is_ready() || !matches!(self.role, Role::Client) {
            return None;
        }
        self.carried.as_streams_mut()?.open()
    }

    /// Queues data for a stream and says how many bytes were taken. If that is less than all, [`Event::Writable`]
    /// follows, unless the stream or the session ends.
    pub fn write(&mut self, stream: StreamId, data: &[u8]) -> usize {
        let ready = self.is_ready();
        self.carried.as_streams_mut().filter(|_| ready).map_or(0, |streams| streams.write(stream, data))
    }

    /// The next piece that has arrived.
    pub fn read(&mut self, stream: StreamId) -> Option<Bytes> {
        let at = self.clock.at;
        self.carried.as_streams_mut()?.read(stream, at)
    }

    /// Closes a stream after what is queued; nothing of it is delivered any more.
    pub fn finish(&mut self, stream: StreamId) {
        if let Some(streams) = self.carried.as_streams_mut() {
            streams.finish(stream);
        }
    }

    /// Agent: the stream's port could not be dialled; the client is told, the stream is closed.
    pub fn refuse(&mut self, stream: StreamId) {
        if self.carried.as_streams_mut().is_some_and(|streams| streams.abandon(stream)) {
            let payload = Bytes::copy_from_slice(&Flag::ConnectToPortError.encode());
            self.control.push_back((PayloadType::FLAG, payload));
        }
    }

    /// Streams open now.
    pub fn streams(&self) -> usize {
        self.carried.as_streams().map_or(0, streams::Streams::open_now)
    }

    /// Client: ends the session on the agent's side. What is queued for streams is not sent any more. Wait for
    /// [`Session::is_quiet`], briefly.
    pub fn terminate(&mut self) {
        if self.is_alive() && !self.terminating {
            self.terminating = true;
            let payload = Bytes::copy_from_slice(&Flag::TerminateSession.encode());
            self.control.push_back((PayloadType::FLAG, payload));
        }
    }

    /// Whether all that was to be sent is sent and acknowledged, and all that came is acknowledged; or the channel is
    /// closed, and nothing can be sent any more.
    pub fn is_quiet(&self) -> bool {
        if matches!(self.state, State::Closed) {
            return true;
        }
        let streams = self.is_ready() && self.carried.has_output();
        self.acknowledge.is_empty() && self.control.is_empty() && self.outbox.bytes() == 0 && !streams
    }

    /// What was done and what is held.
    pub fn statistics(&self) -> Statistics {
        let (bytes_sent, bytes_received) = self.carried.bytes();
        Statistics {
            messages_sent: self.counts.sent,
            messages_received: self.counts.received,
            bytes_sent,
            bytes_received,
            retransmissions: self.outbox.retransmissions(),
            duplicates: self.counts.duplicates,
            ignored: self.counts.ignored,
            unacknowledged_bytes: self.outbox.bytes(),
            spooled_bytes: self.carried.spooled(),
            reordering_bytes: self.inbox.bytes(),
            round_trip: self.outbox.estimate().smoothed(),
        }
    }

    /// Whether to wait for a reader. While something is to be acknowledged, another stream may wait for that.
    fn hold(&self) -> Hold {
        if self.terminating {
            return Hold::No;
        }
        self.carried.hold(self.clock.at, self.outbox.bytes() == 0)
    }

    const fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready) && !self.terminating
    }

    const fn is_alive(&self) -> bool {
        matches!(self.state, State::Greeting(_) | State::Ready)
    }

    fn fail(&mut self, error: SessionError) {
        self.state = State::Failed;
        self.patience = None;
        self.events.push_back(Event::Failed(error));
    }
}

impl Role {
    /// The type of the data messages that this side sends.
    const fn output(&self) -> &'static str {
        match self {
            Self::Client => "input_stream_data",
            Self::Agent { .. } => "output_stream_data",
        }
    }

    /// The type of the data messages that this side takes.
    const fn input(&self) -> &'static str {
        match self {
            Self::Client => "output_stream_data",
            Self::Agent { .. } => "input_stream_data",
        }
    }
}
