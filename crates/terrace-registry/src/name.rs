//! Repositories, tags, references (distribution-spec, "Pulling manifests").

use std::fmt;
use std::str::FromStr;

use terrace_image::Digest;

/// A repository of a registry: words of small letters, digits and single separators, with `/` between them (`shop/items-api`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(String);

/// What a manifest is called: up to 128 letters, digits, `_`, `.` and `-`, the last two not at the start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// A manifest by its tag or its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// Whatever has the tag now.
    Tag(Tag),
    /// This one.
    Digest(Digest),
}

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Of a repository.
    #[error(
        "`{0}` is no repository: expected small letters, digits and single `.`, `_`, `-` or `/` between them, such as `shop/items-api`"
    )]
    Repository(String),
    /// Of a tag.
    #[error("`{0}` is no tag: expected up to 128 letters, digits, `_`, `.` and `-`, such as `release-12`")]
    Tag(String),
}

/// The longest that registries agree on.
const LONGEST: usize = 255;

impl Repository {
    /// A repository, unless the text is none.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.len() > LONGEST || !text.split('/').all(is_component) {
            return Err(NameError::Repository(shown(text)));
        }
        Ok(Self(text.to_owned()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let alphanumeric = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
    let separators = text.split(alphanumeric).filter(|separator| !separator.is_empty());
    let whole = text.starts_with(alphanumeric) && text.ends_with(alphanumeric);
    whole
        && separators
            .into_iter()
            .all(|one| matches!(one, "." | "_" | "__") || one.chars().all(|one| one == '-'))
}

impl Tag {
    /// A tag, unless the text is none.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let first = |one: char| one.is_ascii_alphanumeric() || one == '_';
        if !text.starts_with(first)
            || text.len() > 128
            || !text.chars().all(|one| first(one) || matches!(one, '.' | '-'))
        {
            return Err(NameError::Tag(shown(text)));
        }
        Ok(Self(text.to_owned()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn shown(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

impl FromStr for Repository {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl FromStr for Tag {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl From<Tag> for Reference {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<Digest> for Reference {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_specification() {
        for good in ["a", "shop/items-api", "a.b", "a__b", "a---b", "0/1/2"] {
            assert!(Repository::new(good).is_ok(), "{good}");
        }
        for bad in
            ["", "/", "a/", "/a", "A", "a..b", "a___b", "a._b", "-a", "a-", "a b", "ä", "a/../b", "a?b"]
        {
            assert!(Repository::new(bad).is_err(), "{bad}");
        }
        for bad in ["", ".a", "-a", "a b", "a/b", "ä", "a:b", &"a".repeat(129)] {
            assert!(Tag::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_the_specification_says_is_taken(
            name in "[a-z0-9]{1,3}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,3}(/[a-z0-9]{1,3}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,3}){0,3}",
            tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}",
        ) {
            prop_assert_eq!(Repository::new(&name).unwrap().to_string(), name);
            prop_assert_eq!(Tag::new(&tag).unwrap().to_string(), tag);
        }

        #[test]
        fn what_is_taken_stays_one_part_of_an_address(text in "([a-z./_-]|\\PC){0,12}") {
            if let Ok(name) = Repository::new(&text) {
                prop_assert!(!name.as_str().contains(['?', '#', '%', ' ', '\\']) && !name.as_str().contains(".."));
            }
            if let Ok(tag) = Tag::new(&text) {
                prop_assert!(!tag.as_str().contains(['?', '#', '%', ' ', '/']));
            }
        }
    }
}
