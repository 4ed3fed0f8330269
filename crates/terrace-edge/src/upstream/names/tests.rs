//! A name server on loopback that changes its mind, and the pool that follows it.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Mutex;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
use terrace_edge_config::{Pool as Settings, TargetState};

use super::*;

/// What a name server answers: these addresses, or nothing but a failure.
type Answer = Arc<Mutex<Result<Vec<Ipv4Addr>, ()>>>;

/// Answers every question for an IPv4 address with what it is told, to be believed for a second (RFC 1035, section 4).
fn name_server(answer: &Answer) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let answer = Arc::clone(answer);
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let query = &buffer[..length];
            let name = query[12..].iter().position(|b| *b == 0).unwrap();
            let question = &query[12..12 + name + 5];
            let is_ipv4 = question[name + 1..name + 3] == [0, 1];
            let current = answer.lock().unwrap().clone();
            let code = if current.is_ok() { 0x80 } else { 0x82 };
            let addresses = current.unwrap_or_default();
            let addresses = if is_ipv4 { addresses } else { Vec::new() };
            let count = u8::try_from(addresses.len()).unwrap();
            let mut reply = [&query[..2], &[0x81, code, 0, 1, 0, count, 0, 0, 0, 0], question].concat();
            for ip in addresses {
                reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
                reply.extend(ip.octets());
            }
            let _ = socket.send_to(&reply, from);
        }
    });
    address
}

fn names(server: SocketAddr) -> Arc<Names> {
    let mut connection = ConnectionConfig::udp();
    connection.port = server.port();
    let server = NameServerConfig::new(server.ip(), true, vec![connection]);
    Arc::new(Names::with_config(ResolverConfig::from_name_servers(vec![server])))
}

/// The targets that are not on their way out, as text.
fn targets(pool: &Arc<Pool>) -> Vec<String> {
    let targets = pool.status().targets.into_iter();
    targets.filter(|t| t.state == TargetState::Healthy).map(|t| t.target.to_string()).collect()
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

const ONE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const TWO: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

#[tokio::test]
async fn a_pool_follows_its_names_and_keeps_the_last_good_answer() {
    let answer: Answer = Arc::new(Mutex::new(Ok(vec![ONE])));
    let settings = Settings { targets: ["app.internal:8000".parse().unwrap()].into(), ..Settings::default() };
    let pool = Pool::new(settings, names(name_server(&answer)));

    eventually("the first answer", || targets(&pool) == ["127.0.0.2:8000"]).await;
    *answer.lock().unwrap() = Ok(vec![TWO, ONE]);
    eventually("a second address", || targets(&pool) == ["127.0.0.2:8000", "127.0.0.3:8000"]).await;
    *answer.lock().unwrap() = Ok(vec![TWO]);
    eventually("the first one is gone", || targets(&pool) == ["127.0.0.3:8000"]).await;
    // Two more answers that are none: by then the good one has had its time twice.
    *answer.lock().unwrap() = Err(());
    let fails = |pool: &Arc<Pool>| pool.names_error().is_some();
    eventually("the failure is known", || fails(&pool)).await;
    assert_eq!(targets(&pool), ["127.0.0.3:8000"]);
    *answer.lock().unwrap() = Ok(vec![ONE]);
    eventually("it follows again", || targets(&pool) == ["127.0.0.2:8000"]).await;
}

#[tokio::test]
async fn a_name_that_never_resolves_says_so_in_the_status() {
    let answer: Answer = Arc::new(Mutex::new(Err(())));
    let settings = Settings { targets: ["app.internal:8000".parse().unwrap()].into(), ..Settings::default() };
    let pool = Pool::new(settings, names(name_server(&answer)));
    let status = || pool.status().targets.remove(0);
    eventually("it is judged", || status().state == TargetState::Unhealthy).await;
    assert_eq!(status().target.to_string(), "app.internal:8000");
    assert!(status().reason.unwrap().starts_with("app.internal cannot be resolved"));
}

#[tokio::test]
async fn localhost_needs_no_name_server() {
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    let names = names(nobody.local_addr().unwrap());
    let (answer, _) = names.resolve(&"localhost:8000".parse().unwrap()).await;
    assert!(
        answer
            .unwrap()
            .iter()
            .all(|address| address.ip().is_loopback() && address.ip() != IpAddr::from([0; 4]))
    );
}
