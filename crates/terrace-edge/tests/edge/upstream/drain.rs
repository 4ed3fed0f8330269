//! A target that was removed: nothing new, everything old to its end, seen in the status until then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use terrace_edge_config::{Millis, Pool, TargetState};

use super::proxy::{Proxy, pool};
use super::replica::{Replica, Reply};
use crate::support::client::Connection;
use crate::support::eventually;

/// A replica that holds the first request until it is told to answer, a proxy to it, and that request's connection.
fn holding(delay: Millis) -> (Replica, Proxy, Connection, Arc<AtomicBool>) {
    let gate = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&gate);
    let old = Replica::start(move |_| {
        eventually("the gate opens", || open.load(Ordering::SeqCst));
        Reply::ok("old")
    });
    let proxy = Proxy::start(Pool { deregistration_delay: delay, ..pool(&[old.address]) });
    let mut held = proxy.connect();
    held.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    eventually("the request has arrived", || old.seen().len() == 1);
    (old, proxy, held, gate)
}

#[test]
fn a_removed_target_finishes_what_it_has_and_gets_nothing_new() {
    let (old, proxy, mut held, gate) = holding(Millis::seconds(60));
    let new = Replica::saying("new");
    proxy.set_targets(&[new.address]);
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").text(), "new");
    }
    let status = proxy.target(old.address).unwrap();
    assert_eq!((status.state, status.in_flight), (TargetState::Draining, 1));
    gate.store(true, Ordering::SeqCst);
    assert_eq!(held.response(false).unwrap().text(), "old");
    eventually("it is forgotten", || proxy.target(old.address).is_none());
    assert_eq!(old.seen().len(), 1);
}

#[test]
fn a_removed_target_is_forgotten_when_its_time_is_up() {
    let (old, proxy, _held, gate) = holding(Millis::new(200));
    proxy.set_targets(&[]);
    assert_eq!(proxy.target(old.address).map(|t| t.state), Some(TargetState::Draining));
    eventually("it is forgotten", || proxy.target(old.address).is_none());
    gate.store(true, Ordering::SeqCst);
}

#[test]
fn targets_that_stay_keep_their_connections() {
    let (stays, leaves) = (Replica::saying("stays"), Replica::saying("leaves"));
    let proxy = Proxy::over(&[&stays]);
    let mut connection = proxy.connect();
    connection.get("/");
    proxy.set_targets(&[stays.address, leaves.address]);
    proxy.set_targets(&[stays.address]);
    connection.get("/");
    assert_eq!(stays.seen().last().unwrap().nth, 1);
}

#[test]
fn replicas_are_replaced_one_by_one_without_a_failed_request() {
    let replicas: Vec<_> = (0..6).map(|_| Replica::saying("served")).collect();
    let proxy = Proxy::over(&[&replicas[0], &replicas[1]]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|n| {
                let (stop, address) = (&stop, proxy.address);
                scope.spawn(move || {
                    let mut connection = Connection::open(address);
                    let request = if n % 2 == 0 { "GET" } else { "POST" };
                    let request = format!("{request} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
                    let mut served = 0;
                    while !stop.load(Ordering::SeqCst) || served < 50 {
                        assert_eq!(connection.ask(&request).text(), "served");
                        served += 1;
                    }
                })
            })
            .collect();
        for pair in replicas.windows(2) {
            let served = pair[1].seen().len();
            proxy.set_targets(&[pair[0].address, pair[1].address]);
            eventually("the new one is asked", || {
                pair[1].seen().len() > served || clients.iter().any(|client| client.is_finished())
            });
            proxy.set_targets(&[pair[1].address]);
        }
        stop.store(true, Ordering::SeqCst);
    });
}
