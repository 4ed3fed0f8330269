//! One data channel, in either role.

mod estimate;
mod greeting;
mod inbox;
mod outbox;
mod pacer;
mod process;
mod spool;
mod streams;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use crate::message::{self, Flag, Head, PayloadType, SYN};
use crate::mux::Decoder;
use crate::{
    Event, Limits, MessageIds, Now, PortProperties, SessionError, Statistics, StreamId, acknowledge,
};
use greeting::Greeted;
use inbox::Inbox;
use outbox::Outbox;
use pacer::Pacer;
use streams::{Hold, Streams};

/// How long the handshake may take (the official agent's bound).
const HANDSHAKE: Duration = Duration::from_secs(15);

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
    /// The socket was not wanted to be read when last looked at.
    held: bool,
    /// The time as last told.
    clock: Now,
    /// When the agent first had a connection.
    began: Option<Duration>,
    patience: Option<Duration>,
    inbox: Inbox,
    outbox: Outbox,
    pacer: Pacer,
    decoder: Decoder,
    streams: Streams,
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
        Self::new(Role::Client, limits, ids)
    }

    /// The agent's side: `properties` as the session document has them, `customer_message` printed by the client.
    pub fn agent(
        properties: PortProperties,
        customer_message: &str,
        limits: Limits,
        ids: MessageIds,
    ) -> Self {
        let request = Bytes::from(greeting::request(&properties));
        let customer_message = customer_message.to_owned();
        let mut session = Self::new(Role::Agent { properties, customer_message }, limits, ids);
        session.control.push_back((PayloadType::HANDSHAKE_REQUEST, request));
        session
    }

    fn new(role: Role, limits: Limits, ids: MessageIds) -> Self {
        let patience = if matches!(role, Role::Client) { PATIENCE } else { Duration::MAX };
        Self {
            role,
            ids,
            state: State::Greeting(None),
            connected: false,
            paused: false,
            terminating: false,
            held: false,
            clock: Now::default(),
            began: None,
            patience: None,
            inbox: Inbox::default(),
            outbox: Outbox::new(patience),
            pacer: Pacer::new(limits.pace()),
            decoder: Decoder::new(),
            streams: Streams::new(limits.clone()),
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
        if matches!(self.state, State::Greeting(_)) {
            self.patience = Some(now.at.saturating_add(HANDSHAKE));
        }
    }

    /// The socket is gone: nothing is transmitted until [`Session::connected`].
    pub const fn disconnected(&mut self) {
        self.connected = false;
    }

    /// Takes one binary WebSocket frame. A bad one is counted and told as [`Event::Ignored`].
    pub fn receive(&mut self, frame: Bytes, now: Now) {
        self.look(now);
        if !matches!(self.state, State::Closed) {
            self.process(&frame);
        }
    }

    /// The next frame to send, acknowledgements first; `None` if there is nothing now.
    pub fn transmit(&mut self, now: Now) -> Option<Bytes> {
        self.look(now);
        if !self.connected || matches!(self.state, State::Closed) {
            return None;
        }
        if let Some((sequence, acknowledged)) = self.acknowledge.pop_front() {
            let id = self.ids.next_id();
            return Some(acknowledge::frame(self.role.input(), acknowledged, sequence, id, now.unix_millis));
        }
        if self.is_silenced() {
            return None;
        }
        if let Some(frame) = self.outbox.again(now.at) {
            return Some(frame);
        }
        if let Some((payload_type, payload)) = self.control.pop_front() {
            let mut frame = message::begin(payload.len());
            frame.extend_from_slice(&payload);
            return Some(self.number(frame, payload_type, now));
        }
        if !self.may_fill() || self.pacer.ready_at() > now.at {
            return None;
        }
        let mut frame = message::begin(self.limits.payload());
        self.streams.fill(&mut frame, self.limits.payload(), &mut self.events);
        self.pacer.spend(now.at);
        Some(self.number(frame, PayloadType::OUTPUT, now))
    }

    /// What has happened, in order. Take all of it after each call that takes a frame or the time.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Session::tick`] and [`Session::transmit`] must be called at the latest, as [`Now::at`]. Lies ahead once
    /// both were called, the latter until `None`.
    pub fn deadline(&self) -> Option<Duration> {
        if !self.connected || !self.is_alive() {
            return None;
        }
        let hold = self.streams.hold(self.clock.at);
        let until = if let Hold::Until(until) = hold { Some(until) } else { None };
        let resend = self.outbox.deadline().filter(|_| hold == Hold::No && !self.is_silenced());
        let pace = (!self.is_silenced() && self.may_fill()).then(|| self.pacer.ready_at());
        [self.patience, until, resend, pace].into_iter().flatten().min()
    }

    /// Looks at the clock: retransmission, timeouts.
    pub fn tick(&mut self, now: Now) {
        self.look(now);
        if !self.connected || !self.is_alive() {
            return;
        }
        if self.patience.is_some_and(|until| now.at >= until) {
            self.fail(SessionError::HandshakeTimeout);
        } else if !self.held && !self.is_silenced() && self.outbox.tick(now.at).is_err() {
            self.fail(SessionError::Unacknowledged);
        }
    }

    /// Whether the socket should be read. Not while the only stream has more than 4 MiB unread: to wait harms nobody
    /// else then. With several streams they are kept in memory instead; only when three quarters of what one may keep
    /// are full and its reader has taken something in the last 5 s, waiting is better than to reset it.
    pub fn wants_input(&self) -> bool {
        self.streams.hold(self.clock.at) == Hold::No
    }

    /// Client: opens a stream. `None` before [`Event::Ready`], after the end, and when too many are open.
    pub fn open(&mut self) -> Option<StreamId> {
        if !self.is_ready() || !matches!(self.role, Role::Client) {
            return None;
        }
        self.streams.open()
    }

    /// Queues data for a stream and says how many bytes were taken. If that is less than all, [`Event::Writable`]
    /// follows, unless the stream or the session ends.
    pub fn write(&mut self, stream: StreamId, data: &[u8]) -> usize {
        if self.is_ready() { self.streams.write(stream, data) } else { 0 }
    }

    /// The next piece that has arrived.
    pub fn read(&mut self, stream: StreamId) -> Option<Bytes> {
        self.streams.read(stream, self.clock.at)
    }

    /// Closes a stream after what is queued; nothing of it is delivered any more.
    pub fn finish(&mut self, stream: StreamId) {
        self.streams.finish(stream);
    }

    /// Agent: the stream's port could not be dialled; the client is told, the stream is closed.
    pub fn refuse(&mut self, stream: StreamId) {
        if self.streams.abandon(stream) {
            let payload = Bytes::copy_from_slice(&Flag::ConnectToPortError.encode());
            self.control.push_back((PayloadType::FLAG, payload));
        }
    }

    /// Streams open now.
    pub fn streams(&self) -> usize {
        self.streams.open_now()
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
        let streams = self.is_ready() && self.streams.has_output();
        self.acknowledge.is_empty() && self.control.is_empty() && self.outbox.bytes() == 0 && !streams
    }

    /// What was done and what is held.
    pub fn statistics(&self) -> Statistics {
        let (bytes_sent, bytes_received) = self.streams.bytes();
        Statistics {
            messages_sent: self.counts.sent,
            messages_received: self.counts.received,
            bytes_sent,
            bytes_received,
            retransmissions: self.outbox.retransmissions(),
            duplicates: self.counts.duplicates,
            ignored: self.counts.ignored,
            unacknowledged_bytes: self.outbox.bytes(),
            spooled_bytes: self.streams.spooled(),
            reordering_bytes: self.inbox.bytes(),
            round_trip: self.outbox.estimate().smoothed(),
        }
    }

    /// Takes the time, and notes when the socket is read again after a wait: what was sent is waited for from then.
    fn look(&mut self, now: Now) {
        self.clock = now;
        let held = !self.wants_input();
        if self.held && !held {
            self.outbox.resume(now.at);
        }
        self.held = held;
    }

    /// Numbers a data message and keeps it.
    fn number(&mut self, frame: Vec<u8>, payload_type: PayloadType, now: Now) -> Bytes {
        let sequence = self.outbox.next_sequence();
        let flags = if sequence == 0 && matches!(self.role, Role::Agent { .. }) { SYN } else { 0 };
        let (kind, id, created) = (self.role.output(), self.ids.next_id(), now.unix_millis);
        let frame = message::complete(frame, &Head { kind, sequence, flags, id, created, payload_type });
        self.outbox.keep(frame.clone(), now.at);
        self.counts.sent += 1;
        frame
    }

    /// Whether there is something of the streams that the window lets through.
    fn may_fill(&self) -> bool {
        let flight = self.outbox.bytes();
        let room = flight.saturating_add(message::HEADER + self.limits.payload()) <= self.limits.window();
        self.is_ready() && self.streams.has_output() && (flight == 0 || room)
    }

    /// An agent that was asked to pause.
    const fn is_silenced(&self) -> bool {
        self.paused && matches!(self.role, Role::Agent { .. })
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
