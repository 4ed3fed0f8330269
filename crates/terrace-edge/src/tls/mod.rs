//! TLS 1.2 and 1.3 with HTTP/2 and HTTP/1.1 by ALPN. A certificate can be replaced while connections go on.

mod localhost;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use terrace_edge_config::Certificate;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::error::EdgeError;

/// How often a certificate that is made here is looked at.
const LOOK: Duration = Duration::from_secs(6 * 3600);

/// The certificate of a listener, and the settings it is shown with.
#[derive(Debug)]
pub(crate) struct Tls {
    source: Certificate,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Shown {
    current: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl Tls {
    /// Reads (or makes) the certificate.
    pub(crate) fn load(source: &Certificate) -> Result<Arc<Self>, EdgeError> {
        let provider = Arc::new(ring::default_provider());
        let shown = Arc::new(Shown { current: ArcSwap::from_pointee(read(source)?) });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| EdgeError::Certificate(e.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(Self { source: source.clone(), shown, config: Arc::new(config) }))
    }

    /// What handshakes are made with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Reads (or renews) the certificate again.
    pub(crate) fn reload(&self) -> Result<(), EdgeError> {
        self.shown.current.store(Arc::new(read(&self.source)?));
        Ok(())
    }

    /// Renews a certificate made here before it ends, for as long as the edge runs.
    pub(crate) async fn renew_in_time(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        if !matches!(self.source, Certificate::Localhost { .. }) {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            let this = Arc::clone(&self);
            // If it fails, the old one is shown on, and it is tried again.
            let _ = tokio::task::spawn_blocking(move || this.reload()).await;
        }
    }
}

fn read(source: &Certificate) -> Result<CertifiedKey, EdgeError> {
    match source {
        Certificate::Files { chain, key } => certified(&read_file(chain)?, &read_file(key)?, chain),
        Certificate::Localhost { folder } => {
            let (chain, key) = localhost::ensure(folder)?;
            certified(&chain, &key, folder)
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, EdgeError> {
    fs::read(path).map_err(|source| EdgeError::File { path: path.to_owned(), source })
}

fn certified(chain: &[u8], key: &[u8], place: &Path) -> Result<CertifiedKey, EdgeError> {
    let wrong = |what: String| EdgeError::Certificate(format!("{}: {what}", place.display()));
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(|e| wrong(e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("no certificate in PEM form was found".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|e| wrong(e.to_string()))?;
    let key =
        CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|e| wrong(e.to_string()))?;
    Ok(key)
}
