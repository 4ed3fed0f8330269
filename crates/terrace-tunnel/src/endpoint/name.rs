//! Names as AWS has them: of resources, regions, accounts.
//!
//! GUARANTEE: whatever is made here can stand in an ARN, a host name and a target without being quoted.

use std::fmt;
use std::str::FromStr;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {shape}")]
pub struct NameError {
    text: String,
    what: &'static str,
    shape: &'static str,
}

/// A resource's name: 1 to 255 letters, digits, `-` and `_` (the strictest common ground of ECS and RDS, but for `_`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A region: `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// An account: twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = (1..=255).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let shape = "1 to 255 letters, digits, `-` and `_`";
        if fits { Ok(Self(text.to_owned())) } else { Err(wrong(text, "name of a resource", shape)) }
    }
}

impl FromStr for Region {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut parts = text.split('-');
        let area = parts.next().is_some_and(|part| part.len() == 2 && letters(part));
        let number = parts
            .next_back()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let mut between = parts.peekable();
        let fits = area && number && between.peek().is_some() && between.all(letters) && text.len() <= 32;
        if fits { Ok(Self(text.to_owned())) } else { Err(wrong(text, "region", "such as `us-east-1`")) }
    }
}

fn letters(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())
}

impl AccountId {
    /// The account of a rehearsal: twelve zeros, which nobody has.
    pub fn rehearsal() -> Self {
        Self("0".repeat(12))
    }
}

impl FromStr for AccountId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(wrong(text, "account", "twelve digits")) }
    }
}

fn wrong(text: &str, what: &'static str, shape: &'static str) -> NameError {
    NameError { text: text.chars().take(80).collect(), what, shape }
}

macro_rules! text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text!(Name, Region, AccountId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_aws_would_take_are_taken() {
        for text in ["us-east-1", "ap-southeast-2", "us-gov-west-1"] {
            assert_eq!(text.parse::<Region>().unwrap().as_str(), text);
        }
        for text in ["", "us", "us-1", "us-east", "US-EAST-1", "us--1", "u-east-1", "us-east-1/x", "us-east-"]
        {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
        for text in ["items-prod", "items_prod_2"] {
            assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "a/b", "a:b", "ä", "<x>"] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
        assert!("12345678901".parse::<AccountId>().is_err());
        assert_eq!("123456789012".parse::<AccountId>().unwrap().to_string(), "123456789012");
    }
}
