//! PostgreSQL: a data folder made with `initdb`, an administrator, and an application that owns its one database.
//!
//! The server takes TCP connections on 127.0.0.1 only, no Unix socket, and asks everyone for a password
//! (`scram-sha-256`). Settings follow the PostgreSQL manual, chapter 19.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use terrace_local::DatabasePlan;
use terrace_net::Port;

use super::DatabaseError;
use super::binaries::Binaries;
use super::home::{Home, Made, Nascent};
use super::server::{ADMINISTRATOR, Durable, Passwords};
use super::tool::{Hands, Tool, ToolError};
use crate::leash::{Identity, Inherited, Launch, StopSignal};

/// Makes the data folder, with its database and its users.
pub(crate) async fn make(
    binaries: &Binaries,
    home: &Home,
    plan: &DatabasePlan,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    let nascent = home.begin()?;
    initialise(binaries, &nascent, passwords, hands).await?;
    grant(binaries, &nascent.server(), plan, passwords, hands, Durable::No).await?;
    nascent.settle(&Made::by(binaries, plan))
}

async fn initialise(
    binaries: &Binaries,
    nascent: &Nascent,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    let Some(initdb) = binaries.beside("initdb") else {
        return Err(DatabaseError::Incomplete { server: binaries.server.clone(), lacks: "initdb" });
    };
    let mut last = None;
    for locale in locales(binaries) {
        let password = nascent.private_file(passwords.administrator.reveal())?;
        let server = nascent.server();
        let mut args: Vec<OsString> = vec!["--pgdata".into(), server.clone().into()];
        args.extend(["--username", ADMINISTRATOR, "--auth=scram-sha-256", "--encoding=UTF8"].map(Into::into));
        args.extend(["--pwfile".into(), password.path().into(), "--no-sync".into()]);
        args.extend(locale.iter().map(Into::into));
        // Other groups' rights, umask and the like are initdb's own business: it makes everything 0700 or 0600.
        let ended = Tool::new(&initdb)
            .args(&args)
            .folder(&server)
            .identity(hands.identity)
            .secrets(passwords)
            .run(hands.executable)
            .await;
        match ended {
            Ok(_) => return Ok(()),
            // A machine without that locale; initdb says so before it writes anything.
            Err(ToolError::Failed { said, .. }) if said.contains("locale") && last.is_none() => {
                last = Some(said);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sorting by bytes everywhere, so that an index means the same on every machine, and upper and lower case as Unicode
/// has them, where the machine knows that.
fn locales(binaries: &Binaries) -> &'static [&'static [&'static str]] {
    if binaries.version.major() >= 17 {
        &[&["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"], &["--locale=C"]]
    } else {
        &[&["--locale=C", "--lc-ctype=C.UTF-8"], &["--locale=C"]]
    }
}

/// Makes the application's user and database where they are not there yet, and sets both passwords. The server must
/// not be running.
pub(crate) async fn grant(
    binaries: &Binaries,
    server: &Path,
    plan: &DatabasePlan,
    passwords: &Passwords,
    hands: Hands<'_>,
    durable: Durable,
) -> Result<(), DatabaseError> {
    let (user, database) = (&plan.user, &plan.database);
    let (application, administrator) = (passwords.application.reveal(), passwords.administrator.reveal());
    // One statement a line: that is how the single-user mode reads them. Names and passwords need no escapes.
    let statements = format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') THEN CREATE ROLE \"{user}\" LOGIN; END IF; END $$;\n\
         ALTER ROLE \"{user}\" LOGIN PASSWORD '{application}';\n\
         ALTER ROLE \"{ADMINISTRATOR}\" PASSWORD '{administrator}';\n\
         CREATE DATABASE \"{database}\" OWNER \"{user}\";\n\
         REVOKE ALL ON DATABASE \"{database}\" FROM PUBLIC;\n"
    );
    let mut args: Vec<OsString> = vec!["--single".into(), "-D".into(), server.into()];
    if durable == Durable::No {
        args.push("-F".into());
    }
    args.extend(["-c", "log_statement=none", "-c", "log_min_error_statement=panic"].map(Into::into));
    args.push("postgres".into());
    let said = Tool::new(&binaries.server)
        .args(&args)
        .folder(server)
        .identity(hands.identity)
        .input(statements)
        .secrets(passwords)
        .run(hands.executable)
        .await?;
    let failed = said.errors.lines().find(|line| {
        (line.contains("ERROR:") || line.contains("FATAL:")) && !line.contains("already exists")
    });
    match failed {
        Some(line) => {
            Err(DatabaseError::Refused { what: "making the user and the database", said: line.to_owned() })
        }
        None => Ok(()),
    }
}

/// How the server is run.
pub(crate) fn launch(binaries: &Binaries, home: &Home, port: Port, identity: Option<Identity>) -> Launch {
    let server = home.server();
    let mut args: Vec<OsString> =
        vec!["-D".into(), server.clone().into(), "-p".into(), port.to_string().into()];
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        // Replicas times their pools: a dozen replicas of SQLAlchemy's 15 do not fit the default of 100.
        "max_connections=200",
        "password_encryption=scram-sha-256",
        "logging_collector=off",
        "log_destination=stderr",
        "log_timezone=UTC",
        "timezone=UTC",
        // As RDS has it from version 15 on: see who waits for whom.
        "log_lock_waits=on",
    ];
    // After a crash: one sync of the file system instead of one for each of a thousand files.
    let quick = (cfg!(target_os = "linux") && binaries.version.major() >= 14)
        .then_some("recovery_init_sync_method=syncfs");
    for setting in settings.into_iter().chain(quick) {
        args.extend(["-c".into(), setting.into()]);
    }
    Launch {
        program: binaries.server.clone().into(),
        args,
        environment: Vec::new(),
        inherited: Inherited::Basics,
        folder: server,
        identity,
        stop_signal: StopSignal::Interrupt,
        stop_within: Duration::from_secs(20),
    }
}
