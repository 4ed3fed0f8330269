//! Out of the machine: through the proxy that the environment names, with TLS by the machine's roots, signed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::world::{World, echo, program};
use crate::{plugin, started};

const NAME: &str = "ssmmessages.us-east-1.amazonaws.com";

/// A proxy that is also what stands behind it: it speaks TLS as AWS's gateway, and hands on to the endpoint.
struct Proxy {
    address: SocketAddr,
    root: String,
    heads: Arc<Mutex<Vec<String>>>,
}

async fn head(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

impl Proxy {
    async fn start(endpoint: SocketAddr, name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            loop {
                let (mut tcp, _) = listener.accept().await.unwrap();
                let asked = head(&mut tcp).await;
                kept.lock().unwrap().push(asked);
                tcp.write_all(b"HTTP/1.1 200 go on\r\n\r\n").await.unwrap();
                let Ok(mut inner) = tls.accept(tcp).await else { continue };
                let asked = head(&mut inner).await;
                let mut behind = TcpStream::connect(endpoint).await.unwrap();
                let handed = asked.replace(&format!("Host: {NAME}\r\n"), &format!("Host: {endpoint}\r\n"));
                kept.lock().unwrap().push(asked);
                behind.write_all(handed.as_bytes()).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut inner, &mut behind).await });
            }
        });
        Self { address, root: made.cert.pem(), heads }
    }
}

/// Runs the plugin with this certificate's name on the way; what it prints first that is no word of its beginning.
async fn through(world: &World, proxy: &Proxy) -> (tokio::process::Child, String) {
    let (request, answer) = started(world).await;
    let path = answer["StreamUrl"].as_str().unwrap().split_once("/v1/").unwrap().1.to_owned();
    let url = format!("wss://{NAME}/v1/{path}");
    let answer =
        json!({ "SessionId": answer["SessionId"], "TokenValue": answer["TokenValue"], "StreamUrl": url });
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, &proxy.root).unwrap();
    let mut command = plugin(&[
        &answer.to_string(),
        "us-east-1",
        "StartSession",
        "",
        &request.to_string(),
        &world.endpoint.url(),
    ]);
    command
        .env("HTTPS_PROXY", format!("http://me:secret@{}", proxy.address))
        .env("NO_PROXY", "127.0.0.1")
        .env("SSL_CERT_FILE", &roots);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("Port ") {
            told = line;
            break;
        }
    }
    (child, told)
}

#[tokio::test]
async fn a_proxy_and_tls_lead_to_the_gateway_and_the_upgrade_is_signed() {
    let world = World::new("unpaced").await;
    let proxy = Proxy::start(world.endpoint.address(), NAME).await;
    let (_child, told) = through(&world, &proxy).await;
    let port = told.split(' ').nth(1).unwrap_or_default();
    let mut tcp = program(format!("127.0.0.1:{port}").parse().unwrap(), "echo").await;
    echo(&mut tcp, b"through all of it").await;
    let heads = proxy.heads.lock().unwrap().clone();
    let [connect, upgrade] = heads.as_slice() else { panic!("{heads:?}") };
    assert!(connect.starts_with(&format!("CONNECT {NAME}:443 HTTP/1.1\r\n")), "{connect}");
    assert!(connect.contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), "{connect}");
    let upgrade = upgrade.to_ascii_lowercase();
    assert!(upgrade.contains("authorization: aws4-hmac-sha256 credential=akiaexample/"), "{upgrade}");
    assert!(
        upgrade.contains("/us-east-1/ssmmessages/aws4_request, signedheaders=host;x-amz-date,"),
        "{upgrade}"
    );
}

#[tokio::test]
async fn a_certificate_of_another_name_is_told() {
    let world = World::new("unpaced").await;
    let proxy = Proxy::start(world.endpoint.address(), "elsewhere.example.com").await;
    let (child, told) = through(&world, &proxy).await;
    assert_eq!(told, "");
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&format!("no TLS with {NAME}: ")) && error.contains("SSL_CERT_FILE"), "{error}");
}
