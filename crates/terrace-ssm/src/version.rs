//! Versions as clients and agents announce them: four numbers, by which both sides choose what they speak.

use std::fmt;
use std::str::FromStr;

/// Four numbers with dots between, ordered from the left. With any other count, official clients and agents take every
/// feature that depends on a version for absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version([u32; 4]);

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version: four numbers with dots between were expected, like 1.2.764.0")]
pub struct VersionError(String);

impl Version {
    /// What our client announces: the oldest plugin that AWS supports, the first that signs the upgrade.
    pub const CLIENT: Self = Self([1, 2, 764, 0]);
    /// What our agent announces: new enough for the multiplexer without keepalive.
    pub const AGENT: Self = Self([3, 3, 3572, 0]);
    /// Agents up to this one do not multiplex.
    pub(crate) const LAST_BASIC_AGENT: Self = Self([3, 0, 196, 0]);
    /// Clients before this one do not multiplex.
    pub(crate) const FIRST_MUX_CLIENT: Self = Self([1, 1, 70, 0]);

    /// A version of four numbers.
    pub const fn new(parts: [u32; 4]) -> Self {
        Self(parts)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError(text.chars().take(40).collect());
        let mut parts = [0; 4];
        let mut words = text.split('.');
        for part in &mut parts {
            let word = words.next().ok_or_else(wrong)?;
            if word.is_empty() || !word.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong());
            }
            *part = word.parse().map_err(|_| wrong())?;
        }
        if words.next().is_some() { Err(wrong()) } else { Ok(Self(parts)) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_numbers_and_nothing_else() {
        for (text, good) in [
            ("1.2.764.0", true),
            ("3.3.3572.0", true),
            ("0.3.1", false),
            ("1.2.764.0.1", false),
            ("1.2..0", false),
            ("1.2.+3.0", false),
            ("1.2.3.99999999999", false),
            ("", false),
        ] {
            match text.parse::<Version>() {
                Ok(version) => assert_eq!((version.to_string().as_str(), good), (text, true)),
                Err(_) => assert!(!good, "{text}"),
            }
        }
        assert!(Version::AGENT > Version::LAST_BASIC_AGENT);
        assert!(Version::new([3, 10, 0, 0]) > Version::new([3, 9, 9, 9]));
    }
}
