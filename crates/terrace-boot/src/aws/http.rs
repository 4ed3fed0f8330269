//! One HTTP/1.1 request over a connection of its own: these calls are few, and then the program is another.
//!
//! Names are resolved by a resolver of our own, because the C library's loads code at run time, which a static program
//! cannot rely on. HTTPS is verified against the roots that Mozilla trusts, or those in `AWS_CA_BUNDLE`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolverConfig;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// The largest answer that is read, bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Until there is a connection.
    pub(crate) connect: Duration,
    /// In all.
    pub(crate) whole: Duration,
}

/// What is sent.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) uri: &'a Uri,
    /// Some of them are secret: never shown.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// What came back. The body may hold secrets.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) error_type: Option<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }
}

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Client {
    tls: Arc<ClientConfig>,
    resolver: Option<TokioResolver>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// `AWS_CA_BUNDLE` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("AWS_CA_BUNDLE names `{}`, {reason}", path.display())]
pub(crate) struct BundleError {
    path: PathBuf,
    reason: String,
}

impl Client {
    /// A client that trusts the usual roots, or those of a PEM file.
    pub(crate) fn new(bundle: Option<&Path>) -> Result<Self, BundleError> {
        let mut roots = RootCertStore::empty();
        match bundle {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let wrong = |reason: String| BundleError { path: path.to_owned(), reason };
                let certificates = certificates(path).map_err(wrong)?;
                roots.add_parsable_certificates(certificates);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| BundleError { path: PathBuf::new(), reason: error.to_string() })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls), resolver: resolver() })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Outgoing<'_>, patience: Patience) -> io::Result<Answer> {
        timeout(patience.whole, self.exchange(request, patience.connect))
            .await
            .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
    }

    async fn exchange(&self, request: Outgoing<'_>, connect: Duration) -> io::Result<Answer> {
        let host = request.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let secure = request.uri.scheme_str() == Some("https");
        let port = request.uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
        let tcp = timeout(connect, self.connect(host, port)).await.map_err(late)??;
        tcp.set_nodelay(true)?;
        if !secure {
            return converse(tcp, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let tls = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp);
        converse(timeout(connect, tls).await.map_err(late)??, request).await
    }

    async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let addresses: Vec<IpAddr> = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(host).await?,
        };
        let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"));
        for address in addresses {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let Some(resolver) = &self.resolver else {
            return Err(io::Error::other("the resolver cannot be set up: see /etc/resolv.conf"));
        };
        // With the final dot the name is complete, and no search domain is tried; single labels are not.
        let asked = if host.contains('.') { format!("{host}.") } else { host.to_owned() };
        let found = resolver.lookup_ip(asked).await;
        let found = found.map_err(|error| io::Error::other(format!("{host} cannot be resolved: {error}")))?;
        Ok(found.iter().collect())
    }
}

fn resolver() -> Option<TokioResolver> {
    let mut builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
        // Without a configuration there is still the hosts file.
        TokioResolver::builder_with_config(ResolverConfig::default(), TokioRuntimeProvider::default())
    });
    builder.options_mut().timeout = Duration::from_secs(2);
    builder.build().ok()
}

async fn converse<S>(stream: S, request: Outgoing<'_>) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut head = Request::builder().method(request.method).uri(path);
    if let Some(authority) = request.uri.authority() {
        head = head.header("host", authority.as_str());
    }
    for (name, value) in request.headers {
        head = head.header(name, value);
    }
    let request = head.body(Full::new(request.body)).map_err(io::Error::other)?;
    let answer = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = answer.status();
    let error_type = answer.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let error_type = error_type.map(str::to_owned);
    let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(io::Error::other)?;
    Ok(Answer { status, error_type, body: Zeroizing::new(body.to_bytes().to_vec()) })
}

/// The certificates of a PEM file: at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = std::fs::read(path).map_err(|error| format!("which cannot be read: {error}"))?;
    let found = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("which is broken: {error}"))?;
    if found.is_empty() { Err("which has no certificate in it".to_owned()) } else { Ok(found) }
}
