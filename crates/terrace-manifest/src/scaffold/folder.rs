//! A folder as a value: which files it has, and the texts of the few that tell something.

use std::collections::BTreeMap;

/// How deep below the project's folder files are looked at.
pub const DEPTH: usize = 6;

/// The largest file whose text is read, bytes.
pub const LONGEST_TEXT: u64 = 256 * 1024;

/// The most files that are looked at; a folder has this many only if it holds what it should not.
pub const MOST_FILES: usize = 20_000;

const SKIPPED: &[&str] = &[
    "node_modules",
    "target",
    "dist",
    "build",
    "out",
    "vendor",
    "venv",
    "env",
    "__pycache__",
    "coverage",
    "obj",
    "tmp",
    "logs",
    "site-packages",
    "bower_components",
];

const NAMES: &[&str] = &[
    "package.json",
    "cargo.toml",
    "pyproject.toml",
    "requirements.txt",
    "pipfile",
    "setup.py",
    "go.mod",
    "dockerfile",
    "containerfile",
    "angular.json",
    "schema.prisma",
    "manage.py",
    "settings.py",
    "procfile",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
];

const SOURCES: &[&str] = &["rs", "py", "go", "js", "mjs", "cjs", "ts", "mts", "cts"];

/// A folder: its name, and its files with their texts where those are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderView {
    name: String,
    files: BTreeMap<String, Option<String>>,
}

impl FolderView {
    /// An empty folder of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), files: BTreeMap::new() }
    }

    /// Whether a folder, by its path from the project with `/` between its parts, is worth entering.
    pub fn enters(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        path.split('/').count() < DEPTH && !name.starts_with('.') && !SKIPPED.contains(&name)
    }

    /// Whether the text of a file is worth reading, if it is no longer than [`LONGEST_TEXT`].
    pub fn reads(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        NAMES.contains(&name.as_str()) || SOURCES.contains(&extension) || name.starts_with("dockerfile.")
    }

    /// Adds a file by its path from the project, with `/` between its parts; with its text if it was read.
    pub fn add(&mut self, path: impl Into<String>, text: Option<String>) {
        self.files.insert(path.into(), text);
    }

    /// The folder's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The text of a file, if it was read.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Every file, in the order of their paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}
