//! What `bench/tunnel` measures against: the rehearsal endpoint, and behind it a "database" that takes, gives or echoes bytes.
//!
//! Usage: `far_end [FAULTS]`. Prints one line of JSON (`url`, `target`, `host`, `port`, and `direct`, where the database itself
//! is), and ends when its standard input does. Of a connection to the database the first byte says what it is for: `T` and
//! eight bytes, how many follow and are to be taken, then one byte comes back; `G` and eight bytes, how many are to be given;
//! `E`, what comes goes back.
#![expect(clippy::print_stdout, reason = "the line is what this program is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;

use terrace_net::Port;
use terrace_tunnel::endpoint::{
    AccountId, Database, DatabaseService, Faults, Name, Options, Place, Replica, Shape, System, open,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const PIECE: usize = 1 << 17;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let faults: Faults = std::env::args().nth(1).unwrap_or_default().parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let direct = listener.local_addr()?;
    let serving = tokio::spawn(serve(listener));
    let place =
        Place { region: "us-east-1".parse()?, account: AccountId::rehearsal(), run: "bench".to_owned() };
    let shape = Shape::Fargate {
        cluster: name("bench")?,
        service: name("bench-app")?,
        container: name("app")?,
        exec: true,
    };
    let database = Database {
        identifier: name("bench-data")?,
        service: DatabaseService::Rds,
        engine: "postgres".to_owned(),
        version: "16.4".to_owned(),
        port: Port::new(5432)?,
        user: "bench".to_owned(),
        name: "bench".to_owned(),
        address: direct,
    };
    let replicas = vec![Replica { start: "app-1".to_owned(), since: 0 }];
    let system = System { shape, replicas, database: Some(database), others: BTreeMap::new() };
    let (_told, system) = watch::channel(system);
    let endpoint = open(Options { place, system, port: None, faults, seed: 0 }).await?;
    let (host, port) = endpoint.database().ok_or("no database")?;
    let targets = endpoint.targets();
    let target = targets.first().ok_or("no target")?;
    let line = serde_json::json!({
        "url": endpoint.url(), "target": target, "host": host, "port": port.get(), "direct": direct.port(),
    });
    println!("{line}");
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    endpoint.close("the measurement is over").await;
    serving.abort();
    Ok(())
}

fn name(text: &str) -> Result<Name, Box<dyn Error>> {
    Ok(text.parse()?)
}

async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client that leaves in the middle is no failure of this.
        tokio::spawn(async move { answer(stream).await.is_ok() });
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut piece = vec![0x5a; PIECE];
    match stream.read_u8().await? {
        b'T' => {
            let mut left = stream.read_u64().await?;
            while left > 0 {
                let count = stream.read(&mut piece).await?;
                if count == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
            }
            stream.write_u8(b'.').await
        }
        b'G' => {
            let mut left = usize::try_from(stream.read_u64().await?).unwrap_or(usize::MAX);
            while let Some(part) = piece.get(..left.min(PIECE)).filter(|part| !part.is_empty()) {
                stream.write_all(part).await?;
                left = left.saturating_sub(part.len());
            }
            Ok(())
        }
        _ => loop {
            let count = stream.read(&mut piece).await?;
            match piece.get(..count) {
                Some(part) if !part.is_empty() => stream.write_all(part).await?,
                _ => return Ok(()),
            }
        },
    }
}
