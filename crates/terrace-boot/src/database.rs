//! The way to the database as variables: in parts, and in one URL that says how the server is verified.

use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::Secret;
use crate::aws::http::certificates;
use crate::config::{Database, Engine};
use crate::failure::{Exit, Failure};

/// Where the image's setup puts the region's bundle.
const BUNDLE: &str = "/etc/terrace/rds-ca.pem";

/// What stays as it is in a part of a URL (RFC 3986, unreserved).
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Paths in a query stay readable.
const QUERY: &AsciiSet = &PART.remove(b'/');

/// The secret that RDS keeps for a database.
#[derive(Deserialize)]
struct Login {
    username: String,
    password: Secret,
}

/// What the application finds, and whether it is secret.
pub(crate) type Found = Vec<(&'static str, Secret)>;

impl Database {
    /// The certificates that the server is verified against; none without TLS. Refuses a bundle that is none, and
    /// to do without one for a database that is not on this machine.
    pub(crate) fn bundle(&self) -> Result<Option<PathBuf>, Failure> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if self.host.is_empty() || !self.host.chars().all(fits) {
            let text = format!("the database's host is `{}`, expected a name or an address", self.host);
            return Err(Failure::configuration(text));
        }
        if !self.tls {
            let host = self.host.trim_matches(['[', ']']);
            let here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
            return match (here, &self.ca) {
                (false, _) => Err(Failure::configuration(format!(
                    "the database at `{}` is not on this machine: `tls` cannot be off",
                    self.host
                ))),
                (true, Some(_)) => Err(Failure::configuration("the database has a `ca`, and `tls` is off")),
                (true, None) => Ok(None),
            };
        }
        let path = self.ca.clone().unwrap_or_else(|| BUNDLE.into());
        if !path.is_absolute() {
            return Err(Failure::configuration(format!(
                "`ca` is `{}`, expected a whole path",
                path.display()
            )));
        }
        certificates(&path).map_err(|reason| {
            let path = path.display();
            Failure::new(
                Exit::Certificates,
                format!(
                    "the database is verified against `{path}`, {reason}: put the region's bundle there, \
                     https://truststore.pki.rds.amazonaws.com/REGION/REGION-bundle.pem"
                ),
            )
        })?;
        Ok(Some(path))
    }

    /// The variables, from the text of the database's secret.
    pub(crate) fn variables(&self, secret: &Secret, bundle: Option<&Path>) -> Result<Found, Failure> {
        let login: Login = serde_json::from_str(secret.reveal()).map_err(|_| {
            let text = format!("the secret `{}` is no JSON with `username` and `password`", self.secret);
            Failure::new(Exit::Value, text)
        })?;
        let plain = |text: &str| Secret::new(text.to_owned());
        let mut found = vec![
            ("DATABASE_URL", self.url(&login, bundle)),
            ("DB_HOST", plain(&self.host)),
            ("DB_PORT", plain(&self.port.to_string())),
            ("DB_NAME", plain(&self.name)),
            ("DB_USER", plain(&login.username)),
            ("DB_PASSWORD", login.password),
        ];
        if let Some(path) = bundle {
            found.push(("DB_CA", plain(&path.display().to_string())));
        }
        Ok(found)
    }

    fn url(&self, login: &Login, bundle: Option<&Path>) -> Secret {
        let part = |text| utf8_percent_encode(text, PART);
        let host = match self.host.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => self.host.clone(),
        };
        let scheme = match self.engine {
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        };
        let bundle = bundle.map(|path| path.display().to_string());
        let verified = match (self.engine, &bundle) {
            (_, None) => String::new(),
            (Engine::Postgres, Some(path)) => {
                format!("?sslmode=verify-full&sslrootcert={}", utf8_percent_encode(path, QUERY))
            }
            (Engine::Mysql, Some(path)) => {
                format!("?ssl-mode=VERIFY_IDENTITY&ssl-ca={}", utf8_percent_encode(path, QUERY))
            }
        };
        Secret::new(format!(
            "{scheme}://{}:{}@{host}:{}/{}{verified}",
            part(&login.username),
            part(login.password.reveal()),
            self.port,
            part(&self.name)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(engine: Engine, host: &str) -> Database {
        Database {
            engine,
            host: host.to_owned(),
            port: 5432,
            name: "items".to_owned(),
            secret: "db".to_owned(),
            ca: None,
            tls: true,
        }
    }

    fn url(database: &Database, bundle: Option<&str>) -> String {
        let secret = Secret::new(r#"{"username": "items", "password": "p@ss/w:rd%?&=\" é"}"#.to_owned());
        let found = database.variables(&secret, bundle.map(Path::new)).unwrap();
        assert_eq!(found[0].0, "DATABASE_URL");
        found[0].1.reveal().to_owned()
    }

    #[test]
    fn every_part_of_a_url_is_encoded_and_says_how_the_server_is_verified() {
        let login = "items:p%40ss%2Fw%3Ard%25%3F%26%3D%22%20%C3%A9";
        let path = Some("/etc/terrace/rds ca.pem");
        assert_eq!(
            url(&database(Engine::Postgres, "db.example"), path),
            format!(
                "postgres://{login}@db.example:5432/items?sslmode=verify-full&sslrootcert=/etc/terrace/rds%20ca.pem"
            )
        );
        assert_eq!(
            url(&database(Engine::Mysql, "::1"), path),
            format!(
                "mysql://{login}@[::1]:5432/items?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/terrace/rds%20ca.pem"
            )
        );
        let local = Database { tls: false, ..database(Engine::Postgres, "127.0.0.1") };
        assert_eq!(url(&local, None), format!("postgres://{login}@127.0.0.1:5432/items"));
    }

    #[test]
    fn without_tls_there_is_only_this_machine() {
        let far = Database { tls: false, ..database(Engine::Postgres, "db.example") };
        assert_eq!(far.bundle().unwrap_err().exit(), Exit::Configuration);
        let near = Database { tls: false, ..database(Engine::Postgres, "127.0.0.1") };
        assert_eq!(near.bundle(), Ok(None));
        for host in ["", "db/x", "u@db", "db?sslmode=disable", "db#"] {
            assert_eq!(database(Engine::Postgres, host).bundle().unwrap_err().exit(), Exit::Configuration);
        }
        let both = Database { ca: Some("/ca.pem".into()), ..near };
        assert!(both.bundle().unwrap_err().to_string().contains("`tls` is off"));
    }

    #[test]
    fn a_bundle_without_a_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, said) in [
            ("missing", None, "cannot be read"),
            ("empty", Some(""), "has no certificate in it"),
            ("broken", Some("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"), "is broken"),
        ] {
            let path = folder.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let failure = Database { ca: Some(path), ..database(Engine::Postgres, "db.example") }.bundle();
            let failure = failure.unwrap_err();
            assert_eq!(failure.exit(), Exit::Certificates);
            assert!(failure.to_string().contains(said), "{failure}");
        }
    }
}
