//! A folder's text files as a value, for readers that touch no disk.
//!
//! Read are files up to 12 MB that are UTF-8, 64 MB and 20,000 files together; what is left out by that is named. Links are followed to
//! files only, so that no folder comes twice. `.git`, `node_modules` and providers are not looked at; modules that
//! `terraform init` fetched are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use terrace_aws::inventory::Tree;

use crate::failure::Failure;

const LARGEST: u64 = 12 * 1024 * 1024;
const TOGETHER: u64 = 64 * 1024 * 1024;
const MOST: usize = 20_000;
/// Folders that hold nothing that a design is made of.
const PASSED: [&str; 7] =
    [".git", "node_modules", "providers", "target", ".venv", "__pycache__", ".terragrunt-cache"];
/// How far above the folder its modules may lie (`source = "../../modules/x"`).
const ABOVE: usize = 8;

/// Text files, and where in the tree the folder that was asked for is.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// The files; below the folder that holds everything that was referred to.
    pub(crate) tree: Tree,
    /// The folder that was asked for, in the tree; empty if it is the top.
    pub(crate) root: String,
    /// The folder that the tree's paths are below: absolute.
    pub(crate) top: PathBuf,
    /// Files that are too large or not text.
    pub(crate) left_out: Vec<String>,
    /// Files that only OpenTofu reads, and takes in the place of those of Terraform.
    pub(crate) tofu: Vec<String>,
    size: u64,
    count: usize,
    folders: BTreeSet<PathBuf>,
}

/// The files below a folder, and those of modules beside or above it that they refer to.
pub(crate) fn folder(folder: &Path) -> Result<Walked, Failure> {
    let folder = folder
        .canonicalize()
        .map_err(|error| Failure::input(format!("{} cannot be read", folder.display())).because(&error))?;
    let mut top = folder.clone();
    loop {
        let walked = below(&top, &folder)?;
        let higher = outside(&walked, &top, &folder);
        match higher {
            Some(higher) if higher != top => top = higher,
            _ => return Ok(walked),
        }
    }
}

fn below(top: &Path, folder: &Path) -> Result<Walked, Failure> {
    let root = relative(folder, top).unwrap_or_default();
    let mut walked = Walked { root, top: top.to_owned(), ..Walked::default() };
    walked.enter(folder, top)?;
    // Modules that lie elsewhere below the top come in as they are referred to.
    loop {
        let wanted: Vec<PathBuf> = referred(&walked, top)
            .into_iter()
            .filter(|path| path.starts_with(top) && path.is_dir())
            .filter(|path| !walked.folders.contains(path))
            .collect();
        if wanted.is_empty() {
            return Ok(walked);
        }
        for path in wanted {
            walked.enter(&path, top)?;
        }
    }
}

/// The folder that would hold everything that files refer to, if the top does not.
fn outside(walked: &Walked, top: &Path, folder: &Path) -> Option<PathBuf> {
    let mut highest = top.to_owned();
    for path in referred(walked, top) {
        while !path.starts_with(&highest) && highest.pop() {}
    }
    let above = folder.ancestors().take(ABOVE + 1).any(|ancestor| ancestor == highest);
    (above && highest.parent().is_some()).then_some(highest)
}

/// The folders that local sources of modules mean: `source = "../modules/network"`.
fn referred(walked: &Walked, top: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for (path, text) in walked.tree.iter() {
        if !(path.ends_with(".tf") || path.ends_with(".tf.json")) {
            continue;
        }
        let home = top.join(path);
        let Some(home) = home.parent() else { continue };
        for word in text.split('"').filter(|word| word.starts_with("../") || *word == "..") {
            if word.len() < 200 && !word.contains(['$', '%', '\n', '*']) {
                all.insert(plain(&home.join(word)));
            }
        }
    }
    all
}

/// Without `.` and `..`; the folders are canonical, so that this is exact.
fn plain(path: &Path) -> PathBuf {
    let mut all = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                all.pop();
            }
            other => all.push(other),
        }
    }
    all
}

fn relative(path: &Path, top: &Path) -> Option<String> {
    let parts = path.strip_prefix(top).ok()?.iter();
    let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

impl Walked {
    fn enter(&mut self, folder: &Path, top: &Path) -> Result<(), Failure> {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            if !self.folders.insert(folder.clone()) {
                continue;
            }
            let entries = std::fs::read_dir(&folder).map_err(|error| {
                Failure::input(format!("{} cannot be read", folder.display())).because(&error)
            })?;
            let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.sort();
            for path in paths {
                let name = path.file_name().unwrap_or_default();
                if path.is_dir() {
                    if !path.is_symlink() && !PASSED.iter().any(|passed| name == *passed) {
                        open.push(path);
                    }
                } else {
                    self.file(&path, top)?;
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, top: &Path) -> Result<(), Failure> {
        let Some(name) = relative(path, top) else { return Ok(()) };
        if [".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending)) {
            self.tofu.push(name);
            return Ok(());
        }
        let size =
            std::fs::metadata(path).map_or(0, |about| if about.is_file() { about.len() } else { u64::MAX });
        if size > LARGEST {
            if speaks(&name) {
                self.left_out.push(name);
            }
            return Ok(());
        }
        self.count += 1;
        self.size += size;
        if self.count > MOST || self.size > TOGETHER {
            return Err(Failure::input(format!("there is too much below {}", top.display()))
                .cause(format!("more than {MOST} files, or more than {} MB", TOGETHER / 1024 / 1024))
                .help("give the folder of one design: the one with its `.tf` files or its template"));
        }
        match std::fs::read(path).map(|bytes| String::from_utf8(super::source::utf16(bytes))) {
            Ok(Ok(text)) => self.tree.insert(name, text),
            _ if speaks(&name) => self.left_out.push(name),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a file of this name is one that a design is written in.
fn speaks(name: &str) -> bool {
    [".tf", ".tf.json", ".tfvars", ".template", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}
