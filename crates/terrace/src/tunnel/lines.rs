//! What a person pastes: the client's line, the URL, the fields of a form; for the near end of a tunnel to a database.
//!
//! GUARANTEE: the password stands in them only where it was asked for.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use terrace_run::database::Maker;
use terrace_run::database::clients::{Login, Tls};
use terrace_topology::Engine;

use crate::failure::Failure;
use crate::style::{LINK, QUIET, STRONG, paint};

/// The lines for one tunnel.
#[derive(Debug, Serialize)]
pub(crate) struct Lines {
    /// `postgres` or `mysql`.
    pub(crate) engine: &'static str,
    /// The client with its arguments, to be pasted into a shell.
    pub(crate) command: String,
    /// For applications and tools that take one.
    pub(crate) url: String,
    /// As for `port`: where every tunnel says its near end, whatever it leads to.
    #[serde(skip)]
    host: String,
    #[serde(skip)]
    port: u16,
    database: Option<String>,
    user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl Lines {
    /// For that login, and the client that this machine has. With the password, if it was asked for.
    pub(crate) fn of(login: &Login, client: Option<Maker>, show_password: bool) -> Self {
        let shown = show_password.then(|| login.password.reveal().to_owned());
        Self {
            engine: login.engine.scheme(),
            command: command(login, client),
            url: url(login, shown.as_deref()),
            host: login.at.ip().to_string(),
            port: login.at.port(),
            database: login.database.clone(),
            user: login.user.clone(),
            password: shown,
        }
    }

    /// For the terminal.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        let mut line = |title: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {}  {value}", paint(QUIET, format!("{title:<8}")));
        };
        line("client", &paint(STRONG, &self.command));
        line("url", &paint(LINK, &self.url));
        let database = self.database.as_deref().map(|name| format!("   database {name}")).unwrap_or_default();
        line("form", &format!("host {}   port {}{database}   user {}", self.host, self.port, self.user));
        match &self.password {
            Some(password) => line("password", password),
            None => line("password", "`--show-password` prints it, `--open` starts the client with it"),
        }
        text
    }
}

fn command(login: &Login, client: Option<Maker>) -> String {
    let Login { at, user, .. } = login;
    let (host, port) = (at.ip(), at.port());
    let database = login.database.as_deref();
    match login.engine {
        Engine::Postgres => {
            let name = database.unwrap_or("postgres");
            let words = match &login.tls {
                Tls::Off => format!("host={host} port={port} dbname={name} user={user} sslmode=disable"),
                Tls::Required => format!("host={host} port={port} dbname={name} user={user} sslmode=require"),
                // The address is dialled, the name is that of the certificate.
                Tls::Verified(file) => format!(
                    "host={} hostaddr={host} port={port} dbname={name} user={user} sslmode=verify-full sslrootcert={}",
                    login.host,
                    conninfo(&file.display().to_string())
                ),
            };
            format!("psql {}", shell(&words))
        }
        Engine::Mysql => {
            let (program, tls) = match (client.unwrap_or(Maker::Mysql), &login.tls) {
                (Maker::Mariadb, Tls::Off) => ("mariadb", " --skip-ssl".to_owned()),
                (Maker::Mariadb, _) => ("mariadb", " --ssl --skip-ssl-verify-server-cert".to_owned()),
                (_, Tls::Off) => ("mysql", String::new()),
                (_, Tls::Required) => ("mysql", " --ssl-mode=REQUIRED".to_owned()),
                (_, Tls::Verified(file)) => (
                    "mysql",
                    format!(" --ssl-mode=VERIFY_CA --ssl-ca={}", shell(&file.display().to_string())),
                ),
            };
            let name = database.map(|name| format!(" {}", shell(name))).unwrap_or_default();
            format!("{program} --host={host} --port={port} --user={}{tls} --password{name}", shell(user))
        }
    }
}

fn url(login: &Login, password: Option<&str>) -> String {
    let Login { engine, at, user, .. } = login;
    let password = password.map(|text| format!(":{}", percent(text))).unwrap_or_default();
    let database = login.database.as_deref().map(percent).unwrap_or_default();
    let tls = match (engine, &login.tls) {
        (_, Tls::Off) => String::new(),
        (Engine::Postgres, Tls::Required) => "?sslmode=require".to_owned(),
        (Engine::Postgres, Tls::Verified(file)) => format!(
            "?host={}&hostaddr={}&sslmode=verify-full&sslrootcert={}",
            login.host,
            at.ip(),
            percent(&file.display().to_string())
        ),
        (Engine::Mysql, Tls::Required) => "?ssl-mode=REQUIRED".to_owned(),
        (Engine::Mysql, Tls::Verified(file)) => {
            format!("?ssl-mode=VERIFY_CA&ssl-ca={}", percent(&file.display().to_string()))
        }
    };
    format!("{}://{}{password}@{at}/{database}{tls}", engine.scheme(), percent(user))
}

/// Everything but RFC 3986's unreserved characters as `%41`.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A value of libpq's connection strings.
fn conninfo(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && c != '\'' && c != '\\';
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A word of a shell's line: in quotes where it needs them.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    // Of words with spaces and nothing that a shell takes for its own, people write the double quotes.
    if word.chars().all(|c| plain(c) || c == ' ') {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A file of authorities as `--ca` names it, absolute: clients run elsewhere.
pub(crate) fn authorities(file: Option<PathBuf>) -> Result<Tls, Failure> {
    let Some(file) = file else { return Ok(Tls::Required) };
    let text = std::fs::read_to_string(&file);
    let text =
        text.map_err(|error| Failure::input(format!("{} cannot be read", file.display())).because(&error));
    if !text?.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Failure::input(format!("{} holds no certificate as PEM", file.display())).help(
            "AWS's authorities are at https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
        ));
    }
    Ok(Tls::Verified(std::path::absolute(file)?))
}

/// What answers at a port, for who is told nothing of databases.
pub(crate) fn plain(remote: &str, local: &str) -> String {
    format!("  {remote} is at {}\n", paint(STRONG, local))
}

#[cfg(test)]
mod tests {
    use terrace_run::state::Secret;

    use super::*;

    fn login(engine: Engine, tls: Tls) -> Login {
        Login {
            engine,
            host: "items-data.c0ffee.eu-west-1.rds.amazonaws.com".to_owned(),
            at: ([127, 0, 0, 1], 5433).into(),
            database: Some("items".to_owned()),
            user: "items".to_owned(),
            password: Secret::new("p@ss'w\"ord/#".to_owned()),
            tls,
        }
    }

    fn said(login: &Login, maker: Maker) -> String {
        let lines = Lines::of(login, Some(maker), false);
        format!("{}\n{}", lines.command, lines.url)
    }

    #[test]
    fn lines_can_be_pasted() {
        let ca = || Tls::Verified(PathBuf::from("/home/a b/rds.pem"));
        insta::assert_snapshot!(said(&login(Engine::Postgres, Tls::Off), Maker::Postgresql), @r#"
        psql "host=127.0.0.1 port=5433 dbname=items user=items sslmode=disable"
        postgres://items@127.0.0.1:5433/items
        "#);
        insta::assert_snapshot!(said(&login(Engine::Postgres, ca()), Maker::Postgresql), @r"
        psql 'host=items-data.c0ffee.eu-west-1.rds.amazonaws.com hostaddr=127.0.0.1 port=5433 dbname=items user=items sslmode=verify-full sslrootcert='\''/home/a b/rds.pem'\'''
        postgres://items@127.0.0.1:5433/items?host=items-data.c0ffee.eu-west-1.rds.amazonaws.com&hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=%2Fhome%2Fa%20b%2Frds.pem
        ");
        insta::assert_snapshot!(said(&login(Engine::Mysql, Tls::Required), Maker::Mariadb), @r"
        mariadb --host=127.0.0.1 --port=5433 --user=items --ssl --skip-ssl-verify-server-cert --password items
        mysql://items@127.0.0.1:5433/items?ssl-mode=REQUIRED
        ");
        insta::assert_snapshot!(said(&login(Engine::Mysql, ca()), Maker::Mysql), @r#"
        mysql --host=127.0.0.1 --port=5433 --user=items --ssl-mode=VERIFY_CA --ssl-ca="/home/a b/rds.pem" --password items
        mysql://items@127.0.0.1:5433/items?ssl-mode=VERIFY_CA&ssl-ca=%2Fhome%2Fa%20b%2Frds.pem
        "#);
    }

    #[test]
    fn the_password_is_there_only_if_it_was_asked_for() {
        let login = login(Engine::Postgres, Tls::Required);
        let without = serde_json::to_string(&Lines::of(&login, None, false)).unwrap();
        assert!(!without.contains("p@ss") && !without.contains("p%40ss"), "{without}");
        let with = Lines::of(&login, None, true);
        assert_eq!(with.url, "postgres://items:p%40ss%27w%22ord%2F%23@127.0.0.1:5433/items?sslmode=require");
        assert!(!with.command.contains("p@ss"), "a process list shows commands");
    }
}
