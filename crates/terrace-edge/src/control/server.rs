//! The edge's end: does what it is told, line by line, until the socket closes.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;

use terrace_edge_config::{ControlReply, ControlRequest, EdgeConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::wire;
use crate::error::EdgeError;
use crate::server::Edge;

/// What the first line brought.
pub(crate) struct Beginning {
    pub(crate) config: EdgeConfig,
    pub(crate) sockets: Vec<TcpListener>,
    pub(crate) rest: Vec<u8>,
}

/// Why a conversation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The other end asked for it.
    Asked,
    /// The other end is gone.
    Gone,
}

/// Waits for the first line, which must be `configure`. Blocks.
pub(crate) fn receive_start(stream: &StdUnixStream) -> Result<Beginning, EdgeError> {
    let start = wire::receive_start(stream)
        .map_err(|e| EdgeError::Control(format!("no configuration came over standard input: {e}")))?;
    match serde_json::from_slice(&start.line) {
        Ok(ControlRequest::Configure(config)) => {
            let sockets = start.sockets.into_iter().map(TcpListener::from).collect();
            Ok(Beginning { config: *config, sockets, rest: start.rest })
        }
        Ok(_) => Err(EdgeError::Control("the first line must be `configure`".to_owned())),
        Err(source) => Err(EdgeError::ConfigSyntax { path: "standard input".into(), source }),
    }
}

/// Answers the first line, and then every other one, until the other end asks for the end or is gone.
pub(crate) async fn converse(stream: UnixStream, rest: Vec<u8>, edge: Arc<Edge>) -> io::Result<Ended> {
    let mut stream = stream;
    reply(&mut stream, &ControlReply::Done).await?;
    let mut text = rest;
    loop {
        while let Some(end) = memchr::memchr(b'\n', &text) {
            let after = text.split_off(end.saturating_add(1));
            let line = std::mem::replace(&mut text, after);
            let (answer, ended) = obey(&line, &edge).await;
            reply(&mut stream, &answer).await?;
            if ended {
                return Ok(Ended::Asked);
            }
        }
        if text.len() > wire::LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line does not end"));
        }
        if stream.read_buf(&mut text).await? == 0 {
            return Ok(Ended::Gone);
        }
    }
}

/// Tells the other end that the edge could not start.
pub(crate) fn refuse_start(stream: &StdUnixStream, error: &EdgeError) {
    let reply = ControlReply::Refused { reason: error.to_string() };
    if let Ok(mut line) = serde_json::to_vec(&reply) {
        line.push(b'\n');
        // If nobody listens any more, the exit status says it too.
        let _ = wire::send_start(stream, &line, &[]);
    }
}

async fn obey(line: &[u8], edge: &Arc<Edge>) -> (ControlReply, bool) {
    let refused = |reason: String| ControlReply::Refused { reason };
    let answer = match serde_json::from_slice(line) {
        Ok(ControlRequest::Configure(config)) => {
            let edge = Arc::clone(edge);
            // Reading certificates blocks.
            match tokio::task::spawn_blocking(move || edge.reconfigure(&config)).await {
                Ok(Ok(())) => ControlReply::Done,
                Ok(Err(error)) => refused(error.to_string()),
                Err(error) => refused(error.to_string()),
            }
        }
        Ok(ControlRequest::SetTargets { pool, targets }) => {
            if edge.set_targets(&pool, targets) {
                ControlReply::Done
            } else {
                refused(format!("there is no pool `{pool}`"))
            }
        }
        Ok(ControlRequest::ReloadFiles) => {
            edge.reload_files();
            ControlReply::Done
        }
        Ok(ControlRequest::Status) => ControlReply::Status(edge.status()),
        Ok(ControlRequest::Drain) => return (ControlReply::Done, true),
        Err(error) => refused(format!("not understood: {error}")),
    };
    (answer, false)
}

async fn reply(stream: &mut UnixStream, reply: &ControlReply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    stream.write_all(&line).await
}
