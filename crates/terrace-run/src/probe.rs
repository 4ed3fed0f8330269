//! Asks a replica whether it is well, the way a load balancer does: `GET` a path, 200 to 399 is fine.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use terrace_edge_config::StatusRange;
use terrace_net::Port;
use terrace_topology::HealthPath;
use tokio::net::TcpStream;

/// How much of an answer is looked at, bytes.
const LOOKED_AT: usize = 4096;
/// How much of it is shown, characters.
const SHOWN: usize = 200;

/// What is asked of a replica.
#[derive(Clone, Debug)]
pub(crate) struct HttpProbe {
    pub(crate) path: HealthPath,
    pub(crate) timeout: Duration,
    /// How long a start may take in all.
    pub(crate) start_within: Duration,
}

/// What came back when it was not what was hoped for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unwell {
    /// Nobody listens.
    NotListening,
    /// Nothing came in time.
    Silent(Duration),
    /// An answer that says no.
    Answered(u16, String),
    /// Something that is no HTTP.
    Broken(String),
}

impl fmt::Display for Unwell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListening => f.write_str("nothing listens there"),
            Self::Silent(time) => write!(f, "no answer within {} s", time.as_secs_f32()),
            Self::Answered(status, text) if text.is_empty() => write!(f, "it answered {status}"),
            Self::Answered(status, text) => write!(f, "it answered {status}: {text}"),
            Self::Broken(what) => write!(f, "its answer broke off: {what}"),
        }
    }
}

impl HttpProbe {
    /// Asks whatever listens on that port of this machine, and says at which address it was well.
    pub(crate) async fn ask(&self, port: Port) -> Result<SocketAddr, Unwell> {
        let asked = tokio::time::timeout(self.timeout, self.ask_either(port)).await;
        asked.unwrap_or(Err(Unwell::Silent(self.timeout)))
    }

    /// Some servers take `localhost` for its IPv6 address only.
    async fn ask_either(&self, port: Port) -> Result<SocketAddr, Unwell> {
        let first = SocketAddr::from((Ipv4Addr::LOCALHOST, port.get()));
        match self.ask_at(first).await {
            Err(Unwell::NotListening) => {
                self.ask_at(SocketAddr::from((Ipv6Addr::LOCALHOST, port.get()))).await
            }
            outcome => outcome,
        }
    }

    async fn ask_at(&self, address: SocketAddr) -> Result<SocketAddr, Unwell> {
        let broken = |error: &dyn fmt::Display| Unwell::Broken(error.to_string());
        let stream = TcpStream::connect(address).await.map_err(|_| Unwell::NotListening)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| broken(&e))?;
        let request = http::Request::get(self.path.as_str())
            .header(HOST, address.to_string())
            .header(USER_AGENT, "terrace-health")
            .header(CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|e| broken(&e))?;
        let ask = async {
            let response = sender.send_request(request).await.map_err(|e| broken(&e))?;
            let status = response.status().as_u16();
            if StatusRange::FINE.contains(status) {
                return Ok(address);
            }
            let body = Limited::new(response.into_body(), LOOKED_AT).collect().await;
            let body = body.map(|body| body.to_bytes()).unwrap_or_default();
            let text: String = String::from_utf8_lossy(&body).chars().map(plain).take(SHOWN).collect();
            Err(Unwell::Answered(status, text.trim().to_owned()))
        };
        tokio::pin!(ask);
        tokio::select! {
            outcome = &mut ask => outcome,
            // Drives the connection; it may end before the answer has been looked at.
            _ended = connection => ask.await,
        }
    }
}

fn plain(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}
