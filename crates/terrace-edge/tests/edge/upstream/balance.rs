//! Who gets a request, how many at once, and who has to wait or is sent away.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use terrace_edge_config::{Millis, TargetState};

use super::proxy::{Proxy, addresses, pool};
use super::replica::{Replica, Reply};
use crate::support::eventually;

#[test]
fn equal_targets_share_the_requests() {
    let replicas = [Replica::saying("a"), Replica::saying("b"), Replica::saying("c")];
    let proxy = Proxy::over(&replicas.each_ref());
    let mut connection = proxy.connect();
    for _ in 0..150 {
        assert_eq!(connection.get("/").status, 200);
    }
    // Six standard deviations from a third.
    assert!(replicas.iter().all(|r| r.seen().len() >= 15), "{:?}", replicas.map(|r| r.seen().len()));
}

#[test]
fn a_busy_target_is_passed_by() {
    let gate = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&gate);
    let busy = Replica::start(move |_| {
        eventually("the gate opens", || open.load(Ordering::SeqCst));
        Reply::ok("busy")
    });
    let quick = Replica::saying("quick");
    let proxy = Proxy::over(&[&busy, &quick]);
    // Requests go out until one is stuck: from then on, the other target has fewer in flight.
    let mut stuck = proxy.connect();
    for sent in 1.. {
        stuck.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        eventually("it has arrived", || busy.seen().len() + quick.seen().len() == sent);
        if !busy.seen().is_empty() {
            break;
        }
        assert_eq!(stuck.response(false).unwrap().text(), "quick");
    }
    let before = quick.seen().len();
    let mut connection = proxy.connect();
    for _ in 0..30 {
        assert_eq!(connection.get("/").text(), "quick");
    }
    assert_eq!((busy.seen().len(), quick.seen().len()), (1, before + 30));
    gate.store(true, Ordering::SeqCst);
    assert_eq!(stuck.response(false).unwrap().text(), "busy");
}

#[test]
fn a_target_never_has_more_than_its_limit() {
    let replicas = [0, 1].map(|_| {
        Replica::start(|_| {
            // Long enough for requests to pile up.
            std::thread::park_timeout(std::time::Duration::from_millis(5));
            Reply::ok("x")
        })
    });
    let limited = terrace_edge_config::Pool {
        concurrency: NonZeroU32::new(2),
        ..pool(&addresses(&replicas.each_ref()))
    };
    let proxy = Proxy::start(limited);
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut connection = proxy.connect();
                barrier.wait();
                for _ in 0..20 {
                    assert_eq!(connection.get("/").status, 200);
                }
            });
        }
    });
    for replica in &replicas {
        assert!(replica.most_at_once() <= 2, "{}", replica.most_at_once());
    }
    assert_eq!(replicas.iter().map(|r| r.seen().len()).sum::<usize>(), 320);
    assert_eq!(proxy.status().waiting, 0);
    assert!(proxy.status().targets.iter().all(|t| t.in_flight == 0 && t.state == TargetState::Healthy));
}

/// A replica that answers nothing until it is told to, and a proxy that lets one request through at a time.
fn one_at_a_time(queue_length: u32, queue_timeout: Millis) -> (Proxy, Arc<AtomicBool>) {
    let gate = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&gate);
    let replica = Replica::start(move |_| {
        eventually("the gate opens", || open.load(Ordering::SeqCst));
        Reply::ok("done")
    });
    let limited = terrace_edge_config::Pool {
        concurrency: NonZeroU32::new(1),
        queue_length,
        queue_timeout,
        ..pool(&[replica.address])
    };
    (Proxy::start(limited), gate)
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn those_who_wait_are_served_in_turn_and_no_more_may_wait_than_the_queue_is_long() {
    let (proxy, gate) = one_at_a_time(2, Millis::seconds(20));
    let mut served = proxy.connect();
    served.send(GET);
    eventually("one is in flight", || proxy.status().targets[0].in_flight == 1);
    let mut waiting: Vec<_> = (1..=2)
        .map(|n| {
            let mut connection = proxy.connect();
            connection.send(GET);
            eventually("it waits", || proxy.status().waiting == n);
            connection
        })
        .collect();
    let refused = proxy.connect().ask(GET);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    gate.store(true, Ordering::SeqCst);
    waiting.insert(0, served);
    for mut connection in waiting {
        assert_eq!(connection.response(false).unwrap().text(), "done");
    }
}

#[test]
fn who_waits_too_long_is_told_to_come_back() {
    let (proxy, gate) = one_at_a_time(10, Millis::new(50));
    let mut served = proxy.connect();
    served.send(GET);
    eventually("one is in flight", || proxy.status().targets[0].in_flight == 1);
    let shed = proxy.connect().ask(GET);
    assert_eq!((shed.status, shed.header("retry-after")), (503, "1"));
    assert_eq!(proxy.status().waiting, 0);
    gate.store(true, Ordering::SeqCst);
    assert_eq!(served.response(false).unwrap().status, 200);
}

#[test]
fn who_gives_up_waiting_leaves_the_queue() {
    let (proxy, gate) = one_at_a_time(1, Millis::seconds(20));
    let mut served = proxy.connect();
    served.send(GET);
    eventually("one is in flight", || proxy.status().targets[0].in_flight == 1);
    let mut impatient = proxy.connect();
    impatient.send(GET);
    eventually("it waits", || proxy.status().waiting == 1);
    drop(impatient);
    eventually("its place in the line is free", || proxy.status().waiting == 0);
    let mut patient = proxy.connect();
    patient.send(GET);
    eventually("the next one waits", || proxy.status().waiting == 1);
    gate.store(true, Ordering::SeqCst);
    assert_eq!(patient.response(false).unwrap().status, 200);
    assert_eq!(served.response(false).unwrap().status, 200);
}

#[test]
fn a_pool_without_targets_says_so_and_serves_as_soon_as_it_has_one() {
    let replica = Replica::saying("here");
    let proxy = Proxy::over(&[]);
    let mut connection = proxy.connect();
    let response = connection.get("/");
    assert_eq!((response.status, response.header("retry-after")), (503, "1"));
    proxy.set_targets(&[replica.address]);
    assert_eq!(connection.get("/").text(), "here");
}
