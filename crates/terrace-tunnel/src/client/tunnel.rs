//! A tunnel: accepts programs, gives each a stream, and ends in order.

use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::sync::Arc;

use terrace_net::Port;
use terrace_ssm::{Limits, PortProperties};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use super::channel::{Channel, Events};
use super::listen::{Holder, Listen, Listener};
use super::pool::Pool;
use super::{Control, Over, SessionId, Terminations, TunnelError, TunnelEvent};
use crate::wire::{Ending, Reset, Waiting, pump};

/// Events that nobody has read; more are let go.
const EVENTS: usize = 1024;

/// How a tunnel is wished for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which port of this machine.
    pub listen: Listen,
    /// How many sessions its connections are spread over, at most.
    pub sessions: NonZeroU8,
    /// What each session may send and keep.
    pub limits: Limits,
    /// Who tells who holds a port that is taken.
    pub holder: Option<Holder>,
    /// Where it is known which sessions are being ended after an opening was given up.
    pub terminations: Terminations,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: Listen::Any,
            sessions: NonZeroU8::MIN,
            limits: Limits::default(),
            holder: None,
            terminations: Terminations::default(),
        }
    }
}

/// An open tunnel. Let go of, it stops at once and leaves its sessions to the server's side; [`Tunnel::close`] ends them there.
#[derive(Debug)]
pub struct Tunnel<C: Control> {
    local: SocketAddr,
    banner: String,
    properties: PortProperties,
    events: mpsc::Receiver<TunnelEvent>,
    pool: Arc<Pool<C>>,
    first: Arc<Channel>,
    accepting: JoinHandle<()>,
}

/// Opens a tunnel: takes the port, starts a session, and waits until its agent is ready. If this is dropped before it is
/// done, what was granted is ended in the background: see [`Terminations`].
///
/// # Errors
/// If the port is taken, the control plane refuses, or the target's agent does not answer. Each says what to do.
pub async fn open<C: Control>(control: C, options: Options) -> Result<Tunnel<C>, TunnelError> {
    let listener = Listener::bind(options.listen, options.holder)?;
    let local = Port::new(listener.local().port()).ok();
    let (pool, events) = pool(control, &options);
    let (first, readiness) = pool.first(local).await?;
    Ok(Tunnel::begin(listener, pool, events, first, readiness.properties, readiness.message))
}

/// Opens a tunnel on the port that its session's document names; for sessions that others have started.
pub(crate) async fn open_as_agreed<C: Control>(
    control: C,
    mut options: Options,
) -> Result<Tunnel<C>, TunnelError> {
    let (pool, events) = pool(control, &options);
    let (first, readiness) = pool.first(None).await?;
    let agreed =
        readiness.properties.local_port_number.parse().ok().and_then(|number| Port::new(number).ok());
    options.listen = agreed.map_or(Listen::Any, Listen::Exactly);
    match Listener::bind(options.listen, options.holder) {
        Ok(listener) => {
            Ok(Tunnel::begin(listener, pool, events, first, readiness.properties, readiness.message))
        }
        Err(error) => {
            pool.close().await;
            Err(error)
        }
    }
}

fn pool<C: Control>(control: C, options: &Options) -> (Arc<Pool<C>>, mpsc::Receiver<TunnelEvent>) {
    let (sender, events) = mpsc::channel(EVENTS);
    let pool = Pool::new(control, options, Events(sender));
    (Arc::new(pool), events)
}

impl<C: Control> Tunnel<C> {
    fn begin(
        listener: Listener,
        pool: Arc<Pool<C>>,
        events: mpsc::Receiver<TunnelEvent>,
        first: Arc<Channel>,
        properties: PortProperties,
        banner: String,
    ) -> Self {
        let local = listener.local();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&pool)));
        Self { local, banner, properties, events, pool, first, accepting }
    }

    /// Where programs connect, on 127.0.0.1.
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// What the agent has to say to its user; often nothing.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// What the session's document says of the port.
    pub const fn properties(&self) -> &PortProperties {
        &self.properties
    }

    /// The session that was started first.
    pub fn session(&self) -> &SessionId {
        self.first.session()
    }

    /// What happens. Whoever does not read misses events, and nothing waits for him.
    pub const fn events(&mut self) -> &mut mpsc::Receiver<TunnelEvent> {
        &mut self.events
    }

    /// Whether a connection would find a session.
    pub(crate) fn is_usable(&self) -> bool {
        self.pool.is_usable()
    }

    /// Ends all connections, and all sessions on the server's side. Takes a few seconds at most.
    pub async fn close(self) {
        self.pool.close().await;
        self.accepting.abort();
    }
}

impl<C: Control> Drop for Tunnel<C> {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<C: Control>(listener: Listener, pool: Arc<Pool<C>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (tcp, peer) = listener.accept() => {
                connections.spawn(serve(Arc::clone(&pool), tcp, peer));
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// One connection from its beginning to its end.
async fn serve<C: Control>(pool: Arc<Pool<C>>, tcp: TcpStream, peer: SocketAddr) {
    let events = pool.events();
    events.tell(carry(&pool, tcp, peer).await);
    pool.tidy().await;
}

async fn carry<C: Control>(pool: &Pool<C>, tcp: TcpStream, peer: SocketAddr) -> TunnelEvent {
    let events = pool.events();
    let mut waiting = Waiting::fresh(tcp);
    let mut again = false;
    loop {
        let (stream, channel) = match pool.stream().await {
            Ok(found) => found,
            Err(error) => {
                waiting.reset();
                return TunnelEvent::Cut { peer, why: error.to_string() };
            }
        };
        let session = channel.session().clone();
        events.tell(TunnelEvent::Accepted { peer, session: session.clone() });
        match pump(waiting, stream).await {
            Ending::Local | Ending::Remote => return TunnelEvent::Closed { peer },
            Ending::Broken(error) => return TunnelEvent::Cut { peer, why: error.to_string() },
            Ending::Reset(Reset::Overflowed) => return TunnelEvent::Overflowed { peer },
            Ending::Reset(Reset::Over) => {
                let why = channel.ended().unwrap_or(Over::Ended).to_string();
                return TunnelEvent::Cut { peer, why: format!("session {session} is over: {why}") };
            }
            Ending::Refused(rest) => match rest {
                Some(rest) if !again && pool.replace(&channel).await => {
                    events.tell(TunnelEvent::Reopened { session });
                    (waiting, again) = (rest, true);
                }
                _ => return TunnelEvent::ConnectFailed { peer },
            },
        }
    }
}
