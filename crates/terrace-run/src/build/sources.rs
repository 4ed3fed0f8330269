//! What a build is made from: every file of its folder that version control would keep, and nothing it makes itself.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// Folders that are made, whatever lies around them.
const MADE: [&str; 12] = [
    ".git",
    ".hg",
    ".mypy_cache",
    ".next",
    ".nuxt",
    ".pytest_cache",
    ".ruff_cache",
    ".svelte-kit",
    ".terrace",
    ".turbo",
    "__pycache__",
    "node_modules",
];

/// Folders that are made where that file lies beside them; elsewhere they may be sources.
const MADE_BESIDE: [(&str, &str); 4] =
    [("dist", "package.json"), ("target", "Cargo.toml"), ("target", "pom.xml"), (".gradle", "build.gradle")];

/// Folders that say by a file in them that they are made: the Cache Directory Tagging Specification, and PEP 405.
const MARKS: [&str; 2] = ["CACHEDIR.TAG", "pyvenv.cfg"];

/// The sources of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    folder: PathBuf,
    output: Option<PathBuf>,
}

impl Sources {
    /// The sources in `folder`; what lies in `output` is made from them, unless they lie in it themselves.
    pub fn new(folder: impl Into<PathBuf>, output: Option<PathBuf>) -> Self {
        let folder = folder.into();
        let output = output.filter(|output| !folder.starts_with(output));
        Self { folder, output }
    }

    /// The source files, in order. Left out is what version control ignores, except for `.env` files, which builders
    /// read and people keep to themselves; the manifests of Terrace; and what builders make.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = self.walk(true);
        if files.is_empty() {
            // All of it is ignored from above: a project in a scratch folder. Then that says nothing about it.
            files = self.walk(false);
        }
        files.extend(settings_files(&self.folder));
        files.sort();
        files.dedup();
        files
    }

    fn walk(&self, from_above: bool) -> Vec<PathBuf> {
        let output = self.output.clone();
        WalkBuilder::new(&self.folder)
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .parents(from_above)
            .filter_entry(move |entry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                let made = is_folder && entry.depth() > 0 && is_made(entry.path());
                !made && Some(entry.path()) != output.as_deref()
            })
            .build()
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir()))
            .map(ignore::DirEntry::into_path)
            .filter(|path| !path.file_name().is_some_and(is_manifest))
            .collect()
    }

    /// A hash of the names and contents of all of them.
    pub(crate) fn hash(&self) -> blake3::Hash {
        hash_of(&self.folder, &self.files())
    }
}

/// Whether a change at that path can never be a change of a source: by name only, so that a watcher can ask often.
pub fn is_never_source(path: &Path) -> bool {
    path.iter().any(|part| MADE.iter().any(|made| part == OsStr::new(made)))
}

/// Whether a folder holds what tools make.
pub(crate) fn is_made(folder: &Path) -> bool {
    let Some(name) = folder.file_name() else { return false };
    let beside = |file: &str| folder.parent().is_some_and(|parent| parent.join(file).exists());
    MADE.iter().any(|made| name == OsStr::new(made))
        || MADE_BESIDE.iter().any(|(made, file)| name == OsStr::new(made) && beside(file))
        || MARKS.iter().any(|mark| folder.join(mark).is_file())
}

/// `terrace.toml`, `terrace.staging.toml`: what of them matters to a build is its command.
fn is_manifest(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("terrace.") && name.ends_with(".toml"))
}

fn settings_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().as_bytes().starts_with(b".env"))
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect()
}

/// A hash of everything in a folder, or of one file; of nothing if neither is there.
pub(super) fn hash_of_everything(path: &Path) -> blake3::Hash {
    let files: Vec<PathBuf> = WalkBuilder::new(path)
        .standard_filters(false)
        .sort_by_file_path(Path::cmp)
        .build()
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir()))
        .map(ignore::DirEntry::into_path)
        .collect();
    hash_of(path, &files)
}

fn hash_of(folder: &Path, files: &[PathBuf]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for path in files {
        let name = path.strip_prefix(folder).unwrap_or(path).as_os_str().as_bytes();
        let (kind, content) = content_of(path).unwrap_or((Kind::Unreadable, blake3::hash(b"")));
        // Lengths before texts: no two lists of files may give the same bytes.
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name).update(&[kind as u8]);
        hasher.update(content.as_bytes());
    }
    hasher.finalize()
}

#[derive(Clone, Copy)]
enum Kind {
    File,
    Link,
    Other,
    Unreadable,
}

fn content_of(path: &Path) -> io::Result<(Kind, blake3::Hash)> {
    let found = std::fs::symlink_metadata(path)?;
    if found.is_symlink() {
        return Ok((Kind::Link, blake3::hash(std::fs::read_link(path)?.as_os_str().as_bytes())));
    }
    // A pipe would never end.
    if !found.is_file() {
        return Ok((Kind::Other, blake3::hash(b"")));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok((Kind::File, hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (name, content) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }

    fn names(sources: &Sources) -> Vec<String> {
        let relative = |p: PathBuf| p.strip_prefix(&sources.folder).unwrap().display().to_string();
        sources.files().into_iter().map(relative).collect()
    }

    #[test]
    fn sources_are_what_people_wrote() {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            &[
                (".gitignore", "*.log\n/generated\n.env*\n"),
                (".env.local", "VITE_X=1"),
                ("package.json", "{}"),
                ("src/main.ts", ""),
                ("src/dist/kept.ts", "a source, for no package.json lies beside it"),
                ("src/target/mod.rs", "a source as well"),
                ("src/.hidden", ""),
                ("dist/index.html", "made"),
                ("site/index.html", "made"),
                ("node_modules/x/index.js", "made"),
                ("generated/x", "ignored"),
                ("debug.log", "ignored"),
                ("terrace.toml", ""),
                ("terrace.staging.toml", ""),
                ("api/Cargo.toml", ""),
                ("api/target/x", "made"),
                ("env/pyvenv.cfg", ""),
                ("env/lib/x.py", "made"),
                ("cache/CACHEDIR.TAG", ""),
                ("cache/x", "made"),
            ],
        );
        let sources = Sources::new(folder.path(), Some(folder.path().join("site")));
        insta::assert_snapshot!(names(&sources).join("\n"), @"
        .env.local
        .gitignore
        api/Cargo.toml
        package.json
        src/.hidden
        src/dist/kept.ts
        src/main.ts
        src/target/mod.rs
        ");
    }

    #[test]
    fn a_project_in_an_ignored_folder_has_sources_all_the_same() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("scratch");
        write(above.path(), &[(".gitignore", "*\n"), ("scratch/a", "")]);
        assert_eq!(names(&Sources::new(folder, None)), ["a"]);
    }

    #[test]
    fn a_page_built_in_its_own_place_keeps_its_sources() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a", "")]);
        assert_eq!(names(&Sources::new(folder.path(), Some(folder.path().to_owned()))), ["a"]);
    }

    type Files = BTreeMap<String, Vec<u8>>;

    fn hash(files: &Files) -> blake3::Hash {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        Sources::new(folder.path(), None).hash()
    }

    fn files() -> impl Strategy<Value = Files> {
        let content = proptest::collection::vec(any::<u8>(), 0..8);
        proptest::collection::btree_map("[ab]{1,2}(/[cd]{1,2}\\.x)?\\.y", content, 0..5)
            .prop_filter("a file is no folder", |files| {
                files.keys().all(|a| files.keys().all(|b| a == b || !b.starts_with(&format!("{a}/"))))
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_same_files_have_the_same_hash_and_others_another(a in files(), b in files()) {
            prop_assert_eq!(hash(&a), hash(&a.clone()), "wherever they lie");
            prop_assert_eq!(hash(&a) == hash(&b), a == b);
        }
    }
}
