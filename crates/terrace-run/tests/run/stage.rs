//! A project in a folder of its own, a run of it, and clients that put it under load.

#![expect(clippy::unwrap_used, clippy::panic, reason = "every failure here is a failed test")]

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use terrace_local::LocalPlan;
use terrace_run::control::RunStatus;
use terrace_run::{Client, EventKind, Executable, Reached, Stop, UpError, UpOptions, up};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PARTS: &str = env!("CARGO_BIN_EXE_terrace-run-parts");

/// A project's folder.
pub(crate) struct Project(TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A database server of root's runs as another user, who has to pass.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let project = Self(folder);
        for inner in ["app", "web/dist"] {
            std::fs::create_dir_all(project.path().join(inner)).unwrap();
        }
        std::os::unix::fs::symlink(PARTS, project.path().join("app/parts")).unwrap();
        project.write("app/version.txt", "one");
        project.write("web/dist/index.html", "<!doctype html><title>first page</title>");
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    pub(crate) fn options(&self, plan: LocalPlan) -> UpOptions {
        UpOptions {
            project: self.path().to_owned(),
            stem: "terrace".to_owned(),
            plan,
            port: None,
            watch: false,
            offline: true,
            database_binaries: None,
            rehearsal: None,
            executable: Executable::at(PARTS),
        }
    }

    /// Every process that a run of this project has started and that still runs.
    pub(crate) fn processes(&self) -> BTreeSet<i32> {
        let mark = format!("TERRACE_RUN={}", self.path().join(".terrace").display());
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|e| e.file_name().to_str().and_then(|n| n.parse::<i32>().ok()));
        pids.filter(|pid| {
            let environ = std::fs::read(PathBuf::from(format!("/proc/{pid}/environ")));
            environ.is_ok_and(|e| e.split(|b| *b == 0).any(|part| part == mark.as_bytes()))
        })
        .collect()
    }

    /// The leashes of those.
    pub(crate) fn leashes(&self) -> BTreeSet<u32> {
        let field = |pid: i32, name: &str| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned())
        };
        let parents = self.processes().into_iter().filter_map(|pid| field(pid, "PPid:")?.parse::<u32>().ok());
        parents
            .filter(|pid| {
                let pid = i32::try_from(*pid).unwrap();
                field(pid, "Name:").is_some_and(|name| name == "terrace-leash")
            })
            .collect()
    }

    pub(crate) async fn client(&self) -> Client {
        let end = Instant::now() + PATIENCE;
        loop {
            match Client::connect(self.path(), "terrace").await {
                Ok(client) => return client,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A run within this process.
pub(crate) struct Running {
    pub(crate) events: mpsc::UnboundedReceiver<terrace_run::Event>,
    pub(crate) seen: Vec<EventKind>,
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) task: JoinHandle<Result<(), UpError>>,
}

impl Running {
    pub(crate) fn begin(options: UpOptions) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(Stop::No);
        Self { events, seen: Vec::new(), stop, task: tokio::spawn(up(options, tell, stopped)) }
    }

    /// Waits for an event.
    pub(crate) async fn until<T>(&mut self, what: &str, find: impl Fn(&EventKind) -> Option<T>) -> T {
        let wait = async {
            while let Some(event) = self.events.recv().await {
                let found = find(&event.kind);
                self.seen.push(event.kind);
                if found.is_some() {
                    return found;
                }
            }
            None
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(Some(found)) => found,
            Ok(None) => panic!("the run ended before {what}: {:#?}", self.seen),
            Err(_) => panic!("waited too long for {what}: {:#?}", self.seen),
        }
    }

    pub(crate) async fn ready(&mut self) -> Reached {
        let find = |event: &EventKind| match event {
            EventKind::Ready(reached) => Some(reached.clone()),
            _ => None,
        };
        self.until("everything was healthy", find).await
    }

    /// Stops it gently, and checks that it ends well and leaves nothing.
    pub(crate) async fn stop(self, project: &Project) {
        self.stop.send(Stop::Drain).unwrap();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap();
        assert_eq!(project.processes(), BTreeSet::new());
    }

    /// Waits for it to fail, and checks that it leaves nothing.
    pub(crate) async fn failure(self, project: &Project) -> UpError {
        let error = tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap_err();
        assert_eq!(project.processes(), BTreeSet::new());
        error
    }
}

/// Polls until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < end, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn kill_nine(pid: u32) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), Signal::SIGKILL).unwrap();
}

/// Makes a process hang.
pub(crate) fn stop_process(pid: u32) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), Signal::SIGSTOP).unwrap();
}

/// The process that plays an instance.
pub(crate) fn pid_of(status: &RunStatus, instance: &str) -> Option<u32> {
    status.instances.iter().find(|i| i.instance.to_string() == instance)?.pid
}

/// The address of the entrance, from its URL.
pub(crate) fn address(reached: &Reached) -> String {
    reached.url.trim_start_matches("http://localhost").replace('/', "").replacen(':', "127.0.0.1:", 1)
}

/// One `GET` on a connection of its own: status and body.
pub(crate) async fn get(address: &str, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    status.zip(body).ok_or_else(|| io::Error::other(format!("no answer: {answer:?}")))
}

/// Clients that ask for a path again and again.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    pub(crate) fn on(address: &str, path: &'static str, clients: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let (over, address) = (Arc::clone(&over), address.to_owned());
            tokio::spawn(async move {
                let mut answers = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    answers.push(match get(&address, path).await {
                        Ok((200, body)) => body,
                        Ok((status, body)) => format!("failed: {status} {body}"),
                        Err(error) => format!("failed: {error}"),
                    });
                }
                answers
            })
        };
        Self { clients: (0..clients).map(client).collect(), over }
    }

    /// Ends it: every different answer there was.
    pub(crate) async fn end(self) -> BTreeSet<String> {
        self.over.store(true, Ordering::Relaxed);
        let mut all = BTreeSet::new();
        for client in self.clients {
            all.extend(client.await.unwrap());
        }
        all
    }
}
