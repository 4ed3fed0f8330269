//! A database server of the test's own: in a temporary folder, on a socket in it, never as root.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The engines the API runs on, as this machine has them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Postgres,
    MariaDb,
}

/// A server that lives as long as this value.
pub(crate) struct Database {
    engine: Engine,
    folder: TempDir,
    server: Child,
}

impl Database {
    pub(crate) fn start(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root(folder.path()) {
            let nobody = Command::new("id").args(["-u", "nobody"]).output().unwrap();
            let uid = String::from_utf8(nobody.stdout).unwrap().trim().parse().unwrap();
            chown(folder.path(), Some(uid), None).unwrap();
        }
        create(engine, folder.path());
        let server = serve(engine, folder.path());
        let database = Self { engine, folder, server };
        database.until_ready();
        database
    }

    /// Ends the server as a crash would, and starts it again on the same data.
    pub(crate) fn crash(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        // PostgreSQL refuses to start while a child of the old server is about.
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            self.server = serve(self.engine, self.folder.path());
            if self.answers(deadline) {
                return;
            }
            assert!(Instant::now() < deadline, "the database did not come back:\n{}", self.log());
        }
    }

    /// What `DATABASE_URL` says of it.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display();
        match self.engine {
            Engine::Postgres => format!("postgres:///postgres?host={folder}&user=items"),
            Engine::MariaDb => format!("mysql://root@localhost/items?socket={folder}/socket"),
        }
    }

    fn until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.ready() {
            assert!(Instant::now() < deadline, "the database did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the server is ready (true) or has ended (false).
    fn answers(&mut self, deadline: Instant) -> bool {
        while Instant::now() < deadline {
            if self.server.try_wait().unwrap().is_some() {
                return false;
            }
            if self.ready() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn ready(&self) -> bool {
        let folder = self.folder.path();
        let mut client = match self.engine {
            Engine::Postgres => {
                let mut client = Command::new(program("psql"));
                client.arg("-h").arg(folder).args(["-U", "items", "-d", "postgres", "-c", "select 1"]);
                client
            }
            Engine::MariaDb => {
                let mut client = Command::new(program("mariadb"));
                client.arg("--no-defaults").arg("-S").arg(folder.join("socket"));
                client.args(["-u", "root", "-e", "create database if not exists items"]);
                client
            }
        };
        client.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let pid = self.server.id().to_string();
        let asked = Command::new("kill").args(["-INT", &pid]).status();
        if !asked.is_ok_and(|status| status.success()) || matches!(self.engine, Engine::MariaDb) {
            self.server.kill().ok();
        }
        self.server.wait().ok();
    }
}

fn create(engine: Engine, folder: &Path) {
    let mut command = match engine {
        Engine::Postgres => {
            let mut command = unprivileged(&program("initdb"), folder);
            command.args([
                "--no-sync",
                "--auth=trust",
                "--username=items",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ]);
            command.arg(folder.join("data"));
            command
        }
        Engine::MariaDb => {
            let mut command = unprivileged(&program("mariadb-install-db"), folder);
            command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
            command.arg(format!("--datadir={}", folder.join("data").display()));
            command
        }
    };
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn serve(engine: Engine, folder: &Path) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    let mut command = match engine {
        Engine::Postgres => {
            let mut command = unprivileged(&program("postgres"), folder);
            command
                .arg("-D")
                .arg(folder.join("data"))
                .arg("-k")
                .arg(folder)
                .args(["-c", "listen_addresses="]);
            command
        }
        Engine::MariaDb => {
            let mut command = unprivileged(&program("mariadbd"), folder);
            command.args(["--no-defaults", "--skip-networking"]);
            command.arg(format!("--datadir={}", folder.join("data").display()));
            command.arg(format!("--socket={}", folder.join("socket").display()));
            command
        }
    };
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

/// The program as the folder's owner, ended by the kernel if this process goes first.
fn unprivileged(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--no-new-privs"]);
    let owner = fs::metadata(folder).unwrap();
    if owner.uid() != 0 && is_root(Path::new("/proc/self")) {
        command.args([
            "--clear-groups",
            &format!("--reuid={}", owner.uid()),
            &format!("--regid={}", owner.uid()),
        ]);
    }
    command.arg(program).current_dir(folder);
    command
}

fn is_root(own: &Path) -> bool {
    fs::metadata(own).unwrap().uid() == 0
}

/// Where a program is: on the path, or where Debian hides those of a server.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).collect();
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .and_then(|entries| {
            entries.map(|entry| Ok(entry?.path().join("bin"))).collect::<io::Result<Vec<_>>>()
        })
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().map(|folder| folder.join(name)).find(|candidate| candidate.is_file()).unwrap_or_else(
        || panic!("`{name}` is not on this machine: install PostgreSQL and MariaDB to run these tests"),
    )
}
