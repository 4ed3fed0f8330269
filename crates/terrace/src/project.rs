//! Finding the manifest that a command is about, and reading it.

use std::path::{Component, Path, PathBuf};

use terrace_manifest::FILE_NAME;

use crate::failure::Failure;

/// The largest file that is read as a manifest; the parser says what is wrong with one that is nearly as large.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Where the user said the manifest is.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Where {
    /// The project's folder, or its manifest [default: the nearest terrace.toml, from here upwards]
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    path: Option<PathBuf>,
    #[command(flatten)]
    file: FileFlag,
}

/// Which manifest, where an argument of another meaning stands in the place of the path.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FileFlag {
    /// The manifest, where it is not terrace.toml
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

impl Where {
    /// The manifest and the folder it lies in.
    pub(crate) fn find(&self) -> Result<Project, Failure> {
        find(self.path.as_deref(), self.file.file.as_deref())
    }

    /// Where a manifest is to be written.
    pub(crate) fn target(&self) -> Result<PathBuf, Failure> {
        let folder = self.path.as_deref().unwrap_or(Path::new("."));
        Ok(match &self.file.file {
            Some(file) => folder.join(file),
            None if folder.extension().is_some_and(|e| e == "toml") && !folder.is_dir() => folder.to_owned(),
            None => folder.join(FILE_NAME),
        })
    }
}

impl FileFlag {
    /// The manifest and the folder it lies in.
    pub(crate) fn find(&self) -> Result<Project, Failure> {
        find(None, self.file.as_deref())
    }
}

/// A manifest that was found and read.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The folder that it lies in: absolute.
    pub(crate) folder: PathBuf,
    /// The manifest: absolute.
    pub(crate) manifest: PathBuf,
    /// The manifest as the user would name it from the current folder.
    pub(crate) shown: String,
    /// Its text.
    pub(crate) text: String,
}

impl Project {
    /// What people call the project: the system's name, if the manifest says it.
    pub(crate) fn title(&self) -> String {
        let name = terrace_manifest::parse(&self.text, None).manifest.settings.name;
        name.map_or_else(|| self.shown.clone(), |name| name.value().to_string())
    }

    /// The manifest file's stem: `terrace` for `terrace.toml`.
    pub(crate) fn stem(&self) -> String {
        self.manifest.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// The manifest that a path and a file name together.
pub(crate) fn find(path: Option<&Path>, file: Option<&Path>) -> Result<Project, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::input("the current folder cannot be read").because(&error))?;
    let manifest = match (path, file) {
        (Some(path), Some(file)) => here.join(path).join(file),
        (None, Some(path)) | (Some(path), None) => {
            let path = here.join(path);
            if path.is_dir() { path.join(FILE_NAME) } else { path }
        }
        (None, None) => upwards(&here)?,
    };
    read(normal(&manifest), &here)
}

fn upwards(here: &Path) -> Result<PathBuf, Failure> {
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file()).ok_or_else(|| {
        Failure::input(format!("there is no {FILE_NAME} in {} or above it", here.display()))
            .help("`terrace init` looks at a project's folder and writes one")
    })
}

fn read(manifest: PathBuf, here: &Path) -> Result<Project, Failure> {
    let shown = shown(&manifest, here);
    let failure = |error: &std::io::Error| {
        let folder = manifest.parent().filter(|folder| folder.is_dir());
        match (error.kind(), folder) {
            (std::io::ErrorKind::NotFound, Some(folder)) if manifest.ends_with(FILE_NAME) => {
                let at =
                    if folder == here { String::new() } else { format!(" {}", self::shown(folder, here)) };
                Failure::input(format!("there is no {shown}"))
                    .help(format!("`terrace init{at}` looks at that folder and writes one"))
            }
            (std::io::ErrorKind::NotFound, _) => {
                Failure::input(format!("there is no file or folder `{shown}`"))
                    .help("give a project's folder, or its manifest")
            }
            _ => Failure::input(format!("{shown} cannot be read")).because(error),
        }
    };
    let size = std::fs::metadata(&manifest).map_err(|error| failure(&error))?;
    if size.len() > LARGEST || !size.is_file() {
        return Err(Failure::input(format!("{shown} is no manifest"))
            .help("a manifest is a text file of a few kilobytes"));
    }
    let bytes = std::fs::read(&manifest).map_err(|error| failure(&error))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::input(format!("{shown} is not UTF-8 text")).because(&error))?;
    let folder = manifest.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Project { folder, manifest, shown, text })
}

/// A path as the user would write it here: relative where it is below the current folder.
pub(crate) fn shown(path: &Path, here: &Path) -> String {
    match path.strip_prefix(here) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => rest.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

/// The path without `.` parts, and without `..` parts where that does not depend on links.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() && !normal.is_symlink() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
