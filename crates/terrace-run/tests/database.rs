//! The data tier with real servers: made, reached with its password only, kept, and mended after the worst.

use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, Executor, Row};
use terrace_local::{DatabaseName, DatabasePlan, ProcessName};
use terrace_run::database::{DatabaseError, DatabaseOptions, Prepared, prepare};
use terrace_run::leash::Launch;
use terrace_run::state::StateFolder;
use terrace_topology::Engine;
use tokio::process::{Child, Command};

const READY: Duration = Duration::from_secs(60);

/// A project whose folder a server's own user may pass through.
struct Project {
    folder: tempfile::TempDir,
    plan: DatabasePlan,
    notes: Mutex<Vec<String>>,
}

impl Project {
    fn new(engine: Engine, version: &str) -> Self {
        let folder = open_folder();
        let name = DatabaseName::of(&"items".parse().unwrap());
        let plan =
            DatabasePlan { engine, version: version.parse().unwrap(), database: name.clone(), user: name };
        Self { folder, plan, notes: Mutex::default() }
    }

    fn state(&self) -> StateFolder {
        StateFolder::open(self.folder.path(), "terrace").unwrap()
    }

    async fn prepare(&self) -> Result<Prepared, DatabaseError> {
        self.prepare_with(&DatabaseOptions { offline: true, ..DatabaseOptions::default() }).await
    }

    async fn prepare_with(&self, options: &DatabaseOptions) -> Result<Prepared, DatabaseError> {
        let note = |text| self.notes.lock().unwrap().push(text);
        let process = ProcessName::new("data").unwrap();
        prepare(&self.plan, &process, &self.state(), options, &note).await
    }

    fn notes(&self) -> String {
        std::mem::take(&mut *self.notes.lock().unwrap()).join("\n")
    }
}

fn open_folder() -> tempfile::TempDir {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    tempfile::Builder::new().permissions(mode).tempdir().unwrap()
}

/// A server that runs; ended by force when the test ends.
struct Server {
    child: Child,
    prepared: Prepared,
}

impl Server {
    async fn start(prepared: Prepared) -> Self {
        prepared.before_start().await.unwrap();
        let Launch { program, args, environment, folder, identity, .. } = prepared.launch.clone();
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(environment).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        if let Some(identity) = identity {
            command.uid(identity.uid).gid(identity.gid);
        }
        let mut child = command.spawn().unwrap();
        tokio::select! {
            ready = prepared.ready(READY) => ready.unwrap(),
            ended = child.wait() => panic!("the server ended: {ended:?}"),
        }
        Self { child, prepared }
    }

    async fn end(mut self, signal: Signal) -> Prepared {
        kill(Pid::from_raw(self.child.id().unwrap().try_into().unwrap()), signal).unwrap();
        self.child.wait().await.unwrap();
        self.prepared
    }
}

async fn postgres(prepared: &Prepared, statement: &'static str) -> Option<String> {
    let mut connection = sqlx::PgConnection::connect(&prepared.access.url()).await.unwrap();
    let rows = connection.fetch_all(statement).await.unwrap();
    connection.close().await.unwrap();
    rows.first().map(|row| row.get(0))
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[tokio::test]
async fn postgres_is_made_once_and_keeps_its_data_through_a_kill() {
    let project = Project::new(Engine::Postgres, "15");
    let server = Server::start(project.prepare().await.unwrap()).await;
    assert_eq!(mode(&server.prepared.folder), 0o700);
    postgres(&server.prepared, "CREATE TABLE kept (word text)").await;
    postgres(&server.prepared, "INSERT INTO kept VALUES ('before')").await;

    let mut wrong = server.prepared.clone();
    wrong.access.password = "wrong".to_owned();
    assert!(wrong.probe().await.unwrap_err().to_string().contains("password authentication failed"));
    assert_eq!(postgres(&server.prepared, "SHOW fsync").await.as_deref(), Some("on"));
    assert_eq!(postgres(&server.prepared, "SHOW listen_addresses").await.as_deref(), Some("127.0.0.1"));
    assert_eq!(postgres(&server.prepared, "SELECT upper('é')").await.as_deref(), Some("É"));

    let port = server.prepared.access.endpoint.port();
    server.end(Signal::SIGKILL).await;
    let server = Server::start(project.prepare().await.unwrap()).await;
    assert_eq!(postgres(&server.prepared, "SELECT word FROM kept").await.as_deref(), Some("before"));
    assert_eq!(server.prepared.access.endpoint.port(), port, "the port is remembered");
    assert!(server.prepared.access.endpoint.port().get() != 5432);

    server.end(Signal::SIGINT).await;
    let server = Server::start(project.prepare().await.unwrap()).await;
    assert_eq!(postgres(&server.prepared, "SELECT word FROM kept").await.as_deref(), Some("before"));
    server.end(Signal::SIGINT).await;
}

async fn mariadb(prepared: &Prepared, statement: &'static str) -> Option<String> {
    let mut connection = sqlx::MySqlConnection::connect(&prepared.access.url()).await.unwrap();
    let rows = connection.fetch_all(statement).await.unwrap();
    connection.close().await.unwrap();
    rows.first().map(|row| row.get(0))
}

#[tokio::test]
async fn mariadb_stands_in_for_mysql_and_keeps_its_data_through_a_kill() {
    let project = Project::new(Engine::Mysql, "8.0");
    let server = Server::start(project.prepare().await.unwrap()).await;
    let notes = project.notes();
    assert!(notes.contains("asked for MySQL 8.0, found MariaDB 10."), "{notes}");
    assert_eq!(mode(&server.prepared.folder), 0o700);
    mariadb(&server.prepared, "CREATE TABLE kept (word varchar(20))").await;
    mariadb(&server.prepared, "INSERT INTO kept VALUES ('before')").await;
    assert_eq!(
        mariadb(&server.prepared, "SELECT @@collation_database").await.as_deref(),
        Some("utf8mb4_unicode_520_ci")
    );

    for (user, password) in [("items", "wrong"), ("root", ""), ("mysql", ""), ("nobody", "")] {
        let endpoint = &server.prepared.access.endpoint;
        let url = format!("mysql://{user}:{password}@{endpoint}/mysql");
        let error = sqlx::MySqlConnection::connect(&url).await.unwrap_err().to_string();
        assert!(error.contains("Access denied"), "{user}: {error}");
    }

    let port = server.prepared.access.endpoint.port();
    server.end(Signal::SIGKILL).await;
    let server = Server::start(project.prepare().await.unwrap()).await;
    assert_eq!(mariadb(&server.prepared, "SELECT word FROM kept").await.as_deref(), Some("before"));
    assert_eq!(server.prepared.access.endpoint.port(), port, "the port is remembered");
    server.end(Signal::SIGTERM).await;
}

fn path_has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|f| f.join(program).is_file()))
}

/// With npm on the machine, and so in CI, the version that was asked for is fetched, once.
#[tokio::test]
async fn postgres_is_fetched_once_where_the_machine_has_another_version() {
    if !path_has("npm") {
        return;
    }
    let cache = open_folder();
    let options = DatabaseOptions { cache: Some(cache.path().to_owned()), ..DatabaseOptions::default() };
    for version in ["16", "16", "18"] {
        let project = Project::new(Engine::Postgres, version);
        let server = Server::start(project.prepare_with(&options).await.unwrap()).await;
        let shown = postgres(&server.prepared, "SHOW server_version").await.unwrap();
        assert!(shown.starts_with(&format!("{version}.")), "{shown}");
        assert_eq!(postgres(&server.prepared, "SELECT upper('é')").await.as_deref(), Some("É"));
        server.end(Signal::SIGINT).await;
    }
    let kept: Vec<_> = std::fs::read_dir(cache.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(kept.len(), 3, "two servers, a lock, and nothing half done: {kept:?}");

    // What was fetched serves without the network, and nothing else is fetched then.
    let offline = DatabaseOptions { offline: true, ..options };
    let project = Project::new(Engine::Postgres, "16");
    assert!(project.prepare_with(&offline).await.unwrap().title.starts_with("PostgreSQL 16."));
    assert_eq!(project.notes(), "");
    let project = Project::new(Engine::Postgres, "17");
    assert!(project.prepare_with(&offline).await.unwrap().title.starts_with("PostgreSQL 18."));
    let notes = project.notes();
    assert!(notes.contains("asked for PostgreSQL 17, found PostgreSQL 18."), "{notes}");
    assert!(notes.contains("nothing is fetched with --offline"), "{notes}");
}
