//! A tree as a layer: a sorted archive, compressed (image-spec, `layer.md`).

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use tar::{EntryType, Header};

use crate::blob::{Blob, MediaType};
use crate::digest::Digest;
use crate::error::ImageError;
use crate::gzip::gzip;
use crate::path::ImagePath;
use crate::timestamp::Timestamp;
use crate::tree::{Mode, Node, Owner, Tree};

/// How a layer is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As every registry and every runtime takes it.
    #[default]
    Gzip,
    /// Not at all.
    None,
}

/// A layer: its blob, and the digest of the archive in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    pub(crate) title: String,
    pub(crate) blob: Blob,
    pub(crate) diff: Digest,
}

/// Directories that earlier layers have, with what they are: a later one that names them again must say the same.
pub(crate) type Directories = BTreeMap<ImagePath, (Mode, Owner)>;

impl Layer {
    /// A tree, packed; the title says in the image's history what it is.
    pub fn pack(
        title: &str,
        tree: &Tree,
        time: Timestamp,
        compression: Compression,
    ) -> Result<Self, ImageError> {
        Self::pack_over(title, tree, &mut Directories::new(), time, compression)
    }

    /// A tree over the directories of earlier layers, to which it adds its own.
    pub(crate) fn pack_over(
        title: &str,
        tree: &Tree,
        directories: &mut Directories,
        time: Timestamp,
        compression: Compression,
    ) -> Result<Self, ImageError> {
        let archive = archive(tree, directories, time)?;
        let diff = Digest::of(&archive);
        let blob = match compression {
            Compression::Gzip => Blob::new(MediaType::LayerGzip, gzip(&archive)),
            Compression::None => Blob::new(MediaType::LayerTar, archive),
        };
        Ok(Self { title: title.to_owned(), blob, diff })
    }

    /// What it is.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What a registry gets.
    pub fn blob(&self) -> &Blob {
        &self.blob
    }

    /// The digest of the archive without compression, which the configuration names (`diff_id`).
    pub fn diff(&self) -> Digest {
        self.diff
    }
}

/// The archive of a tree and of every directory above what is in it.
fn archive(tree: &Tree, directories: &mut Directories, time: Timestamp) -> Result<Vec<u8>, ImageError> {
    for (path, node) in tree.iter() {
        if let Node::Directory { mode, owner } = node {
            directories.insert(path.clone(), (*mode, *owner));
        }
    }
    let mut entries: BTreeMap<ImagePath, Node> = BTreeMap::new();
    for (path, node) in tree.iter() {
        for parent in path.parents() {
            let (mode, owner) = *directories.entry(parent.clone()).or_insert((Mode::DIRECTORY, Owner::ROOT));
            entries.entry(parent).or_insert(Node::Directory { mode, owner });
        }
        entries.insert(path.clone(), node.clone());
    }
    let mut builder = tar::Builder::new(Vec::new());
    for (path, node) in &entries {
        append(&mut builder, path, node, time)
            .map_err(|error| ImageError::Archive { path: path.clone(), why: error.to_string() })?;
    }
    // It only adds two empty blocks to a Vec.
    builder.into_inner().map_err(|error| ImageError::Unwritten { why: error.to_string() })
}

fn append(
    builder: &mut tar::Builder<Vec<u8>>,
    path: &ImagePath,
    node: &Node,
    time: Timestamp,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_mtime(time.seconds());
    header.set_size(0);
    let (mode, owner) = match node {
        Node::File { mode, owner, .. } | Node::Directory { mode, owner } => (mode.bits(), *owner),
        Node::Link { .. } => (0o777, Owner::ROOT),
    };
    header.set_mode(mode);
    header.set_uid(u64::from(owner.user));
    header.set_gid(u64::from(owner.group));
    match node {
        Node::File { bytes, .. } => {
            header.set_entry_type(EntryType::Regular);
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, path.relative(), reader(bytes))
        }
        Node::Directory { .. } => {
            header.set_entry_type(EntryType::Directory);
            builder.append_data(&mut header, format!("{}/", path.relative()), io::empty())
        }
        Node::Link { target } => {
            header.set_entry_type(EntryType::Symlink);
            builder.append_link(&mut header, path.relative(), target)
        }
    }
}

fn reader(bytes: &Bytes) -> &[u8] {
    bytes
}
