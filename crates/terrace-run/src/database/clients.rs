//! Database clients of this machine for people's errands: which there are, which of them suits a server, and how each is
//! told where to go.
//!
//! GUARANTEE: no argument holds the password: libpq's programs get it by the environment, those of MySQL and MariaDB by an
//! option file of mode 0600 (MySQL manual, "Using Option Files"; PostgreSQL manual, "Environment Variables").

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use terrace_topology::{Engine, EngineVersion};

use super::binaries::usual_folders;
use super::tool::Tool;
use super::version::{Maker, leading};
use crate::state::{Secret, replace_private};

/// What a client is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errand {
    /// Statements by hand, or from a file of SQL.
    Shell,
    /// Writing everything out.
    Dump,
    /// Reading back what `pg_dump` wrote in a format of its own.
    Archive,
}

impl Errand {
    /// The names of its programs; the first is what people call it.
    pub const fn programs(self, engine: Engine) -> &'static [&'static str] {
        match (engine, self) {
            (Engine::Postgres, Self::Shell) => &["psql"],
            (Engine::Postgres, Self::Dump) => &["pg_dump"],
            (Engine::Postgres, Self::Archive) => &["pg_restore"],
            (Engine::Mysql, Self::Dump) => &["mariadb-dump", "mysqldump"],
            (Engine::Mysql, Self::Shell | Self::Archive) => &["mariadb", "mysql"],
        }
    }
}

/// A client program of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Whose.
    pub maker: Maker,
    /// Its version.
    pub version: EngineVersion,
    /// Where it is.
    pub path: PathBuf,
}

impl Program {
    /// What it is: `pg_dump 15.18`.
    pub fn title(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} {}", self.version)
    }
}

/// How the connection to the database is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: the server is on this machine.
    Off,
    /// It must be encrypted; whose certificate it is, nobody asks.
    Required,
    /// The certificate must be of this authority (PEM), and of the host where the client can check that.
    Verified(PathBuf),
}

/// How a client reaches a database.
#[derive(Clone, Debug)]
pub struct Login {
    /// Which database.
    pub engine: Engine,
    /// The server's own name, that of its certificate.
    pub host: String,
    /// Where it is dialled: the server itself, or the near end of a tunnel.
    pub at: SocketAddr,
    /// The database's name; the server's default if none.
    pub database: Option<String>,
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// How the connection is protected.
    pub tls: Tls,
}

/// A client that is ready to be run. What it reads its password from is gone when this is dropped.
#[derive(Debug)]
pub struct Ready {
    /// To be run, or turned into.
    pub command: Command,
    options: Option<tempfile::TempPath>,
}

impl Ready {
    /// The command, and the file that it reads its password from: to be kept until the client has ended.
    pub fn into_parts(self) -> (Command, Option<tempfile::TempPath>) {
        (self.command, self.options)
    }
}

/// Why a client cannot be told where to go.
#[derive(Debug, thiserror::Error)]
pub enum ClientSetupError {
    /// Its option file cannot be written.
    #[error("the file that the client would read its password from cannot be written: {0}")]
    Options(#[from] io::Error),
    /// A value cannot stand in an option file.
    #[error("the {0} holds a line break or another control character, which no option file can hold")]
    Control(&'static str),
    /// MariaDB's clients check a certificate's name against the address that they dial, which a tunnel changes.
    #[error(
        "{0} cannot verify a certificate through a tunnel; install MySQL's own client (`mysql-client`), which can, or leave `--ca` out"
    )]
    Unverifiable(String),
}

/// The clients of this machine for an errand, the newest last.
pub async fn clients(engine: Engine, errand: Errand) -> Vec<Program> {
    let mut found: Vec<Program> = Vec::new();
    for folder in usual_folders(engine) {
        for name in errand.programs(engine) {
            let path = folder.join(name);
            if !path.is_file() || found.iter().any(|program| program.path == path) {
                continue;
            }
            let Some(said) = Tool::new(&path).args(["--version"]).ask().await else { continue };
            if let Some((maker, version)) = told(&said) {
                found.push(Program { maker, version, path });
            }
        }
    }
    // Of the same version, the one that is found first stays the better one.
    found.reverse();
    found.sort_by(|one, other| one.version.cmp(&other.version));
    found
}

/// The best of `programs` (as [`clients`] gives them) for a server of that maker and version. A dump must not be older than
/// its server, and is best made by the same series, since a newer one writes what an older server does not know.
pub fn suited<'a>(
    programs: &'a [Program],
    errand: Errand,
    server: (Maker, &EngineVersion),
) -> Option<&'a Program> {
    let (maker, version) = server;
    if maker == Maker::Postgresql && errand == Errand::Dump {
        let able = programs.iter().filter(|program| program.version.major() >= version.major());
        return able.min_by_key(|p| (p.version.major(), std::cmp::Reverse(p.version.clone())));
    }
    programs.iter().rev().find(|program| program.maker == maker).or(programs.last())
}

/// The maker and version in what a client says to `--version`.
///
/// `psql (PostgreSQL) 15.18 (Debian …)`, `mariadb  Ver 15.1 Distrib 10.11.19-MariaDB, for …`,
/// `mariadb-dump from 11.4.2-MariaDB, client 10.19 for …`, `mysqldump  Ver 8.0.39 for Linux on x86_64`.
fn told(text: &str) -> Option<(Maker, EngineVersion)> {
    text.lines().find_map(|line| {
        let after = |mark: &str| leading(line.split_once(mark)?.1.trim_start());
        if line.contains("(PostgreSQL)") {
            return Some((Maker::Postgresql, after("(PostgreSQL)")?));
        }
        if line.contains("MariaDB") {
            return Some((Maker::Mariadb, after(" Distrib ").or_else(|| after(" from "))?));
        }
        Some((Maker::Mysql, after(" Ver ")?))
    })
}

/// The maker and version in what a server answers to `SHOW server_version` or `SELECT version()`.
pub fn answered(engine: Engine, text: &str) -> Option<(Maker, EngineVersion)> {
    let text = text.trim();
    let maker = match engine {
        Engine::Postgres => Maker::Postgresql,
        Engine::Mysql if text.contains("MariaDB") => Maker::Mariadb,
        Engine::Mysql => Maker::Mysql,
    };
    Some((maker, leading(text)?))
}

/// The question that [`answered`] understands the answer to, as arguments of a [`Errand::Shell`].
pub const fn version_query(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &["--no-psqlrc", "--tuples-only", "--no-align", "--command=SHOW server_version"],
        Engine::Mysql => &[
            "--skip-column-names",
            "--batch",
            "--execute=SELECT version(); SHOW SESSION STATUS LIKE 'Ssl_cipher'",
        ],
    }
}

/// Whether that question was answered over a connection as it was asked for. PostgreSQL's clients see to that themselves;
/// MariaDB's go on without encryption where the server has none, however much they are told to encrypt.
pub fn is_as_protected_as_asked(login: &Login, answer: &str) -> bool {
    match (login.engine, &login.tls) {
        (Engine::Postgres, _) | (_, Tls::Off) => true,
        (Engine::Mysql, Tls::Required | Tls::Verified(_)) => answer
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .any(|(name, cipher)| name == "Ssl_cipher" && !cipher.trim().is_empty()),
    }
}

impl Login {
    /// That program, told where to go. Its option file, if it needs one, is `options`, or one that is made for this time.
    pub fn client(&self, program: &Program, options: Option<&Path>) -> Result<Ready, ClientSetupError> {
        let mut command = Command::new(&program.path);
        match self.engine {
            Engine::Postgres => {
                self.environment(&mut command);
                Ok(Ready { command, options: None })
            }
            Engine::Mysql => {
                let text = self.option_file(program)?;
                let made = match options {
                    Some(path) => {
                        replace_private(path, text.as_bytes())?;
                        None
                    }
                    None => Some(temporary(text.as_bytes())?),
                };
                let mut option = OsString::from("--defaults-file=");
                option.push(options.or(made.as_deref()).unwrap_or(Path::new("")));
                command.arg(option);
                Ok(Ready { command, options: made })
            }
        }
    }

    /// The settings are those of libpq; what the user has set for other databases is not meant for this one.
    fn environment(&self, command: &mut Command) {
        for name in [
            "PGCHANNELBINDING",
            "PGOPTIONS",
            "PGPASSFILE",
            "PGREQUIREAUTH",
            "PGSERVICE",
            "PGSSLNEGOTIATION",
            "PGSSLROOTCERT",
            "PGTARGETSESSIONATTRS",
        ] {
            command.env_remove(name);
        }
        // With both, the address is dialled and the name is that of the certificate.
        command
            .env("PGHOST", &self.host)
            .env("PGHOSTADDR", self.at.ip().to_string())
            .env("PGPORT", self.at.port().to_string())
            .env("PGUSER", &self.user)
            .env("PGDATABASE", self.database.as_deref().unwrap_or("postgres"))
            .env("PGPASSWORD", self.password.reveal());
        match &self.tls {
            Tls::Off => command.env("PGSSLMODE", "disable"),
            Tls::Required => command.env("PGSSLMODE", "require"),
            Tls::Verified(file) => command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", file),
        };
        command.arg("--no-password");
    }

    fn option_file(&self, program: &Program) -> Result<String, ClientSetupError> {
        let mut text = format!(
            "[client]\nhost={}\nport={}\nprotocol=tcp\nuser={}\npassword={}\n",
            self.at.ip(),
            self.at.port(),
            quoted(&self.user, "user")?,
            quoted(self.password.reveal(), "password")?,
        );
        let file = |path: &Path| quoted(&path.display().to_string(), "certificate's path");
        match (&self.tls, program.maker) {
            (Tls::Off, Maker::Mariadb) => text.push_str("skip-ssl\n"),
            // Without TLS its passwords take a key that clients do not ask for by themselves; it has a certificate of its own.
            (Tls::Off, _) => text.push_str("ssl-mode=PREFERRED\n"),
            (Tls::Required, Maker::Mariadb) => text.push_str("ssl\nskip-ssl-verify-server-cert\n"),
            (Tls::Required, _) => text.push_str("ssl-mode=REQUIRED\n"),
            (Tls::Verified(_), Maker::Mariadb) => {
                return Err(ClientSetupError::Unverifiable(program.title()));
            }
            (Tls::Verified(path), _) => {
                text.push_str(&format!("ssl-mode=VERIFY_CA\nssl-ca={}\n", file(path)?));
            }
        }
        // Of the clients only these know the setting; the others would stop at it.
        if let Some(database) = &self.database {
            let database = quoted(database, "database's name")?;
            text.push_str(&format!("[mysql]\ndatabase={database}\n[mariadb-client]\ndatabase={database}\n"));
        }
        Ok(text)
    }
}

/// A value of an option file: in quotes, with the escapes that they call for.
fn quoted(value: &str, what: &'static str) -> Result<String, ClientSetupError> {
    if value.chars().any(char::is_control) {
        return Err(ClientSetupError::Control(what));
    }
    Ok(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn temporary(text: &[u8]) -> io::Result<tempfile::TempPath> {
    // Made with mode 0600.
    let mut file = tempfile::Builder::new().prefix("terrace-client-").suffix(".cnf").tempfile()?;
    file.write_all(text)?;
    file.flush()?;
    Ok(file.into_temp_path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> EngineVersion {
        text.parse().unwrap()
    }

    #[test]
    fn clients_say_what_they_are() {
        let cases = [
            ("psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Maker::Postgresql, "15.18"),
            ("pg_dump (PostgreSQL) 18beta1", Maker::Postgresql, "18"),
            ("mariadb  Ver 15.1 Distrib 10.11.19-MariaDB, for debian-linux-gnu", Maker::Mariadb, "10.11.19"),
            ("mariadb-dump from 11.4.2-MariaDB, client 10.19 for Linux (x86_64)", Maker::Mariadb, "11.4.2"),
            ("mysqldump  Ver 8.0.39-0ubuntu0.22.04.1 for Linux on x86_64", Maker::Mysql, "8.0.39"),
        ];
        for (text, maker, number) in cases {
            assert_eq!(told(text), Some((maker, version(number))), "{text}");
        }
        assert_eq!(told("what?"), None);
    }

    #[test]
    fn a_dump_is_made_by_the_nearest_that_is_not_older_than_its_server() {
        let program = |maker, number: &str| Program { maker, version: version(number), path: number.into() };
        let dumps = ["14.2", "15.3", "15.18", "17.1"].map(|number| program(Maker::Postgresql, number));
        for (server, best) in [("15.1", Some("15.18")), ("16.4", Some("17.1")), ("18", None)] {
            let chosen = suited(&dumps, Errand::Dump, (Maker::Postgresql, &version(server)));
            assert_eq!(chosen.map(|program| program.version.to_string()).as_deref(), best, "{server}");
        }
        let shells = [program(Maker::Mysql, "8.0.39"), program(Maker::Mariadb, "10.11.19")];
        for maker in [Maker::Mysql, Maker::Mariadb] {
            let chosen = suited(&shells, Errand::Shell, (maker, &version("8.0")));
            assert_eq!(chosen.map(|program| program.maker), Some(maker));
        }
    }

    #[test]
    fn an_answer_without_a_cipher_is_not_taken_for_encrypted() {
        let login = |engine, tls| Login {
            engine,
            host: "data".to_owned(),
            at: ([127, 0, 0, 1], 3306).into(),
            database: None,
            user: "items".to_owned(),
            password: Secret::new(String::new()),
            tls,
        };
        let (plain, safe) =
            ("10.11.19-MariaDB\nSsl_cipher\t\n", "8.0.39\nSsl_cipher\tTLS_AES_256_GCM_SHA384\n");
        for (tls, answer, good) in [
            (Tls::Required, plain, false),
            (Tls::Required, safe, true),
            (Tls::Off, plain, true),
            (Tls::Required, "8.0\n", false),
        ] {
            assert_eq!(is_as_protected_as_asked(&login(Engine::Mysql, tls), answer), good, "{answer}");
        }
        assert!(is_as_protected_as_asked(&login(Engine::Postgres, Tls::Required), "16.4\n"));
        assert_eq!(answered(Engine::Mysql, safe), Some((Maker::Mysql, version("8.0.39"))));
        assert_eq!(answered(Engine::Mysql, plain), Some((Maker::Mariadb, version("10.11.19"))));
    }

    #[test]
    fn a_password_with_everything_in_it_survives_the_option_file() {
        assert_eq!(quoted(r#"a#b"c\d';"#, "password").unwrap(), r#""a#b\"c\\d';""#);
        assert!(matches!(quoted("a\nb", "password"), Err(ClientSetupError::Control("password"))));
    }
}
