//! What the rest of the edge knows about one client connection: what it is doing and since when, and a way to
//! tell it to end. All atomics: the hot path takes no lock.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::context::Scheme;
use crate::failure::Failure;

/// What a connection is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// Go on.
    None,
    /// Finish what is in flight, then close.
    Finish,
    /// Answer 408, then close.
    HeadTimeout,
    /// Close now: the other end does not read, or the time to drain is over.
    Abort,
}

/// One client connection.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    /// The other end.
    pub(crate) peer: SocketAddr,
    /// This end.
    pub(crate) local: SocketAddr,
    /// How it is spoken.
    pub(crate) scheme: Scheme,
    born: Instant,
    /// Requests in flight.
    active: AtomicU32,
    /// A request has been handed to the HTTP/1 library and is not answered yet.
    exchanging: AtomicBool,
    /// Bytes are held back until the request is answered; the library must be woken then.
    holding: AtomicBool,
    /// It speaks another protocol now, and is left alone.
    upgraded: AtomicBool,
    /// Milliseconds after `born` at which the current head began; 0: none has.
    head_since: AtomicU64,
    /// Milliseconds after `born` at which the last request began, or was last seen in flight: what is idle for
    /// minutes need not be known to the millisecond, and a look at the clock for each request is saved.
    idle_since: AtomicU64,
    /// Milliseconds after `born` since which the other end has not taken what was sent; 0: it takes it.
    blocked_since: AtomicU64,
    signal: AtomicU8,
    waker: OnceLock<Waker>,
}

impl ConnectionState {
    /// A connection that has just been accepted.
    pub(crate) fn new(peer: SocketAddr, local: SocketAddr, scheme: Scheme) -> Self {
        Self {
            peer,
            local,
            scheme,
            born: Instant::now(),
            active: AtomicU32::new(0),
            exchanging: AtomicBool::new(false),
            holding: AtomicBool::new(false),
            upgraded: AtomicBool::new(false),
            head_since: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            blocked_since: AtomicU64::new(0),
            signal: AtomicU8::new(0),
            waker: OnceLock::new(),
        }
    }

    fn at(&self, time: Instant) -> u64 {
        u64::try_from(time.saturating_duration_since(self.born).as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn now(&self) -> u64 {
        self.at(Instant::now())
    }

    /// The task that drives it, to be woken by [`Self::tell`].
    pub(crate) fn driven_by(&self, waker: &Waker) {
        self.waker.get_or_init(|| waker.clone());
    }

    /// Tells it something; a stronger word is not taken back by a weaker one.
    pub(crate) fn tell(&self, signal: Signal) {
        self.signal.fetch_max(signal as u8, Ordering::Relaxed);
        self.wake();
    }

    /// What it was told.
    pub(crate) fn signal(&self) -> Signal {
        match self.signal.load(Ordering::Relaxed) {
            0 => Signal::None,
            1 => Signal::Finish,
            2 => Signal::HeadTimeout,
            _ => Signal::Abort,
        }
    }

    /// A request begins.
    pub(crate) fn begin(&self, now: Instant) {
        self.idle_since.store(self.at(now), Ordering::Relaxed);
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has been answered.
    pub(crate) fn end(&self) {
        self.active.fetch_sub(1, Ordering::Relaxed);
        self.exchanging.store(false, Ordering::Relaxed);
        if self.holding.load(Ordering::Relaxed) {
            self.holding.store(false, Ordering::Relaxed);
            self.wake();
        }
    }

    /// HTTP/1: there are bytes that pass only when the request has been answered.
    pub(crate) fn hold(&self) {
        self.holding.store(true, Ordering::Relaxed);
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Whether a request has ever begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.idle_since.load(Ordering::Relaxed) > 0
    }

    /// Whether a request is in flight.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed) > 0
    }

    /// HTTP/1: a whole head goes to the library.
    pub(crate) fn begin_exchange(&self) {
        self.head_since.store(0, Ordering::Relaxed);
        self.exchanging.store(true, Ordering::Relaxed);
    }

    /// HTTP/1: whether the library has a request that is not answered.
    pub(crate) fn is_exchanging(&self) -> bool {
        self.exchanging.load(Ordering::Relaxed)
    }

    /// HTTP/1: part of a head has come.
    pub(crate) fn begin_head(&self) {
        if self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    /// What came is no HTTP/1 head after all.
    pub(crate) fn end_head(&self) {
        self.head_since.store(0, Ordering::Relaxed);
    }

    /// The answer is 101: from now on bytes pass as they are.
    pub(crate) fn upgrade(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// Whether it has been upgraded.
    pub(crate) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Ordering::Relaxed)
    }

    /// The other end takes no more (true), or does again.
    pub(crate) fn blocked(&self, blocked: bool) {
        let since = self.blocked_since.load(Ordering::Relaxed);
        match (blocked, since) {
            (true, 0) => self.blocked_since.store(self.now(), Ordering::Relaxed),
            (false, 1..) => self.blocked_since.store(0, Ordering::Relaxed),
            _ => {}
        }
    }

    /// What it should be told, given the time that each state may last.
    pub(crate) fn verdict(&self, head: Duration, idle: Duration) -> Signal {
        if self.is_upgraded() {
            return Signal::None;
        }
        let now = self.now();
        let over = |since: u64, limit: Duration| u128::from(now.saturating_sub(since)) > limit.as_millis();
        let blocked = self.blocked_since.load(Ordering::Relaxed);
        if blocked > 0 && over(blocked, idle) {
            return Signal::Abort;
        }
        if self.is_active() {
            self.idle_since.store(now, Ordering::Relaxed);
            return Signal::None;
        }
        let head_since = self.head_since.load(Ordering::Relaxed);
        if head_since > 0 {
            return if over(head_since, head) { Signal::HeadTimeout } else { Signal::None };
        }
        let idle_since = self.idle_since.load(Ordering::Relaxed);
        if over(idle_since, idle.saturating_add(GRACE)) {
            Signal::Abort
        } else if over(idle_since, idle) {
            Signal::Finish
        } else {
            Signal::None
        }
    }

    /// The failure that belongs to a signal.
    pub(crate) fn failure(&self) -> Option<Failure> {
        (self.signal() == Signal::HeadTimeout).then_some(Failure::RequestTimeout)
    }
}

/// How long an idle connection that was told to finish may take to close by itself.
const GRACE: Duration = Duration::from_secs(5);
