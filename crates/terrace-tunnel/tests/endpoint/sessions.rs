//! Sessions from StartSession to their end.

use serde_json::json;
use terrace_ssm::Event;
use terrace_tunnel::endpoint::Endpoint;

use crate::database::{brief, echo, nobody};
use crate::http::{Call, start};
use crate::peer::{Grant, Peer, dial, farewell};
use crate::system::{Kind, opened};

async fn peer(endpoint: &Endpoint) -> Peer {
    let grant = Grant::by(start(&endpoint.targets()[0], ""), endpoint.address()).await;
    Peer::new(grant, endpoint.address()).await
}

#[tokio::test]
async fn bytes_come_back_as_they_were_sent_over_several_streams() {
    let endpoint = opened(Kind::Fargate, echo().await, "unpaced").await;
    let mut peer = peer(&endpoint).await;
    assert_eq!(peer.ready().await, "LOCAL REHEARSAL - not AWS");
    let sent: Vec<u8> = (0..400_000_u32).map(|n| (n ^ (n >> 8)).to_le_bytes()[0]).collect();
    for _ in 0..3 {
        let stream = peer.session.open().unwrap();
        assert_eq!(peer.echoed(stream, &sent).await, sent);
    }
    // What the official plugin turns into 0x0D.
    let stream = peer.session.open().unwrap();
    assert_eq!(peer.echoed(stream, b"\n").await, b"\n");
}

#[tokio::test]
async fn the_handshake_ends_with_nothing_on_its_way() {
    // The official plugin reads no more when anything comes while it opens its port.
    let endpoint = opened(Kind::Fargate, echo().await, "").await;
    let mut peer = peer(&endpoint).await;
    peer.ready().await;
    assert_eq!(peer.session.statistics().unacknowledged_bytes, 0);
}

#[tokio::test]
async fn what_a_database_says_last_arrives_before_its_end() {
    let endpoint = opened(Kind::Ec2, brief().await, "").await;
    let mut peer = peer(&endpoint).await;
    peer.ready().await;
    let stream = peer.session.open().unwrap();
    assert_eq!(peer.session.write(stream, b"?"), 1);
    peer.event("end", |event| (*event == Event::Finished(stream)).then_some(())).await;
    let mut all = Vec::new();
    while let Some(piece) = peer.session.read(stream) {
        all.extend_from_slice(&piece);
    }
    assert_eq!(all, b"bye");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_of() {
    for (address, faults) in [(nobody().await, ""), (echo().await, "connect-error")] {
        let endpoint = opened(Kind::Fargate, address, faults).await;
        let mut peer = peer(&endpoint).await;
        peer.ready().await;
        let stream = peer.session.open().unwrap();
        peer.event("refusal", |event| (*event == Event::ConnectFailed).then_some(())).await;
        peer.event("end", |event| (*event == Event::Finished(stream)).then_some(())).await;
    }
}

#[tokio::test]
async fn a_token_opens_one_connection_of_one_session() {
    let endpoint = opened(Kind::Fargate, echo().await, "").await;
    let at = endpoint.address();
    let target = endpoint.targets()[0].clone();
    let grant = Grant::by(start(&target, ""), at).await;
    let other = Grant::by(start(&target, ""), at).await;
    for wrong in [
        Grant { token: "0".repeat(64), ..grant.clone() },
        Grant { token: String::new(), ..grant.clone() },
        Grant { token: other.token.clone(), ..grant.clone() },
        Grant { url: grant.url.replace("rehearsal-0", "rehearsal-1"), ..grant.clone() },
    ] {
        let frame = farewell(&mut dial(&wrong, at).await).await.unwrap();
        assert_eq!(u16::from(frame.code), 1003, "{frame}");
    }
    // None of these has used it up.
    Peer::new(grant.clone(), at).await.ready().await;
    let frame = farewell(&mut dial(&grant, at).await).await.unwrap();
    assert_eq!(u16::from(frame.code), 1003, "{frame}");
    // A new one makes the one before it worthless.
    let first = grant.resume(at).await;
    let second = grant.resume(at).await;
    assert!(first.token != second.token && first.session == second.session);
    let frame = farewell(&mut dial(&first, at).await).await.unwrap();
    assert_eq!(u16::from(frame.code), 1003, "{frame}");
    Peer::new(other, at).await.ready().await;
}

#[tokio::test]
async fn a_client_ends_its_session_and_it_is_over() {
    let endpoint = opened(Kind::Fargate, echo().await, "").await;
    let grant = Grant::by(start(&endpoint.targets()[0], ""), endpoint.address()).await;
    let mut peer = Peer::new(grant.clone(), endpoint.address()).await;
    peer.ready().await;
    peer.session.terminate();
    peer.until("acknowledgement", |peer| peer.session.is_quiet().then_some(())).await;
    while endpoint.sessions() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(grant.resume(endpoint.address()).await.token, "");
}

#[tokio::test]
async fn whoever_ends_a_session_from_outside_tells_its_client_why() {
    let endpoint = opened(Kind::Ec2, echo().await, "").await;
    let at = endpoint.address();
    let target = endpoint.targets()[0].clone();
    let closed = |event: &Event| match event {
        Event::Closed { output } => Some(output.clone()),
        _ => None,
    };
    let grant = Grant::by(start(&target, ""), at).await;
    let mut first = Peer::new(grant.clone(), at).await;
    first.ready().await;
    let reply = Call::ssm("TerminateSession", &json!({ "SessionId": grant.session })).send(at).await;
    assert_eq!(reply.json(), json!({ "SessionId": grant.session }));
    assert_eq!(first.event("end", closed).await, "the session was terminated");

    let mut second = peer(&endpoint).await;
    second.ready().await;
    let (end, ()) = tokio::join!(second.event("end", closed), endpoint.close("the system was stopped"));
    assert_eq!(end, "the system was stopped");
    tokio::net::TcpStream::connect(at).await.unwrap_err();
}

#[tokio::test]
async fn there_is_a_bound_on_sessions() {
    let endpoint = opened(Kind::Fargate, nobody().await, "").await;
    let target = endpoint.targets()[0].clone();
    let mut replies = Vec::new();
    for _ in 0..65 {
        replies.push(start(&target, "").send(endpoint.address()).await);
    }
    let last = replies.pop().unwrap();
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert!(last.status == 400 && last.text.contains("ThrottlingException"), "{last:?}");
    assert_eq!(endpoint.sessions(), 64);
}
