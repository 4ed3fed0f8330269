//! A built folder as a page: which files, of what type, with which digest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use terrace_account::Content;
use terrace_account::objects::Key;

use super::kind;
use crate::release::Failure;
use crate::release::record::{Digest, File, Page};

/// Nobody's page is in deeper folders.
const DEEPEST: usize = 64;

/// A page that has been built, and where its files are.
#[derive(Clone, Debug)]
pub struct Built {
    /// The page.
    pub page: Page,
    pub(crate) sources: BTreeMap<String, PathBuf>,
}

impl Built {
    /// Reads a folder. Names that begin with a dot are left out, as the edge does, except `/.well-known` (RFC 8615).
    ///
    /// # Errors
    /// If there is no `index.html`, something cannot be read, a link leads out of it, or a name cannot be one in S3.
    pub async fn of(folder: &Path) -> Result<Self, Failure> {
        let root = folder.to_owned();
        let walked = tokio::task::spawn_blocking(move || walk(&root)).await;
        let sources = match walked {
            Ok(sources) => sources?,
            Err(error) => return Err(unread(folder, &error)),
        };
        if !sources.contains_key("index.html") {
            let why = format!("{}: there is no index.html in it", folder.display());
            return Err(Failure::found(
                "this is no built page",
                why,
                "build the page first, or correct its folder",
            ));
        }
        let mut files = Vec::new();
        for (path, source) in &sources {
            let content = Content::file(source).await.map_err(|error| unread(source, &error))?;
            let (media_type, cache) = kind::judged(path);
            files.push(File {
                path: path.clone(),
                digest: Digest::from(content.sha256()),
                length: content.length(),
                media_type,
                cache: cache.to_owned(),
            });
        }
        Ok(Self { page: Page::of(files), sources })
    }

    /// Only what is below a folder of it, such as [`ASSETS`](super::ASSETS).
    #[must_use]
    pub fn below(self, folder: &str) -> Self {
        let Self { page, mut sources } = self;
        sources.retain(|path, _| path.starts_with(folder));
        let files = page.files.into_iter().filter(|file| file.path.starts_with(folder));
        Self { page: Page::of(files.collect()), sources }
    }
}

fn unread(path: &Path, error: &dyn std::error::Error) -> Failure {
    let why = format!("{}: {error}", path.display());
    Failure::found("the built page could not be read", why, "build the page first, or correct its folder")
}

fn odd(path: &Path, why: &str) -> Failure {
    let why = format!("{}: {why}", path.display());
    Failure::found(
        "the built page has a file that cannot be released",
        why,
        "rename it or take it out of the build",
    )
}

fn walk(root: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let whole = root.canonicalize().map_err(|error| unread(root, &error))?;
    let mut found = BTreeMap::new();
    let mut left = vec![(whole.clone(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = left.pop() {
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(|error| unread(&folder, &error))? {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| odd(&path, "its name is not in UTF-8"))?;
            if name.starts_with('.') && !(depth == 0 && name == ".well-known") {
                continue;
            }
            if name.chars().any(char::is_control) {
                return Err(odd(&path, "its name has a control character"));
            }
            let kind = entry.file_type().map_err(|error| unread(&path, &error))?;
            let place = format!("{prefix}{name}");
            if kind.is_dir() {
                if depth >= DEEPEST {
                    return Err(odd(&path, "folders are nested too deep"));
                }
                left.push((path, format!("{place}/"), depth + 1));
                continue;
            }
            // A link is what it leads to, if that is a file of the page's own.
            let target = path.canonicalize().map_err(|error| unread(&path, &error))?;
            if !target.starts_with(&whole) {
                return Err(odd(&path, "it is a link that leads out of the page's folder"));
            }
            if !target.is_file() {
                return Err(odd(&path, "it is no file: a file or a folder was expected"));
            }
            Key::new(place.as_str()).map_err(|error| odd(&path, &error.to_string()))?;
            found.insert(place, target);
        }
    }
    Ok(found)
}
