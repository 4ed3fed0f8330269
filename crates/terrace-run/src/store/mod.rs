//! Parameter Store and Secrets Manager for the replicas of one run: the few calls that `terrace-boot` makes, over HTTP
//! on a free port of this machine, from memory.
//!
//! Guarantees: every request is signed (Signature Version 4) with a key that is made for one service and one run, and
//! that service's settings are all it opens; a request that a browser could have been talked into is refused; nothing
//! is written to disk or to a log.

mod answer;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use terrace_boot::{GivenCredentials, Secret};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// The region that signatures are made for.
pub(crate) const REGION: &str = "local";
/// How long a connection may live, and the largest request.
const LIFE: Duration = Duration::from_secs(10);
const LARGEST: usize = 64 * 1024;

/// What one service may read.
#[derive(Clone)]
pub(crate) struct Holdings {
    /// Their path: `/items/local/app/`.
    pub(crate) path: String,
    /// Plain settings, by what comes after the path.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Secrets, by name.
    pub(crate) secrets: BTreeMap<String, Secret>,
}

/// Holdings, and the key that opens them.
struct Grant {
    secret_access_key: Secret,
    holdings: Holdings,
}

type Grants = BTreeMap<String, Grant>;

/// The stores of one run. They close when this is dropped.
pub(crate) struct Store {
    address: SocketAddr,
    grants: Arc<Mutex<Grants>>,
    server: AbortHandle,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Store {
    /// Begins to listen.
    pub(crate) fn open() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let grants = Arc::new(Mutex::new(Grants::new()));
        let server = tokio::spawn(listen(listener, address, Arc::clone(&grants))).abort_handle();
        Ok(Self { address, grants, server })
    }

    /// Where it is.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a key to some holdings.
    pub(crate) fn grant(&self, holdings: Holdings) -> Result<GivenCredentials, getrandom::Error> {
        let access_key_id = format!("TERRACE{}", random(8)?.to_uppercase());
        let secret_access_key = Secret::new(random(32)?);
        let grant = Grant { secret_access_key: secret_access_key.clone(), holdings };
        self.grants.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key_id.clone(), grant);
        Ok(GivenCredentials { access_key_id, secret_access_key })
    }
}

fn random(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn listen(listener: TcpListener, own: SocketAddr, grants: Arc<Mutex<Grants>>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(converse(stream, own, Arc::clone(&grants)))),
            // Out of descriptors, for one: whoever asks tries again.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse(stream: TcpStream, own: SocketAddr, grants: Arc<Mutex<Grants>>) {
    let service = service_fn(move |request| serve(request, own, Arc::clone(&grants)));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Whoever breaks off has its reasons.
    let _ended = tokio::time::timeout(LIFE, connection).await;
}

async fn serve(
    request: Request<Incoming>,
    own: SocketAddr,
    grants: Arc<Mutex<Grants>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let (status, text) = match Limited::new(body, LARGEST).collect().await {
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, String::new()),
        Ok(body) => {
            let grants = grants.lock().unwrap_or_else(PoisonError::into_inner);
            answer::answer(&head, &body.to_bytes(), &own.to_string(), &grants, SystemTime::now())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static(terrace_boot::sign::CONTENT_TYPE);
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    Ok(response)
}
