//! What a resource is called inside a graph: its kind and its label.
//!
//! GUARANTEE: an [`Address`] printed is the one Terraform prints (`aws_subnet.app_1`, `data.aws_route53_zone.this`).

use std::fmt;
use std::str::FromStr;

use crate::Kind;

/// Whether a thing is built, looked up, or made anew for each run and kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Built and owned.
    Managed,
    /// Looked up; somebody else owns it.
    Data,
    /// Made during a run, never written into state (Terraform 1.10: ephemeral resources).
    Ephemeral,
}

impl Mode {
    /// What stands before the kind in an address.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Managed => "",
            Self::Data => "data.",
            Self::Ephemeral => "ephemeral.",
        }
    }
}

/// The label of a resource among those of its kind: `[a-z][a-z0-9_]*`, 64 at most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no label: letters, digits, `_` and `-`, beginning with a letter, 64 at most")]
pub struct LabelError(String);

impl Label {
    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A label made of words that need not be clean: everything else becomes `_`.
    pub fn from_words(words: &[&str]) -> Self {
        let mut text = String::new();
        for c in words.join("_").chars().take(60) {
            text.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            text.insert_str(0, "n_");
        }
        Self(text)
    }
}

impl FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let head = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let tail = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if head && tail && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(LabelError(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a resource stands in a graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    kind: Kind,
    label: Label,
}

impl Address {
    /// The address of the resource of this kind and label.
    pub const fn new(kind: Kind, label: Label) -> Self {
        Self { kind, label }
    }

    /// Of which kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its label.
    pub const fn label(&self) -> &Label {
        &self.label
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}.{}", self.kind.mode().prefix(), self.kind.type_name(), self.label)
    }
}
