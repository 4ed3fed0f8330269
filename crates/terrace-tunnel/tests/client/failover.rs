//! The far side moves, refuses, or is not there.

use std::io::ErrorKind;

use terrace_tunnel::client::TunnelEvent;
use tokio::io::AsyncReadExt as _;

use crate::database::Database;
use crate::world::{World, echo, program, settled, until};

/// The agent has resolved the database's name once: after a failover it dials where nobody is any more.
#[tokio::test]
async fn after_a_failover_the_refused_connection_itself_goes_through_a_new_session() {
    let mut world = World::new("unpaced").await;
    let mut tunnel = world.tunnel().await;
    let first = tunnel.session().clone();
    let mut before = program(tunnel.local(), "echo").await;
    echo(&mut before, b"before").await;
    drop(before);
    until(&mut tunnel, |event| matches!(event, TunnelEvent::Closed { .. })).await;
    let second = Database::start().await;
    drop(world.move_database(second));
    let mut after = program(tunnel.local(), "echo").await;
    echo(&mut after, b"after").await;
    let event = until(&mut tunnel, |event| matches!(event, TunnelEvent::Reopened { .. })).await;
    assert_eq!(event, TunnelEvent::Reopened { session: first.clone() });
    assert_eq!(*world.database.connections.borrow(), 1);
    drop(after);
    // The old session serves nobody any more.
    let ended = until(&mut tunnel, |event| matches!(event, TunnelEvent::Ended { .. })).await;
    assert!(matches!(ended, TunnelEvent::Ended { session, .. } if session == first));
    settled(&world.endpoint, 1).await;
    tunnel.close().await;
}

#[tokio::test]
async fn a_host_that_refuses_resets_the_connection_and_says_so() {
    let world = World::new("unpaced,connect-error").await;
    let mut tunnel = world.tunnel().await;
    let mut tcp = program(tunnel.local(), "echo").await;
    let peer = tcp.local_addr().unwrap();
    let event = until(&mut tunnel, |event| matches!(event, TunnelEvent::ConnectFailed { .. })).await;
    assert_eq!(event, TunnelEvent::ConnectFailed { peer });
    assert_eq!(tcp.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    tunnel.close().await;
}

#[tokio::test]
async fn a_target_without_an_agent_is_told_at_once_and_what_to_do() {
    let world = World::new("target-not-connected").await;
    let error = world.tunnel_with(1, terrace_ssm::Limits::default()).await.unwrap_err();
    assert!(error.to_string().contains("is not connected to Session Manager"), "{error}");
    assert!(error.help().join("\n").contains("enableExecuteCommand"), "{error:?}");
    assert_eq!(world.endpoint.sessions(), 0);
}
