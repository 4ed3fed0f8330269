//! One session as the pool knows it: whether it takes connections, how many it has, and how it is ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use terrace_ssm::{Limits, PortProperties};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::carrier::Teller;
use super::drive::{Driver, Ending};
use super::{Control, Over, SessionId, TunnelEvent};
use crate::wire::{Shared, Socket, Stream};

/// A session that cannot reach the remote host, and never could, is not replaced before.
const YOUNG: Duration = Duration::from_secs(10);

/// Where a session stands.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The handshake is not complete.
    Beginning,
    /// Streams can be opened.
    Ready(Readiness),
    /// Nothing goes any more.
    Over(Over),
}

/// What the handshake told.
#[derive(Clone, Debug)]
pub(super) struct Readiness {
    pub(super) properties: PortProperties,
    pub(super) message: String,
}

/// A session under way. Its driver ends when it is dropped.
#[derive(Debug)]
pub(super) struct Channel {
    session: SessionId,
    shared: Arc<Shared>,
    stage: watch::Receiver<Stage>,
    close: watch::Sender<bool>,
    driver: JoinHandle<()>,
    begun: Instant,
    stale: AtomicBool,
    clogged: Arc<AtomicBool>,
}

/// Where events go. Whoever does not listen misses them, and nothing waits.
#[derive(Clone, Debug)]
pub(super) struct Events(pub(super) mpsc::Sender<TunnelEvent>);

impl Events {
    pub(super) fn tell(&self, event: TunnelEvent) {
        let _ = self.0.try_send(event);
    }
}

impl Channel {
    /// Begins to drive a socket whose open frame was sent.
    pub(super) fn begin<C: Control>(
        session: SessionId,
        shared: Arc<Shared>,
        socket: Socket,
        dialing: super::dialing::Dialing<C>,
        events: Events,
        limits: &Limits,
    ) -> Self {
        let (stage, watched) = watch::channel(Stage::Beginning);
        let (close, closing) = watch::channel(false);
        let clogged = Arc::new(AtomicBool::new(false));
        let teller = Teller {
            session: session.clone(),
            events,
            stage,
            clogged: Arc::clone(&clogged),
            crowd: limits.window() / 2,
        };
        let driver = Driver::new(Arc::clone(&shared), dialing, teller);
        let driver = tokio::spawn(driver.run(socket, Ending::new(closing)));
        let (begun, stale) = (Instant::now(), AtomicBool::new(false));
        Self { session, shared, stage: watched, close, driver, begun, stale, clogged }
    }

    pub(super) const fn session(&self) -> &SessionId {
        &self.session
    }

    /// Waits for the handshake.
    pub(super) async fn ready(&self) -> Result<Readiness, Over> {
        let mut stage = self.stage.clone();
        loop {
            match &*stage.borrow_and_update() {
                Stage::Beginning => {}
                Stage::Ready(readiness) => return Ok(readiness.clone()),
                Stage::Over(over) => return Err(over.clone()),
            }
            if stage.changed().await.is_err() {
                return Err(Over::Ended);
            }
        }
    }

    /// Waits for the end.
    pub(super) async fn over(&self) -> Over {
        let mut stage = self.stage.clone();
        loop {
            if let Stage::Over(over) = &*stage.borrow_and_update() {
                return over.clone();
            }
            if stage.changed().await.is_err() {
                return Over::Ended;
            }
        }
    }

    /// Why it is over, if it is.
    pub(super) fn ended(&self) -> Option<Over> {
        match &*self.stage.borrow() {
            Stage::Over(over) => Some(over.clone()),
            _ => None,
        }
    }

    /// Whether new connections may go through it.
    pub(super) fn is_usable(&self) -> bool {
        !self.is_retired() && matches!(*self.stage.borrow(), Stage::Ready(_))
    }

    /// Whether it stands still as a whole for the time being.
    pub(super) fn is_clogged(&self) -> bool {
        self.clogged.load(Ordering::Relaxed)
    }

    /// Whether it serves nobody and will serve nobody.
    pub(super) fn is_done(&self) -> bool {
        self.ended().is_some() || (self.is_retired() && self.streams() == 0)
    }

    pub(super) fn streams(&self) -> usize {
        self.shared.streams()
    }

    pub(super) fn open(&self) -> Option<Stream> {
        self.shared.open()
    }

    /// The target could not reach the remote host: whether another session may do better. The agent resolves names once, so
    /// a session that has worked is out of date after a failover; one that never has is replaced only after a while.
    pub(super) fn may_be_outdated(&self) -> bool {
        self.shared.has_received() || self.begun.elapsed() >= YOUNG
    }

    /// Another session has taken its place.
    pub(super) fn retire(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }

    /// Ends it on the server's side: waits until that was told, briefly.
    pub(super) async fn close(&self) {
        let _ = self.close.send(true);
        self.over().await;
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
