//! Which lines are wanted, and as much of that as CloudWatch can sort out by itself.
//!
//! "Filter pattern syntax", Amazon CloudWatch Logs User Guide: an expression between percent signs matches
//! anywhere in a line; of letters, digits, `_#=@/;,-` and operators, none of them brackets, and no character
//! of several bytes.
//!
//! LAW: what holds here matches the pattern: the pattern only spares lines on their way.

use std::collections::BTreeSet;

use super::RequestId;

/// A pattern is no longer.
const LONGEST: usize = 1024;

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    text: Option<String>,
    requests: BTreeSet<RequestId>,
}

impl Matching {
    /// All of them.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only those with this text in them, letter by letter; all if it is empty.
    #[must_use]
    pub fn containing(self, text: &str) -> Self {
        Self { text: Some(text.to_owned()).filter(|text| !text.is_empty()), ..self }
    }

    /// Only those that name this request, or another one that was given.
    #[must_use]
    pub fn request(mut self, id: RequestId) -> Self {
        self.requests.insert(id);
        self
    }

    /// Whether a request is one of those that were given.
    pub(super) fn knows(&self, id: &RequestId) -> bool {
        self.requests.contains(id)
    }

    /// As many requests as were given.
    pub(super) fn requests(&self) -> usize {
        self.requests.len()
    }

    /// Whether a line is wanted.
    pub fn holds(&self, line: &str) -> bool {
        self.text.as_ref().is_none_or(|text| line.contains(text.as_str()))
            && (self.requests.is_empty() || self.requests.iter().any(|id| line.contains(id.as_str())))
    }

    /// What CloudWatch is told to leave out the rest by; none if it can tell nothing apart.
    pub fn pattern(&self) -> Option<String> {
        let expression = if self.requests.is_empty() {
            expression(self.text.as_deref()?)?
        } else {
            let each: Option<Vec<String>> = self.requests.iter().map(|id| expression(id.as_str())).collect();
            each?.join("|")
        };
        Some(format!("%{expression}%")).filter(|pattern| pattern.len() <= LONGEST)
    }
}

/// An expression that matches every line that a text is in: what CloudWatch's expressions cannot spell stands
/// for anything.
fn expression(text: &str) -> Option<String> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "_#=@/;,-".contains(one);
    // What is left of something that is all odd would match everything.
    if !text.chars().any(plain) || text.chars().any(char::is_control) {
        return None;
    }
    let mut expression = String::new();
    for one in text.chars() {
        match one {
            _ if plain(one) => expression.push(one),
            _ if one.is_ascii() => expression.push('.'),
            // Of several bytes, of which nobody says how many a dot stands for.
            _ if !expression.ends_with(".*") => expression.push_str(".*"),
            _ => {}
        }
    }
    Some(expression)
}
