//! Databases as RDS and Aurora offer them: versions, classes, and the words AWS has for both.

mod classes;
mod versions;

use terrace_topology::Engine;

pub use classes::{ClassFacts, ClassUnavailable, class, class_offered_in, smallest_class};
pub use versions::{DatabaseVersion, IsoDate, Unavailable, resolve};

#[cfg(test)]
pub(super) use classes::problems as class_problems;
#[cfg(test)]
pub(super) use versions::problems as version_problems;

/// The certificate authority whose certificates a new database serves: valid to 2061, in every region
/// ("Using SSL/TLS to encrypt a connection to a DB instance").
pub const CA_CERTIFICATE: &str = "rds-ca-rsa2048-g1";

/// Which of the two services runs a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DatabaseService {
    /// RDS: one instance, and a standby if asked.
    Rds,
    /// Aurora: a cluster with a writer and readers on shared storage.
    Aurora,
}

impl DatabaseService {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rds => "RDS",
            Self::Aurora => "Aurora",
        }
    }

    /// The engine's name in the API and in Terraform (`engine`).
    pub const fn engine_name(self, engine: Engine) -> &'static str {
        match (self, engine) {
            (Self::Rds, Engine::Postgres) => "postgres",
            (Self::Rds, Engine::Mysql) => "mysql",
            (Self::Aurora, Engine::Postgres) => "aurora-postgresql",
            (Self::Aurora, Engine::Mysql) => "aurora-mysql",
        }
    }

    /// The logs worth sending to CloudWatch: errors and slow statements, never the statements of everyone
    /// ("Publishing database logs to Amazon CloudWatch Logs").
    pub const fn log_exports(self, engine: Engine) -> &'static [&'static str] {
        match (self, engine) {
            (Self::Rds, Engine::Postgres) => &["postgresql", "upgrade"],
            (Self::Aurora, Engine::Postgres) => &["postgresql"],
            (_, Engine::Mysql) => &["error", "slowquery"],
        }
    }

    /// The parameter that refuses connections without TLS. On Aurora it is one of the cluster's group
    /// ("Requiring SSL/TLS for all connections"; RDS takes 0 and 1 where Aurora takes OFF and ON).
    pub const fn tls_parameter(self, engine: Engine) -> Parameter {
        match (self, engine) {
            (_, Engine::Postgres) => Parameter { name: "rds.force_ssl", value: "1" },
            (Self::Rds, Engine::Mysql) => Parameter { name: "require_secure_transport", value: "1" },
            (Self::Aurora, Engine::Mysql) => Parameter { name: "require_secure_transport", value: "ON" },
        }
    }
}

/// A parameter of a parameter group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: &'static str,
}
