//! The control protocol: an edge started with sockets that others opened, told what to do while it runs.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use terrace_edge::control::{Client, ControlError};
use terrace_edge_config::{EdgeConfig, PoolName};

use crate::support::client::Connection;
use crate::support::edge::{config, plain};
use crate::support::folder::Folder;
use crate::support::upstream::Upstream;
use crate::support::{eventually, http2};

/// An edge with a control socket; ended when dropped.
struct Inherited {
    child: Child,
}

impl Inherited {
    fn spawn() -> (Self, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_terrace-edge"))
            .arg("--inherit")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        (Self { child }, ours)
    }

    fn ends_well(&mut self) {
        eventually("the edge ends", || match self.child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success());
                true
            }
            None => false,
        });
    }
}

impl Drop for Inherited {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sockets(config: &EdgeConfig) -> (Vec<TcpListener>, Vec<SocketAddr>) {
    config
        .listeners
        .iter()
        .map(|_| {
            let socket = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = socket.local_addr().unwrap();
            (socket, address)
        })
        .unzip()
}

#[test]
fn an_edge_serves_on_sockets_it_was_handed_and_obeys() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let mut settings = config(&folder.path(), None);
    settings.listeners.push(plain());
    let (sockets, addresses) = sockets(&settings);
    let (mut edge, stream) = Inherited::spawn();
    let pool = PoolName::new("app").unwrap();
    http2::runtime().block_on(async {
        let client = Client::start(stream, settings.clone(), sockets).await.unwrap();
        for address in &addresses {
            assert_eq!(Connection::open(*address).get("/probe.txt").text(), "PROBE");
        }
        let mut connection = Connection::open(addresses[0]);
        assert_eq!(connection.get("/api/x").status, 503);

        client
            .set_targets(pool.clone(), BTreeSet::from([upstream.address.try_into().unwrap()]))
            .await
            .unwrap();
        assert_eq!(connection.get("/api/x").status, 200);

        let status = client.status().await.unwrap();
        assert!(status.connections >= 1 && status.requests >= 4, "{status:?}");
        assert_eq!(status.pools[&pool].targets.len(), 1);

        folder.write("probe.txt", "AFTER");
        client.reload_files().await.unwrap();
        assert_eq!(connection.get("/probe.txt").text(), "AFTER");

        let unknown = PoolName::new("nobody").unwrap();
        let refused = client.set_targets(unknown, BTreeSet::new()).await;
        assert!(matches!(refused, Err(ControlError::Refused(reason)) if reason.contains("`nobody`")));

        let mut contradictory = settings.clone();
        contradictory.pools.clear();
        let refused = client.configure(contradictory).await;
        assert!(matches!(refused, Err(ControlError::Refused(reason)) if reason.contains("`/api/*`")));
        assert_eq!(connection.get("/probe.txt").text(), "AFTER");

        settings.routes.truncate(1);
        client.configure(settings).await.unwrap();
        assert_eq!(connection.get("/api/x.txt").status, 404);

        client.drain().await.unwrap();
        edge.ends_well();
        assert!(matches!(client.status().await, Err(ControlError::Gone | ControlError::Socket(_))));
    });
}

#[test]
fn an_edge_ends_when_its_starter_is_gone() {
    let folder = Folder::new();
    let settings = config(&folder.path(), None);
    let (sockets, addresses) = sockets(&settings);
    let (mut edge, stream) = Inherited::spawn();
    http2::runtime().block_on(async {
        let client = Client::start(stream, settings, sockets).await.unwrap();
        assert_eq!(Connection::open(addresses[0]).get("/probe.txt").text(), "PROBE");
        drop(client);
    });
    edge.ends_well();
}

#[test]
fn a_start_that_cannot_be_is_refused_with_a_reason() {
    let folder = Folder::new();
    let mut settings = config(&folder.path(), None);
    settings.pools.clear();
    let (sockets, _) = sockets(&settings);
    let (_edge, stream) = Inherited::spawn();
    let refused = http2::runtime().block_on(Client::start(stream, settings, sockets));
    assert!(matches!(refused, Err(ControlError::Refused(reason)) if reason.contains("the pool `app`")));

    let (_edge, stream) = Inherited::spawn();
    let settings = config(&folder.path(), None);
    let refused = http2::runtime().block_on(Client::start(stream, settings, Vec::new()));
    assert!(matches!(refused, Err(ControlError::Refused(reason)) if reason.contains("0 listening sockets")));
}

#[test]
fn nobody_who_has_just_connected_is_lost_when_one_edge_follows_another() {
    let folder = Folder::new();
    let settings = config(&folder.path(), None);
    let (kept, addresses) = sockets(&settings);
    let again = || kept.iter().map(|socket| socket.try_clone().unwrap()).collect::<Vec<_>>();
    http2::runtime().block_on(async {
        let (mut edge, stream) = Inherited::spawn();
        let mut client = Client::start(stream, settings.clone(), again()).await.unwrap();
        for _ in 0..20 {
            let (successor, stream) = Inherited::spawn();
            // Some of these reach the old one, accepted and unread or not even that; the others wait for the new one.
            let mut waiting: Vec<Connection> = (0..50)
                .map(|_| {
                    let mut connection = Connection::open(addresses[0]);
                    connection.send("GET /probe.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    connection
                })
                .collect();
            client.drain().await.unwrap();
            client = Client::start(stream, settings.clone(), again()).await.unwrap();
            for connection in &mut waiting {
                assert_eq!(connection.response(false).unwrap().text(), "PROBE");
            }
            drop(waiting);
            edge.ends_well();
            edge = successor;
        }
        client.drain().await.unwrap();
        edge.ends_well();
    });
}
