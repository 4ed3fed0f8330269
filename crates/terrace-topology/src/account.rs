//! The AWS account that a system belongs into.

use std::fmt;
use std::str::FromStr;

/// The number of an AWS account: twelve digits, leading zeros included (AWS Account Management Guide, "View AWS
/// account identifiers").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// Why a text is no account's number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account is 12 digits, such as `123456789012`")]
pub struct AccountIdError;

impl AccountId {
    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        let fits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(AccountIdError) }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_twelve_digits() {
        for good in ["123456789012", "000123456789"] {
            assert_eq!(good.parse::<AccountId>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "12345678901",
            "1234567890123",
            "1234-5678-9012",
            "12345678901a",
            "１２３４",
            " 123456789012",
        ] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }
}
