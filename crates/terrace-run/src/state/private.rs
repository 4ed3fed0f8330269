//! Files and folders that only their owner may read: made so, never narrowed afterwards.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

/// The most that a private file of ours may hold, bytes.
const MOST: u64 = 1024 * 1024;

/// Makes a folder of that mode, parents excluded; one that is there must be ours and closed to others' writing.
pub(crate) fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return Err(io::Error::new(ErrorKind::NotADirectory, "it is there and is no folder"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it belongs to another user"));
    }
    if found.permissions().mode() & 0o022 != 0 {
        let text = "others may write to it; take that away with `chmod go-w`";
        return Err(io::Error::new(ErrorKind::PermissionDenied, text));
    }
    Ok(())
}

/// Puts a file of mode 0600 in place of what was there, whole or not at all, and safe on disk.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    written_beside(path, content)?.persist(path).map_err(|error| error.error)?;
    sync_folder_of(path)
}

/// Puts a file of mode 0600 there if there is none; `false` if another came first.
pub(crate) fn create_private(path: &Path, content: &[u8]) -> io::Result<bool> {
    match written_beside(path, content)?.persist_noclobber(path) {
        Ok(_) => sync_folder_of(path).map(|()| true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// The text of a private file; none if there is no such file. One that others may read is refused.
pub(crate) fn read_private(path: &Path) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let found = file.metadata()?;
    if found.permissions().mode() & 0o077 != 0 {
        let text = "others may read it; take that away with `chmod 600`";
        return Err(io::Error::new(ErrorKind::PermissionDenied, text));
    }
    if found.len() > MOST {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    let mut text = String::new();
    Read::by_ref(&mut file).take(MOST).read_to_string(&mut text)?;
    Ok(Some(text))
}

fn written_beside(path: &Path, content: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    // tempfile makes its files with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder_of(path))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_are_private_from_the_first_moment_and_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert!(create_private(&path, b"one").unwrap());
        assert!(!create_private(&path, b"two").unwrap());
        assert_eq!(read_private(&path).unwrap().as_deref(), Some("one"));
        replace_private(&path, b"three").unwrap();
        assert_eq!(read_private(&path).unwrap().as_deref(), Some("three"));
        assert_eq!(mode(&path), 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_others_may_read_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "x").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(read_private(&path).unwrap_err().kind(), ErrorKind::PermissionDenied);
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        make_folder(&path, 0o700).unwrap();
        assert_eq!(mode(&path), 0o700);
        make_folder(&path, 0o700).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o777)).unwrap();
        assert_eq!(make_folder(&path, 0o700).unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}
