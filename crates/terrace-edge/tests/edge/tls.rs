//! HTTPS: both protocols, the certificate made for localhost, the redirect to it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};

use crate::support::client::Connection;
use crate::support::edge::{Edge, config, redirecting, secure};
use crate::support::folder::Folder;
use crate::support::{PATIENCE, eventually, http2};

/// Trusts the certificate in a folder and nothing else.
fn client(folder: &Path, protocols: &[&str]) -> Arc<ClientConfig> {
    let pem = std::fs::read(folder.join("localhost.crt")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    Arc::new(config)
}

fn connect(edge: &Edge, folder: &Path, name: &'static str) -> StreamOwned<ClientConnection, TcpStream> {
    let stream = TcpStream::connect(edge.addresses[0]).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let session =
        ClientConnection::new(client(folder, &["http/1.1"]), ServerName::try_from(name).unwrap()).unwrap();
    StreamOwned::new(session, stream)
}

#[test]
fn both_protocols_are_spoken_over_tls() {
    let folder = Folder::new();
    let place = tempfile::tempdir().unwrap();
    let mut settings = config(&folder.path(), None);
    settings.listeners = vec![secure(place.path())];
    let edge = Edge::start(&settings);
    for name in ["localhost", "127.0.0.1", "::1"] {
        let mut connection = Connection::over(connect(&edge, place.path(), name));
        assert_eq!(connection.get("/probe.txt").text(), "PROBE", "{name}");
        assert_eq!(connection.get("/big.bin").body.len(), 3_200_000, "{name}");
        let refused = connection.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        assert_eq!(refused.status, 400, "{name}");
    }
    let statuses = http2::runtime().block_on(async {
        let connector = tokio_rustls::TlsConnector::from(client(place.path(), &["h2"]));
        let stream = tokio::net::TcpStream::connect(edge.addresses[0]).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        http2::ask(stream, vec![http::Request::get("/probe.txt"), http::Request::get("/none.txt")]).await
    });
    assert_eq!(statuses, [200, 404]);
}

#[test]
fn what_is_no_tls_harms_nobody() {
    let folder = Folder::new();
    let place = tempfile::tempdir().unwrap();
    let mut settings = config(&folder.path(), None);
    settings.listeners = vec![secure(place.path())];
    let edge = Edge::start(&settings);
    let mut plain = TcpStream::connect(edge.addresses[0]).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    let mut connection = Connection::over(connect(&edge, place.path(), "localhost"));
    assert_eq!(connection.get("/probe.txt").text(), "PROBE");
}

#[test]
fn everything_is_sent_to_https() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.listeners = vec![redirecting(8443), redirecting(443)];
    let edge = Edge::start(&settings);
    let mut connection = edge.connect();
    for (request, location) in [
        ("GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\n\r\n", "https://example.com:8443/a?b=c"),
        ("POST / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\n\r\n", "https://[::1]:8443/"),
        ("GET //evil/x HTTP/1.1\r\nHost: example.com\r\n\r\n", "https://example.com:8443//evil/x"),
    ] {
        let response = connection.ask(request);
        assert_eq!((response.status, response.header("location")), (308, location));
    }
    let mut standard = Connection::open(edge.addresses[1]);
    let response = standard.get("/a");
    assert_eq!(response.header("location"), "https://localhost/a");
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let folder = Folder::new();
    let place = tempfile::tempdir().unwrap();
    let mut settings = config(&folder.path(), None);
    settings.listeners = vec![secure(place.path())];
    let edge = Edge::start(&settings);
    let before = std::fs::read(place.path().join("localhost.crt")).unwrap();
    let mut old = Connection::over(connect(&edge, place.path(), "localhost"));
    assert_eq!(old.get("/probe.txt").text(), "PROBE");

    std::fs::remove_file(place.path().join("localhost.crt")).unwrap();
    edge.signal("HUP");
    eventually("a new certificate is made", || {
        std::fs::read(place.path().join("localhost.crt")).is_ok_and(|now| now != before)
    });
    assert_eq!(edge.said.recv_timeout(PATIENCE).unwrap(), "configuration read again");
    let mut new = Connection::over(connect(&edge, place.path(), "localhost"));
    assert_eq!(new.get("/probe.txt").text(), "PROBE");
    assert_eq!(old.get("/probe.txt").text(), "PROBE", "old connections go on");
}
