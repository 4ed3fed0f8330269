//! After `101 Switching Protocols`: bytes both ways until one side ends, nothing moves for too long, or the target
//! has left and its time is up. A tunnel counts as a request in flight on its target.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, copy_bidirectional};
use tokio::net::TcpStream;

use crate::upstream::{Connection, Moment, Slot};

/// Joins client and target once the client's side has switched too.
pub(crate) fn join(client: OnUpgrade, connection: Box<Connection>, slot: Slot, idle: Duration) {
    tokio::spawn(async move {
        let target = Arc::clone(slot.target());
        let work = async {
            let (upstream, early) = connection.into_stream();
            if let Ok(client) = client.await {
                carry(TokioIo::new(client), upstream, early, idle).await;
            }
        };
        tokio::select! {
            () = work => {}
            () = target.ended() => {}
        }
        drop(slot);
    });
}

async fn carry<C>(mut client: C, upstream: TcpStream, early: Bytes, idle: Duration)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    if client.write_all(&early).await.is_err() {
        return;
    }
    let last = AtomicU64::new(Moment::now().raw());
    let mut upstream = Watched { stream: upstream, last: &last };
    let mut copying = pin!(copy_bidirectional(&mut client, &mut upstream));
    loop {
        let quiet = Moment::now().since(Moment::from_raw(last.load(Ordering::Relaxed)));
        let Some(left) = idle.checked_sub(quiet).filter(|left| !left.is_zero()) else { return };
        // How a tunnel ends concerns its two ends only.
        if tokio::time::timeout(left, copying.as_mut()).await.is_ok() {
            return;
        }
    }
}

/// A stream that remembers when it last moved.
struct Watched<'a> {
    stream: TcpStream,
    last: &'a AtomicU64,
}

impl Watched<'_> {
    fn moved<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_ready() {
            self.last.store(Moment::now().raw(), Ordering::Relaxed);
        }
        polled
    }
}

impl AsyncRead for Watched<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.moved(polled)
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.moved(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
