//! The folder that Terraform works in: private, filled with what is to be, and one run's at a time.
//!
//! GUARANTEE: the folder and what Terrace puts there are readable by this user alone. Nothing is removed from a folder that
//! Terrace did not make. As long as a Terraform works here, even one whose Terrace was killed, nobody else does: the lock is
//! on the file that takes Terraform's errors, and ends with the last who has it open.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use terrace_terraform::Files;

use super::backend::{self, Backend};

/// What tells a folder of ours.
const MARK: &str = ".terrace-terraform";
/// What Terraform was initialised for.
const INITIALISED: &str = ".terrace-initialised";
/// Which process works here.
const HOLDER: &str = ".terrace-holder";
const ERRORS: &str = "terraform.err";
const LINES: &str = "terraform.jsonl";
const LOG: &str = "terraform.log";
const BACKEND: &str = "terrace_backend.tf.json";
const EMULATED: &str = "terrace_emulator_override.tf.json";
const VARIABLES: &str = "terraform.tfvars.json";
/// What Terraform leaves when it cannot save a state.
const ERRORED: &str = "errored.tfstate";
/// Ends of names of files that Terraform or OpenTofu reads without being told.
const READ: &[&str] = &[".tf", ".tf.json", ".tofu", ".tofu.json", ".auto.tfvars", ".auto.tfvars.json"];

/// A folder that is ours while this value is.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Terraform's errors go here; locked.
    errors: File,
    /// A Terraform was begun that nobody has seen the end of.
    works: AtomicBool,
}

impl Drop for Folder {
    /// The lock would end with the last who has the file open: somebody that a run left and that is ended by now, or a
    /// process that was forked meanwhile and has not become its program yet.
    fn drop(&mut self) {
        if !self.works.load(Ordering::Relaxed) {
            // If it cannot be taken off it ends as said.
            let _ends_later = self.errors.unlock();
        }
    }
}

/// Why there is no folder to work in.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Somebody works there.
    #[error(
        "{} is in use{}: another Terrace works there, or the Terraform of one that was ended; that one ends by itself when what it began is done, so try again in a while",
        path.display(),
        process.as_ref().map(|id| format!(" by process {id}")).unwrap_or_default()
    )]
    Busy {
        /// Where.
        path: PathBuf,
        /// Who, if that was written down.
        process: Option<u32>,
    },
    /// Somebody else's.
    #[error("{} is not empty and was not made by Terrace: name an empty folder, or none", .0.display())]
    NotOurs(PathBuf),
    /// The machine says no.
    #[error("{}: {why}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
}

/// What is to be, as files.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// As emitted.
    pub files: &'a Files,
    /// Where the state is.
    pub backend: &'a Backend,
    /// Values of the text's variables; no secrets.
    pub variables: &'a BTreeMap<String, Json>,
}

impl Folder {
    /// Makes the folder if need be, and takes it.
    ///
    /// # Errors
    /// If somebody else works there, or it is somebody else's, or cannot be made.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |why| FolderError::Io { path, why }
        };
        let path = std::path::absolute(path).map_err(io(path))?;
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(io(&path))?;
        let mark = path.join(MARK);
        if !mark.exists() {
            if fs::read_dir(&path).map_err(io(&path))?.next().is_some() {
                return Err(FolderError::NotOurs(path));
            }
            private(&mark).map_err(io(&mark))?;
        }
        // Somebody may have made it wider since.
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(io(&path))?;
        let file = path.join(ERRORS);
        let errors = private(&file).map_err(io(&file))?;
        match errors.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let process = fs::read_to_string(path.join(HOLDER)).ok();
                let process = process.and_then(|text| text.trim().parse().ok());
                return Err(FolderError::Busy { path, process });
            }
            Err(TryLockError::Error(why)) => return Err(FolderError::Io { path: file, why }),
        }
        let folder = Self { path, errors, works: AtomicBool::new(false) };
        folder.held_by(std::process::id()).map_err(io(&folder.path))?;
        Ok(folder)
    }

    /// Takes the folder when whoever works there is done; who that is, is told first.
    ///
    /// # Errors
    /// As for [`Folder::open`], apart from [`FolderError::Busy`].
    pub async fn when_free(
        path: &Path,
        look: Duration,
        waits_for: impl Fn(Option<u32>),
    ) -> Result<Self, FolderError> {
        let mut told = false;
        loop {
            match Self::open(path) {
                Err(FolderError::Busy { process, .. }) => {
                    if !std::mem::replace(&mut told, true) {
                        waits_for(process);
                    }
                    tokio::time::sleep(look).await;
                }
                other => return other,
            }
        }
    }

    /// Puts these files there, and takes away all others that Terraform would read.
    ///
    /// # Errors
    /// If the machine says no.
    pub fn fill(&self, text: &Text<'_>, emulated: bool) -> Result<(), FolderError> {
        let mut wanted: BTreeMap<&str, String> =
            text.files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        wanted.insert(BACKEND, text.backend.text());
        let all: serde_json::Map<String, Json> = text.variables.clone().into_iter().collect();
        wanted.insert(VARIABLES, backend::printed(&Json::Object(all)));
        if emulated {
            wanted.insert(EMULATED, backend::emulated(text.files));
        }
        self.put(&wanted).map_err(|why| FolderError::Io { path: self.path.clone(), why })
    }

    fn put(&self, wanted: &BTreeMap<&str, String>) -> std::io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let read = READ.iter().any(|end| name.ends_with(end)) || name == "terraform.tfvars";
            if read && !wanted.contains_key(name.as_ref()) && !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
            }
        }
        for (name, text) in wanted {
            self.write(name, text)?;
        }
        Ok(())
    }

    /// Writes a file as a whole, if it says something else.
    pub(super) fn write(&self, name: &str, text: &str) -> std::io::Result<()> {
        let path = self.path.join(name);
        if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            return Ok(());
        }
        let new = self.path.join(".terrace-new");
        let mut file = private(&new)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `terraform init` depends on: who it is, where the state is, which providers and modules are asked for.
    pub(super) fn digest(&self, program: &str) -> std::io::Result<String> {
        let mut names: Vec<_> = fs::read_dir(&self.path)?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        let mut digest = Sha256::new();
        digest.update(program);
        for entry in names {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !READ.iter().any(|end| name.ends_with(end)) {
                continue;
            }
            let text = fs::read_to_string(entry.path())?;
            if name == BACKEND || text.contains("required_providers") || text.contains("module \"") {
                digest.update(format!("\0{name}\0{text}"));
            }
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether Terraform was initialised for just this.
    pub(super) fn is_initialised(&self, digest: &str) -> bool {
        self.path.join(".terraform").is_dir()
            && fs::read_to_string(self.path.join(INITIALISED)).is_ok_and(|there| there == digest)
    }

    pub(super) fn initialised(&self, digest: Option<&str>) -> std::io::Result<()> {
        match digest {
            Some(digest) => self.write(INITIALISED, digest),
            None => gone(fs::remove_file(self.path.join(INITIALISED))),
        }
    }

    /// Remembers who works here.
    pub(super) fn held_by(&self, process: u32) -> std::io::Result<()> {
        self.write(HOLDER, &process.to_string())
    }

    /// Empty files for what a run says: its lines, and its errors, which keep the folder locked.
    pub(super) fn outlets(&self) -> std::io::Result<(File, File)> {
        self.errors.set_len(0)?;
        let path = self.path.join(LINES);
        gone(fs::remove_file(&path))?;
        let lines = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        Ok((lines, self.errors.try_clone()?))
    }

    /// A Terraform begins to work here.
    pub(super) fn begins(&self) {
        self.works.store(true, Ordering::Relaxed);
    }

    /// It has ended, and all that it started was told to.
    pub(super) fn over(&self) {
        self.works.store(false, Ordering::Relaxed);
    }

    /// To read what a run says.
    pub(super) fn lines(&self) -> std::io::Result<File> {
        File::open(self.path.join(LINES))
    }

    /// What the last run said; nothing if there was none.
    pub(super) fn said(&self) -> std::io::Result<String> {
        match fs::read(self.path.join(LINES)) {
            Ok(said) => Ok(String::from_utf8_lossy(&said).into_owned()),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(why) => Err(why),
        }
    }

    /// The end of what a run said on its standard error.
    pub(super) fn errors(&self) -> String {
        const MOST: usize = 4000;
        let said = fs::read(self.path.join(ERRORS)).unwrap_or_default();
        let from = said.len().saturating_sub(MOST);
        String::from_utf8_lossy(said.get(from..).unwrap_or_default()).trim().to_owned()
    }

    /// The file for Terraform's own log, which nobody else can read.
    pub(super) fn log(&self) -> std::io::Result<PathBuf> {
        let path = self.path.join(LOG);
        private(&path)?.set_len(0)?;
        Ok(path)
    }

    /// A state that could not be saved, if one was left.
    pub(super) fn errored(&self) -> Option<&'static str> {
        self.path.join(ERRORED).is_file().then_some(ERRORED)
    }

    /// The state that could not be saved is saved now.
    pub(super) fn saved(&self) -> std::io::Result<()> {
        gone(fs::remove_file(self.path.join(ERRORED)))
    }
}

fn gone(removed: std::io::Result<()>) -> std::io::Result<()> {
    removed.or_else(|why| if why.kind() == ErrorKind::NotFound { Ok(()) } else { Err(why) })
}

/// A file that nobody else can read, open to add to.
fn private(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().append(true).read(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}
