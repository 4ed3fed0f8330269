//! What the tests stand on: a place of their own, a Terraform to run, and what it tells.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use terrace_cloud::terraform::{
    Backend, Broken, Event, Folder, Pace, Program, RunError, Searched, Surroundings, Terraform, Text,
};
use terrace_terraform::Files;

/// As fast as can be, and without patience.
pub(crate) const PACE: Pace = Pace { look: Duration::from_millis(5), grace: Duration::ZERO };

/// A place for one test.
pub(crate) struct Ground {
    place: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        Self { place: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A pipe with a name: who reads from it waits until somebody writes.
    pub(crate) fn gate(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        path
    }

    /// A Terraform that does what a script says; `$command` is what it is asked for.
    pub(crate) fn fake(&self, script: &str) -> PathBuf {
        let path = self.path("terraform");
        if !path.exists() {
            let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform/fake");
            std::os::unix::fs::symlink(fake, &path).unwrap();
        }
        let version = "case $command in version) echo '{\"terraform_version\": \"1.11.4\"}'; exit;; esac\n";
        fs::write(self.path("script"), format!("{version}{script}")).unwrap();
        path
    }

    /// What the scripted one was called with, `version` aside.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().filter(|call| !call.starts_with("version")).map(str::to_owned).collect()
    }

    pub(crate) fn work(&self) -> Folder {
        Folder::open(&self.path("work")).unwrap()
    }

    /// The state in a file of this place.
    pub(crate) fn state(&self) -> Backend {
        Backend::File(self.path("state.json"))
    }
}

pub(crate) async fn program(at: &Path) -> Program {
    let searched = Searched {
        named: Some(at.into()),
        path: std::ffi::OsString::new(),
        patience: Duration::from_secs(600),
    };
    Program::find(&searched).await.unwrap()
}

/// The real one; or none, said loudly.
pub(crate) async fn real(what: &str) -> Option<Program> {
    match Program::find(&Searched::from_env()).await {
        Ok(program) => Some(program),
        Err(why) => {
            // Past what the test harness keeps to itself of tests that pass.
            let line = format!("\nSKIPPED: {what}: {why}\n");
            drop(std::io::stderr().write_all(line.as_bytes()));
            None
        }
    }
}

/// This process's environment without what it says of accounts.
pub(crate) fn surroundings() -> Surroundings {
    Surroundings::of(std::env::vars_os())
}

pub(crate) fn main_tf(text: &str) -> Files {
    BTreeMap::from([("main.tf".parse().unwrap(), text.to_owned())])
}

pub(crate) fn terraform<'a>(
    program: &'a Program,
    folder: &'a Folder,
    backend: &Backend,
    text: &str,
) -> Terraform<'a> {
    let (files, variables) = (main_tf(text), BTreeMap::new());
    let text = Text { files: &files, backend, variables: &variables };
    Terraform::new(program, folder, &text, surroundings()).unwrap().at(PACE)
}

/// What happened, as lines of plain words.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    pub(crate) fn hear(&self, event: &Event) {
        self.0.lock().unwrap().push(event.to_string());
    }

    pub(crate) fn lines(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

pub(crate) fn broken(error: &RunError) -> &Broken {
    error.broken().unwrap_or_else(|| panic!("{error}"))
}
