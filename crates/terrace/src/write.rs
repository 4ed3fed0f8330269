//! Writing files whole: a reader sees the old text or the new one, never a part.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file beside its place and then puts it there; `shown` is what the user calls it. Readable for all:
/// nothing that is written so is secret.
pub(crate) fn whole(file: &Path, shown: &str, text: &str) -> Result<(), Failure> {
    beside(file, text).map_err(|error| Failure::new(format!("{shown} cannot be written")).because(&error))
}

fn beside(file: &Path, text: &str) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut beside = tempfile::Builder::new()
        .prefix(".terrace-")
        .permissions(std::fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist(file).map_err(|error| error.error)?;
    Ok(())
}
