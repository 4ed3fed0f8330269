//! An endpoint before a database, a tunnel through it, and programs that use the tunnel.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU8;

use terrace_account::{Account, Keys};
use terrace_net::Endpoint as Remote;
use terrace_ssm::Limits;
use terrace_tunnel::client::{self, AccountControl, Options, Tunnel, TunnelError, TunnelEvent};
use terrace_tunnel::endpoint::{
    AccountId, Database as Kept, DatabaseService, Endpoint, Name, Options as EndpointOptions, Place, Replica,
    Shape, System,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::database::{Database, bytes, checksum};

/// An endpoint before a database.
pub(crate) struct World {
    pub(crate) endpoint: Endpoint,
    pub(crate) database: Database,
    pub(crate) system: watch::Sender<System>,
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

impl World {
    pub(crate) async fn new(faults: &str) -> Self {
        let database = Database::start().await;
        let kept = Kept {
            identifier: name("items-prod-data"),
            service: DatabaseService::Rds,
            engine: "postgres".to_owned(),
            version: "16.4".to_owned(),
            port: "5432".parse().unwrap(),
            user: "items".to_owned(),
            name: "items".to_owned(),
            address: database.address,
        };
        let shape = Shape::Fargate {
            cluster: name("items-prod"),
            service: name("items-prod-app"),
            container: name("app"),
            exec: true,
        };
        let replicas = vec![Replica { start: "app-1".to_owned(), since: 1_795_000_000 }];
        let now = System { shape, replicas, database: Some(kept), others: BTreeMap::new() };
        let (system, watched) = watch::channel(now);
        let place = Place {
            region: "us-east-1".parse().unwrap(),
            account: AccountId::rehearsal(),
            run: "items prod".to_owned(),
        };
        let faults = faults.parse().unwrap();
        let options = EndpointOptions { place, system: watched, port: None, faults, seed: 20_261_121 };
        let endpoint = terrace_tunnel::endpoint::open(options).await.unwrap();
        Self { endpoint, database, system }
    }

    /// The database is now somewhere else, as after a failover.
    pub(crate) fn move_database(&mut self, database: Database) -> Database {
        self.system.send_modify(|system| {
            system.database.as_mut().unwrap().address = database.address;
        });
        std::mem::replace(&mut self.database, database)
    }

    pub(crate) fn control(&self) -> AccountControl {
        let account =
            Account::given("us-east-1", &self.endpoint.url(), Keys::new("AKIAEXAMPLE", "none", None));
        let (host, port) = self.endpoint.database().unwrap();
        let target = self.endpoint.targets().first().unwrap().parse().unwrap();
        AccountControl::new(account, target, Remote::new(host.parse().unwrap(), port))
    }

    pub(crate) async fn tunnel(&self) -> Tunnel<AccountControl> {
        self.tunnel_with(1, Limits::default()).await.unwrap()
    }

    pub(crate) async fn tunnel_with(
        &self,
        sessions: u8,
        limits: Limits,
    ) -> Result<Tunnel<AccountControl>, TunnelError> {
        let sessions = NonZeroU8::new(sessions).unwrap();
        client::open(self.control(), Options { sessions, limits, ..Options::default() }).await
    }
}

/// A program that has connected and said what it wants.
pub(crate) async fn program(local: SocketAddr, wants: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(local).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    tcp.write_all(format!("{wants}\n").as_bytes()).await.unwrap();
    tcp
}

/// Downloads, and compares.
pub(crate) async fn download(local: SocketAddr, seed: u64, count: u64) {
    let mut tcp = program(local, &format!("source {seed} {count}")).await;
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; 64 << 10];
    let mut came = 0;
    loop {
        let read = tcp.read(&mut piece).await.unwrap();
        if read == 0 {
            break;
        }
        came += read as u64;
        hasher.update(piece.get(..read).unwrap());
    }
    assert_eq!((came, hasher.finalize().to_string()), (count, checksum(seed, count)), "down {seed}");
}

/// Uploads, and compares what the database says.
pub(crate) async fn upload(local: SocketAddr, seed: u64, count: u64) {
    let mut tcp = program(local, &format!("sink {count}")).await;
    let mut piece = vec![0; 64 << 10];
    let mut at = 0;
    while at < count {
        let now = piece.len().min(usize::try_from(count - at).unwrap());
        let piece = piece.get_mut(..now).unwrap();
        bytes(seed, at, piece);
        tcp.write_all(piece).await.unwrap();
        at += now as u64;
    }
    let mut answer = [0; 65];
    tcp.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer).trim_end(), checksum(seed, count), "up {seed}");
}

/// Sends a piece to an echo, and compares what comes back.
pub(crate) async fn echo(tcp: &mut TcpStream, piece: &[u8]) {
    tcp.write_all(piece).await.unwrap();
    let mut back = vec![0; piece.len()];
    tcp.read_exact(&mut back).await.unwrap();
    assert!(back == piece, "{} bytes came back changed", piece.len());
}

/// Waits until the endpoint has as many sessions; it lets go of one a moment after it has answered.
pub(crate) async fn settled(endpoint: &Endpoint, sessions: usize) {
    while endpoint.sessions() != sessions {
        tokio::task::yield_now().await;
    }
}

/// Waits for an event; all that come before it are let go.
pub(crate) async fn until(
    tunnel: &mut Tunnel<AccountControl>,
    is: impl Fn(&TunnelEvent) -> bool,
) -> TunnelEvent {
    loop {
        let event = tunnel.events().recv().await.unwrap();
        if is(&event) {
            return event;
        }
    }
}
