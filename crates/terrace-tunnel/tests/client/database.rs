//! A server that stands for a database: echoes, sends, or takes what it is told to, and says what came.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A running one; it stops, with its connections, when it is dropped.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) address: SocketAddr,
    /// How many bytes it has written in all.
    pub(crate) written: watch::Receiver<u64>,
    /// How many connections it has had.
    pub(crate) connections: watch::Receiver<u64>,
    task: AbortHandle,
}

impl Drop for Database {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The bytes of a transfer: the same for the same seed, and any cut, doubled or changed piece shows.
pub(crate) fn bytes(seed: u64, at: u64, into: &mut [u8]) {
    let mut output = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    output.set_position(at);
    output.fill(into);
}

/// The checksum of that many of them.
pub(crate) fn checksum(seed: u64, count: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; 64 << 10];
    let mut at = 0;
    while at < count {
        let now = piece.len().min(usize::try_from(count - at).unwrap());
        let piece = piece.get_mut(..now).unwrap();
        bytes(seed, at, piece);
        hasher.update(piece);
        at += now as u64;
    }
    hasher.finalize().to_string()
}

impl Database {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (count, written) = watch::channel(0);
        let (had, connections) = watch::channel(0);
        let count = Arc::new(count);
        let task = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                had.send_modify(|had| *had += 1);
                running.spawn(serve(tcp, Arc::clone(&count)));
            }
        });
        Self { address, written, connections, task: task.abort_handle() }
    }
}

/// `echo`, `source SEED COUNT`, or `sink COUNT`, and a line feed.
async fn serve(tcp: TcpStream, written: Arc<watch::Sender<u64>>) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut tcp = BufReader::with_capacity(64 << 10, tcp);
    let mut line = String::new();
    tcp.read_line(&mut line).await?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |word: &str| word.parse::<u64>().unwrap();
    match words.as_slice() {
        ["echo"] => {
            let mut piece = vec![0; 64 << 10];
            loop {
                let read = tcp.read(&mut piece).await?;
                if read == 0 {
                    return Ok(());
                }
                tcp.get_mut().write_all(piece.get(..read).unwrap()).await?;
            }
        }
        ["source", seed, count] => {
            let (seed, count) = (number(seed), number(count));
            let mut piece = vec![0; 64 << 10];
            let mut at = 0;
            while at < count {
                let now = piece.len().min(usize::try_from(count - at).unwrap());
                let piece = piece.get_mut(..now).unwrap();
                bytes(seed, at, piece);
                tcp.get_mut().write_all(piece).await?;
                at += now as u64;
                written.send_modify(|written| *written += now as u64);
            }
            Ok(())
        }
        ["sink", count] => {
            let mut rest = tcp.take(number(count));
            let mut hasher = blake3::Hasher::new();
            let mut piece = vec![0; 64 << 10];
            loop {
                let read = rest.read(&mut piece).await?;
                if read == 0 {
                    break;
                }
                hasher.update(piece.get(..read).unwrap());
            }
            let answer = format!("{}\n", hasher.finalize());
            let mut tcp = rest.into_inner();
            tcp.get_mut().write_all(answer.as_bytes()).await?;
            // The client ends it, once it has read that.
            tcp.read(&mut piece).await.map(drop)
        }
        other => panic!("{other:?}"),
    }
}
