//! The folder that a database server keeps its data in: made whole or not at all, one per series of versions.

use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use terrace_local::DatabasePlan;
use terrace_topology::DatabaseName;
use tokio::time::Instant;

use super::DatabaseError;
use super::binaries::Binaries;
use super::identity::reaches;
use crate::leash::Identity;
use crate::state::{StateError, StateFolder, make_folder, read_private, replace_private};

/// Where root's projects keep data that their own folder would hide from the server's user.
const ELSEWHERE: &str = "/var/lib/terrace";

/// How long the end of an interrupted run is waited for.
const CLEAR_WITHIN: Duration = Duration::from_secs(10);

/// The folder, beside the server's own, for what it needs for a moment.
pub(crate) const TEMPORARY: &str = "temporary";

/// What a home was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The server's full version at that time.
    pub(crate) version: String,
    /// The name of the database.
    pub(crate) database: String,
    /// Who may use it.
    pub(crate) user: String,
}

impl Made {
    pub(crate) fn by(binaries: &Binaries, plan: &DatabasePlan) -> Self {
        let text = |name: &DatabaseName| name.as_str().to_owned();
        Self { version: binaries.version.to_string(), database: text(&plan.database), user: text(&plan.user) }
    }
}

/// All homes of a project.
#[derive(Clone, Debug)]
pub(crate) struct Homes {
    folder: PathBuf,
    identity: Option<Identity>,
}

/// One home, such as `.terrace/data/postgres-16`.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    identity: Option<Identity>,
}

/// A home in the making; gone if it is dropped before [`Nascent::settle`].
pub(crate) struct Nascent {
    staging: tempfile::TempDir,
    home: Home,
}

impl Homes {
    /// Where the homes of a project lie, if they exist or not: in its state folder, or, when the server runs as
    /// another user who cannot get there, in a folder of the system.
    pub(crate) fn place(state: &StateFolder, identity: Option<Identity>) -> Self {
        let inside = state.data();
        let folder = if reaches(identity, &inside) { inside } else { elsewhere(state) };
        Self { folder, identity }
    }

    /// Makes the folder of homes, and clears away what an interrupted run left.
    pub(crate) async fn open(&self) -> Result<(), StateError> {
        if let Some(parent) = self.folder.parent().filter(|parent| *parent == Path::new(ELSEWHERE)) {
            make_folder(parent, 0o711).map_err(StateError::of("make", parent))?;
            make_folder(&self.folder, 0o711).map_err(StateError::of("make", &self.folder))?;
        }
        for name in self.names()?.iter().filter(|name| name.starts_with(".new-")) {
            let path = self.folder.join(name);
            clear_away(&path).await.map_err(StateError::of("clear away", &path))?;
        }
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The home of a server's series.
    pub(crate) fn of(&self, binaries: &Binaries) -> Home {
        let name = format!("{}-{}", binaries.maker.word(), binaries.maker.series(&binaries.version));
        Home { folder: self.folder.join(name), identity: self.identity }
    }

    /// The names of all homes, such as `postgres-15`, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, StateError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(StateError::of("read", &self.folder))?,
        };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }
}

/// Takes a folder away. What an interrupted run has started may still be writing there for a moment.
async fn clear_away(folder: &Path) -> io::Result<()> {
    let deadline = Instant::now() + CLEAR_WITHIN;
    loop {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(()) => return Ok(()),
        }
    }
}

/// The folder of the system for a project whose own cannot be reached: one per place of a state folder.
fn elsewhere(state: &StateFolder) -> PathBuf {
    let place = state.path().canonicalize().unwrap_or_else(|_| state.path().to_owned());
    let hash = blake3::hash(place.as_os_str().as_encoded_bytes()).to_hex();
    Path::new(ELSEWHERE).join(hash.chars().take(16).collect::<String>())
}

impl Home {
    /// The folder that the server itself owns.
    pub(crate) fn server(&self) -> PathBuf {
        self.folder.join("server")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    fn record(&self) -> PathBuf {
        self.folder.join("made.json")
    }

    /// What it was made for; none if it was never made.
    pub(crate) fn made(&self) -> Result<Option<Made>, DatabaseError> {
        if !self.server().is_dir() {
            return Ok(None);
        }
        let record = self.record();
        let text = read_private(&record).map_err(StateError::of("read", &record))?.unwrap_or_default();
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|_| DatabaseError::StrangeFolder { folder: self.folder.clone() })
    }

    /// Writes down what it is for now.
    pub(crate) fn note(&self, made: &Made) -> Result<(), DatabaseError> {
        write_record(&self.record(), made)
    }

    /// Makes the folder for what the server needs for a moment, should someone have cleared it away.
    pub(crate) fn mend(&self) -> Result<(), StateError> {
        let temporary = self.folder.join(TEMPORARY);
        if temporary.is_dir() {
            return Ok(());
        }
        make_folder(&temporary, 0o700)
            .and_then(|()| give(&temporary, self.identity))
            .map_err(StateError::of("make", &temporary))
    }

    /// Begins to make it, out of sight.
    pub(crate) fn begin(&self) -> Result<Nascent, StateError> {
        let parent = self.folder.parent().unwrap_or(&self.folder);
        let make = || -> io::Result<tempfile::TempDir> {
            let staging = tempfile::Builder::new()
                .prefix(".new-")
                .permissions(PermissionsExt::from_mode(crate::state::passable()))
                .tempdir_in(parent)?;
            for inner in ["server", TEMPORARY] {
                let inner = staging.path().join(inner);
                make_folder(&inner, 0o700)?;
                give(&inner, self.identity)?;
            }
            Ok(staging)
        };
        let staging = make().map_err(StateError::of("make a database folder in", parent))?;
        Ok(Nascent { staging, home: self.clone() })
    }
}

impl Nascent {
    /// The folder that the server will own.
    pub(crate) fn server(&self) -> PathBuf {
        self.staging.path().join("server")
    }

    /// A file that only the server's user may read; it is gone when the value is.
    pub(crate) fn private_file(&self, content: &str) -> Result<tempfile::NamedTempFile, StateError> {
        private_file(self.staging.path(), content, self.home.identity)
    }

    /// Makes it the home: everything is safe on disk before it has its name.
    pub(crate) fn settle(self, made: &Made) -> Result<(), DatabaseError> {
        write_record(&self.staging.path().join("made.json"), made)?;
        let home = &self.home.folder;
        let settle = || -> io::Result<()> {
            sync_all(self.staging.path())?;
            std::fs::rename(self.staging.path(), home)?;
            let parent = home.parent().unwrap_or(home);
            std::fs::File::open(parent)?.sync_all()
        };
        settle().map_err(StateError::of("make", home))?;
        // It has moved: there is nothing left to clear away.
        let _ = self.staging.keep();
        Ok(())
    }
}

/// A file in that folder that only the server's user may read; it is gone when the value is.
pub(crate) fn private_file(
    folder: &Path,
    content: &str,
    identity: Option<Identity>,
) -> Result<tempfile::NamedTempFile, StateError> {
    let make = || -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, content.as_bytes())?;
        give(file.path(), identity)?;
        Ok(file)
    };
    make().map_err(StateError::of("write to", folder))
}

fn write_record(path: &Path, made: &Made) -> Result<(), DatabaseError> {
    let text = serde_json::to_string(made).unwrap_or_default();
    Ok(replace_private(path, text.as_bytes()).map_err(StateError::of("write", path))?)
}

fn give(path: &Path, identity: Option<Identity>) -> io::Result<()> {
    match identity {
        Some(Identity { uid, gid }) => chown(path, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

/// Has the kernel write out everything of the file system that the folder lies on.
#[cfg(target_os = "linux")]
fn sync_all(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
}

/// Has the kernel write out everything.
#[cfg(not(target_os = "linux"))]
fn sync_all(_folder: &Path) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}
