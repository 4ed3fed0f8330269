//! Files, directories and links by path: what a layer is made of.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::error::ImageError;
use crate::path::ImagePath;

/// Permissions: twelve bits, the upper three for set-user, set-group and sticky.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mode(u32);

impl Mode {
    /// A program: 0755.
    pub const PROGRAM: Self = Self(0o755);
    /// A directory: 0755.
    pub const DIRECTORY: Self = Self(0o755);
    /// A file: 0644.
    pub const FILE: Self = Self(0o644);
    /// A directory in which anyone makes files of their own: 1777.
    pub const SHARED: Self = Self(0o1777);

    /// Permissions of no more than twelve bits, without set-user and set-group: nobody in the image should become somebody else.
    pub fn new(bits: u32) -> Result<Self, ImageError> {
        if bits > 0o7777 || bits & 0o6000 != 0 {
            return Err(ImageError::Mode { bits });
        }
        Ok(Self(bits))
    }

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }
}

/// Whose a file is, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
}

impl Owner {
    /// The superuser: what the application must not change is its.
    pub const ROOT: Self = Self { user: 0, group: 0 };
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A file with these bytes.
    File {
        /// Its bytes.
        bytes: Bytes,
        /// Its permissions.
        mode: Mode,
        /// Whose it is.
        owner: Owner,
    },
    /// A directory; those above a path come by themselves (0755, root).
    Directory {
        /// Its permissions.
        mode: Mode,
        /// Whose it is.
        owner: Owner,
    },
    /// A symbolic link.
    Link {
        /// Where it points: a path, absolute or from where the link is.
        target: String,
    },
}

impl Node {
    /// A file of root's that all may read (0644).
    pub fn file(bytes: impl Into<Bytes>) -> Self {
        Self::File { bytes: bytes.into(), mode: Mode::FILE, owner: Owner::ROOT }
    }

    /// A file of root's that all may execute (0755).
    pub fn program(bytes: impl Into<Bytes>) -> Self {
        Self::File { bytes: bytes.into(), mode: Mode::PROGRAM, owner: Owner::ROOT }
    }
}

/// Nodes by path; nothing lies below what is no directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<ImagePath, Node>);

/// The longest target that Linux takes (`PATH_MAX`, less its zero).
const LONGEST_TARGET: usize = 4095;

impl Tree {
    /// Puts a node at a path where none is.
    pub fn insert(&mut self, path: ImagePath, node: Node) -> Result<(), ImageError> {
        if let Node::Link { target } = &node
            && (target.is_empty() || target.len() > LONGEST_TARGET || target.chars().any(char::is_control))
        {
            return Err(ImageError::Link { path });
        }
        if self.0.contains_key(&path) {
            return Err(ImageError::Twice { path });
        }
        let file =
            |above: &ImagePath| matches!(self.0.get(above), Some(Node::File { .. } | Node::Link { .. }));
        let above = path.parents().find(file);
        if let Some(above) = above {
            return Err(ImageError::BelowFile { path, above });
        }
        if !matches!(node, Node::Directory { .. })
            && let Some(below) = self.below(&path)
        {
            return Err(ImageError::BelowFile { path: below.clone(), above: path });
        }
        self.0.insert(path, node);
        Ok(())
    }

    /// The first path that lies below another.
    fn below(&self, path: &ImagePath) -> Option<&ImagePath> {
        let start = format!("{path}/");
        // Between `/a` and `/a/` there may be `/a-b`.
        self.0.range(path.clone()..).map(|(other, _)| other).find(|other| other.as_str().starts_with(&start))
    }

    /// With a node at a path where none is.
    pub fn with(mut self, path: ImagePath, node: Node) -> Result<Self, ImageError> {
        self.insert(path, node)?;
        Ok(self)
    }

    /// What is at a path.
    pub fn get(&self, path: &ImagePath) -> Option<&Node> {
        self.0.get(path)
    }

    /// Every node, in the order of the paths; what a directory holds comes after it.
    pub fn iter(&self) -> impl Iterator<Item = (&ImagePath, &Node)> {
        self.0.iter()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
