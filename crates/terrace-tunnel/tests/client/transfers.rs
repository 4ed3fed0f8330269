//! Bytes cross once and in order, whatever happens to the sockets.

use tokio::task::JoinSet;

use crate::world::{World, download, echo, program, settled, until, upload};
use terrace_tunnel::client::TunnelEvent;

/// What the endpoint does, and how much goes each way over each of two pairs of connections.
const CASES: &[(&str, u64)] = &[
    ("unpaced", 8 << 20),
    ("unpaced,duplicate=2%,reorder=2%", 2 << 20),
    ("unpaced,loss=1%,delay=2ms", 1 << 20),
    ("unpaced,pause=50ms", 2 << 20),
    ("unpaced,unready=300ms", 1 << 20),
    ("", 64 << 10),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checksums_are_equal_under_every_fault() {
    for (faults, count) in CASES {
        let world = World::new(faults).await;
        let tunnel = world.tunnel().await;
        let local = tunnel.local();
        let mut transfers = JoinSet::new();
        for seed in [1, 2] {
            transfers.spawn(download(local, seed, *count));
            transfers.spawn(upload(local, seed, *count));
        }
        transfers.join_all().await;
        tunnel.close().await;
        settled(&world.endpoint, 0).await;
    }
}

/// Connections that the gateway closes, and that break off: transfers go on until that has happened three times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_outlive_their_sockets() {
    for faults in ["unpaced,close=1s", "unpaced,cut=1s", "unpaced,cut=1s,loss=1%,delay=1ms"] {
        let world = World::new(faults).await;
        let mut tunnel = world.tunnel().await;
        let local = tunnel.local();
        let transfers = tokio::spawn(async move {
            for seed in 0.. {
                tokio::join!(download(local, seed, 1 << 20), upload(local, seed, 1 << 20));
            }
        });
        for _ in 0..3 {
            until(&mut tunnel, |event| matches!(event, TunnelEvent::Resumed { .. })).await;
        }
        assert!(!transfers.is_finished(), "a transfer failed under {faults}");
        transfers.abort();
        // One more, whole.
        tokio::join!(download(local, 77, 1 << 20), upload(local, 78, 1 << 20));
        assert_eq!(world.endpoint.sessions(), 1, "{faults}");
        tunnel.close().await;
    }
}

/// Single bytes in messages of their own, above all the line feed that the official plugin changes; and pieces around the
/// sizes of payloads and frames.
#[tokio::test]
async fn every_byte_crosses_unchanged() {
    let world = World::new("unpaced").await;
    let tunnel = world.tunnel().await;
    let mut tcp = program(tunnel.local(), "echo").await;
    for byte in 0..=u8::MAX {
        echo(&mut tcp, &[byte]).await;
    }
    for length in
        [1, 2, 8, 1015, 1016, 1017, 1023, 1024, 1025, 2040, 2041, 4095, 4096, 32_767, 32_768, 32_769, 65_535]
    {
        for byte in [0x00, 0x0A, 0x0D, 0xFF] {
            echo(&mut tcp, &vec![byte; length]).await;
        }
    }
}

/// Many at once, each with bytes of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_do_not_mix() {
    let world = World::new("unpaced").await;
    let tunnel = world.tunnel().await;
    let local = tunnel.local();
    let mut running = JoinSet::new();
    for seed in 0..40 {
        running.spawn(async move {
            let mut tcp = program(local, "echo").await;
            let mut piece = vec![0; 3000];
            for at in 0..20 {
                crate::database::bytes(seed, at, &mut piece);
                echo(&mut tcp, &piece).await;
            }
        });
    }
    running.join_all().await;
}
