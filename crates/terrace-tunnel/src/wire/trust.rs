//! Whom TLS trusts: the machine's roots.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use super::DialError;

/// TLS as a client, with the machine's roots; `SSL_CERT_FILE` and `SSL_CERT_DIR` take their place.
pub(super) fn machine() -> Result<Arc<ClientConfig>, DialError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(DialError::NoRoots(why.join("; ")));
    }
    of(roots)
}

fn of(roots: RootCertStore) -> Result<Arc<ClientConfig>, DialError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DialError::NoRoots(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
