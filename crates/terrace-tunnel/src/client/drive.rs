//! A session from its first socket to its end: carries, resumes, reconnects, and says goodbye.
//!
//! The gateway closes a channel each hour, and networks are lost; both are the same here: `ssm:ResumeSession`, a new socket at
//! the new address, and the session goes on with its sequence numbers, so that no byte is lost or comes twice.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use terrace_ssm::Session;
use tokio::sync::watch;

use super::carrier::{Carrier, Stop, Teller};
use super::channel::Stage;
use super::dialing::Dialing;
use super::{Control, Over, TunnelError, TunnelEvent};
use crate::wire::{Shared, Socket};

/// How long a session without a network is kept. Session Manager forgets a silent one after 20 min by default.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A socket that lived as long was a good one: the next is dialled at once.
const GOOD: Duration = Duration::from_secs(1);
/// How long a goodbye may take to be acknowledged.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long the server's side may take to end a session.
const TERMINATE: Duration = Duration::from_secs(5);

/// Whether somebody wants the session to end.
#[derive(Debug)]
pub(super) struct Ending(watch::Receiver<bool>);

impl Ending {
    pub(super) const fn new(asked: watch::Receiver<bool>) -> Self {
        Self(asked)
    }

    async fn asked(&mut self) {
        // Whoever could ask is gone: then nobody waits, and this task is about to be dropped.
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[derive(Debug)]
pub(super) struct Driver<C> {
    shared: Arc<Shared>,
    dialing: Dialing<C>,
    teller: Teller,
}

/// Pauses between dials, longer each time, not the same for everybody.
fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .with_jitter()
        .build()
}

impl<C: Control> Driver<C> {
    pub(super) const fn new(shared: Arc<Shared>, dialing: Dialing<C>, teller: Teller) -> Self {
        Self { shared, dialing, teller }
    }

    /// Drives until the session is over.
    pub(super) async fn run(self, socket: Socket, mut ending: Ending) {
        let over = self.drive(socket, &mut ending).await;
        self.teller.stage.send_replace(Stage::Over(over.clone()));
        self.shared.reset_all();
        let session = self.teller.session.clone();
        self.teller.events.tell(TunnelEvent::Ended { session, why: over });
    }

    async fn drive(&self, mut socket: Socket, ending: &mut Ending) -> Over {
        let mut waits = pauses();
        loop {
            self.shared.act(|session| session.connected(self.shared.now()));
            let (begun, before) = (Instant::now(), self.moved());
            let mut carrier = Carrier::new(&self.shared, &self.teller, socket);
            let stop = tokio::select! {
                stop = poll_fn(|context| carrier.poll(context)) => stop,
                () = ending.asked() => {
                    self.goodbye(&mut carrier).await;
                    return Over::Ended;
                }
            };
            let why = match stop {
                Stop::Lost(why) => why,
                Stop::Over(over) => {
                    close(&mut carrier).await;
                    if matches!(over, Over::Failed(_)) {
                        self.terminate().await;
                    }
                    return over;
                }
            };
            drop(carrier);
            self.shared.act(Session::disconnected);
            let good = begun.elapsed() >= GOOD;
            if good || self.moved() > before {
                waits = pauses();
            }
            socket = tokio::select! {
                socket = self.reconnect(why, &mut waits, good) => match socket {
                    Ok(socket) => socket,
                    Err(over) => {
                        if matches!(over, Over::Lost(_)) {
                            self.terminate().await;
                        }
                        return over;
                    }
                },
                () = ending.asked() => {
                    self.terminate().await;
                    return Over::Ended;
                }
            };
            let session = self.teller.session.clone();
            self.teller.events.tell(TunnelEvent::Resumed { session });
        }
    }

    /// Data messages that went either way. It grows no more when nothing is acknowledged.
    fn moved(&self) -> u64 {
        let counts = self.shared.with(|session| session.statistics());
        counts.messages_sent.saturating_add(counts.messages_received)
    }

    async fn reconnect(
        &self,
        mut why: String,
        waits: &mut ExponentialBackoff,
        at_once: bool,
    ) -> Result<Socket, Over> {
        let begun = Instant::now();
        let mut attempt = 0_u32;
        loop {
            attempt = attempt.saturating_add(1);
            let session = self.teller.session.clone();
            self.teller.events.tell(TunnelEvent::Reconnecting { session, why: why.clone(), attempt });
            if !(at_once && attempt == 1) {
                tokio::time::sleep(waits.next().unwrap_or(GOOD)).await;
            }
            match self.dialing.resume(&self.teller.session).await {
                Ok(socket) => return Ok(socket),
                Err(TunnelError::Over(over)) => return Err(over),
                Err(error) if error.is_passing() && begun.elapsed() < PATIENCE => why = error.to_string(),
                Err(error) => return Err(Over::Lost(error.to_string())),
            }
        }
    }

    /// Ends the session on the server's side: tells the agent, waits briefly until it knows, then tells AWS.
    async fn goodbye(&self, carrier: &mut Carrier<'_>) {
        self.shared.reset_all();
        self.shared.act(Session::terminate);
        let known = poll_fn(|context| match carrier.poll(context) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending if self.shared.with(|session| session.is_quiet()) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        });
        let _ = tokio::time::timeout(GOODBYE, known).await;
        tokio::join!(self.terminate(), close(carrier));
    }

    async fn terminate(&self) {
        let asked = self.dialing.control.terminate(&self.teller.session);
        let _ = tokio::time::timeout(TERMINATE, asked).await;
    }
}

/// Closes a socket as RFC 6455 wants it, without waiting for long.
async fn close(carrier: &mut Carrier<'_>) {
    let _ = tokio::time::timeout(Duration::from_millis(500), carrier.socket.close(None)).await;
}
