//! An endpoint on loopback that speaks as AWS does around Session Manager, to rehearse against: the AWS CLI, the official
//! plugin and our own client reach a local database through it exactly as they reach the deployed one.
//!
//! ```text
//! POST /                         ssm, ecs, rds, sts, ec2: the calls of the documented steps       gate → answer
//! GET  /v1/data-channel/SESSION  WebSocket: text with the token, then the protocol's frames       gate → sessions → channel
//! ```
//!
//! Where whoever opens it says how, shells of the replicas are served as well (`ecs:ExecuteCommand`, sessions of machines).
//!
//! GUARANTEE: only this machine is listened to and browsers are refused; only endpoints of the system itself are dialled;
//! a token opens one connection; everything is bounded, and ends with [`Endpoint::close`].

mod answer;
mod channel;
mod faults;
mod gate;
mod name;
mod server;
mod sessions;
mod shells;
mod system;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use terrace_net::Port;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub use self::faults::{Faults, FaultsError, Share, Span};
pub use self::name::{AccountId, Name, NameError, Region};
pub use self::shells::{Shells, Surroundings};
pub use self::system::{Database, DatabaseService, Place, Replica, Shape, System};

/// How long sessions are given to tell their clients.
const FAREWELL: Duration = Duration::from_secs(3);

/// What an endpoint is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the system is said to be.
    pub place: Place,
    /// The system as it is at each moment.
    pub system: watch::Receiver<System>,
    /// The port to listen on; `None` for any.
    pub port: Option<Port>,
    /// What goes wrong, unless a session asks for something else.
    pub faults: Faults,
    /// What the faults follow from.
    pub seed: u64,
}

/// Why an endpoint was not opened.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Its port is taken, or not to be had.
    #[error("127.0.0.1:{port} cannot be listened on: {source}")]
    Port {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// The system's words.
        source: io::Error,
    },
}

/// An open endpoint. It closes, less politely, when it is dropped.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    place: Arc<Place>,
    system: watch::Receiver<System>,
    sessions: sessions::Sessions,
    server: AbortHandle,
}

/// Opens an endpoint on 127.0.0.1.
///
/// # Errors
/// Where the port cannot be had.
pub async fn open(options: Options) -> Result<Endpoint, EndpointError> {
    open_with(options, None).await
}

/// The same, with shells in the replicas if there are any.
///
/// # Errors
/// Where the port cannot be had.
pub async fn open_with(options: Options, shells: Option<Shells>) -> Result<Endpoint, EndpointError> {
    let port = options.port.map_or(0, Port::get);
    let failed = |source| EndpointError::Port { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let sessions = sessions::Sessions::new(address, options.faults, options.seed, shells);
    let place = Arc::new(options.place);
    let desk = server::Desk {
        system: options.system.clone(),
        place: Arc::clone(&place),
        sessions: sessions.clone(),
    };
    let server = tokio::spawn(server::listen(listener, desk)).abort_handle();
    Ok(Endpoint { address, place, system: options.system, sessions, server })
}

impl Endpoint {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to give as `--endpoint-url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The targets that are connected now.
    pub fn targets(&self) -> Vec<String> {
        self.system.borrow().targets(&self.place)
    }

    /// The database's host name, as it would be on AWS, and its port there.
    pub fn database(&self) -> Option<(String, Port)> {
        self.system.borrow().database.as_ref().map(|database| (database.host(&self.place), database.port))
    }

    /// How many sessions are open.
    pub fn sessions(&self) -> usize {
        self.sessions.list().len()
    }

    /// Ends every session, telling its client `why`, and stops listening.
    pub async fn close(self, why: &str) {
        let all = self.sessions.close(why);
        let farewell = async {
            for session in all {
                let _ = session.await;
            }
        };
        let _late = tokio::time::timeout(FAREWELL, farewell).await;
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
        self.sessions.abort();
    }
}
