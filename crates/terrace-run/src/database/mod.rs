//! The data tier: a real PostgreSQL or MariaDB server that belongs to one project.
//!
//! [`prepare()`] finds or fetches the server, makes its data folder if there is none, and says how to run it;
//! [`Prepared::before_start`] and [`Prepared::ready`] go around every start.
//!
//! Guarantees: the server listens on 127.0.0.1 only, on a port that is not the engine's own; everyone who connects
//! needs a password that was made for this project; it never runs as root; a data folder is whole or not there;
//! data of another version is left alone.

mod binaries;
mod client;
pub mod clients;
mod fetch;
mod home;
mod identity;
mod mariadb;
mod postgres;
mod prepare;
mod reset;
mod server;
mod settle;
mod shell;
mod survey;
mod tool;
mod unpack;
mod version;

pub use client::ProbeError;
pub use identity::NoIdentityError;
pub use prepare::{DatabaseOptions, Prepared, prepare};
pub use reset::{data_folders, reset};
pub use shell::{ShellError, access, login, shell};
pub use survey::{Found, survey};
pub use tool::ToolError;
pub use version::Maker;

use std::io;
use std::path::PathBuf;

use terrace_topology::{Engine, EngineVersion};

use crate::state::{SecretsError, StateError};

/// Why there is no database server.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// None is on this machine, and none could be fetched.
    #[error("{}", missing(*engine, asked, why.as_deref()))]
    Missing {
        /// For which engine.
        engine: Engine,
        /// In which version.
        asked: EngineVersion,
        /// Why none was fetched, if that was tried.
        why: Option<String>,
    },
    /// The folder that was named has none.
    #[error("no {} server with all its programs is in `{}`", engine.title(), folder.display())]
    NotThere {
        /// For which engine.
        engine: Engine,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A program that belongs to the server is not beside it.
    #[error("`{}` has no `{lacks}` beside it; install the whole server package", server.display())]
    Incomplete {
        /// The server.
        server: PathBuf,
        /// What is not there.
        lacks: &'static str,
    },
    /// A data folder is of another version than its name says.
    #[error(
        "`{}` holds data of version {found}, which {server} cannot use; rename the folder to match the version, or set `data.version` to it, or throw the data away with `terrace db reset`",
        folder.display()
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// The version in it.
        found: String,
        /// The server that was to use it.
        server: String,
    },
    /// A data folder that Terrace did not make, or not to its end.
    #[error(
        "`{}` is no database folder that Terrace made; move it away, or throw it away with `terrace db reset`",
        folder.display()
    )]
    StrangeFolder {
        /// Which.
        folder: PathBuf,
    },
    /// Another server uses the data folder.
    #[error("process {pid} uses `{}`; end it first: only one server can have the data", folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Who uses it.
        pid: i32,
    },
    /// The server refused a statement.
    #[error("the database refused {what}: {said}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// What it said.
        said: String,
    },
    /// The server did not come to answer.
    #[error("the database did not answer within {} s: {last}", within.as_secs())]
    NotReady {
        /// How long it was given.
        within: std::time::Duration,
        /// What its last answer was.
        last: ProbeError,
    },
    /// Nobody to run it as.
    #[error(transparent)]
    Identity(#[from] NoIdentityError),
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The passwords.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// No port.
    #[error("no free port for the database: {0}")]
    Port(io::Error),
}

fn missing(engine: Engine, asked: &EngineVersion, why: Option<&str>) -> String {
    let (apt, dnf, brew) = match engine {
        Engine::Postgres => ("postgresql", "postgresql-server", format!("postgresql@{}", asked.major())),
        Engine::Mysql => ("mariadb-server", "mariadb-server", "mariadb".to_owned()),
    };
    let why = why.map(|why| format!("\n  {why}")).unwrap_or_default();
    format!(
        "no {} server is on this machine, and none was fetched{why}\n  \
         install one (Terrace starts its own; the package's service need not run):\n    \
         Debian, Ubuntu: sudo apt install {apt}\n    \
         Fedora, RHEL:   sudo dnf install {dnf}\n    \
         macOS:          brew install {brew}\n  \
         or say where its programs are: --db-bin FOLDER, or TERRACE_DB_BIN",
        engine.title()
    )
}
