//! A built folder as an archive that is the same bytes every time.
//!
//! GUARANTEE: of the machine that packs, nothing comes in but names, contents, links and whether a file may be executed; what lies
//! outside of the folder is never packed, and a link that leads there is refused.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use terrace_image::{Compression, ImagePath, Layer, Mode, Node, Owner, Timestamp, Tree};

use crate::release::Failure;

/// Nobody's release has deeper folders.
const DEEPEST: usize = 64;
/// What is packed is held in memory while it is.
const LARGEST: u64 = 1 << 30;

/// A packed folder (`tar`, gzip).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive(Bytes);

impl Archive {
    /// Packs a folder. `keep` is asked of every file, link and folder, by its path below the folder, with `/`; what a folder
    /// holds that is not kept is not asked about.
    ///
    /// # Errors
    /// If something cannot be read, is neither file, folder nor link, a link leads out of the folder, a name is none that can
    /// be packed, nothing is left to pack, or it comes to more than 1 GiB.
    pub async fn of(folder: &Path, keep: impl Fn(&str) -> bool + Send + 'static) -> Result<Self, Failure> {
        let folder = folder.to_owned();
        let packed = tokio::task::spawn_blocking(move || pack(&folder, &keep)).await;
        packed
            .map_err(|error| Failure::found("nothing was packed", error.to_string(), "type the same again"))?
    }

    /// Its bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}

fn unread(path: &Path, error: &io::Error) -> Failure {
    let why = format!("{}: {error}", path.display());
    Failure::found("what was built could not be read", why, "build it first, or correct its folder")
}

fn odd(path: &Path, why: &str) -> Failure {
    let why = format!("{}: {why}", path.display());
    let next = "take it out of the build, or list in `files` what the release needs";
    Failure::found("what was built has something in it that cannot be released", why, next)
}

fn pack(folder: &Path, keep: &dyn Fn(&str) -> bool) -> Result<Archive, Failure> {
    let root = folder.canonicalize().map_err(|error| unread(folder, &error))?;
    let (mut tree, mut size) = (Tree::default(), 0_u64);
    let mut left = vec![(root.clone(), String::new(), 0)];
    while let Some((at, prefix, depth)) = left.pop() {
        let entries = fs::read_dir(&at).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(|error| unread(&at, &error))? {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| odd(&path, "its name is not in UTF-8"))?;
            let place = format!("{prefix}{name}");
            if !keep(&place) {
                continue;
            }
            let about = fs::symlink_metadata(&path).map_err(|error| unread(&path, &error))?;
            if about.is_dir() {
                if depth >= DEEPEST {
                    return Err(odd(&path, "folders are nested too deep"));
                }
                left.push((path.clone(), format!("{place}/"), depth + 1));
            }
            size = size.saturating_add(if about.is_file() { about.len() } else { 0 });
            if size > LARGEST {
                return Err(odd(folder, "it comes to more than 1 GiB"));
            }
            let node = node(&root, &path, &about)?;
            let inside =
                ImagePath::new(&format!("/{place}")).map_err(|error| odd(&path, &error.to_string()))?;
            tree.insert(inside, node).map_err(|error| odd(&path, &error.to_string()))?;
        }
    }
    if tree.is_empty() {
        return Err(odd(folder, "there is nothing in it to release"));
    }
    let layer = Layer::pack("release", &tree, Timestamp::default(), Compression::Gzip);
    let layer = layer.map_err(|error| odd(folder, &error.to_string()))?;
    Ok(Archive(layer.blob().bytes().clone()))
}

fn node(root: &Path, path: &Path, about: &Metadata) -> Result<Node, Failure> {
    if about.is_dir() {
        return Ok(Node::Directory { mode: Mode::DIRECTORY, owner: Owner::ROOT });
    }
    if about.is_symlink() {
        let target = fs::read_link(path).map_err(|error| unread(path, &error))?;
        let text = target.to_str().ok_or_else(|| odd(path, "its target is not in UTF-8"))?;
        if !stays(root, path, &target) {
            return Err(odd(path, &format!("it is a link that leads out of the folder, to {text}")));
        }
        return Ok(Node::Link { target: text.to_owned() });
    }
    if !about.is_file() {
        return Err(odd(path, "a file, a folder or a link was expected"));
    }
    let bytes = fs::read(path).map_err(|error| unread(path, &error))?;
    let program = about.permissions().mode() & 0o111 != 0;
    Ok(if program { Node::program(bytes) } else { Node::file(bytes) })
}

/// Whether a link's target is below the root, wherever the root is: by its text, and by where it leads if it leads anywhere.
fn stays(root: &Path, link: &Path, target: &Path) -> bool {
    let mut at: PathBuf = link.parent().unwrap_or(root).to_owned();
    for part in target.components() {
        match part {
            Component::Normal(name) => at.push(name),
            Component::CurDir => {}
            Component::ParentDir if at.starts_with(root) && at != root => drop(at.pop()),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    link.canonicalize().map_or(true, |whole| whole.starts_with(root))
}
