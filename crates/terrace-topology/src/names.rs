//! Names of systems, environments, parties, regions and domains.

use std::fmt;
use std::str::FromStr;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{max} characters at most: lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen"
)]
pub struct NameError {
    max: usize,
}

fn label(text: &str, max: usize) -> Result<String, NameError> {
    let fits = (1..=max).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(text.to_owned()) } else { Err(NameError { max }) }
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest it may be, characters.
            pub const MAX: usize = $max;

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                label(text, $max).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

label!(
    /// The name of the whole system: a DNS label, short enough that every name built on it fits the clouds' limits
    /// (32 characters for a load balancer).
    SystemName, 20
);
label!(
    /// The name of one environment of a system.
    EnvironmentName, 12
);
label!(
    /// The name of one party: `internet`, `entrance`, `web`, `app`, `data`, `platform`, or a service's own.
    PartyName, 20
);

impl PartyName {
    /// Anyone at all.
    pub fn internet() -> Self {
        Self("internet".to_owned())
    }

    /// What the public meets first.
    pub fn entrance() -> Self {
        Self("entrance".to_owned())
    }

    /// The page's tier.
    pub fn web() -> Self {
        Self("web".to_owned())
    }

    /// The service that `[app]` describes.
    pub fn app() -> Self {
        Self("app".to_owned())
    }

    /// The database's tier.
    pub fn database() -> Self {
        Self("data".to_owned())
    }

    /// The provider's own services.
    pub fn platform() -> Self {
        Self("platform".to_owned())
    }
}

/// A cloud region, such as `us-east-1`; checked for form only, since new ones open every year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// Why a text is no region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region reads like `us-east-1` or `eu-central-2`")]
pub struct RegionError;

impl Region {
    /// The region as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let parts: Vec<&str> = text.split('-').collect();
        let (Some((number, words)), 3..=4) = (parts.split_last(), parts.len()) else {
            return Err(RegionError);
        };
        let word = |w: &&str| (2..=12).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase());
        let digits = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        if words.iter().all(word) && digits { Ok(Self(text.to_owned())) } else { Err(RegionError) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fully qualified name in the public DNS, in lower case, without a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

/// Why a text is no domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a domain reads like `items.example.com`, without a scheme or a path")]
pub struct DomainNameError;

impl DomainName {
    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        let fits = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let lower = text.to_ascii_lowercase();
        let top_is_word =
            lower.rsplit('.').next().is_some_and(|t| t.starts_with(|c: char| c.is_ascii_lowercase()));
        if lower.len() <= 253 && lower.contains('.') && top_is_word && lower.split('.').all(fits) {
            Ok(Self(lower))
        } else {
            Err(DomainNameError)
        }
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels() {
        for good in ["a", "items", "my-shop2"] {
            assert!(good.parse::<SystemName>().is_ok(), "{good}");
        }
        for bad in ["", "Items", "2items", "items-", "a--b", "a_b", "this-name-is-far-too-long"] {
            assert!(bad.parse::<SystemName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_have_the_form_of_regions() {
        for good in ["us-east-1", "eu-central-2", "us-gov-west-1", "mx-central-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "us-east", "useast1", "US-east-1", "us-east-1a", "us--1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn domains_are_names_and_not_addresses_or_urls() {
        assert_eq!("Items.Example.com".parse::<DomainName>().unwrap().as_str(), "items.example.com");
        for bad in ["", "localhost", "https://a.b", "a.b/c", "1.2.3.4", "a..b", "-a.b", "a.b."] {
            assert!(bad.parse::<DomainName>().is_err(), "{bad}");
        }
    }
}
