//! What the engines have in common, and the one place that tells them apart.

use std::path::Path;

use terrace_local::DatabasePlan;
use terrace_net::Port;

use super::binaries::Binaries;
use super::home::Home;
use super::tool::Hands;
use super::version::Maker;
use super::{DatabaseError, mariadb, postgres};
use crate::leash::{Identity, Launch};
use crate::state::{Freshness, Password, Secret, Secrets, SecretsError};

/// The administrator of a server that Terrace made. No [`DatabaseName`](terrace_topology::DatabaseName) begins so.
pub(crate) const ADMINISTRATOR: &str = "_terrace";

/// The passwords that a server is made with.
pub(crate) struct Passwords {
    pub(crate) application: Secret,
    pub(crate) administrator: Secret,
    /// Whether a data folder that was there before knows others, or none.
    pub(crate) new: bool,
}

impl Passwords {
    pub(crate) fn of(secrets: &Secrets) -> Result<Self, SecretsError> {
        let (application, first) = secrets.password(Password::Application)?;
        let (administrator, second) = secrets.password(Password::Administrator)?;
        let new = first == Freshness::New || second == Freshness::New;
        Ok(Self { application, administrator, new })
    }
}

/// Whether what is written has to be on disk at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// Yes.
    Yes,
    /// No: all of it is synced later.
    No,
}

/// Makes a home, with its database and its users.
pub(crate) async fn make(
    binaries: &Binaries,
    home: &Home,
    plan: &DatabasePlan,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    match binaries.maker {
        Maker::Postgresql => postgres::make(binaries, home, plan, passwords, hands).await,
        Maker::Mysql | Maker::Mariadb => mariadb::make(binaries, home, plan, passwords, hands).await,
    }
}

/// Has a home that nobody uses know the plan's names and these passwords.
pub(crate) async fn grant(
    binaries: &Binaries,
    server: &Path,
    plan: &DatabasePlan,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    let durable = Durable::Yes;
    match binaries.maker {
        Maker::Postgresql => postgres::grant(binaries, server, plan, passwords, hands, durable).await,
        Maker::Mysql | Maker::Mariadb => {
            mariadb::grant(binaries, server, plan, passwords, hands, durable).await
        }
    }
}

/// How the server is run.
pub(crate) fn launch(binaries: &Binaries, home: &Home, port: Port, identity: Option<Identity>) -> Launch {
    match binaries.maker {
        Maker::Postgresql => postgres::launch(binaries, home, port, identity),
        Maker::Mysql | Maker::Mariadb => mariadb::launch(binaries, home, port, identity),
    }
}

/// The file in the data folder that names the process that uses it.
pub(crate) fn pid_file(maker: Maker) -> &'static str {
    match maker {
        Maker::Postgresql => "postmaster.pid",
        Maker::Mysql | Maker::Mariadb => mariadb::PID_FILE,
    }
}
