//! The accept loop of one listening socket. A place is taken before a connection is, so that clients beyond the
//! limit wait in the kernel's queue and cost nothing.

use std::sync::Arc;
use std::time::Duration;

use terrace_net::Port;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::connection::Accepted;
use super::connection_state::{ConnectionState, Signal};
use super::registry::Registration;
use super::shared::Shared;
use crate::context::Scheme;

/// How long to wait when the system has no more file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// A listening socket with what its connections need.
pub(super) struct Acceptance {
    pub(super) shared: Arc<Shared>,
    pub(super) socket: TcpListener,
    pub(super) acceptor: Option<TlsAcceptor>,
    pub(super) redirect: Option<Port>,
    pub(super) places: Arc<Semaphore>,
    pub(super) stopped: watch::Receiver<bool>,
}

impl Acceptance {
    /// Accepts until told to stop, then closes the socket: who comes later is refused by the kernel.
    pub(super) async fn run(mut self) {
        let mut stopped = self.stopped.clone();
        let told = async move {
            // A sender that is gone means stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        tokio::pin!(told);
        loop {
            tokio::select! {
                biased;
                () = &mut told => return,
                next = self.next() => {
                    if let Some((stream, permit)) = next {
                        self.serve(stream, permit);
                    }
                }
            }
        }
    }

    async fn next(&mut self) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.places).acquire_owned().await.ok()?;
        match self.socket.accept().await {
            Ok((stream, _)) => Some((stream, permit)),
            Err(error) => {
                // A connection that was gone before it was accepted is no reason to wait; a full table is.
                if !matches!(
                    error.kind(),
                    std::io::ErrorKind::ConnectionAborted | std::io::ErrorKind::ConnectionReset
                ) {
                    tokio::time::sleep(BREATH).await;
                }
                None
            }
        }
    }

    fn serve(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
        // Without it a response in two writes waits for the client's delayed acknowledgement.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let scheme = if self.acceptor.is_some() { Scheme::Https } else { Scheme::Http };
        let state = Arc::new(ConnectionState::new(peer, local, scheme));
        let registration = Registration::new(Arc::clone(&self.shared), Arc::clone(&state), permit);
        if *self.stopped.borrow() {
            // It came while all others were being told.
            state.tell(Signal::Finish);
        }
        let accepted =
            Accepted { shared: Arc::clone(&self.shared), state, registration, redirect: self.redirect };
        tokio::spawn(accepted.serve(stream, self.acceptor.clone()));
    }
}
