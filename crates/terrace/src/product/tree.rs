//! Files of this machine as the tree of an image.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use terrace_image::{ImagePath, Node, Tree};

use crate::failure::Failure;

/// Adds a file, a link, or a folder with all that is in it, at this path of the image.
pub(super) fn add(tree: Tree, from: &Path, to: &str) -> Result<Tree, Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(format!("{} cannot be put into the image", from.display()))
            .because(error)
            .help("build it first, or correct `files` of the service")
    };
    let about = fs::symlink_metadata(from).map_err(|error| failed(&error))?;
    if about.is_dir() {
        let entries = fs::read_dir(from).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut tree = tree;
        for entry in entries.map_err(|error| failed(&error))? {
            let name = entry.file_name().to_string_lossy().into_owned();
            tree = add(tree, &entry.path(), &format!("{to}/{name}"))?;
        }
        return Ok(tree);
    }
    let node = if about.is_symlink() {
        let target = fs::read_link(from).map_err(|error| failed(&error))?;
        Node::Link { target: target.to_string_lossy().into_owned() }
    } else {
        let bytes = fs::read(from).map_err(|error| failed(&error))?;
        if about.permissions().mode() & 0o111 != 0 { Node::program(bytes) } else { Node::file(bytes) }
    };
    let path = ImagePath::new(to).map_err(|error| failed(&error))?;
    tree.with(path, node).map_err(|error| failed(&error))
}
