//! An edge process, started from a configuration file on ports that the kernel chose.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use terrace_edge_config::{
    AccessLog, Action, Certificate, Compression, EdgeConfig, EdgeName, Files, Limits, Listener, Millis,
    PathPattern, Peer, Pool, PoolName, Route, Tls,
};
use terrace_net::Port;

use super::client::Connection;
use super::{PATIENCE, eventually};

/// A running edge; ended when dropped.
pub(crate) struct Edge {
    pub(crate) child: Child,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) said: Receiver<String>,
    pub(crate) config_file: PathBuf,
    stdout: Option<ChildStdout>,
    _place: tempfile::TempDir,
}

/// A configuration that serves a folder at `/` and passes `/api/*` on.
pub(crate) fn config(folder: &Path, target: Option<SocketAddr>) -> EdgeConfig {
    let app = PoolName::new("app").unwrap();
    let files = Files { folder: folder.to_owned(), single_page: true, compression: Compression::On };
    let pool = Pool {
        targets: target.into_iter().map(|t| t.try_into().unwrap()).collect(),
        connect_timeout: Millis::seconds(5),
        response_timeout: Millis::seconds(10),
        queue_timeout: Millis::seconds(5),
        ..Pool::default()
    };
    EdgeConfig {
        name: EdgeName::new("test").unwrap(),
        listeners: vec![plain()],
        routes: vec![
            Route { path: PathPattern::everything(), action: Action::Files(files) },
            Route { path: PathPattern::new("/api/*").unwrap(), action: Action::Proxy(app.clone()) },
        ],
        pools: BTreeMap::from([(app, pool)]),
        peer: Peer::Public,
        limits: Limits::default(),
        access_log: AccessLog::Stdout,
        drain: Millis::seconds(10),
    }
}

/// A listener in clear.
pub(crate) fn plain() -> Listener {
    Listener { address: "127.0.0.1:0".parse().unwrap(), tls: None, redirect_to_https: None }
}

/// A listener with a certificate made in a folder.
pub(crate) fn secure(folder: &Path) -> Listener {
    let certificate = Certificate::Localhost { folder: folder.to_owned() };
    Listener { tls: Some(Tls { certificate }), ..plain() }
}

/// A listener that sends everyone to HTTPS.
pub(crate) fn redirecting(port: u16) -> Listener {
    Listener { redirect_to_https: Some(Port::new(port).unwrap()), ..plain() }
}

impl Edge {
    /// Starts one and waits until it listens.
    pub(crate) fn start(config: &EdgeConfig) -> Self {
        Self::serve(&serde_json::to_string(config).unwrap(), config.listeners.len())
    }

    /// Starts one from the text of a file with so many listeners.
    pub(crate) fn serve(config: &str, listeners: usize) -> Self {
        let place = tempfile::tempdir().unwrap();
        let config_file = place.path().join("edge.json");
        std::fs::write(&config_file, config).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_terrace-edge"))
            .args(["serve", "--config"])
            .arg(&config_file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, said) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|l| say.send(l)));
        let addresses = (0..listeners)
            .map(|_| {
                let line = said.recv_timeout(PATIENCE).unwrap();
                line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).parse().unwrap()
            })
            .collect();
        let stdout = child.stdout.take();
        Self { child, addresses, said, config_file, stdout, _place: place }
    }

    /// A connection to its first listener.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.addresses[0])
    }

    /// Sends a signal to this process and no other.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the edge ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Drains it, and gives the lines of its log.
    pub(crate) fn finish(mut self) -> Vec<serde_json::Value> {
        self.signal("TERM");
        let mut text = String::new();
        self.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        self.ended();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
