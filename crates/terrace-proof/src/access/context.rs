//! The context of a request: what is known of its keys.

use std::collections::BTreeMap;

use terrace_aws::Text;

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The request does not have it.
    Absent,
    /// It has this value.
    One(Text),
    /// It is a key of several values, and has these.
    Many(Vec<Text>),
}

/// Keys and what is known of them; case does not matter in keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Known>,
    others_absent: bool,
}

impl Context {
    /// Of every key that is not set, nothing is known.
    pub const fn open() -> Self {
        Self { keys: BTreeMap::new(), others_absent: false }
    }

    /// Every key that is not set is absent.
    pub const fn closed() -> Self {
        Self { keys: BTreeMap::new(), others_absent: true }
    }

    /// With what is known of this key.
    #[must_use]
    pub fn with(mut self, key: &str, known: Known) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), known);
        self
    }

    /// With this value of this key.
    #[must_use]
    pub fn value(self, key: &str, value: impl Into<Text>) -> Self {
        self.with(key, Known::One(value.into()))
    }

    /// With this, unless something is known of the key already.
    #[must_use]
    pub(crate) fn or(mut self, key: &str, known: Known) -> Self {
        self.keys.entry(key.to_ascii_lowercase()).or_insert(known);
        self
    }

    /// What is known of a key; none if nothing.
    pub fn get(&self, key: &str) -> Option<&Known> {
        const ABSENT: Known = Known::Absent;
        let absent = self.others_absent.then_some(&ABSENT);
        self.keys.get(&key.to_ascii_lowercase()).or(absent)
    }
}
