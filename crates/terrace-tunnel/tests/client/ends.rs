//! Sessions begin as they are needed, and end on the server's side.

use std::io::ErrorKind;
use std::net::TcpListener;

use terrace_net::Port;
use terrace_ssm::Limits;
use terrace_tunnel::client::{self, Listen, Options, Over, TunnelError, TunnelEvent};
use tokio::io::AsyncReadExt as _;

use crate::world::{World, echo, program, settled, until};

#[tokio::test]
async fn connections_are_spread_over_sessions_that_begin_as_they_are_needed() {
    let world = World::new("unpaced").await;
    let tunnel = world.tunnel_with(3, Limits::default()).await.unwrap();
    assert_eq!(world.endpoint.sessions(), 1);
    let mut open = Vec::new();
    for sessions in [1, 2, 3, 3, 3] {
        let mut tcp = program(tunnel.local(), "echo").await;
        echo(&mut tcp, b"here").await;
        assert_eq!(world.endpoint.sessions(), sessions);
        open.push(tcp);
    }
    tunnel.close().await;
    settled(&world.endpoint, 0).await;
    for mut tcp in open {
        assert_eq!(tcp.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

/// A dump that ends early must not look whole.
#[tokio::test]
async fn a_tunnel_that_is_let_go_of_resets_its_connections() {
    let world = World::new("unpaced").await;
    let tunnel = world.tunnel().await;
    let mut tcp = program(tunnel.local(), "echo").await;
    echo(&mut tcp, b"here").await;
    drop(tunnel);
    assert_eq!(tcp.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn what_the_far_side_says_at_its_end_is_told_and_connections_are_reset() {
    let world = World::new("unpaced").await;
    let mut tunnel = world.tunnel().await;
    assert!(tunnel.banner().contains("REHEARSAL"), "{}", tunnel.banner());
    let mut tcp = program(tunnel.local(), "echo").await;
    echo(&mut tcp, b"here").await;
    world.endpoint.close("the system stops").await;
    let event = until(&mut tunnel, |event| matches!(event, TunnelEvent::Ended { .. })).await;
    let output = "the system stops".to_owned();
    assert!(matches!(event, TunnelEvent::Ended { why: Over::Closed { output: told }, .. } if told == output));
    assert_eq!(tcp.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    // Whoever comes now is told why there is no session.
    let mut late = program(tunnel.local(), "echo").await;
    let late_peer = late.local_addr().unwrap();
    until(&mut tunnel, |event| matches!(event, TunnelEvent::Cut { peer, .. } if *peer == late_peer)).await;
    assert_eq!(late.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    tunnel.close().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_found_out_before_a_session_begins() {
    let world = World::new("unpaced").await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = Port::new(taken.local_addr().unwrap().port()).unwrap();
    let listen = Listen::Exactly(port);
    let error = client::open(world.control(), Options { listen, ..Options::default() }).await.unwrap_err();
    assert!(matches!(error, TunnelError::PortTaken { port: told, .. } if told == port));
    assert_eq!(world.endpoint.sessions(), 0);
    let listen = Listen::Prefer(port);
    let tunnel = client::open(world.control(), Options { listen, ..Options::default() }).await.unwrap();
    assert!(tunnel.local().port() > port.get());
    tunnel.close().await;
}
