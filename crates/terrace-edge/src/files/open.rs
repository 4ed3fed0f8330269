//! Opens what a request path names within a folder, and nothing else: the kernel itself refuses to leave it.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The page of a folder.
const PAGE: &str = "index.html";

/// A folder on disk.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
}

/// A regular file, opened, and what tells it from another.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    /// Its path below the folder.
    pub(super) name: String,
    pub(super) identity: Identity,
}

/// Changes whenever a file's content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
    pub(super) changed: (i64, i64),
}

/// What a path names.
#[derive(Debug)]
pub(super) enum Found {
    File(Opened),
    FolderWithPage,
    Nothing,
}

/// The path below the folder that a normalised request path names, if such a path may be served at all.
pub(crate) fn servable(path: &str) -> Option<&str> {
    let below = path.strip_prefix('/')?;
    let sound = below.split('/').enumerate().all(|(depth, segment)| {
        let hidden = segment.starts_with('.') && !(depth == 0 && segment == ".well-known");
        !hidden && !segment.contains(['\\', '\0']) && !segment.contains("%2F")
    });
    (sound && below.len() < 4096).then_some(below)
}

impl Place {
    /// A folder; it need not exist yet.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Opens what a request path names.
    pub(super) fn open(&self, path: &str) -> io::Result<Found> {
        let Some(below) = servable(path) else { return Ok(Found::Nothing) };
        if below.is_empty() || below.ends_with('/') {
            return self.file(&format!("{below}{PAGE}"));
        }
        match self.file(below)? {
            Found::FolderWithPage => match self.file(&format!("{below}/{PAGE}"))? {
                Found::File(_) => Ok(Found::FolderWithPage),
                _ => Ok(Found::Nothing),
            },
            found => Ok(found),
        }
    }

    /// Opens a regular file by its path below the folder; a folder counts as found, with a page or without.
    pub(super) fn file(&self, name: &str) -> io::Result<Found> {
        let file = match open_beneath(&self.root, name) {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Ok(Found::FolderWithPage);
        }
        if !metadata.is_file() {
            return Ok(Found::Nothing);
        }
        let identity = Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: metadata.modified()?,
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        };
        Ok(Found::File(Opened { file, name: name.to_owned(), identity }))
    }
}

/// Whether an error means that there is nothing to serve: it is not there, not ours, not readable, or leads out.
fn is_absence(error: &io::Error) -> bool {
    let absent = [
        Errno::NOENT,
        Errno::NOTDIR,
        Errno::ACCESS,
        Errno::PERM,
        Errno::LOOP,
        Errno::XDEV,
        Errno::NAMETOOLONG,
        Errno::INVAL,
        Errno::NXIO,
        Errno::ILSEQ,
    ];
    error.raw_os_error().is_some_and(|code| absent.iter().any(|errno| errno.raw_os_error() == code))
}

/// Not blocking: opening a pipe that lies in the folder must not wait for its other end.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

#[cfg(target_os = "linux")]
fn open_beneath(root: &Path, name: &str) -> io::Result<File> {
    use rustix::fs::{CWD, ResolveFlags, openat2};

    let root_flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(CWD, root, root_flags, Mode::empty())?;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    match openat2(&folder, name, FLAGS, Mode::empty(), beneath) {
        Ok(file) => Ok(File::from(file)),
        // A sandbox may not know the call.
        Err(Errno::NOSYS) => open_checked(root, name),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_beneath(root: &Path, name: &str) -> io::Result<File> {
    open_checked(root, name)
}

/// Without help from the kernel: every link is resolved first, and what is opened has none left.
fn open_checked(root: &Path, name: &str) -> io::Result<File> {
    let root = root.canonicalize()?;
    let path = root.join(name).canonicalize()?;
    if !path.starts_with(&root) {
        return Err(Errno::XDEV.into());
    }
    let flags = FLAGS | OFlags::NOFOLLOW;
    Ok(File::from(rustix::fs::open(&path, flags, Mode::empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names_are_not_served() {
        for path in ["/", "/a.js", "/.well-known/acme", "/a/b/", "/a..b", "/a."] {
            assert!(servable(path).is_some(), "{path}");
        }
        for path in ["/.env", "/a/.git/config", "/a\\b", "/a%2Fb", "/a/.well-known/x", "/.well-known/.x", "a"]
        {
            assert!(servable(path).is_none(), "{path}");
        }
    }

    #[test]
    fn both_ways_of_opening_stay_inside() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let root = outside.path().join("root");
        std::fs::create_dir_all(root.join("a")).unwrap();
        std::fs::write(root.join("a/in"), "in").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("a/in", root.join("inner")).unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        for open in [open_beneath, open_checked] {
            assert!(open(&root, "a/in").is_ok());
            assert!(open(&root, "inner").is_ok());
            for name in ["out", "up/secret", "missing"] {
                assert!(is_absence(&open(&root, name).unwrap_err()), "{name}");
            }
        }
    }
}
