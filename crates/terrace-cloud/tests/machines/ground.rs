//! A system, its account, and what is told.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use terrace_account::objects::Bucket;
use terrace_account::{Account, Content, Keys, Patience};
use terrace_cloud::deployed::{MachineParty, Machines, Names, Party, Shape};
use terrace_cloud::foundation::System;
use terrace_cloud::release::machines::{Artifact, Event, Released, Wish, put, release};
use terrace_cloud::release::{Failure, Pace};

use crate::server::Server;

pub(crate) const PACE: Pace = Pace { every: Duration::ZERO, most: 200 };

pub(crate) fn party(name: &str) -> Party {
    name.parse().unwrap()
}

pub(crate) fn names(parties: &[&str], production: bool) -> Names {
    let one = |name: &&str| MachineParty {
        party: party(name),
        group: format!("items-{name}").parse().unwrap(),
        launch_template: format!("lt-{name}").parse().unwrap(),
        log_group: format!("/items/{name}").parse().unwrap(),
    };
    let artifacts_bucket = "terrace-123456789012-eu-west-1".parse().unwrap();
    Names {
        system: "items".parse().unwrap(),
        environment: "default".parse().unwrap(),
        production,
        account: "123456789012".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        shape: Shape::Machines(Box::new(Machines {
            parties: parties.iter().map(one).collect(),
            artifacts_bucket,
            assets: None,
        })),
        database: None,
        url: None,
    }
}

pub(crate) fn account(server: &Server) -> Account {
    let patience =
        Patience { silence: Duration::from_millis(2000), pause: Duration::from_millis(1), broken: true };
    Account::given("eu-west-1", &server.address, Keys::new("AKID", "secret", None)).with(patience)
}

pub(crate) fn artifact(text: &str) -> Artifact {
    let archive = Content::bytes(text.as_bytes().to_vec());
    let program = Content::bytes("ELF");
    Artifact::of(BTreeMap::from([("app.tar.gz".to_owned(), archive), ("terrace-boot".to_owned(), program)]))
        .unwrap()
}

/// Everything that a release does: each party's files, then its machines.
pub(crate) async fn run(
    server: &Server,
    names: &Names,
    parties: &[&str],
    events: &Mutex<Vec<Event>>,
) -> Result<Vec<Released>, Failure> {
    let account = account(server);
    let bucket = Bucket::new(&account, "terrace-123456789012-eu-west-1".parse().unwrap());
    let told = |event| events.lock().unwrap().push(event);
    let mut wishes = Vec::new();
    for name in parties {
        let artifact = artifact(name);
        put(&bucket, &System::from(names), &party(name), &artifact, &told).await?;
        wishes.push(Wish { party: party(name), digest: artifact.digest() });
    }
    release(&account, names, &wishes, PACE, &told).await
}
