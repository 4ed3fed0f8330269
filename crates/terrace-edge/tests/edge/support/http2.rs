//! A client that speaks HTTP/2, with prior knowledge or over a stream that has agreed on it.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The statuses of requests sent one after the other over one connection in clear.
pub(crate) fn statuses(address: SocketAddr, requests: Vec<http::request::Builder>) -> Vec<u16> {
    runtime().block_on(async { ask(TcpStream::connect(address).await.unwrap(), requests).await })
}

/// A runtime for one test.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The statuses of requests over a stream.
pub(crate) async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    requests: Vec<http::request::Builder>,
) -> Vec<u16> {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut statuses = Vec::new();
    for request in requests {
        let mut request = request.body(Empty::<Bytes>::new()).unwrap();
        let target = request.uri().to_string();
        *request.uri_mut() = format!("http://localhost{target}").parse().unwrap();
        statuses.push(sender.send_request(request).await.unwrap().status().as_u16());
    }
    statuses
}
