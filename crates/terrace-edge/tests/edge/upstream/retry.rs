//! What a client never sees: a target that dies, restarts, or closes a kept connection at the wrong moment. And
//! what is never done: sending twice what may have been acted on.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use terrace_edge_config::TargetState;

use super::proxy::{Proxy, addresses, check, pool};
use super::replica::{Replica, Reply};
use crate::support::client::Connection;
use crate::support::edge::{Edge, config};
use crate::support::eventually;
use crate::support::folder::Folder;

const POST: &str = "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn a_request_goes_to_another_target_where_nobody_listens() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let fine = Replica::saying("fine");
    let proxy = Proxy::start(pool(&[nobody, fine.address]));
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").text(), "fine");
        // Nothing of it was sent: that holds for every method and with a body.
        assert_eq!(connection.ask(POST).text(), "fine");
    }
    assert!(fine.seen().iter().all(|seen| seen.line.starts_with("GET") || seen.body_length == 5));
}

#[test]
fn only_idempotent_requests_are_made_again_after_a_reset() {
    let broken = [Replica::start(|_| Reply::Reset), Replica::start(|_| Reply::last(""))];
    let proxy = Proxy::over(&[&broken[0], &broken[1]]);
    let attempts = || broken.iter().map(|r| r.seen().len()).sum::<usize>();
    for (request, expected) in [
        (POST, 1),
        ("POST /orders HTTP/1.1\r\nHost: x\r\n\r\n", 1),
        ("PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 1),
        ("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 1),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 3),
        ("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 3),
    ] {
        let before = attempts();
        assert_eq!(proxy.connect().ask(request).status, 502, "{request}");
        assert_eq!(attempts() - before, expected, "{request}");
    }
}

#[test]
fn a_reset_is_not_seen_where_another_target_is_left() {
    let (broken, fine) = (Replica::start(|_| Reply::Reset), Replica::saying("fine"));
    let proxy = Proxy::over(&[&broken, &fine]);
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").text(), "fine");
    }
    assert!(!broken.seen().is_empty());
    assert_eq!(proxy.target(broken.address).unwrap().state, TargetState::Ejected);
}

#[test]
fn a_kept_connection_that_closes_as_it_is_used_is_never_seen() {
    // The second request of every connection is read and not answered, as by a server whose patience ends just then.
    for farewell in [|| Reply::last(""), || Reply::Reset] {
        let server = Replica::start(move |seen| if seen.nth == 0 { Reply::ok("fine") } else { farewell() });
        let proxy = Proxy::over(&[&server]);
        let mut connection = proxy.connect();
        for _ in 0..20 {
            assert_eq!(connection.get("/").text(), "fine");
        }
        assert_eq!(server.seen().iter().filter(|seen| seen.nth == 1).count(), 19);
        assert_eq!(proxy.target(server.address).unwrap().state, TargetState::Healthy);
    }
}

#[test]
fn a_kept_connection_that_the_target_has_closed_is_not_used_even_for_a_post() {
    // It says nothing about closing, and closes.
    let server = Replica::start(|_| Reply::last("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"));
    let proxy = Proxy::over(&[&server]);
    let mut connection = proxy.connect();
    for _ in 0..20 {
        assert_eq!(connection.get("/").text(), "fine");
    }
}

#[test]
fn connections_are_kept_and_used_again() {
    let server = Replica::saying("fine");
    let proxy = Proxy::over(&[&server]);
    let mut connection = proxy.connect();
    for _ in 0..20 {
        connection.get("/");
        connection.ask(POST);
    }
    assert_eq!(server.seen().iter().map(|seen| seen.nth).max(), Some(39));
}

#[test]
fn a_lone_target_that_restarts_behind_its_socket_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let dying = Arc::new(AtomicBool::new(true));
    let dies = Arc::clone(&dying);
    let server = Replica::on(listener, move |_| {
        if dies.swap(false, Ordering::SeqCst) { Reply::Reset } else { Reply::ok("back") }
    });
    let proxy = Proxy::start(pool(&[address]));
    assert_eq!(proxy.connect().get("/").text(), "back");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_refusal_of_a_target_that_is_leaving_is_asked_elsewhere() {
    let (leaving, leaves) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (begun, gone) = (Arc::clone(&leaving), Arc::clone(&leaves));
    let old = Replica::start(move |_| {
        begun.store(true, Ordering::SeqCst);
        eventually("it has been removed", || gone.load(Ordering::SeqCst));
        Reply::Say(503, "shutting down".to_owned())
    });
    let new = Replica::saying("new");
    let proxy = Proxy::over(&[&old]);
    let mut connection = proxy.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    eventually("the old one has it", || leaving.load(Ordering::SeqCst));
    proxy.set_targets(&[new.address]);
    leaves.store(true, Ordering::SeqCst);
    assert_eq!(connection.response(false).unwrap().text(), "new");
}

#[test]
fn no_request_fails_while_replicas_are_killed_under_load() {
    let folder = Folder::new();
    // Real processes that serve files: what is killed here is killed for good.
    let start = || Edge::start(&config(&folder.path(), None));
    let mut replicas: Vec<Edge> = (0..3).map(|_| start()).collect();
    let targets: Vec<_> = replicas.iter().map(|replica| replica.addresses[0]).collect();
    let health = terrace_edge_config::HealthCheck { path: "/hello.txt".to_owned(), ..check() };
    let proxy = Proxy::start(terrace_edge_config::Pool { health: Some(health), ..pool(&targets) });
    for target in &targets {
        proxy.stands(*target, TargetState::Healthy);
    }
    let stop = AtomicBool::new(false);
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = Connection::open(proxy.address);
                while !stop.load(Ordering::SeqCst) {
                    let response = connection.get("/hello.txt");
                    assert_eq!(response.text(), "hello, world\n", "{response:?}");
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let more = |n: usize| {
            let goal = answered.load(Ordering::SeqCst) + n;
            eventually("requests are answered", || answered.load(Ordering::SeqCst) >= goal);
        };
        let work = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            more(200);
            for _ in 0..2 {
                replicas.pop().unwrap().child.kill().unwrap();
                more(200);
            }
        }));
        stop.store(true, Ordering::SeqCst);
        work.unwrap();
    });
    // The check that was under way when it died may have another reason; the next one has this.
    eventually("it is known why", || {
        let reason = proxy.stands(targets[2], TargetState::Unhealthy).reason;
        reason.as_deref() == Some("connection refused")
    });
    assert_eq!(proxy.target(targets[0]).unwrap().state, TargetState::Healthy);
}

#[test]
fn a_target_that_takes_too_long_is_given_up_and_not_asked_twice() {
    let slow = Replica::start(|_| {
        Reply::hand(|stream| {
            // Until the proxy hangs up.
            let _ = std::io::copy(&mut &stream, &mut std::io::sink());
        })
    });
    let patience = terrace_edge_config::Millis::new(200);
    let proxy =
        Proxy::start(terrace_edge_config::Pool { response_timeout: patience, ..pool(&addresses(&[&slow])) });
    let began = Instant::now();
    assert_eq!(proxy.connect().get("/").status, 504);
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert_eq!(slow.seen().len(), 1);
}
