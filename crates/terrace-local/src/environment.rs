//! What a service finds in its environment, here and in the cloud alike.

use std::collections::BTreeMap;
use std::fmt;

use terrace_net::{Endpoint, Port};
use terrace_topology::{Engine, SecretSource, Service, SettingName};

use terrace_topology::DatabaseName;

/// The environment of a service: a value or a reference for each name.
pub type Environment = BTreeMap<String, Value>;

/// The address that replicas listen on here; on an instance or in a container it is `0.0.0.0`.
pub const LISTEN: &str = "127.0.0.1";

/// One value, or what it will be taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Plain text.
    Text(String),
    /// The port that this replica listens on.
    Port,
    /// The address that this replica listens on.
    Host,
    /// A secret.
    Secret(SettingName, SecretSource),
    /// A part of the way to the database.
    Database(DatabasePart),
}

/// A part of the way to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabasePart {
    /// All in one: `postgres://user:password@host:port/name`.
    Url,
    /// The host.
    Host,
    /// The port.
    Port,
    /// The database's name.
    Name,
    /// The user.
    User,
    /// The password.
    Password,
}

/// How a database is reached, password included.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseAccess {
    /// Which database.
    pub engine: Engine,
    /// Where.
    pub endpoint: Endpoint,
    /// The database's name.
    pub database: DatabaseName,
    /// The user.
    pub user: DatabaseName,
    /// The password: letters and digits only, so that a URL needs no escapes.
    pub password: String,
}

impl DatabaseAccess {
    /// The URL, password included.
    pub fn url(&self) -> String {
        let Self { engine, endpoint, database, user, password } = self;
        format!("{}://{user}:{password}@{endpoint}/{database}", engine.scheme())
    }
}

impl fmt::Debug for DatabaseAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:…@{}/{}", self.engine.scheme(), self.user, self.endpoint, self.database)
    }
}

/// What the references of one replica resolve to.
pub struct Resolution<'a> {
    /// Its port.
    pub port: Port,
    /// The way to the database.
    pub database: &'a DatabaseAccess,
    /// The values of its secrets.
    pub secrets: &'a BTreeMap<SettingName, String>,
}

impl Value {
    /// The text of the value; none if it is a secret whose value is not known.
    pub fn resolve(&self, known: &Resolution<'_>) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::Port => known.port.to_string(),
            Self::Host => LISTEN.to_owned(),
            Self::Secret(name, _) => known.secrets.get(name)?.clone(),
            Self::Database(part) => {
                let access = known.database;
                match part {
                    DatabasePart::Url => access.url(),
                    DatabasePart::Host => access.endpoint.host().to_string(),
                    DatabasePart::Port => access.endpoint.port().to_string(),
                    DatabasePart::Name => access.database.to_string(),
                    DatabasePart::User => access.user.to_string(),
                    DatabasePart::Password => access.password.clone(),
                }
            }
        })
    }

    /// Whether the text must not be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(..) | Self::Database(DatabasePart::Url | DatabasePart::Password))
    }
}

/// The environment of a service: its own settings, and those that Terrace gives to every service.
pub(crate) fn of(service: &Service) -> Environment {
    let given = [
        ("PORT", Value::Port),
        ("DATABASE_URL", Value::Database(DatabasePart::Url)),
        ("DB_HOST", Value::Database(DatabasePart::Host)),
        ("DB_PORT", Value::Database(DatabasePart::Port)),
        ("DB_NAME", Value::Database(DatabasePart::Name)),
        ("DB_USER", Value::Database(DatabasePart::User)),
        ("DB_PASSWORD", Value::Database(DatabasePart::Password)),
    ];
    let plain = service.variables.iter().map(|(n, v)| (n.to_string(), Value::Text(v.as_str().to_owned())));
    let secret = service.secrets.iter().map(|(n, s)| (n.to_string(), Value::Secret(n.clone(), s.clone())));
    let given = given.map(|(n, v)| (n.to_owned(), v));
    // Where to listen may be said by the manifest, which nothing else of these may.
    [("HOST".to_owned(), Value::Host)].into_iter().chain(plain).chain(secret).chain(given).collect()
}
