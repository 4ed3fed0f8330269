//! A program that does not read: it delays no other, and costs a bounded amount of memory.

use terrace_ssm::Limits;
use terrace_tunnel::client::TunnelEvent;
use tokio::io::AsyncReadExt as _;

use crate::world::{World, download, echo, program, until, upload};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_connection_delays_no_other() {
    let mut world = World::new("unpaced").await;
    let tunnel = world.tunnel().await;
    let local = tunnel.local();
    let mut other = program(local, "echo").await;
    echo(&mut other, b"before").await;
    let count = 40 << 20;
    let mut stalled = program(local, &format!("source 1 {count}")).await;
    // More than all buffers of both sides: the official plugin stands still from here on.
    world.database.written.wait_for(|written| *written > 16 << 20).await.unwrap();
    echo(&mut other, b"while it stalls").await;
    tokio::join!(download(local, 2, 1 << 20), upload(local, 3, 1 << 20));
    // And it gets everything once it reads again.
    let mut came = 0;
    let mut piece = vec![0; 256 << 10];
    loop {
        let read = stalled.read(&mut piece).await.unwrap();
        if read == 0 {
            break;
        }
        came += read as u64;
    }
    assert_eq!(came, count);
    tunnel.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_reads_is_reset_alone_once_it_is_too_much() {
    let world = World::new("unpaced").await;
    let limits = Limits::default().with_spool(1 << 20).unwrap();
    let mut tunnel = world.tunnel_with(1, limits).await.unwrap();
    let local = tunnel.local();
    let mut other = program(local, "echo").await;
    echo(&mut other, b"before").await;
    let mut stalled = program(local, &format!("source 1 {}", 1_u64 << 30)).await;
    let peer = stalled.local_addr().unwrap();
    let event = until(&mut tunnel, |event| matches!(event, TunnelEvent::Overflowed { .. })).await;
    assert_eq!(event, TunnelEvent::Overflowed { peer });
    let mut piece = vec![0; 256 << 10];
    let error = loop {
        match stalled.read(&mut piece).await {
            Ok(0) => panic!("an early end looks like success"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    echo(&mut other, b"after").await;
    tunnel.close().await;
}
