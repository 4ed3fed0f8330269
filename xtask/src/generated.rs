//! Files that are made from the code: the JSON schema of the manifest.
//!
//! `cargo xtask generate` writes them; a test says which of them are stale.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Every generated file, from the root of the repository, with what belongs in it.
pub fn files() -> Vec<(PathBuf, String)> {
    vec![(PathBuf::from("schema/terrace.schema.json"), terrace_manifest::json_schema())]
}

/// Writes them all.
pub fn write(root: &Path) -> io::Result<()> {
    for (path, text) in files() {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Those whose content is another.
pub fn violations(root: &Path) -> Vec<String> {
    files()
        .into_iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| format!("{} is stale: run `cargo xtask generate`", path.display()))
        .collect()
}
