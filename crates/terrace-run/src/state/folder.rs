//! Where the state of a project lies, and what lies where in it.

use std::io;
use std::path::{Path, PathBuf};

use terrace_local::ProcessName;
use terrace_topology::PartyName;

use super::private::{make_folder, replace_private};
use super::{Lock, LockError, RememberedPorts, Secrets};

/// The name of the environment variable that all that a run starts has in its environment, with the state folder as
/// its value: so that what an interrupted run has left can be found.
pub(crate) const MARK: &str = "TERRACE_RUN";

/// Something in the state folder could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} `{}`: {source}{}", path.display(), hint(source))]
pub struct StateError {
    pub(crate) what: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => "; Terrace keeps its state beside `terrace.toml`, in `.terrace`",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room and run it again",
        _ => "",
    }
}

impl StateError {
    pub(crate) fn of(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { what, path, source }
    }
}

/// The state folder of one manifest: `.terrace/` for `terrace.toml`, `.terrace/<stem>/` for any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFolder {
    path: PathBuf,
}

impl StateFolder {
    /// Where the state of a manifest lies, whether it is there or not.
    pub fn place(project: &Path, stem: &str) -> PathBuf {
        let own = project.join(".terrace");
        if stem == "terrace" { own } else { own.join(stem) }
    }

    /// The folder, if a run has made it before.
    pub fn existing(project: &Path, stem: &str) -> Option<Self> {
        let path = Self::place(project, stem);
        path.join("logs").is_dir().then_some(Self { path })
    }

    /// The folder, made if it is not there, with mode 0700 (0711 for root, whose database server runs as another
    /// user and has to pass through) and kept out of version control.
    pub fn open(project: &Path, stem: &str) -> Result<Self, StateError> {
        let top = project.join(".terrace");
        let path = Self::place(project, stem);
        let make = |path: &Path, mode| make_folder(path, mode).map_err(StateError::of("make", path));
        make(&top, passable())?;
        let ignored = top.join(".gitignore");
        if !ignored.exists() {
            replace_private(&ignored, b"*\n").map_err(StateError::of("write", &ignored))?;
        }
        if path != top {
            make(&path, passable())?;
        }
        for inner in ["secrets", "build", "tls", "logs"] {
            make(&path.join(inner), 0o700)?;
        }
        make(&path.join("data"), passable())?;
        Ok(Self { path })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes this process the only one that runs the project.
    pub fn lock(&self) -> Result<Lock, LockError> {
        Lock::take(&self.path.join("lock"))
    }

    /// Where the database folders lie, unless a user who must reach them cannot.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where logs lie.
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// The log of a process.
    pub fn log(&self, process: &ProcessName) -> PathBuf {
        self.logs().join(format!("{process}.log"))
    }

    /// The log of a party's last build.
    pub fn build_log(&self, party: &PartyName) -> PathBuf {
        self.logs().join(format!("build-{party}.log"))
    }

    /// What a party's last good build was made of.
    pub fn stamp(&self, party: &PartyName) -> PathBuf {
        self.path.join("build").join(format!("{party}.stamp"))
    }

    /// Where the certificate for localhost is kept.
    pub fn tls(&self) -> PathBuf {
        self.path.join("tls")
    }

    /// The control socket, if the path is not too long for one.
    pub fn socket(&self) -> PathBuf {
        self.path.join("run.sock")
    }

    /// The ports of earlier runs.
    pub fn ports(&self) -> RememberedPorts {
        RememberedPorts::at(self.path.join("ports.toml"))
    }

    /// The secrets of this project on this machine.
    pub fn secrets(&self) -> Secrets {
        Secrets::at(&self.path)
    }
}

/// The mode of a folder that a database server of root's has to pass through, and nobody else to look into.
pub(crate) fn passable() -> u32 {
    if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_manifest_has_a_state_of_its_own() {
        let project = tempfile::tempdir().unwrap();
        let first = StateFolder::open(project.path(), "terrace").unwrap();
        let second = StateFolder::open(project.path(), "terrace.fargate").unwrap();
        assert_eq!(first.path(), project.path().join(".terrace"));
        assert_eq!(second.path(), project.path().join(".terrace/terrace.fargate"));
        assert_eq!(std::fs::read_to_string(first.path().join(".gitignore")).unwrap(), "*\n");
        assert_eq!(StateFolder::existing(project.path(), "terrace"), Some(first));
        assert_eq!(StateFolder::existing(project.path(), "other"), None);
    }

    #[test]
    fn a_folder_that_is_a_file_is_named() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join(".terrace"), "").unwrap();
        let error = StateFolder::open(project.path(), "terrace").unwrap_err().to_string();
        assert!(error.contains(".terrace`: it is there and is no folder"), "{error}");
    }
}
