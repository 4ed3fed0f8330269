//! Where each setting is written, by its dotted name.

use std::collections::BTreeMap;

use terrace_diag::Span;

/// The places of settings in one source text, by dotted name (`web.dist`); the value's place, or for a table its
/// header's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Where the setting itself is written, if it is.
    pub fn of(&self, key: &str) -> Option<Span> {
        self.0.get(key).copied()
    }

    /// Where the setting is written, or else the nearest table that it would be in.
    pub fn nearest(&self, key: &str) -> Option<Span> {
        let mut key = key;
        loop {
            if let Some(span) = self.of(key) {
                return Some(span);
            }
            key = key.rsplit_once('.')?.0;
        }
    }

    pub(crate) fn note(&mut self, key: String, span: Span) {
        self.0.insert(key, span);
    }

    /// These places, and over them those of `other`.
    #[must_use]
    pub(crate) fn under(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.0.extend(other.0.iter().map(|(key, span)| (key.clone(), *span)));
        both
    }

    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.0.values().copied()
    }
}
