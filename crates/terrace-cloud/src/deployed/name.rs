//! Names on AWS, one type for each kind, so that none is taken for another.
//!
//! Each is what AWS gave or takes: the rules are those that keep a name whole on its way into a call or a key (its
//! characters, its length), not all that a service would say.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}: {expected}")]
pub struct NameError {
    kind: &'static str,
    text: String,
    expected: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal, $good:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let good: fn(&str) -> bool = $good;
                if good(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    // Long texts are no names and tell nobody anything.
                    let text = text.chars().take(80).collect();
                    Err(NameError { kind: $kind, text, expected: $expected })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn within(text: &str, most: usize, more: &str) -> bool {
    (1..=most).contains(&text.len())
        && text.chars().all(|one| one.is_ascii_alphanumeric() || more.contains(one))
}

name!(
    /// A system's name, as the manifest has it; part of every key in the foundation's bucket.
    System,
    "name of a system",
    "1 to 64 letters, digits and hyphens were expected",
    |text| within(text, 64, "-")
);
name!(
    /// An environment's name; `default` where the manifest has none.
    Environment,
    "name of an environment",
    "1 to 64 letters, digits and hyphens were expected",
    |text| within(text, 64, "-")
);
name!(
    /// A tier or service of the system: `web`, `app`.
    Party,
    "name of a party",
    "1 to 64 letters, digits, hyphens and underscores were expected",
    |text| within(text, 64, "-_")
);
name!(
    /// An account's number.
    AccountId,
    "number of an AWS account",
    "12 digits were expected",
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);
name!(
    /// A region's name: `eu-west-1`.
    Region,
    "name of a region",
    "small letters, digits and hyphens were expected, as in `eu-west-1`",
    |text| within(text, 32, "-") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
);
name!(
    /// A cluster of ECS.
    Cluster,
    "name of an ECS cluster",
    "1 to 255 letters, digits, hyphens and underscores were expected",
    |text| within(text, 255, "-_")
);
name!(
    /// A service of ECS.
    Service,
    "name of an ECS service",
    "1 to 255 letters, digits, hyphens and underscores were expected",
    |text| within(text, 255, "-_")
);
name!(
    /// A container in a task definition.
    Container,
    "name of a container",
    "1 to 255 letters, digits, hyphens and underscores were expected",
    |text| within(text, 255, "-_")
);
name!(
    /// A family of task definitions.
    Family,
    "family of task definitions",
    "1 to 255 letters, digits, hyphens and underscores were expected",
    |text| within(text, 255, "-_")
);
name!(
    /// A repository in ECR.
    Repository,
    "repository of ECR",
    "2 to 256 small letters, digits and `-_./` were expected",
    |text| text.len() >= 2 && within(text, 256, "-_./") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
);
name!(
    /// A log group.
    LogGroup,
    "name of a log group",
    "1 to 512 letters, digits and `-_./#` were expected",
    |text| within(text, 512, "-_./#")
);
name!(
    /// A distribution's identifier: `E2QWRUHAPOMQZL`.
    Distribution,
    "identifier of a distribution",
    "capital letters and digits were expected, as in `E2QWRUHAPOMQZL`",
    |text| within(text, 32, "") && !text.bytes().any(|byte| byte.is_ascii_lowercase())
);
name!(
    /// An Auto Scaling group.
    Group,
    "name of an Auto Scaling group",
    "1 to 255 letters, digits and `-_./` were expected",
    |text| within(text, 255, "-_./")
);
name!(
    /// A launch template's name or identifier.
    LaunchTemplate,
    "launch template",
    "3 to 128 letters, digits and `-_./()` were expected",
    |text| text.len() >= 3 && within(text, 128, "-_./()")
);
name!(
    /// An identifier of RDS: an instance's or a cluster's.
    DatabaseId,
    "identifier of a database",
    "1 to 63 letters, digits and hyphens were expected",
    |text| within(text, 63, "-")
);
name!(
    /// A secret's name or ARN in Secrets Manager.
    SecretId,
    "name or ARN of a secret",
    "1 to 2048 letters, digits and `/_+=.@:!-` were expected",
    |text| within(text, 2048, "/_+=.@:!-")
);
name!(
    /// Where the system is: `https://items.example.com`, without a slash at its end.
    Url,
    "address of a system",
    "`https://HOST` was expected",
    |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| within(rest, 2048, "-._:[]/%~") && !rest.ends_with('/'))
    }
);
