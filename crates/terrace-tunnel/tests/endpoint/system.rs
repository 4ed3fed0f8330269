//! Two systems, one of each shape, and an endpoint that stands for one of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use terrace_tunnel::endpoint::{
    AccountId, Database, DatabaseService, Endpoint, Faults, Name, Options, Place, Replica, Shape, System,
    open,
};
use tokio::sync::watch;

/// What a system runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fargate,
    /// Without ExecuteCommand.
    Closed,
    Ec2,
    /// Without a database.
    Bare,
}

/// The document of sessions to another host.
pub(crate) const DOCUMENT: &str = "AWS-StartPortForwardingSessionToRemoteHost";

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn system(kind: Kind, address: SocketAddr) -> System {
    let fargate = |exec| Shape::Fargate {
        cluster: name("items_prod"),
        service: name("items-prod-app"),
        container: name("app"),
        exec,
    };
    let shape = match kind {
        Kind::Fargate => fargate(true),
        Kind::Closed => fargate(false),
        Kind::Ec2 | Kind::Bare => Shape::Ec2 {
            group: name("items-prod-app"),
            tags: BTreeMap::from([("Name".to_owned(), "items-prod <app> & co".to_owned())]),
        },
    };
    let (service, engine) = match shape {
        Shape::Fargate { .. } => {
            let instances = vec![name("items-prod-data-1"), name("items-prod-data-2")];
            (DatabaseService::Aurora { instances }, "aurora-postgresql")
        }
        Shape::Ec2 { .. } => (DatabaseService::Rds, "postgres"),
    };
    let database = Database {
        identifier: name("items-prod-data"),
        service,
        engine: engine.to_owned(),
        version: "16.4".to_owned(),
        port: "5432".parse().unwrap(),
        user: "items".to_owned(),
        name: "items".to_owned(),
        address,
    };
    let replica = |number: u64| Replica { start: format!("app-{number}"), since: 1_795_000_000 + number };
    System {
        shape,
        replicas: vec![replica(1), replica(2)],
        database: (kind != Kind::Bare).then_some(database),
        others: BTreeMap::from([("localhost:5432".parse().unwrap(), address)]),
    }
}

/// An endpoint for a system whose database is at that address.
pub(crate) async fn opened(kind: Kind, address: SocketAddr, faults: &str) -> Endpoint {
    let (_, system) = watch::channel(system(kind, address));
    let place = Place {
        region: "us-east-1".parse().unwrap(),
        account: AccountId::rehearsal(),
        run: "/home/somebody/items prod".to_owned(),
    };
    let faults: Faults = faults.parse().unwrap();
    open(Options { place, system, port: None, faults, seed: 20_261_121 }).await.unwrap()
}
