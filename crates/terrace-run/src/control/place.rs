//! Where the socket of a run lies: in the state folder, or in a private folder with a short path where that one's is
//! too long for a socket (108 bytes on Linux, `sockaddr_un`).

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::state::StateFolder;

/// The longest path of a socket that every system takes, bytes, with the end mark.
const LONGEST: usize = 104;

/// Where the socket of that state folder lies.
pub(crate) fn socket(state: &StateFolder) -> io::Result<PathBuf> {
    let own = state.socket();
    if fits(&own) {
        return Ok(own);
    }
    let path = std::fs::canonicalize(state.path())?;
    let hash = blake3::hash(path.as_os_str().as_bytes()).to_hex();
    let uid = rustix::process::geteuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|f| f.is_absolute());
    let folder = match runtime.map(|folder| folder.join("terrace")).filter(|f| fits(&f.join(file(&hash)))) {
        Some(folder) => folder,
        None => PathBuf::from(format!("/tmp/terrace-{uid}")),
    };
    private(&folder, uid)?;
    Ok(folder.join(file(&hash)))
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() < LONGEST
}

fn file(hash: &str) -> String {
    format!("{}.sock", hash.get(..24).unwrap_or(hash))
}

/// Makes the folder, or checks that the one that is there is this user's and no one else's.
fn private(folder: &Path, uid: u32) -> io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == uid && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    let text = format!("`{}` must be a folder of this user's with mode 0700", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_gets_a_short_socket_that_is_always_the_same() {
        let project = tempfile::tempdir().unwrap();
        let near = StateFolder::open(project.path(), "terrace").unwrap();
        assert_eq!(socket(&near).unwrap(), near.socket());
        let deep = project.path().join("x".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let far = StateFolder::open(&deep, "terrace").unwrap();
        let place = socket(&far).unwrap();
        assert!(fits(&place), "{}", place.display());
        assert_eq!(socket(&far).unwrap(), place);
    }
}
