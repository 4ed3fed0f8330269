//! A session and the socket that it has at present: frames in and out, until the socket is lost or the session is over.
//!
//! One poll takes what has arrived in one go, and writes what is to be sent in one go, so that small messages do not cost a
//! system call each.

use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use terrace_ssm::{Event, PortProperties};
use tokio::time::Sleep;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::channel::{Events, Readiness, Stage};
use super::{Over, SessionId, TunnelEvent};
use crate::wire::{Shared, Socket};

/// Frames that are taken before the session sees them.
const FRAMES: usize = 256;
/// Bytes that are written in one go.
const ROOM: usize = 120 << 10;
/// Turns before others have theirs.
const TURNS: usize = 16;
/// Silence after which the gateway is asked whether it is there. Proxies close what is silent for a minute.
const SILENCE: Duration = Duration::from_secs(30);
/// The same while something is to be acknowledged.
const WAITING: Duration = Duration::from_secs(10);
/// How long an answer to that may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How often all that is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Why carrying has stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The socket is gone.
    Lost(String),
    /// The session is over.
    Over(Over),
}

/// Tells what a session does to whoever wants to know.
#[derive(Debug)]
pub(super) struct Teller {
    pub(super) session: SessionId,
    pub(super) events: Events,
    pub(super) stage: tokio::sync::watch::Sender<Stage>,
    /// Set while much is in flight and nothing of it is acknowledged any more. The official agent stops as a whole when what
    /// it has dialled does not read; nothing helps then but another session.
    pub(super) clogged: Arc<AtomicBool>,
    /// So many bytes in flight are much.
    pub(super) crowd: usize,
}

impl Teller {
    /// What to do about an event.
    fn take(&self, event: Event) -> Option<Over> {
        let session = self.session.clone();
        match event {
            Event::Ready { peer, properties, message } => {
                self.events.tell(TunnelEvent::Opened { session, agent: peer });
                self.stage.send_replace(Stage::Ready(Readiness { properties, message }));
            }
            Event::Entered { announced, message } => {
                if let Some((agent, _)) = announced {
                    self.events.tell(TunnelEvent::Opened { session, agent });
                }
                self.stage
                    .send_replace(Stage::Ready(Readiness { properties: PortProperties::default(), message }));
            }
            Event::Paused => self.events.tell(TunnelEvent::Paused { session }),
            Event::Resumed => self.events.tell(TunnelEvent::Continued { session }),
            Event::Ignored(what) => self.events.tell(TunnelEvent::Ignored { session, what }),
            Event::Closed { output } => return Some(Over::Closed { output }),
            Event::Failed(error) => return Some(Over::Failed(error)),
            // The rest is told by whoever has the connection.
            _ => {}
        }
        None
    }
}

pub(super) struct Carrier<'a> {
    shared: &'a Arc<Shared>,
    teller: &'a Teller,
    pub(super) socket: Socket,
    inbox: Vec<Bytes>,
    outbox: VecDeque<Bytes>,
    told: Vec<Event>,
    over: Option<Over>,
    unflushed: bool,
    timer: Pin<Box<Sleep>>,
    rings: Option<Instant>,
    look: Pin<Box<Sleep>>,
    heard: Instant,
    asked: Option<Instant>,
    answers: bool,
    /// Messages that had been sent when it was looked last, if half of the window was in flight.
    full: Option<u64>,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(shared: &'a Arc<Shared>, teller: &'a Teller, socket: Socket) -> Self {
        Self {
            shared,
            teller,
            socket,
            inbox: Vec::new(),
            outbox: VecDeque::new(),
            told: Vec::new(),
            over: None,
            unflushed: false,
            timer: Box::pin(tokio::time::sleep(LOOK)),
            rings: None,
            look: Box::pin(tokio::time::sleep(LOOK)),
            heard: Instant::now(),
            asked: None,
            answers: false,
            full: None,
        }
    }

    /// Carries as long as there is something to carry.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Stop> {
        for _ in 0..TURNS {
            // First of all: whatever a stream does from here on wakes this task again.
            let wanted = self.shared.register(context);
            let lost = if wanted { self.receive(context) } else { None };
            let more = self.inbox.len() >= FRAMES;
            let room = if self.outbox.is_empty() { ROOM } else { 0 };
            let now = self.shared.now();
            let deadline = self.shared.turn(now, &mut self.inbox, &mut self.outbox, room, &mut self.told);
            for event in self.told.drain(..) {
                self.over = self.over.take().or(self.teller.take(event));
            }
            let sending = !self.outbox.is_empty();
            let lost = self.send(context).err().or(lost);
            let sent = sending && self.outbox.is_empty();
            // What answers a session that has failed still goes out.
            if let Some(over) = self.over.take_if(|_| lost.is_some() || !sending) {
                return Poll::Ready(Stop::Over(over));
            }
            if let Some(why) = lost.or_else(|| self.look(context, wanted)) {
                return Poll::Ready(Stop::Lost(why));
            }
            let due = deadline.is_some_and(|at| self.is_due(context, self.shared.moment(at)));
            if !(more || sent || due || (self.over.is_some() && self.outbox.is_empty())) {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes what has arrived; why the socket is lost, if it is.
    fn receive(&mut self, context: &mut Context<'_>) -> Option<String> {
        while self.inbox.len() < FRAMES {
            let message = match Pin::new(&mut self.socket).poll_next(context) {
                Poll::Pending => return None,
                Poll::Ready(None) => return Some("the gateway closed the connection".to_owned()),
                Poll::Ready(Some(Err(error))) => return Some(told(&error)),
                Poll::Ready(Some(Ok(message))) => message,
            };
            (self.heard, self.asked) = (Instant::now(), None);
            match message {
                Message::Binary(frame) => self.inbox.push(frame),
                // The answer to a ping lies in the socket already.
                Message::Ping(_) => self.unflushed = true,
                Message::Pong(_) => self.answers = true,
                Message::Close(Some(frame)) => {
                    let reason: String = frame.reason.chars().filter(|c| !c.is_control()).take(120).collect();
                    return Some(format!(
                        "the gateway closed the connection: {} {reason}",
                        u16::from(frame.code)
                    ));
                }
                Message::Close(None) => return Some("the gateway closed the connection".to_owned()),
                Message::Text(_) => {
                    let what = "a text frame".to_owned();
                    self.told.push(Event::Ignored(what));
                }
                Message::Frame(_) => {}
            }
        }
        None
    }

    /// Writes what is to be sent, as far as the socket takes it.
    fn send(&mut self, context: &mut Context<'_>) -> Result<(), String> {
        while !self.outbox.is_empty() {
            match Pin::new(&mut self.socket).poll_ready(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready.map_err(|error| told(&error))?,
            }
            if let Some(frame) = self.outbox.pop_front() {
                self.put(Message::Binary(frame))?;
            }
        }
        if self.unflushed
            && let Poll::Ready(flushed) = Pin::new(&mut self.socket).poll_flush(context)
        {
            flushed.map_err(|error| told(&error))?;
            self.unflushed = false;
        }
        Ok(())
    }

    fn put(&mut self, message: Message) -> Result<(), String> {
        self.unflushed = true;
        Pin::new(&mut self.socket).start_send(message).map_err(|error| told(&error))
    }

    /// Whether a moment has come; if not, this task is woken by then. The timer is moved forward only: setting it back for
    /// each message would cost more than ringing in vain now and then.
    fn is_due(&mut self, context: &mut Context<'_>, moment: Instant) -> bool {
        if moment <= Instant::now() {
            return true;
        }
        if self.rings.is_none_or(|rings| moment < rings) {
            self.timer.as_mut().reset(moment.into());
            self.rings = Some(moment);
        }
        if self.timer.as_mut().poll(context).is_ready() {
            self.rings = None;
            return true;
        }
        false
    }

    /// Looks whether the gateway is still there; why not, if it is not.
    fn look(&mut self, context: &mut Context<'_>, wanted: bool) -> Option<String> {
        while self.look.as_mut().poll(context).is_ready() {
            self.look.as_mut().reset((Instant::now() + LOOK).into());
            let (quiet, statistics) = self.shared.with(|session| (session.is_quiet(), session.statistics()));
            let full =
                (statistics.unacknowledged_bytes >= self.teller.crowd).then_some(statistics.messages_sent);
            self.teller.clogged.store(full.is_some() && full == self.full, Ordering::Relaxed);
            self.full = full;
            match self.asked {
                // A gateway that never answers pings is held to it only where it owes acknowledgements.
                Some(asked) if asked.elapsed() >= ANSWER && wanted && (self.answers || !quiet) => {
                    return Some(format!("nothing came for {} s", self.heard.elapsed().as_secs()));
                }
                Some(asked) if asked.elapsed() >= SILENCE => self.asked = None,
                _ => {}
            }
            let silence = if quiet { SILENCE } else { WAITING };
            if self.asked.is_none() && self.heard.elapsed() >= silence {
                self.asked = Some(Instant::now());
                if let Err(why) = self.put(Message::Ping(Bytes::new())).and_then(|()| self.send(context)) {
                    return Some(why);
                }
            }
        }
        None
    }
}

/// What a socket says of its end.
fn told(error: &SocketError) -> String {
    match error {
        SocketError::ConnectionClosed | SocketError::AlreadyClosed => {
            "the gateway closed the connection".to_owned()
        }
        SocketError::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}
