//! What the environment decides: where the database is, where to listen, how much to log.
//!
//! All that is wrong is reported at once, and no message repeats the database's address, because
//! it carries the password.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The settings of one process.
pub struct Settings {
    database: DatabaseUrl,
    listen: SocketAddr,
    log_level: String,
}

/// The database's address; its scheme decides the engine. Never printed: it holds the password.
pub struct DatabaseUrl {
    engine: Engine,
    url: String,
}

/// The engines this API runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL 14 or newer.
    Postgres,
    /// MySQL 8 or MariaDB 10.6, or newer.
    MySql,
}

/// Every setting that is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the environment is not right: {}", .0.join("; "))]
pub struct SettingsError(Vec<String>);

impl Settings {
    /// Reads `DATABASE_URL`, `PORT` (8000), `HOST` (127.0.0.1) and `LOG_LEVEL` (info) through `lookup`.
    ///
    /// # Errors
    /// When a value is missing or cannot be understood; all of them together.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let database = lookup("DATABASE_URL")
            .ok_or_else(|| "DATABASE_URL is missing, expected postgres://… or mysql://…".to_owned())
            .and_then(DatabaseUrl::parse);
        let port = lookup("PORT").map_or(Ok(8000), |text| {
            text.parse::<u16>().map_err(|_| format!("PORT is `{text}`, expected 0 to 65535"))
        });
        let host = lookup("HOST").map_or(Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)), |text| {
            text.parse().map_err(|_| format!("HOST is `{text}`, expected an IP address such as 127.0.0.1"))
        });
        match (database, port, host) {
            (Ok(database), Ok(port), Ok(host)) => Ok(Self {
                database,
                listen: SocketAddr::new(host, port),
                log_level: lookup("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()),
            }),
            (database, port, host) => {
                Err(SettingsError([database.err(), port.err(), host.err()].into_iter().flatten().collect()))
            }
        }
    }

    /// Where the database is.
    pub fn database(&self) -> &DatabaseUrl {
        &self.database
    }

    /// Where to listen; port 0 lets the kernel choose.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// A level (`info`) or a filter in the syntax of `tracing-subscriber`.
    pub fn log_level(&self) -> &str {
        &self.log_level
    }
}

impl DatabaseUrl {
    /// Takes an address apart as far as its scheme.
    ///
    /// # Errors
    /// When the scheme names no engine this API runs on.
    pub fn parse(url: String) -> Result<Self, String> {
        let engine = match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Engine::Postgres,
            Some("mysql" | "mariadb") => Engine::MySql,
            Some(other) => {
                return Err(format!(
                    "DATABASE_URL starts with `{other}://`, expected postgres:// or mysql://"
                ));
            }
            None => return Err("DATABASE_URL has no scheme, expected postgres://… or mysql://…".to_owned()),
        };
        Ok(Self { engine, url })
    }

    /// The engine the scheme names.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The address itself, for the driver only.
    pub(crate) fn expose(&self) -> &str {
        &self.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_loopback_and_port_8000() {
        let settings = read(&[("DATABASE_URL", "mysql://u:p@h/items")]).unwrap();
        assert_eq!(settings.listen().to_string(), "127.0.0.1:8000");
        assert_eq!(settings.database().engine(), Engine::MySql);
        assert_eq!(settings.log_level(), "info");
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_the_password_never() {
        let error = read(&[("DATABASE_URL", "oracle://u:hunter2@h/x"), ("PORT", "http"), ("HOST", "here")])
            .err()
            .unwrap();
        for part in ["oracle://", "PORT is `http`", "HOST is `here`"] {
            assert!(error.contains(part), "{part} not in {error}");
        }
        assert!(!error.contains("hunter2"));
        assert!(read(&[]).err().unwrap().contains("DATABASE_URL is missing"));
    }
}
