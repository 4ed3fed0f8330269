//! Servers that stand for a database: one that answers with what it is sent, one that speaks first, none at all.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn serving<F>(each: fn(TcpStream) -> F) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(each(stream));
        }
    });
    address
}

/// Sends back what it is sent.
pub(crate) async fn echo() -> SocketAddr {
    serving(|mut stream| async move {
        let (mut read, mut write) = stream.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    })
    .await
}

/// Says `bye` to the first byte, and closes.
pub(crate) async fn brief() -> SocketAddr {
    serving(|mut stream| async move {
        let mut first = [0];
        let _ = stream.read_exact(&mut first).await;
        let _ = stream.write_all(b"bye").await;
    })
    .await
}

/// An address at which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
