//! What is told while the foundation is made.

use std::fmt;

/// A piece of the foundation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The bucket, by its name.
    Bucket(String),
    /// A part of the bucket, in words: `versioning`.
    Part(&'static str),
    /// A repository of the registry, by its name.
    Repository(String),
    /// A part of a repository.
    RepositoryPart(String, &'static str),
}

/// What is told while the foundation is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was there.
    There(Piece),
    /// It is being made, or set.
    Making(Piece),
    /// It is made, or set.
    Made(Piece),
    /// Somebody has set this otherwise, and it stays so.
    Left(Piece, &'static str),
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(name) => write!(f, "the bucket {name} for states and releases"),
            Self::Part(part) => write!(f, "its {part}"),
            Self::Repository(name) => write!(f, "the image repository {name}"),
            Self::RepositoryPart(name, part) => write!(f, "the {part} of {name}"),
        }
    }
}
