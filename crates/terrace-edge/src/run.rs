//! The life of an edge process: started with a socket or a file, told by signals, drained at its end.

use std::future::pending;
use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use terrace_edge_config::{EdgeConfig, Listener};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::control::{converse, receive_start, refuse_start};
use crate::error::EdgeError;
use crate::server::Edge;

/// How many connections the kernel may hold for us.
const BACKLOG: i32 = 4096;

/// Runs an edge whose control socket is the standard input; returns when it has drained.
///
/// It drains when told to over the socket, when the other end is gone, and on SIGTERM or SIGINT.
pub fn run_inherited() -> Result<(), EdgeError> {
    let socket = io::stdin().as_fd().try_clone_to_owned().map_err(EdgeError::System)?;
    let stream = StdUnixStream::from(socket);
    let start = receive_start(&stream).inspect_err(|error| refuse_start(&stream, error))?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        // Before anyone is told that it has started: until then a signal would simply end it.
        let mut end = EndSignals::new()?;
        let edge = match Edge::start(&start.config, start.sockets) {
            Ok(edge) => Arc::new(edge),
            Err(error) => {
                refuse_start(&stream, &error);
                return Err(error);
            }
        };
        stream.set_nonblocking(true).map_err(EdgeError::System)?;
        let stream = UnixStream::from_std(stream).map_err(EdgeError::System)?;
        tokio::select! {
            // However the conversation ended, whoever held the other end is gone or wants the end.
            _ = converse(stream, start.rest, Arc::clone(&edge)) => {}
            () = end.wait() => {}
        }
        edge.drain().await;
        Ok(())
    });
    runtime.shutdown_background();
    outcome
}

/// Runs an edge on the addresses of a configuration file; returns when it has drained.
///
/// SIGHUP reads the file again (a bad one is refused with a line on standard error, and the old one stays);
/// SIGTERM and SIGINT drain.
pub fn run_config_file(path: &Path, mut say: impl FnMut(&str)) -> Result<(), EdgeError> {
    let config = read_config(path)?;
    let sockets = config.listeners.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        // Before anyone is told that it listens: until then a signal would simply end it.
        let mut end = EndSignals::new()?;
        let mut hangup = signal(SignalKind::hangup()).map_err(EdgeError::System)?;
        let edge = Edge::start(&config, sockets)?;
        for address in edge.addresses() {
            say(&format!("listening on {address}"));
        }
        loop {
            tokio::select! {
                () = end.wait() => break,
                Some(()) = hangup.recv() => {
                    match read_config(path).and_then(|config| edge.reconfigure(&config)) {
                        Ok(()) => {
                            edge.reload_files();
                            say("configuration read again");
                        }
                        Err(error) => say(&format!("the old configuration stays: {error}")),
                    }
                }
            }
        }
        edge.drain().await;
        Ok(())
    });
    runtime.shutdown_background();
    outcome
}

fn runtime() -> Result<Runtime, EdgeError> {
    Builder::new_multi_thread()
        .enable_all()
        .thread_name("edge")
        .max_blocking_threads(64)
        .build()
        .map_err(EdgeError::System)
}

fn read_config(path: &Path) -> Result<EdgeConfig, EdgeError> {
    let text = std::fs::read(path).map_err(|source| EdgeError::File { path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|source| EdgeError::ConfigSyntax { path: path.to_owned(), source })
}

fn bind(listener: &Listener) -> Result<TcpListener, EdgeError> {
    let address = listener.address;
    let listen = || -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    listen().map_err(|source| EdgeError::Listen { address, source })
}

/// The signals that end a process in an orderly way.
struct EndSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl EndSignals {
    fn new() -> Result<Self, EdgeError> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(EdgeError::System)?,
            interrupt: signal(SignalKind::interrupt()).map_err(EdgeError::System)?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            Some(()) = self.terminate.recv() => {}
            Some(()) = self.interrupt.recv() => {}
            else => pending().await,
        }
    }
}
