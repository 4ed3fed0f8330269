//! The side of whoever asks.

use std::path::Path;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;

use super::place;
use super::wire::{Reply, Request, RunStatus};
use crate::logs::{LogLine, LogQuery};
use crate::state::StateFolder;
use crate::{Event, Reached};

/// Speaks to the run of one project. Every request has a connection of its own, so one client can be used for several
/// at once.
#[derive(Clone, Debug)]
pub struct Client {
    socket: std::path::PathBuf,
}

/// Why a run did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is none.
    #[error("nothing runs here: start it with `terrace up`")]
    NotRunning,
    /// It said why not.
    #[error("{0}")]
    Refused(String),
    /// It ended while it was asked.
    #[error("the run has ended")]
    Ended,
    /// The machine refused.
    #[error("cannot speak to the run: {0}")]
    Io(#[from] std::io::Error),
    /// It answered something else: it is another version of Terrace.
    #[error("the run gave an answer that this version of Terrace does not know; stop it and start it again")]
    Unknown,
}

/// The answers to one request.
#[derive(Debug)]
pub struct Replies(tokio::io::Lines<BufReader<OwnedReadHalf>>);

/// Something of a followed log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// A line.
    Line(LogLine),
    /// So many lines are missing here: they came too fast.
    Missed(u64),
}

impl Replies {
    async fn next(&mut self) -> Result<Option<Reply>, ClientError> {
        let Some(line) = self.0.next_line().await? else { return Ok(None) };
        match serde_json::from_str(&line) {
            Ok(Reply::Failed(reason)) => Err(ClientError::Refused(reason)),
            Ok(reply) => Ok(Some(reply)),
            Err(_) => Err(ClientError::Unknown),
        }
    }

    /// The next event; none when the run has ended.
    pub async fn event(&mut self) -> Result<Option<Event>, ClientError> {
        match self.next().await? {
            None => Ok(None),
            Some(Reply::Event(event)) => Ok(Some(event)),
            Some(_) => Err(ClientError::Unknown),
        }
    }

    /// The next line of a log; none when there are no more.
    pub async fn log(&mut self) -> Result<Option<Logged>, ClientError> {
        match self.next().await? {
            None => Ok(None),
            Some(Reply::Log(line)) => Ok(Some(Logged::Line(line))),
            Some(Reply::Missed(count)) => Ok(Some(Logged::Missed(count))),
            Some(_) => Err(ClientError::Unknown),
        }
    }
}

impl Client {
    /// The client of the run of a manifest (`stem` is its file's name without `.toml`), if there is a run.
    pub async fn connect(project: &Path, stem: &str) -> Result<Self, ClientError> {
        let state = StateFolder::existing(project, stem).ok_or(ClientError::NotRunning)?;
        let client = Self { socket: place::socket(&state)? };
        client.open().await?;
        Ok(client)
    }

    async fn open(&self) -> Result<UnixStream, ClientError> {
        use std::io::ErrorKind::{ConnectionRefused, NotFound};
        UnixStream::connect(&self.socket).await.map_err(|error| match error.kind() {
            NotFound | ConnectionRefused => ClientError::NotRunning,
            _ => ClientError::Io(error),
        })
    }

    async fn ask(&self, request: &Request) -> Result<Replies, ClientError> {
        let (read, mut write) = self.open().await?.into_split();
        let mut line = serde_json::to_vec(request).map_err(std::io::Error::from)?;
        line.push(b'\n');
        write.write_all(&line).await?;
        // The way stays open: that it closes tells the run that nobody waits for an answer any more.
        write.forget();
        Ok(Replies(BufReader::new(read).lines()))
    }

    async fn one(&self, request: &Request) -> Result<Reply, ClientError> {
        self.ask(request).await?.next().await?.ok_or(ClientError::Ended)
    }

    /// How things stand.
    pub async fn status(&self) -> Result<RunStatus, ClientError> {
        match self.one(&Request::Status).await? {
            Reply::Status(status) => Ok(*status),
            _ => Err(ClientError::Unknown),
        }
    }

    /// All that has happened, and then what happens: take them with [`Replies::event`].
    pub async fn events(&self) -> Result<Replies, ClientError> {
        self.ask(&Request::Events).await
    }

    /// Waits until everything is healthy.
    pub async fn wait_healthy(&self) -> Result<Reached, ClientError> {
        match self.one(&Request::WaitHealthy).await? {
            Reply::Reached(reached) => Ok(reached),
            _ => Err(ClientError::Unknown),
        }
    }

    /// Lines of logs: take them with [`Replies::log`].
    pub async fn logs(&self, query: LogQuery, follow: bool) -> Result<Replies, ClientError> {
        self.ask(&Request::Logs { query, follow }).await
    }

    /// Replaces a process (`app`) or one replica (`app-2`); comes back when the successors are healthy.
    pub async fn restart(&self, target: &str) -> Result<(), ClientError> {
        self.done(&Request::Restart { target: target.to_owned() }).await
    }

    /// Stops the run, at once or draining; comes back when nothing of it runs any more.
    pub async fn stop(&self, now: bool) -> Result<(), ClientError> {
        match self.done(&Request::Stop { now }).await {
            // It ended: that is what was asked.
            Err(ClientError::Ended) => Ok(()),
            outcome => outcome,
        }
    }

    async fn done(&self, request: &Request) -> Result<(), ClientError> {
        match self.one(request).await? {
            Reply::Done => Ok(()),
            _ => Err(ClientError::Unknown),
        }
    }
}
