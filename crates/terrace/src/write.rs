//! Writing files whole: a reader sees the old text or the new one, never a part.

use std::io::Write as _;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file beside its place and then puts it there.
pub(crate) fn whole(file: &Path, text: &str) -> Result<(), Failure> {
    let failure = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(format!("{} cannot be written", file.display())).because(error)
    };
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut beside = tempfile::Builder::new()
        .prefix(".terrace-")
        .permissions(permissions())
        .tempfile_in(folder)
        .map_err(|error| failure(&error))?;
    beside.write_all(text.as_bytes()).map_err(|error| failure(&error))?;
    beside.persist(file).map_err(|error| failure(&error.error))?;
    Ok(())
}

/// Readable for all: nothing that is written so is secret.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o644)
}
