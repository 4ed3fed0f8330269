//! Who counts as healthy, why not, and what becomes of the requests then.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use terrace_edge_config::{Ejection, HealthCheck, Millis, Pool, TargetState};

use super::proxy::{Proxy, addresses, check, pool};
use super::replica::{Replica, Reply};

/// A replica whose health has the status that it is given.
fn with_health(status: u16) -> (Replica, Arc<AtomicU16>) {
    let health = Arc::new(AtomicU16::new(status));
    let shown = Arc::clone(&health);
    let replica = Replica::start(move |seen| {
        if seen.line == "GET /health" {
            Reply::Say(shown.load(Ordering::SeqCst), String::new())
        } else {
            Reply::ok("served")
        }
    });
    (replica, health)
}

fn checked(targets: &[std::net::SocketAddr]) -> Pool {
    Pool { health: Some(check()), ..pool(targets) }
}

#[test]
fn a_target_follows_its_checks_and_only_healthy_ones_are_asked() {
    let ((one, one_health), (other, _)) = (with_health(200), with_health(200));
    let proxy = Proxy::start(checked(&addresses(&[&one, &other])));
    proxy.stands(one.address, TargetState::Healthy);
    proxy.stands(other.address, TargetState::Healthy);
    one_health.store(503, Ordering::SeqCst);
    let status = proxy.stands(one.address, TargetState::Unhealthy);
    assert_eq!(status.reason.as_deref(), Some("status 503"));
    let before = one.seen().len();
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").status, 200);
    }
    assert_eq!(one.seen().len(), before);
    one_health.store(204, Ordering::SeqCst);
    proxy.stands(one.address, TargetState::Healthy);
}

#[test]
fn every_kind_of_bad_check_has_its_reason() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let rude = Replica::start(|_| Reply::last("SSH-2.0-OpenSSH_9.2\r\n"));
    let curt = Replica::start(|_| Reply::last(""));
    let targets = [closed, silent.local_addr().unwrap(), rude.address, curt.address];
    let hasty = HealthCheck { timeout: Millis::new(300), ..check() };
    let proxy = Proxy::start(Pool { health: Some(hasty), ..pool(&targets) });
    let reasons = [
        "connection refused",
        "timed out after 300 ms",
        "the response is no HTTP",
        "closed before a response",
    ];
    for (address, reason) in targets.into_iter().zip(reasons) {
        let status = proxy.stands(address, TargetState::Unhealthy);
        assert_eq!(status.reason.as_deref(), Some(reason));
    }
}

#[test]
fn a_pool_with_nobody_healthy_fails_open() {
    let (replica, _) = with_health(500);
    let proxy = Proxy::start(checked(&[replica.address]));
    proxy.stands(replica.address, TargetState::Unhealthy);
    assert_eq!(proxy.connect().get("/").text(), "served");
}

#[test]
fn a_new_target_is_checked_at_once_whatever_the_interval() {
    let (replica, _) = with_health(200);
    let rare = HealthCheck { interval: Millis::seconds(3600), ..check() };
    let proxy = Proxy::start(Pool { health: Some(rare), ..pool(&[replica.address]) });
    proxy.stands(replica.address, TargetState::Healthy);
}

#[test]
fn a_target_that_fails_requests_is_left_out_and_comes_back() {
    let status = Arc::new(AtomicU16::new(502));
    let shown = Arc::clone(&status);
    let failing = Replica::start(move |_| Reply::Say(shown.load(Ordering::SeqCst), "failing".to_owned()));
    let fine = Replica::saying("fine");
    let ejection = Ejection { base: Millis::new(500), ..Ejection::default() };
    let proxy = Proxy::start(Pool { ejection, ..pool(&addresses(&[&failing, &fine])) });
    let mut connection = proxy.connect();
    while proxy.target(failing.address).unwrap().state != TargetState::Ejected {
        connection.get("/");
        assert!(failing.seen().len() <= 3, "not left out after three failures in a row");
    }
    let ejected = proxy.target(failing.address).unwrap();
    assert_eq!(ejected.reason.as_deref(), Some("answered 502 to 504"));
    status.store(200, Ordering::SeqCst);
    proxy.stands(failing.address, TargetState::Healthy);
    crate::support::eventually("it is asked again", || connection.get("/").text() == "failing");
}

#[test]
fn the_last_target_is_never_left_out() {
    let failing = Replica::start(|_| Reply::Say(503, "busy".to_owned()));
    let proxy = Proxy::over(&[&failing]);
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").text(), "busy");
    }
    assert_eq!(proxy.target(failing.address).unwrap().state, TargetState::Healthy);
}
