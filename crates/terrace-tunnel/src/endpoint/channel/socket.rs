//! A client's connection as the gateway holds it: frames out are queued, so that a client that does not read keeps nobody
//! from being read.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Frames that wait to be written.
const QUEUE: usize = 256;
/// How long a client is given to say farewell.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// An open WebSocket of a client.
pub(in crate::endpoint) type WebSocket = crate::wire::Socket;

/// A connection.
pub(super) struct Socket {
    source: SplitStream<WebSocket>,
    queue: mpsc::Sender<Message>,
    writer: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

impl Socket {
    pub(super) fn new(socket: WebSocket) -> Self {
        let (sink, source) = socket.split();
        let (queue, waiting) = mpsc::channel(QUEUE);
        Self { source, queue, writer: tokio::spawn(write(sink, waiting)) }
    }

    /// The next frame from the client; `None` when it is gone.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.source.next().await? {
                Ok(Message::Binary(frame)) => return Some(frame),
                // Pings are answered by the WebSocket itself.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
            }
        }
    }

    /// Room for a frame, if there is some now.
    pub(super) fn room(&self) -> Option<mpsc::Permit<'_, Message>> {
        self.queue.try_reserve().ok()
    }

    /// Whether there is no room; nor is there any after an error, of which reading tells.
    pub(super) fn is_full(&self) -> bool {
        self.queue.capacity() == 0 || self.queue.is_closed()
    }

    /// Where there will be room.
    pub(super) fn queue(&self) -> mpsc::Sender<Message> {
        self.queue.clone()
    }

    /// Closes as the gateway does after an hour, if there is room. The client answers that with its own close.
    pub(super) fn say_bye(&self) -> bool {
        let frame = CloseFrame { code: CloseCode::Normal, reason: "Bye".into() };
        self.queue.try_send(Message::Close(Some(frame))).is_ok()
    }

    /// Closes for good, after what is queued and these frames. What the client still sends is not read.
    pub(super) fn close(mut self, last: Vec<Bytes>) -> impl Future<Output = ()> + use<> {
        let queue = self.queue.clone();
        let farewell = async move {
            let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
            for message in last.into_iter().map(Message::Binary).chain([Message::Close(Some(frame))]) {
                if queue.send(message).await.is_err() {
                    return;
                }
            }
            // Closing with unread bytes would be a reset, which may take the last frames with it.
            while let Some(Ok(message)) = self.source.next().await {
                if message.is_close() {
                    break;
                }
            }
        };
        async move {
            let _late = tokio::time::timeout(FAREWELL, farewell).await;
        }
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut waiting: mpsc::Receiver<Message>) {
    let mut batch = Vec::with_capacity(QUEUE);
    while waiting.recv_many(&mut batch, QUEUE).await > 0 {
        let outcome: Result<(), Error> = async {
            for message in batch.drain(..) {
                sink.feed(message).await?;
            }
            sink.flush().await
        }
        .await;
        if outcome.is_err() {
            return;
        }
    }
}
