//! Which request paths a route takes: an exact path, or everything below a prefix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `/health` (that path alone), `/api/*` (everything below `/api/`, and `/api` itself), or `/*` (everything).
///
/// Patterns order by precision: an exact path comes before a prefix, a longer prefix before a shorter one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern {
    /// Without the trailing `/*` of a prefix.
    stem: String,
    prefix: bool,
}

/// Why a text is no path pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathPatternError {
    /// It does not begin with a slash.
    #[error("a path begins with `/`")]
    NotAbsolute,
    /// There is a `*` elsewhere than in a trailing `/*`.
    #[error("`*` stands only at the end, as in `/api/*`")]
    StarInside,
    /// There is something that no request path has, or that the edge would resolve away.
    #[error("a path has no spaces, no `?`, `#`, `%` or `\\`, no `//` and no `.` or `..` segments")]
    Unclean,
}

impl PathPattern {
    /// The pattern that takes everything.
    pub fn everything() -> Self {
        Self { stem: String::new(), prefix: true }
    }

    /// Parses a pattern.
    pub fn new(text: &str) -> Result<Self, PathPatternError> {
        if !text.starts_with('/') {
            return Err(PathPatternError::NotAbsolute);
        }
        let (stem, prefix) = match text.strip_suffix("/*") {
            Some(stem) => (stem, true),
            None => (text, false),
        };
        if stem.contains('*') {
            return Err(PathPatternError::StarInside);
        }
        let unclean = stem.bytes().any(|b| b <= b' ' || b >= 0x7f || b"?#%\\\"<>".contains(&b))
            || stem.contains("//")
            || stem.split('/').any(|s| s == "." || s == "..");
        if unclean {
            return Err(PathPatternError::Unclean);
        }
        Ok(Self { stem: stem.to_owned(), prefix })
    }

    /// Whether a request path (without its query, already normalised) is taken.
    pub fn matches(&self, path: &str) -> bool {
        match path.strip_prefix(self.stem.as_str()) {
            Some(rest) => rest.is_empty() || (self.prefix && rest.starts_with('/')),
            None => false,
        }
    }

    /// Whether every path that `other` takes is taken by this one too.
    pub fn covers(&self, other: &Self) -> bool {
        if self.prefix { self.matches(&other.stem) } else { self == other }
    }

    /// Whether this is `/*`.
    pub fn is_everything(&self) -> bool {
        self.prefix && self.stem.is_empty()
    }
}

impl Ord for PathPattern {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| other.stem.len().cmp(&self.stem.len()))
            .then_with(|| self.stem.cmp(&other.stem))
    }
}

impl PartialOrd for PathPattern {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stem)?;
        if self.prefix { f.write_str("/*") } else { Ok(()) }
    }
}

impl TryFrom<String> for PathPattern {
    type Error = PathPatternError;

    fn try_from(text: String) -> Result<Self, PathPatternError> {
        Self::new(&text)
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_takes_whole_segments_only() {
        let api = PathPattern::new("/api/*").unwrap();
        assert!(api.matches("/api") && api.matches("/api/") && api.matches("/api/items/1"));
        assert!(!api.matches("/apix") && !api.matches("/") && !api.matches("/ap"));
        assert!(PathPattern::everything().matches("/anything") && PathPattern::everything().covers(&api));
        let health = PathPattern::new("/health").unwrap();
        assert!(health.matches("/health") && !health.matches("/health/x"));
    }

    #[test]
    fn the_most_precise_pattern_comes_first() {
        let mut all: Vec<_> =
            ["/*", "/api/*", "/health", "/api/v2/*"].iter().map(|t| PathPattern::new(t).unwrap()).collect();
        all.sort();
        let texts: Vec<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["/health", "/api/v2/*", "/api/*", "/*"]);
    }

    #[test]
    fn what_no_request_can_match_is_refused() {
        assert_eq!(PathPattern::new("api/*"), Err(PathPatternError::NotAbsolute));
        assert_eq!(PathPattern::new("/a*b"), Err(PathPatternError::StarInside));
        assert_eq!(PathPattern::new("/a/*/b"), Err(PathPatternError::StarInside));
        for text in ["/a//b", "/a/../b", "/a b", "/a?b", "/a%2f"] {
            assert_eq!(PathPattern::new(text), Err(PathPatternError::Unclean), "{text}");
        }
    }
}
