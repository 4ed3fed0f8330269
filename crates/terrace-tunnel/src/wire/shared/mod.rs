//! A session that its socket and its streams share: a lock, and who waits for what.
//!
//! One task drives the socket ([`Shared::register`], [`Shared::turn`]); every stream has a task of its own that reads and writes
//! here. Nothing waits while the lock is held, so a stream that nobody reads delays no other.

mod stream;
mod terminal;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use terminal::Terminal;
use terrace_ssm::{Event, Now, Session, StreamId};

pub use stream::Stream;

/// A session behind a lock.
pub struct Shared {
    state: Mutex<State>,
    start: Instant,
}

struct State {
    session: Session,
    driver: Option<Waker>,
    streams: BTreeMap<StreamId, Ends>,
    terminal: Terminal,
    /// The driver leaves its socket unread until somebody reads a stream.
    held: bool,
    /// How many connections the far side has failed to make whose streams have not ended yet.
    refusals: u32,
    received: bool,
}

/// What is known of a stream beside the session.
#[derive(Debug, Default)]
struct Ends {
    read: Option<Waker>,
    write: Option<Waker>,
    /// Told when it is cut off, whatever else it waits for.
    cut: Option<Waker>,
    received: bool,
    finished: bool,
    refused: bool,
    reset: Option<Reset>,
}

/// Why a stream was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// Nobody read it, and what had arrived for it became too much.
    Overflowed,
    /// Its session is over.
    Over,
}

/// What a read came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Pieces, of this many bytes.
    Some(usize),
    /// The far side has finished, and everything was read.
    Finished,
    /// The far side could not connect, and nothing ever came.
    Refused,
    /// It was cut off.
    Reset(Reset),
}

impl fmt::Debug for Shared {
    /// Without what connections have sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// A session to be shared.
    pub fn new(session: Session) -> Arc<Self> {
        let state = State {
            session,
            driver: None,
            streams: BTreeMap::new(),
            terminal: Terminal::default(),
            held: false,
            refusals: 0,
            received: false,
        };
        Arc::new(Self { state: Mutex::new(state), start: Instant::now() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time as the session knows it.
    pub fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { at: self.start.elapsed(), unix_millis: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX) }
    }

    /// The moment that a session's deadline stands for.
    pub fn moment(&self, at: Duration) -> Instant {
        self.start + at
    }

    /// Something with the session; wakes nobody. For the driver.
    pub fn with<T>(&self, what: impl FnOnce(&mut Session) -> T) -> T {
        what(&mut self.lock().session)
    }

    /// Something with the session that gives the driver something to do.
    pub fn act<T>(&self, what: impl FnOnce(&mut Session) -> T) -> T {
        let mut state = self.lock();
        let result = what(&mut state.session);
        let driver = state.driver.take();
        drop(state);
        wake(driver);
        result
    }

    /// Whom to wake when there is something to transmit, and whether the socket may be read now. For the driver.
    pub fn register(&self, context: &Context<'_>) -> bool {
        let mut state = self.lock();
        match &mut state.driver {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        let wanted = state.session.wants_input();
        state.held = !wanted;
        wanted
    }

    /// One turn of the driver: gives the session what came, looks at the clock, tells the streams what happened to them, and
    /// takes frames to send, about `room` bytes of them. Events that are not a stream's alone are put into `told`. The
    /// session's deadline.
    pub fn turn(
        &self,
        now: Now,
        inbox: &mut Vec<Bytes>,
        outbox: &mut VecDeque<Bytes>,
        room: usize,
        told: &mut Vec<Event>,
    ) -> Option<Duration> {
        let mut woken = Vec::new();
        let mut guard = self.lock();
        let state = &mut *guard;
        for frame in inbox.drain(..) {
            state.session.receive(frame, now);
        }
        if state.session.deadline().is_some_and(|deadline| deadline <= now.at) {
            state.session.tick(now);
        }
        let mut taken = 0;
        while taken < room
            && let Some(frame) = state.session.transmit(now)
        {
            taken += frame.len();
            outbox.push_back(frame);
        }
        while let Some(event) = state.session.event() {
            told.extend(state.dispatch(event, &mut woken));
        }
        let deadline = state.session.deadline();
        drop(guard);
        woken.into_iter().for_each(Waker::wake);
        deadline
    }

    /// Tells the streams what happened to them; gives back an event that is not a stream's alone. For a driver that takes no
    /// [`Shared::turn`].
    pub fn dispatch(&self, event: Event) -> Option<Event> {
        let mut woken = Vec::new();
        let rest = self.lock().dispatch(event, &mut woken);
        woken.into_iter().for_each(Waker::wake);
        rest
    }

    /// Cuts off every stream, and the shell: the session is over.
    pub fn reset_all(&self) {
        let mut state = self.lock();
        let mut woken = Vec::new();
        state.terminal.over = true;
        state.terminal.stir(&mut woken);
        for ends in state.streams.values_mut() {
            ends.reset.get_or_insert(Reset::Over);
            woken.extend(ends.read.take());
            woken.extend(ends.cut.take());
        }
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    /// How many streams have a task.
    pub fn streams(&self) -> usize {
        self.lock().streams.len()
    }

    /// Whether any stream has ever received anything.
    pub fn has_received(&self) -> bool {
        self.lock().received
    }

    /// A new stream. For the client's side, after the handshake.
    pub fn open(self: &Arc<Self>) -> Option<Stream> {
        let mut state = self.lock();
        let id = state.session.open()?;
        state.streams.entry(id).or_default();
        let driver = state.driver.take();
        drop(state);
        wake(driver);
        Some(Stream::new(Arc::clone(self), id))
    }

    /// A stream that the far side has opened. For the agent's side.
    pub fn adopt(self: &Arc<Self>, id: StreamId) -> Stream {
        self.lock().streams.entry(id).or_default();
        Stream::new(Arc::clone(self), id)
    }
}

impl State {
    /// Tells a stream what happened to it; gives back what is not its alone.
    fn dispatch(&mut self, event: Event, woken: &mut Vec<Waker>) -> Option<Event> {
        match event {
            Event::Accepted(id) => {
                self.streams.entry(id).or_default();
                Some(event)
            }
            Event::Readable(id) => {
                self.received = true;
                let ends = self.streams.get_mut(&id)?;
                ends.received = true;
                woken.extend(ends.read.take());
                None
            }
            Event::Writable(id) => {
                woken.extend(self.streams.get_mut(&id)?.write.take());
                None
            }
            Event::Finished(id) => {
                let ends = self.streams.get_mut(&id)?;
                ends.finished = true;
                ends.refused = self.refusals > 0 && !ends.received;
                self.refusals -= u32::from(ends.refused);
                woken.extend(ends.read.take());
                None
            }
            Event::Overflowed(id) => {
                if let Some(ends) = self.streams.get_mut(&id) {
                    ends.reset = Some(Reset::Overflowed);
                    woken.extend(ends.read.take());
                    woken.extend(ends.cut.take());
                }
                Some(event)
            }
            Event::ConnectFailed => {
                self.refusals = self.refusals.saturating_add(1);
                Some(event)
            }
            Event::Arrived => {
                woken.extend(self.terminal.read.take());
                None
            }
            Event::Room => {
                woken.extend(self.terminal.write.take());
                None
            }
            Event::Entered { .. } => {
                self.terminal.stir(woken);
                Some(event)
            }
            event => Some(event),
        }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn note(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(context.waker()),
        none => *none = Some(context.waker().clone()),
    }
}
