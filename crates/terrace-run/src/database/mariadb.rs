//! MariaDB and MySQL: a data folder with no account that opens without a password, an administrator, and an
//! application that has all rights on its one database.
//!
//! The server takes TCP connections on 127.0.0.1 and those of a socket inside its own, private folder. No option
//! file of the machine is read. MariaDB is told the SQL mode of MySQL 8, so that standing in for it hides no error.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use terrace_local::DatabasePlan;
use terrace_net::Port;

use super::DatabaseError;
use super::binaries::Binaries;
use super::home::{Home, Made, TEMPORARY};
use super::server::{ADMINISTRATOR, Durable, Passwords};
use super::tool::{Hands, Tool};
use super::version::Maker;
use crate::leash::{Identity, Inherited, Launch, StopSignal};

/// The pid file, in the data folder.
pub(crate) const PID_FILE: &str = "server.pid";

/// The program that makes a data folder of MariaDB's.
pub(crate) fn installer(binaries: &Binaries) -> Option<PathBuf> {
    binaries.beside("mariadb-install-db").or_else(|| binaries.beside("mysql_install_db"))
}

/// Makes the data folder, with its database and its users.
pub(crate) async fn make(
    binaries: &Binaries,
    home: &Home,
    plan: &DatabasePlan,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    let nascent = home.begin()?;
    let server = nascent.server();
    if binaries.maker == Maker::Mysql {
        let statements = nascent.private_file(&statements(binaries, plan, passwords))?;
        let mut args = common(binaries, &server);
        args.extend(["--initialize-insecure".into(), option("--init-file", statements.path())]);
        run(Tool::new(&binaries.server), args, &server, passwords, hands).await?;
    } else {
        let Some(installer) = installer(binaries) else {
            let server = binaries.server.clone();
            return Err(DatabaseError::Incomplete { server, lacks: "mariadb-install-db" });
        };
        // This account lives until the next statement: no server runs before it is gone.
        let mut args = common(binaries, &server);
        args.extend(["--auth-root-authentication-method=normal", "--skip-test-db"].map(Into::into));
        args.push("--innodb-flush-method=nosync".into());
        run(Tool::new(&installer), args, &server, passwords, hands).await?;
        grant(binaries, &server, plan, passwords, hands, Durable::No).await?;
    }
    nascent.settle(&Made::by(binaries, plan))
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
    let statements = statements(binaries, plan, passwords);
    let mut args = common(binaries, server);
    if binaries.maker == Maker::Mysql {
        // MySQL has no such mode: it starts, closed to everyone, does as the file says, and ends itself.
        let file = super::home::private_file(server, &format!("{statements}SHUTDOWN;\n"), hands.identity)?;
        args.extend(["--skip-networking".into(), option("--init-file", file.path())]);
        return run(Tool::new(&binaries.server), args, server, passwords, hands).await;
    }
    args.push("--bootstrap".into());
    if durable == Durable::No {
        args.push("--innodb-flush-method=nosync".into());
    }
    run(Tool::new(&binaries.server).input(statements), args, server, passwords, hands).await
}

async fn run(
    tool: Tool<'_>,
    args: Vec<OsString>,
    server: &Path,
    passwords: &Passwords,
    hands: Hands<'_>,
) -> Result<(), DatabaseError> {
    tool.args(args)
        .folder(server)
        .identity(hands.identity)
        .secrets(passwords)
        .run(hands.executable)
        .await
        .map(drop)
        .map_err(DatabaseError::from)
}

/// One statement a line, each of which may be run again. Names and passwords need no escapes.
fn statements(binaries: &Binaries, plan: &DatabasePlan, passwords: &Passwords) -> String {
    let (user, database) = (&plan.user, &plan.database);
    let (application, administrator) = (passwords.application.reveal(), passwords.administrator.reveal());
    // MariaDB's bootstrap mode knows no accounts until it is told to read them.
    let (begin, accounts, collation) = match binaries.maker {
        Maker::Mysql => ("", "mysql.user", ""),
        _ if (10, 4) <= first_two(binaries) => {
            ("FLUSH PRIVILEGES;\n", "mysql.global_priv", " COLLATE utf8mb4_unicode_520_ci")
        }
        _ => ("FLUSH PRIVILEGES;\n", "mysql.user", " COLLATE utf8mb4_unicode_520_ci"),
    };
    format!(
        "{begin}\
         CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4{collation};\n\
         CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{application}';\n\
         ALTER USER '{user}'@'%' IDENTIFIED BY '{application}';\n\
         GRANT ALL PRIVILEGES ON `{database}`.* TO '{user}'@'%';\n\
         CREATE USER IF NOT EXISTS '{ADMINISTRATOR}'@'%' IDENTIFIED BY '{administrator}';\n\
         ALTER USER '{ADMINISTRATOR}'@'%' IDENTIFIED BY '{administrator}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{ADMINISTRATOR}'@'%' WITH GRANT OPTION;\n\
         DELETE FROM {accounts} WHERE User IN ('root', '');\n\
         FLUSH PRIVILEGES;\n"
    )
}

fn first_two(binaries: &Binaries) -> (u16, u16) {
    let mut numbers = binaries.version.numbers().iter().copied();
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

/// What every run of the server is told. `--no-defaults` has to come first.
fn common(binaries: &Binaries, server: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> = vec!["--no-defaults".into(), option("--datadir", server)];
    // In a shared one, each server that starts clears the others' tables away.
    args.push(option("--tmpdir", &server.with_file_name(TEMPORARY)));
    // Servers that were unpacked elsewhere than they were built for look for their messages there.
    let base = binaries.server.parent().and_then(Path::parent);
    if let Some(base) =
        base.filter(|base| ["share/mysql", "share/mariadb"].iter().any(|s| base.join(s).is_dir()))
    {
        args.push(option("--basedir", base));
    }
    args
}

fn option(name: &str, value: &Path) -> OsString {
    let mut text = OsString::from(name);
    text.push("=");
    text.push(value);
    text
}

/// How the server is run.
pub(crate) fn launch(binaries: &Binaries, home: &Home, port: Port, identity: Option<Identity>) -> Launch {
    let server = home.server();
    let mut args = common(binaries, &server);
    args.push(format!("--port={port}").into());
    args.push(format!("--pid-file={PID_FILE}").into());
    let settings = [
        "--bind-address=127.0.0.1",
        // From the data folder, which only the server's user can enter.
        "--socket=server.sock",
        "--skip-name-resolve",
        "--max-connections=200",
        "--character-set-server=utf8mb4",
        "--default-time-zone=+00:00",
    ];
    args.extend(settings.map(Into::into));
    args.extend(match binaries.maker {
        Maker::Mysql => vec!["--mysqlx=OFF".into()],
        _ => vec![
            "--collation-server=utf8mb4_unicode_520_ci".into(),
            "--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
             ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
                .into(),
        ],
    });
    Launch {
        program: binaries.server.clone().into(),
        args,
        environment: Vec::new(),
        inherited: Inherited::Basics,
        folder: server,
        identity,
        stop_signal: StopSignal::Terminate,
        stop_within: Duration::from_secs(30),
    }
}
