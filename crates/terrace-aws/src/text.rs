//! Text that may hold references: `${aws_s3_bucket.page.arn}/*`.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Attribute, Ref, Reference, ResourceType};

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// As it is.
    Literal(String),
    /// The value of an attribute.
    Reference(Reference),
    /// Made from these references in a way that the document read does not tell (a plan's JSON lists the
    /// references of an expression and not the expression).
    Opaque(BTreeSet<Reference>),
}

/// Literal text and references in turn. No two literals are neighbours, and none is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Vec<Part>);

impl Text {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// What an expression of these references came to.
    pub fn opaque(references: BTreeSet<Reference>) -> Self {
        Self(vec![Part::Opaque(references)])
    }

    /// This, and then `more`.
    #[must_use]
    pub fn then(mut self, more: impl Into<Self>) -> Self {
        for part in more.into().0 {
            match (self.0.last_mut(), part) {
                (_, Part::Literal(text)) if text.is_empty() => {}
                (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
                (_, part) => self.0.push(part),
            }
        }
        self
    }

    /// Its parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text, if it has no references.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The reference, if it is one and nothing else.
    pub fn reference(&self) -> Option<&Reference> {
        match self.0.as_slice() {
            [Part::Reference(reference)] => Some(reference),
            _ => None,
        }
    }

    /// Every reference in it.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().flat_map(|part| {
            let (one, many) = match part {
                Part::Literal(_) => (None, None),
                Part::Reference(reference) => (Some(reference), None),
                Part::Opaque(references) => (None, Some(references)),
            };
            one.into_iter().chain(many.into_iter().flatten())
        })
    }

    /// As a plan's JSON would tell it: literal, or only which references it is made of.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        if self.literal().is_some() {
            self.clone()
        } else {
            Self::opaque(self.references().map(Reference::forgotten).collect())
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::new() } else { Self(vec![Part::Literal(text.to_owned())]) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::new() } else { Self(vec![Part::Literal(text)]) }
    }
}

impl From<Reference> for Text {
    fn from(reference: Reference) -> Self {
        Self(vec![Part::Reference(reference)])
    }
}

impl<T: ResourceType, A: Attribute> From<Ref<T, A>> for Text {
    fn from(reference: Ref<T, A>) -> Self {
        Self::from(&reference)
    }
}

impl<T: ResourceType, A: Attribute> From<&Ref<T, A>> for Text {
    fn from(reference: &Ref<T, A>) -> Self {
        match reference.untyped() {
            Some(untyped) => Self::from(untyped),
            None => Self::from(reference.outside().unwrap_or_default()),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Reference(reference) => write!(f, "${{{reference}}}")?,
                Part::Opaque(_) => f.write_str("${?}")?,
            }
        }
        Ok(())
    }
}
