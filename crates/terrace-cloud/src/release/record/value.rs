//! What a record is made of: numbers, digests, moments.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use terrace_account::Sha256;

/// Why a text is no value of a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No number of a release.
    #[error("`{0}` is no release: a number from 1 on was expected; `terrace releases` lists them")]
    Number(String),
    /// No digest.
    #[error("`{0}` is no digest: `sha256:` and 64 hexadecimal digits were expected")]
    Digest(String),
    /// No moment.
    #[error("`{0}` is no moment: RFC 3339 was expected, as in `2026-11-21T22:16:00Z`")]
    Moment(String),
}

/// A release's number: 1, 2, 3, … without a gap that means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number(NonZeroU32);

impl Number {
    /// Of the first release.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// As a number.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for Number {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        // No sign, no leading zero: a number is written in one way.
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let number = plain.then(|| text.parse().ok()).flatten();
        number.map(Self).ok_or_else(|| ValueError::Number(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = ValueError;

            fn try_from(text: String) -> Result<Self, ValueError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

/// A SHA-256 as registries write it: `sha256:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(Sha256);

impl Digest {
    /// Of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::of(bytes))
    }

    /// The digest itself.
    pub fn sha256(self) -> Sha256 {
        self.0
    }
}

impl From<Sha256> for Digest {
    fn from(digest: Sha256) -> Self {
        Self(digest)
    }
}

impl FromStr for Digest {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let digest = text.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        digest.map(Self).ok_or_else(|| ValueError::Digest(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

as_text!(Digest);

/// A second in time, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(SystemTime);

impl Moment {
    /// Of a clock.
    pub fn of(time: SystemTime) -> Self {
        // Through its text, so that a moment that was read back is the same.
        let text = humantime::format_rfc3339_seconds(time).to_string();
        Self(humantime::parse_rfc3339(&text).unwrap_or(time))
    }

    /// As a clock has it.
    pub fn time(self) -> SystemTime {
        self.0
    }
}

impl FromStr for Moment {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let time = humantime::parse_rfc3339(text);
        time.map(Self::of).map_err(|_| ValueError::Moment(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_seconds(self.0).fmt(f)
    }
}

as_text!(Moment);
