//! The data tier.

use std::fmt;
use std::str::FromStr;

use terrace_net::Port;

use crate::{BackupDays, CommandLine, DatabaseClass, Gibibytes};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL, or MariaDB where that stands in for it.
    Mysql,
}

impl Engine {
    /// Its own port.
    pub const fn port(self) -> Port {
        match self {
            Self::Postgres => Port::POSTGRES,
            Self::Mysql => Port::MYSQL,
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }

    /// The scheme of its URLs.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }
}

/// A version as asked for: `16`, `16.4`, `8.0`, `8.0.39`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineVersion(Vec<u16>);

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is one to three numbers, such as `16` or `8.0`")]
pub struct EngineVersionError;

impl EngineVersion {
    /// The first number.
    pub fn major(&self) -> u16 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The numbers, one to three.
    pub fn numbers(&self) -> &[u16] {
        &self.0
    }

    /// Whether `found` is a version of what was asked for: every number asked for is the same.
    pub fn is_met_by(&self, found: &Self) -> bool {
        found.0.starts_with(&self.0)
    }
}

impl FromStr for EngineVersion {
    type Err = EngineVersionError;

    fn from_str(text: &str) -> Result<Self, EngineVersionError> {
        let is_number =
            |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !text.split('.').all(is_number) {
            return Err(EngineVersionError);
        }
        let numbers: Result<Vec<u16>, _> = text.split('.').map(str::parse).collect();
        match numbers {
            Ok(numbers) if numbers.len() <= 3 && numbers.first() != Some(&0) => Ok(Self(numbers)),
            _ => Err(EngineVersionError),
        }
    }
}

impl fmt::Display for EngineVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for number in &self.0 {
            write!(f, "{separator}{number}")?;
            separator = ".";
        }
        Ok(())
    }
}

/// The database of a system. It never has a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Which.
    pub engine: Engine,
    /// Of which version.
    pub version: EngineVersion,
    /// Whether a second one stands by in another zone.
    pub standby: bool,
    /// On which kind of server, if that was chosen.
    pub class: Option<DatabaseClass>,
    /// How much room it has, if that was chosen.
    pub storage: Option<Gibibytes>,
    /// For how long its backups are kept.
    pub backup_days: BackupDays,
    /// Whether it is kept from being deleted.
    pub protected: bool,
    /// What brings its tables to what a release expects: runs once for each release before that release serves, in
    /// the app's folder, with what the app runs with and the app's environment.
    pub migrate: Option<CommandLine>,
}
