//! Where a fact was written.

use std::collections::BTreeMap;
use std::fmt;

/// A file and a line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// As it was given, relative to what was asked for.
    pub file: String,
    /// The line; none where the file has none that mean anything (the JSON of a plan).
    pub line: Option<u32>,
}

impl Place {
    /// A line of a file.
    pub fn new(file: impl Into<String>, line: u32) -> Self {
        Self { file: file.into(), line: Some(line) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// Places by the path of the argument (`ingress[0].cidr_blocks`); the item's own has the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    /// The item's own place only.
    pub fn whole(place: Place) -> Self {
        Self(BTreeMap::from([(String::new(), place)]))
    }

    /// Adds the place of an argument or of a nested block.
    pub fn set(&mut self, path: impl Into<String>, place: Place) {
        self.0.insert(path.into(), place);
    }

    /// The same places, their files named anew.
    pub(super) fn rename(&mut self, name: &dyn Fn(&str) -> String) {
        self.0.values_mut().for_each(|place| place.file = name(&place.file));
    }

    /// The place of an argument, or of the nearest thing that it stands in.
    pub fn nearest(&self, path: &str) -> Option<&Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.0.get(path) {
                return Some(place);
            }
            path = path.rfind(['.', '[']).and_then(|at| path.get(..at)).unwrap_or_default();
            if path.is_empty() {
                return self.0.get("");
            }
        }
    }
}
