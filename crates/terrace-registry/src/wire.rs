//! One request and its answer.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use url::Url;

use crate::endpoint::Endpoint;
use crate::error::{Place, RegistryError};
use crate::payload::Payload;

/// A request, complete but for credentials.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The largest answer that is read, in bytes.
    pub(crate) at_most: usize,
}

/// The largest answer that is read where no more is expected than an error, in bytes.
const SMALL: usize = 1 << 20;

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), payload: Payload::default(), at_most: SMALL }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    pub(crate) fn at_most(mut self, bytes: usize) -> Self {
        self.at_most = bytes;
        self
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(&self.method, &self.url)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) place: Place,
    /// From where.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// An answer that the protocol does not have.
    pub(crate) fn wrong(&self, why: impl Into<String>) -> RegistryError {
        RegistryError::Answer { place: self.place.clone(), why: why.into() }
    }
}

/// The way to a registry.
pub(crate) struct Wire {
    connector: Connector,
    idle: Duration,
}

impl Wire {
    /// Trusting what the machine trusts and these certificates (PEM); giving up when nothing moves for so long.
    pub(crate) fn new(
        endpoint: &Endpoint,
        roots: Option<&[u8]>,
        idle: Duration,
    ) -> Result<Self, RegistryError> {
        // Where nothing is encrypted, the machine need not have certificates.
        let mut store = TrustStore::default().with_native_roots(!endpoint.is_plain());
        if let Some(pem) = roots {
            check_roots(pem)?;
            store.add_pem_certificate(pem);
        }
        let tls = TlsContext::builder().with_trust_store(store).build();
        let tls = tls.map_err(|error| RegistryError::Roots { why: chain(&error) })?;
        let proxy = match endpoint.is_loopback() {
            true => ProxyConfig::disabled(),
            false => ProxyConfig::from_env(),
        };
        let timeouts = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(10)).build();
        let connector = Connector::builder()
            .connector_settings(timeouts)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .proxy_config(proxy)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build();
        Ok(Self { connector, idle })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, RegistryError> {
        let place = request.place();
        let moved = Arc::new(AtomicU64::new(0));
        tokio::select! {
            answer = self.exchange(request, place.clone(), Arc::clone(&moved)) => answer,
            () = stalled(&moved, self.idle) => Err(RegistryError::Stalled { place, after: self.idle }),
        }
    }

    async fn exchange(
        &self,
        request: Request,
        place: Place,
        moved: Arc<AtomicU64>,
    ) -> Result<Answer, RegistryError> {
        let Request { method, url, mut headers, payload, at_most } = request;
        // Without it, some registries take no empty POST.
        headers.insert(CONTENT_LENGTH, HeaderValue::from(payload.bytes.len()));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("terrace/", env!("CARGO_PKG_VERSION"))));
        if matches!(method, Method::GET | Method::HEAD) {
            headers.remove(CONTENT_LENGTH);
        }
        headers.remove(HOST);
        let unreachable = |why: String| RegistryError::Unreachable { place: place.clone(), why };
        let body = SdkBody::from_body_1_x(payload.body(Arc::clone(&moved)));
        let mut message = http::Request::new(body);
        *message.method_mut() = method;
        *message.uri_mut() =
            url.as_str().parse().map_err(|_| unreachable("an address that is none".to_owned()))?;
        *message.headers_mut() = headers;
        let message = HttpRequest::try_from(message).map_err(|error| unreachable(chain(&error)))?;
        let answer = self.connector.call(message).await.map_err(|error| failed(&place, &error))?;
        moved.fetch_add(1, Ordering::Relaxed);
        let answer = answer.try_into_http1x().map_err(|error| unreachable(chain(&error)))?;
        let (parts, body) = answer.into_parts();
        // An error may say more than what was asked for is large.
        let at_most = if parts.status.is_success() { at_most } else { SMALL };
        let body = body.map_frame(|frame| {
            moved.fetch_add(1, Ordering::Relaxed);
            frame
        });
        let body = Limited::new(body, at_most).collect().await.map_err(|error| {
            match error.is::<http_body_util::LengthLimitError>() {
                true => {
                    RegistryError::Answer { place: place.clone(), why: format!("more than {at_most} bytes") }
                }
                false => unreachable(chain(&*error)),
            }
        })?;
        Ok(Answer { place, url, status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }
}

/// That these are certificates: the connector takes it for granted.
fn check_roots(pem: &[u8]) -> Result<(), RegistryError> {
    let wrong = |why: String| RegistryError::Roots { why };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("there is no certificate in them".to_owned()));
    }
    Ok(())
}

/// Ends when nothing has moved for so long.
async fn stalled(moved: &AtomicU64, idle: Duration) {
    let mut before = None;
    while before != Some(moved.load(Ordering::Relaxed)) {
        before = Some(moved.load(Ordering::Relaxed));
        tokio::time::sleep(idle).await;
    }
}

fn failed(place: &Place, error: &(dyn Error + 'static)) -> RegistryError {
    let why = chain(error);
    match why.contains("invalid peer certificate") {
        true => RegistryError::Untrusted { place: place.clone(), why },
        false => RegistryError::Unreachable { place: place.clone(), why },
    }
}

/// An error with what it came of, the last of which says most.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}
