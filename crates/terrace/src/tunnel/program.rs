//! The client for an errand: the one of this machine that suits the server, which is asked what it is.

use std::process::Stdio;
use std::time::Duration;

use terrace_run::database::clients::{self, Errand, Login, Program};
use terrace_run::database::{Maker, ShellError};
use terrace_topology::{Engine, EngineVersion};

use crate::failure::Failure;

/// How long a server may take to say its version.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Whose.
    pub(crate) maker: Maker,
    /// Its version.
    pub(crate) version: EngineVersion,
}

impl Server {
    /// What it is: `PostgreSQL 16.4`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.maker.title(), self.version)
    }
}

/// Logs in and asks the server what it is. That it refuses, and why, is told in its own words.
pub(crate) async fn server(login: &Login) -> Result<Server, Failure> {
    let engine = login.engine;
    let shell =
        clients::clients(engine, Errand::Shell).await.pop().ok_or_else(|| none(engine, Errand::Shell))?;
    let ready = login.client(&shell, None).map_err(|error| Failure::of(&error))?;
    let (command, _options) = ready.into_parts();
    let mut command = tokio::process::Command::from(command);
    command.args(clients::version_query(engine)).env("PGCONNECT_TIMEOUT", "30");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let refused = || Failure::new(format!("the database at {} refuses", login.host));
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .map_err(|_| refused().cause(format!("it said nothing within {} s", PATIENCE.as_secs())))??;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<String> =
            said.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect();
        return Err(help(refused(), &said.join("\n")).excerpt(said));
    }
    let answer = String::from_utf8_lossy(&output.stdout);
    if !clients::is_as_protected_as_asked(login, &answer) {
        return Err(Failure::new(format!("the connection to {} is not encrypted", login.host))
            .cause("the server offers no TLS, and this client goes on without; nothing but the login was sent")
            .help("`require_secure_transport` and the server's certificate: only a database of this machine may be without"));
    }
    let (maker, version) = clients::answered(engine, &answer)
        .ok_or_else(|| refused().cause(format!("it says that its version is `{}`", answer.trim())))?;
    Ok(Server { maker, version })
}

/// What to do about what a client said of a server that did not let it in.
fn help(failure: Failure, said: &str) -> Failure {
    let lower = said.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["password authentication failed", "access denied"]) {
        return failure.help("the secret may have rotated a moment ago: try again; or another user is meant (`--secret` names another secret)");
    }
    if has(&["no encryption", "secure transport"]) {
        return failure.help("the server takes encrypted connections only");
    }
    if has(&["certificate verify failed", "certificate"]) {
        return failure.help("`--ca` must be the file of authorities of the database's region (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem)");
    }
    if has(&["does not support ssl", "does not support it"]) {
        return failure
            .help("the server has no certificate; only a database of this machine may be without one");
    }
    if has(&["connection refused", "server closed the connection", "lost connection", "reset by peer"]) {
        return failure.help("the far end could not open the connection: is the database available, and does its security group let this target in?");
    }
    failure
}

/// The program that suits a server.
pub(crate) async fn choose(errand: Errand, engine: Engine, server: &Server) -> Result<Program, Failure> {
    let all = clients::clients(engine, errand).await;
    if let Some(program) = clients::suited(&all, errand, (server.maker, &server.version)) {
        return Ok(program.clone());
    }
    let Some(newest) = all.last() else { return Err(none(engine, errand)) };
    let major = server.version.major();
    Err(Failure::new(format!("{} is older than the server, {}", newest.title(), server.title()))
        .cause("pg_dump refuses servers newer than itself")
        .help(format!(
            "install the client of version {major} or later: `sudo apt install postgresql-client-{major}` (apt.postgresql.org has all), `sudo dnf install postgresql{major}`, `brew install postgresql@{major}`"
        )))
}

/// There is no such client on this machine.
pub(crate) fn none(engine: Engine, errand: Errand) -> Failure {
    Failure::of(&ShellError::NoClient(engine, errand))
}
