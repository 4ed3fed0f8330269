//! A truth with what it rests on.
//!
//! INVARIANT: of "yes" and "unknown" the statements are those that make it so; of "no", the kinds of policies are those
//! in which an allowing statement is missing.

use super::decide::{Cite, Layer};
use super::truth::{Truth, Unknown};

/// A truth with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) truth: Truth,
    pub(crate) cites: Vec<Cite>,
    pub(crate) missing: Vec<Layer>,
}

impl Finding {
    pub(crate) const fn yes() -> Self {
        Self { truth: Truth::Yes, cites: Vec::new(), missing: Vec::new() }
    }

    pub(crate) fn no(layer: Option<Layer>) -> Self {
        Self { truth: Truth::No, cites: Vec::new(), missing: layer.into_iter().collect() }
    }

    pub(crate) fn unknown(why: Unknown) -> Self {
        Self { truth: Truth::unknown(why), cites: Vec::new(), missing: Vec::new() }
    }

    pub(crate) fn of(truth: Truth, layer: Layer, cite: impl Fn() -> Cite) -> Self {
        match truth {
            Truth::No => Self::no(Some(layer)),
            truth => Self { truth, cites: vec![cite()], missing: Vec::new() },
        }
    }

    fn with(mut self, other: Self, truth: Truth) -> Self {
        self.truth = truth;
        self.cites.extend(other.cites);
        for layer in other.missing {
            if !self.missing.contains(&layer) {
                self.missing.push(layer);
            }
        }
        self
    }

    pub(crate) fn and(self, other: Self) -> Self {
        let truth = self.truth.clone().and(other.truth.clone());
        match (&self.truth, &other.truth) {
            (Truth::No, Truth::No) => self.with(other, truth),
            (Truth::No, _) => self,
            (_, Truth::No) => other,
            _ => self.with(other, truth),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        let truth = self.truth.clone().or(other.truth.clone());
        match (&self.truth, &other.truth) {
            (Truth::Yes, _) => self,
            (_, Truth::Yes) => other,
            (Truth::Unknown(_), Truth::No) => self,
            (Truth::No, Truth::Unknown(_)) => other,
            _ => self.with(other, truth),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        let this = std::mem::replace(self, Self::yes());
        // Every denying statement is named, not the first alone.
        *self = if this.truth == Truth::Yes && other.truth == Truth::Yes && !this.cites.is_empty() {
            this.with(other, Truth::Yes)
        } else {
            this.or(other)
        };
    }

    pub(crate) fn all(them: impl IntoIterator<Item = Self>) -> Self {
        them.into_iter().fold(Self::yes(), Self::and)
    }

    /// One or the other, by something unknown.
    pub(crate) fn either(one: Self, two: Self, which: Truth) -> Self {
        match (&one.truth, &two.truth) {
            (Truth::Yes, Truth::Yes) => two,
            (Truth::No, Truth::No) => one.with(two, Truth::No),
            _ => {
                let mut truth = which;
                for part in [&one.truth, &two.truth] {
                    if let (Truth::Unknown(why), Truth::Unknown(all)) = (part, &mut truth) {
                        all.extend(why.iter().cloned());
                    }
                }
                one.with(two, truth)
            }
        }
    }
}
