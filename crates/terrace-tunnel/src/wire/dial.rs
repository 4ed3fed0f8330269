//! One dial: TCP, perhaps a proxy, perhaps TLS, then the upgrade.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error as WebSocketError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::address::{StreamUrl, bare};
use super::{proxy, trust};

/// How long a dial may take, with everything.
const DIAL: Duration = Duration::from_secs(20);
/// How long each part of it may take.
const PART: Duration = Duration::from_secs(10);
/// What is read at a time.
const READ: usize = 128 << 10;
/// No message of Session Manager is larger.
const LARGEST: usize = 1 << 20;

/// A way to the other side, in the clear or not.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// An open WebSocket.
pub type Socket = WebSocketStream<Box<dyn Wire>>;

/// How WebSockets of Session Manager are read and written: messages are small, so many go into one write.
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(64 << 10)
        .write_buffer_size(128 << 10)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
}

/// A way that is read in large pieces. (The WebSocket's own buffer asks for each header and each message by itself once it
/// has been filled, which is two system calls for a kilobyte.)
pub fn buffered(wire: impl Wire + 'static) -> Box<dyn Wire> {
    Box::new(BufReader::with_capacity(READ, wire))
}

/// Dials data channels: knows the proxies and the roots of the machine.
pub struct Dialer {
    proxies: Matcher,
    trust: OnceLock<Arc<ClientConfig>>,
}

/// Why a data channel was not opened.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// Nothing answers there.
    #[error("{at} cannot be reached ({why}); is this machine online, and does a firewall or proxy allow it?")]
    Unreachable {
        /// Host and port.
        at: String,
        /// What the system says.
        why: String,
    },
    /// The proxy does not lead there.
    #[error(
        "the proxy {at} does not lead to Session Manager: {why}; see HTTPS_PROXY and NO_PROXY in your environment"
    )]
    Proxy {
        /// The proxy.
        at: String,
        /// What it says.
        why: String,
    },
    /// TLS was not agreed on.
    #[error(
        "no TLS with {host}: {why}; if a company's proxy replaces certificates, name its root in SSL_CERT_FILE"
    )]
    Tls {
        /// The host.
        host: String,
        /// What TLS says.
        why: String,
    },
    /// There are no roots.
    #[error(
        "this machine has no root certificates ({0}); install `ca-certificates`, or name a bundle in SSL_CERT_FILE"
    )]
    NoRoots(String),
    /// The other side answered with something else than a WebSocket.
    #[error("{at} refused the data channel: HTTP {status} {says}")]
    Refused {
        /// Host and port.
        at: String,
        /// Its status.
        status: u16,
        /// What it says, shortened.
        says: String,
    },
    /// It took too long.
    #[error("{at} did not open the data channel within {} s; is a firewall in between?", DIAL.as_secs())]
    TimedOut {
        /// Host and port.
        at: String,
    },
    /// What came is no WebSocket.
    #[error("{at} does not speak WebSocket ({why}); does a proxy take it for a plain request?")]
    Protocol {
        /// Host and port.
        at: String,
        /// What is wrong.
        why: String,
    },
}

impl DialError {
    /// Whether AWS refused: other credentials or permissions are needed.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403, .. })
    }

    /// Whether the same may go well a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Proxy { .. } | Self::Protocol { .. } => {
                true
            }
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Tls { .. } | Self::NoRoots(_) => false,
        }
    }
}

impl fmt::Debug for Dialer {
    /// Without the proxies, whose addresses may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").finish_non_exhaustive()
    }
}

impl Dialer {
    /// With the proxies that the environment names.
    pub fn from_env() -> Self {
        Self { proxies: Matcher::from_env(), trust: OnceLock::new() }
    }

    /// Opens a WebSocket with these headers in its upgrade (a signature).
    pub async fn dial(
        &self,
        url: &StreamUrl,
        headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Result<Socket, DialError> {
        let at = format!("{}:{}", url.host(), url.port());
        match tokio::time::timeout(DIAL, self.open(url, headers, &at)).await {
            Ok(result) => result,
            Err(_) => Err(DialError::TimedOut { at }),
        }
    }

    async fn open(
        &self,
        url: &StreamUrl,
        headers: Vec<(HeaderName, HeaderValue)>,
        at: &str,
    ) -> Result<Socket, DialError> {
        let wire = buffered(self.wire(url, at).await?);
        let protocol =
            |error: WebSocketError| DialError::Protocol { at: at.to_owned(), why: error.to_string() };
        let mut request = url.uri().clone().into_client_request().map_err(protocol)?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        let opened = tokio_tungstenite::client_async_with_config(request, wire, Some(config())).await;
        match opened {
            Ok((socket, _)) => Ok(socket),
            Err(WebSocketError::Http(answer)) => Err(DialError::Refused {
                at: at.to_owned(),
                status: answer.status().as_u16(),
                says: said(answer.body().as_deref().unwrap_or_default()),
            }),
            Err(WebSocketError::Io(error)) => {
                Err(DialError::Unreachable { at: at.to_owned(), why: error.to_string() })
            }
            Err(error) => Err(protocol(error)),
        }
    }

    async fn wire(&self, url: &StreamUrl, at: &str) -> Result<Box<dyn Wire>, DialError> {
        if !url.is_secure() {
            return tcp(url.host(), url.port()).await;
        }
        let asked: Option<Uri> = url.web().parse().ok();
        let mut wire = match asked.and_then(|asked| self.proxies.intercept(&asked)) {
            None => tcp(url.host(), url.port()).await?,
            Some(found) => {
                let (host, scheme) = (found.uri().host().unwrap_or_default(), found.uri().scheme_str());
                let proxy = |why: String| DialError::Proxy { at: host.to_owned(), why };
                let port = found.uri().port_u16();
                let mut wire = match scheme {
                    Some("http") => tcp(bare(host), port.unwrap_or(80)).await,
                    Some("https") => match tcp(bare(host), port.unwrap_or(443)).await {
                        Ok(wire) => self.tls(wire, bare(host)).await,
                        Err(error) => Err(error),
                    },
                    other => {
                        let other = other.unwrap_or("no scheme");
                        return Err(proxy(format!("{other} is not supported; HTTP proxies are")));
                    }
                }
                .map_err(|error| proxy(error.to_string()))?;
                let tunnel = proxy::connect(&mut wire, at, found.basic_auth());
                match tokio::time::timeout(PART, tunnel).await {
                    Ok(done) => done.map_err(proxy)?,
                    Err(_) => return Err(proxy("it does not answer".to_owned())),
                }
                wire
            }
        };
        wire = self.tls(wire, url.host()).await?;
        Ok(wire)
    }

    async fn tls(&self, wire: Box<dyn Wire>, host: &str) -> Result<Box<dyn Wire>, DialError> {
        let trust = match self.trust.get() {
            Some(trust) => Arc::clone(trust),
            None => {
                // Reading some hundred files takes a while.
                let read = tokio::task::spawn_blocking(trust::machine).await;
                let trust = read.unwrap_or_else(|error| Err(DialError::NoRoots(error.to_string())))?;
                Arc::clone(self.trust.get_or_init(|| trust))
            }
        };
        let tls = |why: String| DialError::Tls { host: host.to_owned(), why };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| tls(error.to_string()))?;
        match TlsConnector::from(trust).connect(name, wire).await {
            Ok(stream) => Ok(Box::new(stream)),
            // What rustls does not accept is invalid data; the rest is the network.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(tls(error.to_string())),
            Err(error) => Err(DialError::Unreachable { at: host.to_owned(), why: error.to_string() }),
        }
    }
}

async fn tcp(host: &str, port: u16) -> Result<Box<dyn Wire>, DialError> {
    let unreachable =
        |error: io::Error| DialError::Unreachable { at: format!("{host}:{port}"), why: error.to_string() };
    let stream = match tokio::time::timeout(PART, TcpStream::connect((host, port))).await {
        Ok(stream) => stream.map_err(unreachable)?,
        Err(_) => return Err(DialError::TimedOut { at: format!("{host}:{port}") }),
    };
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(Box::new(stream))
}

/// What an answer's body says, in one short line.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim().to_owned()
}
