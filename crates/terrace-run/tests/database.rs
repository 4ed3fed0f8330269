//! The data tier with real servers: made, reached with its password only, kept, and mended after the worst.

#![expect(clippy::unwrap_used, reason = "what these tests stand on must be there")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, Executor, Row};
use terrace_local::{DatabasePlan, ProcessName};
use terrace_run::Executable;
use terrace_run::database::{
    DatabaseError, DatabaseOptions, Prepared, ShellError, data_folders, prepare, reset, shell,
};
use terrace_run::leash::Launch;
use terrace_run::state::StateFolder;
use terrace_topology::DatabaseName;
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
        prepare(&self.plan, &process, &self.state(), options, &executable(), &note).await
    }

    fn notes(&self) -> String {
        std::mem::take(&mut *self.notes.lock().unwrap()).join("\n")
    }
}

fn executable() -> Executable {
    Executable::at(env!("CARGO_BIN_EXE_terrace-run-parts"))
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
    for version in ["16", "16"] {
        let project = Project::new(Engine::Postgres, version);
        let server = Server::start(project.prepare_with(&options).await.unwrap()).await;
        let shown = postgres(&server.prepared, "SHOW server_version").await.unwrap();
        assert!(shown.starts_with(&format!("{version}.")), "{shown}");
        assert_eq!(postgres(&server.prepared, "SELECT upper('é')").await.as_deref(), Some("É"));
        server.end(Signal::SIGINT).await;
    }
    let kept: Vec<_> = std::fs::read_dir(cache.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(kept.len(), 2, "a server, a lock, and nothing half done: {kept:?}");

    // What was fetched serves without the network, and nothing else is fetched then.
    let offline = DatabaseOptions { offline: true, ..options };
    let project = Project::new(Engine::Postgres, "16");
    assert!(project.prepare_with(&offline).await.unwrap().title.starts_with("PostgreSQL 16."));
    assert_eq!(project.notes(), "");
    let project = Project::new(Engine::Postgres, "17");
    assert!(project.prepare_with(&offline).await.unwrap().title.starts_with("PostgreSQL 16."));
    let notes = project.notes();
    assert!(notes.contains("asked for PostgreSQL 17, found PostgreSQL 16."), "{notes}");
    assert!(notes.contains("nothing is fetched with --offline"), "{notes}");
}

#[tokio::test]
async fn an_interrupted_beginning_leaves_no_half_made_data() {
    let project = Project::new(Engine::Postgres, "15");
    let state = project.state();
    let begun = async {
        let names = || std::fs::read_dir(state.data()).unwrap().flatten().map(|entry| entry.file_name());
        while !names().any(|name| name.to_string_lossy().starts_with(".new-")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        biased;
        () = begun => {}
        prepared = project.prepare() => panic!("it was not interrupted: {prepared:?}"),
    }
    assert_eq!(data_folders(Engine::Postgres, &state).unwrap(), Vec::<PathBuf>::new());
    // As kill -9 leaves it: nobody clears up.
    let half = state.data().join(".new-half/server");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let server = Server::start(project.prepare().await.unwrap()).await;
    server.end(Signal::SIGINT).await;
    assert!(!state.data().join(".new-half").exists());
}

#[tokio::test]
async fn data_of_another_version_are_left_alone() {
    let project = Project::new(Engine::Postgres, "15");
    let prepared = project.prepare().await.unwrap();
    std::fs::write(prepared.folder.join("PG_VERSION"), "14\n").unwrap();
    let error = project.prepare().await.unwrap_err().to_string();
    assert!(error.contains("holds data of version 14, which PostgreSQL 15."), "{error}");
    assert!(error.contains("`terrace db reset`"), "{error}");

    let data = project.state().data();
    std::fs::rename(data.join("postgres-15"), data.join("postgres-14")).unwrap();
    project.prepare().await.unwrap();
    let notes = project.notes();
    assert!(notes.contains("a new, empty database is made for PostgreSQL 15."), "{notes}");
    assert!(notes.contains("data/postgres-14` stay there"), "{notes}");
    assert!(data.join("postgres-14/server/base").is_dir());
}

#[tokio::test]
async fn a_new_password_or_name_reaches_data_that_are_there() {
    for engine in [Engine::Postgres, Engine::Mysql] {
        let mut project = Project::new(engine, "15");
        let server = Server::start(project.prepare().await.unwrap()).await;
        let old = server.end(Signal::SIGTERM).await.access.password;
        std::fs::remove_file(project.state().path().join("secrets/data.password")).unwrap();
        let server = Server::start(project.prepare().await.unwrap()).await;
        assert_ne!(server.prepared.access.password, old);
        server.end(Signal::SIGTERM).await;

        project.plan.user = DatabaseName::of(&"shop".parse().unwrap());
        project.plan.database = project.plan.user.clone();
        let server = Server::start(project.prepare().await.unwrap()).await;
        assert!(server.prepared.access.url().ends_with("/shop"));
        server.end(Signal::SIGTERM).await;
    }
}

#[tokio::test]
async fn a_shell_gets_in_without_showing_the_password() {
    for (engine, query) in [(Engine::Postgres, "-Atc"), (Engine::Mysql, "-Ne")] {
        let project = Project::new(engine, "15");
        let state = project.state();
        let process = ProcessName::new("data").unwrap();
        let args = [query.into(), "SELECT 40 + 2".into()];
        let asked = shell(&project.plan, &process, &state, &args).await;
        assert!(matches!(asked, Err(ShellError::NotRunning)), "{asked:?}");

        let lock = state.lock().unwrap();
        let server = Server::start(project.prepare().await.unwrap()).await;
        let mut command = shell(&project.plan, &process, &state, &args).await.unwrap();
        let shown: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        assert!(!shown.join(" ").contains(&server.prepared.access.password), "{shown:?}");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "42\n", "{output:?}");
        server.end(Signal::SIGTERM).await;

        assert_eq!(data_folders(engine, &state).unwrap().len(), 1);
        assert_eq!(reset(engine, &state, &lock).await.unwrap().len(), 1);
        assert_eq!(data_folders(engine, &state).unwrap(), Vec::<PathBuf>::new());
        let server = Server::start(project.prepare().await.unwrap()).await;
        server.end(Signal::SIGTERM).await;
    }
}

#[tokio::test]
async fn every_secret_is_the_owners_alone() {
    let project = Project::new(Engine::Postgres, "15");
    project.prepare().await.unwrap();
    let state = project.state();
    let mut folders = vec![state.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && !entry.path().starts_with(state.data()) {
                folders.push(entry.path());
            } else if kind.is_file() {
                assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
                files += 1;
            }
        }
    }
    assert!(files >= 3, "two passwords and the ports: {files}");
}

#[tokio::test]
async fn a_folder_that_is_named_must_have_a_server() {
    let project = Project::new(Engine::Postgres, "15");
    let empty = open_folder();
    let options = DatabaseOptions { binaries: Some(empty.path().to_owned()), ..DatabaseOptions::default() };
    let error = project.prepare_with(&options).await.unwrap_err().to_string();
    assert!(error.starts_with("no PostgreSQL server with all its programs is in `"), "{error}");
}
