//! Who is not let in at a data channel. (Calls that are refused are files among the calls.)

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::database::nobody;
use crate::http::start;
use crate::peer::{Grant, farewell, opening};
use crate::system::{Kind, opened};
use futures_util::SinkExt as _;

#[tokio::test]
async fn a_browser_and_a_wrong_signature_get_no_websocket() {
    let endpoint = opened(Kind::Fargate, nobody().await, "").await;
    let grant = Grant::by(start(&endpoint.targets()[0], ""), endpoint.address()).await;
    let signed = |region: &str, service: &str| {
        let signature = "a".repeat(64);
        format!(
            "AWS4-HMAC-SHA256 Credential=K/20261121/{region}/{service}/aws4_request, SignedHeaders=host, Signature={signature}"
        )
    };
    let cases = [
        ("origin", "http://localhost:8080".to_owned(), false),
        ("origin", "null".to_owned(), false),
        ("sec-fetch-site", "none".to_owned(), false),
        ("sec-fetch-mode", "websocket".to_owned(), false),
        ("cookie", "a=b".to_owned(), false),
        ("host", "evil.example".to_owned(), false),
        ("host", format!("evil.example:{}", endpoint.address().port()), false),
        ("authorization", "Basic x".to_owned(), false),
        ("authorization", signed("us-east-1", "ssm"), false),
        ("authorization", signed("eu-west-1", "ssmmessages"), false),
        ("authorization", signed("us-east-1", "ssmmessages"), true),
        ("host", format!("localhost:{}", endpoint.address().port()), true),
        ("user-agent", "a plugin".to_owned(), true),
    ];
    for (name, value, welcome) in cases {
        let stream = TcpStream::connect(endpoint.address()).await.unwrap();
        let mut request = grant.url.as_str().into_client_request().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        match tokio_tungstenite::client_async(request, stream).await {
            Ok(_) => assert!(welcome, "{name}: {value}"),
            Err(Error::Http(response)) => {
                assert!(!welcome && response.status() == 403, "{name}: {value}: {response:?}");
            }
            Err(other) => panic!("{name}: {value}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_first_frame_of_another_form_opens_nothing() {
    let endpoint = opened(Kind::Fargate, nobody().await, "").await;
    let grant = Grant::by(start(&endpoint.targets()[0], ""), endpoint.address()).await;
    let cases = [
        Message::text("{}"),
        Message::text(""),
        Message::text(opening(&"0".repeat(100_000))),
        Message::binary(opening(&grant.token)),
    ];
    for first in cases {
        let stream = TcpStream::connect(endpoint.address()).await.unwrap();
        let request = grant.url.as_str().into_client_request().unwrap();
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        socket.send(first).await.unwrap();
        let frame = farewell(&mut socket).await.unwrap();
        assert_eq!(u16::from(frame.code), 1003, "{frame}");
    }
    // The token is as good as it was.
    let mut peer = crate::peer::Peer::new(grant, endpoint.address()).await;
    peer.ready().await;
}
