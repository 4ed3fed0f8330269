//! A database client on the running database, for people: `psql`, `mariadb` or `mysql`, whichever the machine has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use terrace_local::{DatabaseAccess, DatabasePlan, ProcessName};
use terrace_net::{Endpoint, Host};
use terrace_topology::Engine;

use super::binaries::usual_folders;
use super::server::Passwords;
use super::{DatabaseError, ProbeError, client};
use crate::state::{Holder, StateError, StateFolder, replace_private};

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
    #[error("{}", no_client(*.0))]
    NoClient(Engine),
    /// The passwords or the state folder.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

fn no_client(engine: Engine) -> String {
    let (name, apt, dnf, brew) = match engine {
        Engine::Postgres => ("psql", "postgresql-client", "postgresql", "libpq && brew link --force libpq"),
        Engine::Mysql => ("mariadb", "mariadb-client", "mariadb", "mariadb"),
    };
    format!(
        "`{name}`, the client of {}, is not on this machine; install it\n    \
         Debian, Ubuntu: sudo apt install {apt}\n    \
         Fedora, RHEL:   sudo dnf install {dnf}\n    \
         macOS:          brew install {brew}\n  \
         or use any other client, with what `terrace db url` prints",
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
        endpoint: Endpoint::new(Host::Address(std::net::Ipv4Addr::LOCALHOST.into()), port),
        database: plan.database.clone(),
        user: plan.user.clone(),
        password: passwords.application.reveal().to_owned(),
    }))
}

/// The client on the running database, with `args` handed on to it, ready to be run or turned into
/// ([`std::os::unix::process::CommandExt::exec`]). No argument holds the password.
pub async fn shell(
    plan: &DatabasePlan,
    process: &ProcessName,
    state: &StateFolder,
    args: &[OsString],
) -> Result<Command, ShellError> {
    if Holder::of(state).is_none() {
        return Err(ShellError::NotRunning);
    }
    let access = access(plan, process, state)?.ok_or(ShellError::NotRunning)?;
    if let Err(why) = client::ask(&access).await {
        return Err(ShellError::NoAnswer { endpoint: access.endpoint, why });
    }
    let names: &[&str] = match access.engine {
        Engine::Postgres => &["psql"],
        Engine::Mysql => &["mariadb", "mysql"],
    };
    let program = find(access.engine, names).ok_or(ShellError::NoClient(access.engine))?;
    let mut command = Command::new(program);
    match access.engine {
        Engine::Postgres => postgres(&mut command, &access),
        Engine::Mysql => mysql(&mut command, &access, state).map_err(DatabaseError::from)?,
    }
    command.args(args);
    Ok(command)
}

fn find(engine: Engine, names: &[&str]) -> Option<PathBuf> {
    let folders = usual_folders(engine);
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}

/// The settings are those of libpq; what the user has set for other databases is not meant for this one.
fn postgres(command: &mut Command, access: &DatabaseAccess) {
    for name in ["PGHOSTADDR", "PGOPTIONS", "PGPASSFILE", "PGREQUIREAUTH", "PGSERVICE", "PGSSLROOTCERT"] {
        command.env_remove(name);
    }
    command
        .env("PGHOST", access.endpoint.host().to_string())
        .env("PGPORT", access.endpoint.port().to_string())
        .env("PGUSER", access.user.as_str())
        .env("PGDATABASE", access.database.as_str())
        .env("PGPASSWORD", &access.password)
        .env("PGSSLMODE", "disable")
        .arg("--no-password");
}

/// The clients of MySQL and MariaDB take the password from an option file; it lies beside the password itself.
fn mysql(command: &mut Command, access: &DatabaseAccess, state: &StateFolder) -> Result<(), StateError> {
    let file = state.path().join("secrets").join("data.client.cnf");
    let text = format!(
        "[client]\nhost={}\nport={}\nprotocol=tcp\nuser={}\npassword={}\n",
        access.endpoint.host(),
        access.endpoint.port(),
        access.user,
        access.password
    );
    replace_private(&file, text.as_bytes()).map_err(StateError::of("write", &file))?;
    let mut option = OsString::from("--defaults-file=");
    option.push(&file);
    command.arg(option).arg(format!("--database={}", access.database));
    Ok(())
}
