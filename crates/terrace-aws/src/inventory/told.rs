//! What a document tells of a value.

use std::collections::BTreeSet;

use crate::Reference;

/// A value that is not there, there, or not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told<T> {
    /// The argument is not given.
    Nothing,
    /// It is this.
    Is(T),
    /// It is made of these, and which value that gives is not told.
    Unknown(BTreeSet<Reference>),
}

impl<T> Told<T> {
    /// What follows from the value.
    pub fn map<U>(self, follow: impl FnOnce(T) -> U) -> Told<U> {
        match self {
            Self::Nothing => Told::Nothing,
            Self::Is(value) => Told::Is(follow(value)),
            Self::Unknown(of) => Told::Unknown(of),
        }
    }

    /// The value where one is told.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Nothing | Self::Unknown(_) => None,
        }
    }

    /// With what AWS takes where nothing is given.
    #[must_use]
    pub fn or_default(self, default: T) -> Self {
        match self {
            Self::Nothing => Self::Is(default),
            told => told,
        }
    }

    /// Whether nothing is given.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}
