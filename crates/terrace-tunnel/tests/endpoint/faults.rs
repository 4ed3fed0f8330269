//! Every fault alone and all together: the bytes arrive as they were sent, and the fault was there.

use std::time::Duration;

use crate::database::echo;
use crate::http::start;
use crate::peer::{Grant, Peer};
use crate::system::{Kind, opened};

struct Seen {
    returns: usize,
    byes: usize,
    duplicates: u64,
    retransmissions: u64,
    paused: bool,
    round_trip: Duration,
}

/// Carries bytes there and back, and again until the fault was seen.
async fn through(faults: &str, mut enough: impl FnMut(&Seen) -> bool) {
    let endpoint = opened(Kind::Fargate, echo().await, "connect-error").await;
    // What a session asks for counts, and nothing else.
    let grant = Grant::by(start(&endpoint.targets()[0], faults), endpoint.address()).await;
    let mut peer = Peer::new(grant, endpoint.address()).await;
    peer.ready().await;
    let stream = peer.session.open().unwrap();
    let sent: Vec<u8> = (0..60_000_u32).map(|n| (n ^ (n >> 8)).to_le_bytes()[0]).collect();
    loop {
        assert!(peer.echoed(stream, &sent).await == sent, "{faults}: the bytes are others");
        let statistics = peer.session.statistics();
        let seen = Seen {
            returns: peer.returns,
            byes: peer.byes,
            duplicates: statistics.duplicates,
            retransmissions: statistics.retransmissions,
            round_trip: statistics.round_trip.unwrap_or_default(),
            paused: peer.events.contains(&terrace_ssm::Event::Paused)
                && peer.events.contains(&terrace_ssm::Event::Resumed),
        };
        if enough(&seen) {
            return;
        }
    }
}

#[tokio::test]
async fn the_gateway_closes_and_the_client_comes_back() {
    through("unpaced,close=150ms", |seen| seen.returns >= 2 && seen.byes >= 2).await;
}

#[tokio::test]
async fn the_connection_breaks_off_and_the_client_comes_back() {
    through("cut=150ms", |seen| seen.returns >= 2 && seen.byes == 0).await;
}

#[tokio::test]
async fn publication_pauses() {
    through("unpaced,pause=100ms", |seen| seen.paused && seen.returns == 0).await;
}

#[tokio::test]
async fn frames_are_lost_doubled_and_overtaken() {
    through("unpaced,loss=3%", |seen| seen.retransmissions > 3).await;
    through("unpaced,duplicate=3%", |seen| seen.duplicates > 3).await;
    through("unpaced,reorder=3%", |_| true).await;
    through("unpaced,delay=10ms", |seen| seen.round_trip >= Duration::from_millis(20)).await;
}

#[tokio::test]
async fn the_agent_is_not_ready_at_once() {
    through("unpaced,unready=400ms", |seen| seen.retransmissions > 0).await;
}

#[tokio::test]
async fn all_at_once() {
    let all =
        "close=400ms,cut=700ms,pause=50ms,loss=1%,duplicate=1%,reorder=1%,delay=2ms,unready=100ms,unpaced";
    through(all, |seen| seen.returns >= 2 && seen.duplicates > 0).await;
}
