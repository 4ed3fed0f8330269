//! The other end: starts an edge over a socket, and speaks to it while it runs.

use std::collections::BTreeSet;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;

use terrace_edge_config::{ControlReply, ControlRequest, EdgeConfig, EdgeStatus, PoolName};
use terrace_net::Endpoint;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use super::wire;

/// Why an edge did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It said no.
    #[error("the edge refused: {0}")]
    Refused(String),
    /// It is gone.
    #[error("the edge is gone")]
    Gone,
    /// The socket broke.
    #[error("the edge cannot be spoken to: {0}")]
    Socket(#[from] io::Error),
    /// It answered something else.
    #[error("the edge gave an answer that does not fit the question")]
    Answer,
}

/// A running edge. When the client is dropped, the edge drains and ends.
///
/// Cheap to clone; clones speak over the same socket, one question at a time.
#[derive(Clone, Debug)]
pub struct Client {
    stream: Arc<Mutex<BufReader<UnixStream>>>,
}

impl Client {
    /// Configures an edge that waits at the other end of `stream` (its standard input), and hands it the sockets
    /// it shall listen on, one for each listener of the configuration, in order. Returns once it serves.
    pub async fn start(
        stream: StdUnixStream,
        config: EdgeConfig,
        sockets: Vec<TcpListener>,
    ) -> Result<Self, ControlError> {
        let line = encode(&ControlRequest::Configure(Box::new(config)))?;
        let stream = tokio::task::spawn_blocking(move || -> io::Result<StdUnixStream> {
            stream.set_nonblocking(false)?;
            wire::send_start(&stream, &line, &sockets)?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        })
        .await
        .map_err(io::Error::other)??;
        let stream = Arc::new(Mutex::new(BufReader::new(UnixStream::from_std(stream)?)));
        let client = Self { stream };
        let answer = receive(&mut *client.stream.lock().await).await?;
        expect_done(answer)?;
        Ok(client)
    }

    /// Replaces routes, pools and limits; listeners stay.
    pub async fn configure(&self, config: EdgeConfig) -> Result<(), ControlError> {
        expect_done(self.ask(ControlRequest::Configure(Box::new(config))).await?)
    }

    /// Replaces the targets of a pool.
    pub async fn set_targets(&self, pool: PoolName, targets: BTreeSet<Endpoint>) -> Result<(), ControlError> {
        expect_done(self.ask(ControlRequest::SetTargets { pool, targets }).await?)
    }

    /// Makes it forget the files it has in memory.
    pub async fn reload_files(&self) -> Result<(), ControlError> {
        expect_done(self.ask(ControlRequest::ReloadFiles).await?)
    }

    /// Asks how it stands.
    pub async fn status(&self) -> Result<EdgeStatus, ControlError> {
        match self.ask(ControlRequest::Status).await? {
            ControlReply::Status(status) => Ok(status),
            ControlReply::Refused { reason } => Err(ControlError::Refused(reason)),
            ControlReply::Done => Err(ControlError::Answer),
        }
    }

    /// Tells it to stop accepting, finish what is in flight, and end. Returns at once; its process ends when done.
    pub async fn drain(&self) -> Result<(), ControlError> {
        expect_done(self.ask(ControlRequest::Drain).await?)
    }

    async fn ask(&self, request: ControlRequest) -> Result<ControlReply, ControlError> {
        let line = encode(&request)?;
        let stream = Arc::clone(&self.stream);
        // A task of its own: a caller that stops waiting must not leave half a question or an unread answer.
        tokio::spawn(async move {
            let mut stream = stream.lock().await;
            stream.get_mut().write_all(&line).await?;
            receive(&mut stream).await
        })
        .await
        .map_err(io::Error::other)?
    }
}

fn encode(request: &ControlRequest) -> Result<Vec<u8>, ControlError> {
    let mut line = serde_json::to_vec(request).map_err(io::Error::from)?;
    line.push(b'\n');
    Ok(line)
}

async fn receive(stream: &mut BufReader<UnixStream>) -> Result<ControlReply, ControlError> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(ControlError::Gone);
    }
    serde_json::from_str(&line).map_err(|_| ControlError::Answer)
}

fn expect_done(reply: ControlReply) -> Result<(), ControlError> {
    match reply {
        ControlReply::Done => Ok(()),
        ControlReply::Refused { reason } => Err(ControlError::Refused(reason)),
        ControlReply::Status(_) => Err(ControlError::Answer),
    }
}
