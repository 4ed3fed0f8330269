//! Names of buckets and keys of objects.
//!
//! "General purpose bucket naming rules" and "Naming Amazon S3 objects", Amazon S3 User Guide.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands as it is in a path: RFC 3986's unreserved, and the slash.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// A bucket's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketName(String);

/// An object's key: 1 to 1024 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(String);

/// Why a name is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No bucket can have it.
    #[error(
        "`{0}` is no bucket's name: 3 to 63 small letters, digits, hyphens and dots were expected, a letter or digit first and last"
    )]
    Bucket(String),
    /// No object can have it.
    #[error("a key has 1 to 1024 bytes; this one has {0}")]
    Key(usize),
}

impl BucketName {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BucketName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let ends =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let good = (3..=63).contains(&text.len())
            && ends(text.bytes().next())
            && ends(text.bytes().last())
            && !text.contains("..")
            && text.bytes().all(|byte| ends(Some(byte)) || byte == b'-' || byte == b'.');
        if good { Ok(Self(text.to_owned())) } else { Err(NameError::Bucket(text.to_owned())) }
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Key {
    /// A key of a text.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if (1..=1024).contains(&text.len()) { Ok(Self(text)) } else { Err(NameError::Key(text.len())) }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a path has it, without a slash before it.
    pub(crate) fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, IN_PATH).to_string()
    }

    /// Whether XML 1.0 can say it.
    pub(crate) fn is_text(&self) -> bool {
        let said = |one: char| one >= ' ' && !matches!(one, '\u{fffe}' | '\u{ffff}');
        self.0.chars().all(said)
    }
}

impl FromStr for Key {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
