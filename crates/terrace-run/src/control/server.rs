//! The side of the run: answers one request per connection, as long as there is something to say.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use terrace_local::{LocalPlan, ProcessName};
use terrace_topology::Shape;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::place;
use super::wire::{Reply, Request, RunStatus};
use crate::logs::{self, LogQuery};
use crate::supervisor::Run;
use crate::{EventKind, Reached};

/// The longest request, bytes, and how long it may take to come.
const LONGEST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// How long clients get to read their last answers when the run ends.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What the run has to do for a client.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Replace a process.
    Restart { target: String, done: oneshot::Sender<Result<(), String>> },
    /// Stop the run.
    Stop { now: bool },
}

/// How the run as a whole goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    /// Where it is reached, once all has been healthy.
    pub(crate) reached: Option<Reached>,
    /// Why it is ending, if not because it was told to.
    pub(crate) failed: Option<String>,
    /// It is being taken down.
    pub(crate) stopping: bool,
    /// Nothing of it runs any more.
    pub(crate) ended: bool,
}

/// What does not change about a run.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) system: String,
    pub(crate) shape: String,
    since: u64,
    order: Vec<ProcessName>,
}

impl About {
    /// About the run of a plan that begins now.
    pub(crate) fn of(plan: &LocalPlan) -> Self {
        let shape = match plan.shape {
            Shape::Machines => "ec2",
            Shape::Containers => "fargate",
        };
        Self {
            system: plan.system.to_string(),
            shape: shape.to_owned(),
            since: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
            order: plan.processes.iter().map(|process| process.name.clone()).collect(),
        }
    }
}

/// The socket of a run.
#[derive(Debug)]
pub(crate) struct Server {
    path: PathBuf,
    closed: oneshot::Sender<()>,
    task: AbortOnDrop,
}

/// A run whose future is dropped answers nobody any more.
#[derive(Debug)]
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Opens the socket. The caller holds the state folder's lock: a socket that is there is nobody's.
    pub(crate) fn open(
        run: Arc<Run>,
        about: About,
        fate: watch::Receiver<Fate>,
        ask: mpsc::UnboundedSender<Asked>,
    ) -> io::Result<Self> {
        let path = place::socket(&run.state)?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let (closed, closing) = oneshot::channel();
        let room = Room { run, about, fate, ask };
        let task = tokio::spawn(accept(listener, room, closing));
        Ok(Self { path, closed, task: AbortOnDrop(task) })
    }

    /// Closes it, after the last answers.
    pub(crate) async fn close(mut self) {
        let _open = self.closed.send(());
        let _late = tokio::time::timeout(LAST_ANSWERS, &mut self.task.0).await;
        let _gone = std::fs::remove_file(self.path);
    }
}

#[derive(Clone, Debug)]
struct Room {
    run: Arc<Run>,
    about: About,
    fate: watch::Receiver<Fate>,
    ask: mpsc::UnboundedSender<Asked>,
}

async fn accept(listener: UnixListener, room: Room, mut closing: oneshot::Receiver<()>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(open.spawn(room.clone().answer(stream))),
                // Out of descriptors, say: not for ever.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = open.join_next() => {}
            _closed = &mut closing => break,
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

impl Room {
    /// Answers one client. A client that does not listen any more ends it, and nothing else.
    async fn answer(mut self, stream: UnixStream) {
        let own = rustix::process::geteuid().as_raw();
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0) {
            return;
        }
        let (read, mut write) = stream.into_split();
        let mut line = String::new();
        let mut reader = BufReader::new(read.take(LONGEST));
        let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await else { return };
        let request = match serde_json::from_str(&line) {
            Ok(request) => request,
            Err(_) => {
                let reply = Reply::Failed("this run is of another version of Terrace".to_owned());
                let _gone = say(&mut write, &reply).await;
                return;
            }
        };
        let _gone = match request {
            Request::Status => say(&mut write, &Reply::Status(Box::new(self.status()))).await,
            Request::Events => self.events(&mut write).await,
            Request::WaitHealthy => self.wait_healthy(&mut write).await,
            Request::Logs { query, follow } => self.logs(&mut write, &query, follow).await,
            Request::Restart { target } => self.restart(&mut write, target).await,
            Request::Stop { now } => self.stop(&mut write, now).await,
        };
    }

    fn status(&self) -> RunStatus {
        let fate = self.fate.borrow();
        RunStatus {
            system: self.about.system.clone(),
            shape: self.about.shape.clone(),
            pid: std::process::id(),
            since: self.about.since,
            stopping: fate.stopping,
            reached: fate.reached.clone(),
            instances: self.run.board.statuses(&self.about.order),
            rehearsal: self.run.rehearsal(),
        }
    }

    async fn events(&self, write: &mut OwnedWriteHalf) -> io::Result<()> {
        let (history, mut later) = self.run.hub.follow();
        for event in history {
            let last = event.kind == EventKind::Ended;
            say(write, &Reply::Event(event)).await?;
            if last {
                return Ok(());
            }
        }
        loop {
            match later.recv().await {
                Ok(event) => {
                    let last = event.kind == EventKind::Ended;
                    say(write, &Reply::Event(event)).await?;
                    if last {
                        return Ok(());
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }

    async fn wait_healthy(&mut self, write: &mut OwnedWriteHalf) -> io::Result<()> {
        let decided = |fate: &Fate| fate.reached.is_some() || fate.stopping || fate.ended;
        let fate = self.fate.wait_for(decided).await.map(|fate| fate.clone()).unwrap_or_default();
        let reply = match fate {
            Fate { reached: Some(reached), stopping: false, .. } => Reply::Reached(reached),
            Fate { failed: Some(reason), .. } => Reply::Failed(reason),
            _ => Reply::Failed("the run was stopped".to_owned()),
        };
        say(write, &reply).await
    }

    async fn logs(&mut self, write: &mut OwnedWriteHalf, query: &LogQuery, follow: bool) -> io::Result<()> {
        let (number, mut later) = self.run.journal.follow().await;
        let (folder, wanted) = (self.run.journal.folder(), query.clone());
        let kept = tokio::task::spawn_blocking(move || logs::read(&folder, &wanted)).await;
        for line in kept.map_err(io::Error::other)?? {
            say(write, &Reply::Log(line)).await?;
        }
        if !follow {
            return Ok(());
        }
        loop {
            let line = tokio::select! {
                line = later.recv() => line,
                ended = self.fate.wait_for(|fate| fate.ended) => {
                    drop(ended);
                    return Ok(());
                }
            };
            match line {
                Ok(followed) if followed.number > number && query.wants(&followed.line) => {
                    say(write, &Reply::Log((*followed.line).clone())).await?;
                }
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => say(write, &Reply::Missed(count)).await?,
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }

    async fn restart(&mut self, write: &mut OwnedWriteHalf, target: String) -> io::Result<()> {
        let (done, outcome) = oneshot::channel();
        let _ended = self.ask.send(Asked::Restart { target, done });
        let reply = match outcome.await {
            Ok(Ok(())) => Reply::Done,
            Ok(Err(reason)) => Reply::Failed(reason),
            Err(_) => Reply::Failed("the run is ending, or was asked again before it was done".to_owned()),
        };
        say(write, &reply).await
    }

    async fn stop(&mut self, write: &mut OwnedWriteHalf, now: bool) -> io::Result<()> {
        let _ended = self.ask.send(Asked::Stop { now });
        let _ended = self.fate.wait_for(|fate| fate.ended).await.map(drop);
        say(write, &Reply::Done).await
    }
}

async fn say(write: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    write.write_all(&line).await
}
