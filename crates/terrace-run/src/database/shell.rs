//! A database client on the running database, for people: `psql`, `mariadb` or `mysql`, whichever the machine has.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use terrace_local::{DatabaseAccess, DatabasePlan, ProcessName};
use terrace_net::{Endpoint, Host};
use terrace_topology::Engine;

use super::clients::{ClientSetupError, Errand, Login, Tls, clients};
use super::server::Passwords;
use super::{DatabaseError, ProbeError, client};
use crate::state::{Holder, Secret, StateFolder};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// Nothing runs.
    #[error("the database does not run: start it with `terrace up`")]
    NotRunning,
    /// It runs and does not answer.
    #[error("the database at {endpoint} does not answer: {why}")]
    NoAnswer {
        /// Where it should be.
        endpoint: Endpoint,
        /// What came back.
        why: ProbeError,
    },
    /// The machine has no client.
    #[error("{}", no_client(*.0, *.1))]
    NoClient(Engine, Errand),
    /// The client cannot be told where to go.
    #[error(transparent)]
    Setup(#[from] ClientSetupError),
    /// The passwords or the state folder.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

fn no_client(engine: Engine, errand: Errand) -> String {
    let (apt, dnf, brew) = match engine {
        Engine::Postgres => ("postgresql-client", "postgresql", "libpq && brew link --force libpq"),
        Engine::Mysql => ("mariadb-client", "mariadb", "mariadb"),
    };
    let name = errand.programs(engine).first().copied().unwrap_or_default();
    let other = match errand {
        Errand::Shell => "\n  or use any other client, with what `terrace db url` prints",
        Errand::Dump | Errand::Archive => "",
    };
    format!(
        "`{name}`, a client of {}, is not on this machine; install it\n    \
         Debian, Ubuntu: sudo apt install {apt}\n    \
         Fedora, RHEL:   sudo dnf install {dnf}\n    \
         macOS:          brew install {brew}{other}",
        engine.title()
    )
}

/// How the database of a run is reached, password included. It says nothing about whether it runs now.
pub fn access(
    plan: &DatabasePlan,
    process: &ProcessName,
    state: &StateFolder,
) -> Result<Option<DatabaseAccess>, DatabaseError> {
    let Some(port) = state.ports().of(process) else { return Ok(None) };
    let passwords = Passwords::of(&state.secrets())?;
    Ok(Some(DatabaseAccess {
        engine: plan.engine,
        endpoint: Endpoint::new(Host::Address(Ipv4Addr::LOCALHOST.into()), port),
        database: plan.database.clone(),
        user: plan.user.clone(),
        password: passwords.application.reveal().to_owned(),
    }))
}

/// How a client reaches the running database. It has answered a moment ago.
pub async fn login(
    plan: &DatabasePlan,
    process: &ProcessName,
    state: &StateFolder,
) -> Result<Login, ShellError> {
    if Holder::of(state).is_none() {
        return Err(ShellError::NotRunning);
    }
    let access = access(plan, process, state)?.ok_or(ShellError::NotRunning)?;
    if let Err(why) = client::ask(&access).await {
        return Err(ShellError::NoAnswer { endpoint: access.endpoint, why });
    }
    Ok(Login {
        engine: access.engine,
        host: access.endpoint.host().to_string(),
        at: SocketAddr::from((Ipv4Addr::LOCALHOST, access.endpoint.port().get())),
        database: Some(access.database.to_string()),
        user: access.user.to_string(),
        password: Secret::new(access.password),
        tls: Tls::Off,
    })
}

/// The client on the running database, with `args` handed on to it, ready to be run or turned into
/// ([`std::os::unix::process::CommandExt::exec`]). No argument holds the password.
pub async fn shell(
    plan: &DatabasePlan,
    process: &ProcessName,
    state: &StateFolder,
    args: &[OsString],
) -> Result<Command, ShellError> {
    let login = login(plan, process, state).await?;
    let program = clients(plan.engine, Errand::Shell)
        .await
        .pop()
        .ok_or(ShellError::NoClient(plan.engine, Errand::Shell))?;
    // What is turned into a client cannot take its option file away: that lies beside the password itself.
    let options = state.path().join("secrets").join("data.client.cnf");
    let mut ready = login.client(&program, Some(&options))?;
    ready.command.args(args);
    Ok(ready.command)
}
