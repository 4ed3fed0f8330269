//! A shell as its user has it: what is typed goes in, what it writes comes out, and sockets that are lost in between are had
//! again without a byte less or more.

mod control;

use std::future::poll_fn;
use std::sync::Arc;

use terrace_ssm::{Arrived, Limits, MessageIds, Session, WindowSize};
use tokio::sync::mpsc;

pub use control::{Inside, ShellControl};

use super::channel::{Channel, Events};
use super::dialing::{Dialing, seed};
use super::owed::{Owed, Terminations};
use super::{Control, Over, SessionId, TunnelError, TunnelEvent};
use crate::wire::{Dialer, Shared};

/// How often the first socket is dialled.
const DIALS: u32 = 3;
/// Events that nobody has read; more are let go.
const EVENTS: usize = 256;

/// A shell that is open. Let go of, it is left to the server's side; [`Shell::close`] ends it there.
#[derive(Debug)]
pub struct Shell {
    channel: Channel,
    shared: Arc<Shared>,
}

/// Starts a session and opens its channel. If this is dropped before it is done, what was granted is ended in the background:
/// see [`Terminations`]. What happens to the session is told to the receiver; whoever does not read misses it.
///
/// # Errors
/// If the control plane refuses, or the channel cannot be opened. Each says what to do.
pub async fn enter<C: Control>(
    control: C,
    size: Option<WindowSize>,
    terminations: &Terminations,
) -> Result<(Shell, mpsc::Receiver<TunnelEvent>), TunnelError> {
    let (control, dialer, limits) = (Arc::new(control), Arc::new(Dialer::from_env()), Limits::default());
    let start = |control: Arc<C>| async move { control.start(None).await };
    let mut owed = Owed::ask(Arc::clone(&control), terminations, start);
    let grant = owed.grant().await?;
    let session = grant.session().clone();
    let dialing = Dialing::new(control, dialer);
    let mut opened = dialing.open(&grant).await;
    let mut dials = 1;
    while dials < DIALS && opened.as_ref().is_err_and(TunnelError::is_passing) {
        dials += 1;
        opened = dialing.resume(&session).await;
    }
    let socket = match opened {
        Ok(socket) => socket,
        Err(error) => {
            owed.end().await;
            return Err(error);
        }
    };
    let mut shell = Session::shell(limits.clone(), MessageIds::new(seed()));
    if let Some(size) = size {
        shell.resize(size);
    }
    let shared = Shared::new(shell);
    let (sender, events) = mpsc::channel(EVENTS);
    let channel = Channel::begin(session, Arc::clone(&shared), socket, dialing, Events(sender), &limits);
    owed.settle();
    Ok((Shell { channel, shared }, events))
}

/// A number of 39 digits that nobody else knows, to know again what one has said oneself.
pub fn number() -> String {
    format!("{:039}", u128::from_be_bytes(seed()))
}

impl Shell {
    /// The session.
    pub const fn session(&self) -> &SessionId {
        self.channel.session()
    }

    /// The terminal has this size from now on.
    pub fn resize(&self, size: WindowSize) {
        self.shared.act(|session| session.resize(size));
    }

    /// Says all of it, as fast as the other side takes it; whether the shell was there until the end of it.
    pub async fn say(&self, mut data: &[u8]) -> bool {
        while !data.is_empty() {
            let Some(taken) = poll_fn(|context| self.shared.poll_say(context, data)).await else {
                return false;
            };
            data = data.get(taken..).unwrap_or_default();
        }
        true
    }

    /// The next piece that has come; `None` after the last.
    pub async fn hear(&self) -> Option<Arrived> {
        poll_fn(|context| self.shared.poll_arrived(context)).await
    }

    /// Waits for the end of the session.
    pub async fn over(&self) -> Over {
        self.channel.over().await
    }

    /// Ends it on the server's side too. Takes a few seconds at most.
    pub async fn close(&self) {
        self.channel.close().await;
    }
}
