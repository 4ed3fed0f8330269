//! Rooms that are small, open with what they are for, and stand in the map.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Lines past which a file must be split, or stand in [`LONG`].
const MOST_LINES: usize = 500;

/// Files that may be longer, and why.
const LONG: &[(&str, &str)] = &[];

/// Everything untidy below the root of the repository.
pub fn violations(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let map = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    for entry in fs::read_dir(root.join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !map.contains(&format!("`{name}`")) {
            found.push(format!("`{name}` is not in ARCHITECTURE.md"));
        }
    }
    for word in backticked_crates(&map) {
        if !root.join("crates").join(&word).is_dir() {
            found.push(format!("ARCHITECTURE.md names `{word}`, which is not in crates/"));
        }
    }
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "fuzz", "examples"] {
        rust_files(&root.join(folder), &mut files)?;
    }
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        found.extend(in_file(&shown, &text));
    }
    Ok(found)
}

/// Everything untidy in one Rust file.
pub fn in_file(shown: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let opening = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with("#!"));
    if !opening.is_some_and(|l| l.starts_with("//!")) {
        found.push(format!("{shown}: does not open with `//!` and what it is for"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES && !LONG.iter().any(|(name, _)| *name == shown) {
        found.push(format!("{shown}: {lines} lines; what second thing moved in?"));
    }
    for (number, line) in text.lines().enumerate() {
        let shown = format!("{shown}:{}", number + 1);
        // Written in two parts, so that this file does not find itself.
        for banned in [
            concat!("#[should_", "panic"),
            concat!("#[ig", "nore"),
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
        ] {
            if line.contains(banned) {
                found.push(format!("{shown}: `{banned}`"));
            }
        }
    }
    found
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if !["target", "node_modules", ".venv", ".terrace", "dist"].contains(&name.as_str()) {
                rust_files(&path, files)?;
            }
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The crates of ours that a text names between backticks.
fn backticked_crates(text: &str) -> Vec<String> {
    let named = |word: &&str| {
        (*word == "terrace" || word.starts_with("terrace-"))
            && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    };
    let mut words: Vec<String> =
        text.split('`').skip(1).step_by(2).filter(named).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}
