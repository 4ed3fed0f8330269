//! Where a system is, and what is kept of it under which key.

use std::fmt;

use terrace_account::objects::{BucketName, Key};
use terrace_account::partition;

use crate::deployed::{AccountId, Names};
use crate::foundation::FoundationError;

/// What stands in names where there is no environment.
const NO_ENVIRONMENT: &str = "default";

/// An account in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: String,
}

impl Place {
    /// The foundation's bucket: `terrace-<account>-<region>`.
    ///
    /// # Errors
    /// If the region is none.
    pub fn bucket(&self) -> Result<BucketName, FoundationError> {
        format!("terrace-{}-{}", self.account, self.region).parse().map_err(FoundationError::Name)
    }

    /// The registry's host.
    pub fn registry(&self) -> String {
        let end = if partition(&self.region) == "aws-cn" { ".cn" } else { "" };
        format!("{}.dkr.ecr.{}.amazonaws.com{end}", self.account, self.region)
    }
}

/// A system in an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct System {
    name: String,
    environment: Option<String>,
}

/// Why a name is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a system or an environment: small letters, digits and hyphens were expected, 63 at most"
)]
pub struct SystemError(String);

impl System {
    /// A system, in an environment if it has any.
    ///
    /// # Errors
    /// If either is no name.
    pub fn new(name: &str, environment: Option<&str>) -> Result<Self, SystemError> {
        for one in std::iter::once(name).chain(environment) {
            let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if one.is_empty() || one.len() > 63 || !one.bytes().all(sign) {
                return Err(SystemError(one.to_owned()));
            }
        }
        Ok(Self { name: name.to_owned(), environment: environment.map(str::to_owned) })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its environment's name, `default` if there is none.
    pub fn environment(&self) -> &str {
        self.environment.as_deref().unwrap_or(NO_ENVIRONMENT)
    }

    /// Where Terraform keeps its state.
    pub fn state_key(&self) -> String {
        format!("states/{}/{}/terraform.tfstate", self.name, self.environment())
    }

    /// Where that which was applied last is told.
    pub fn applied_key(&self) -> String {
        format!("applied/{}/{}.json", self.name, self.environment())
    }

    /// What its artifacts begin with, with a slash at the end.
    pub fn artifacts_prefix(&self) -> String {
        format!("artifacts/{}/{}/", self.name, self.environment())
    }

    /// Where the deployment under way is told.
    pub fn journal_key(&self) -> String {
        format!("journal/{}/{}.json", self.name, self.environment())
    }
}

impl From<&Names> for System {
    fn from(names: &Names) -> Self {
        let environment = Some(names.environment.as_str()).filter(|name| *name != NO_ENVIRONMENT);
        Self { name: names.system.as_str().to_owned(), environment: environment.map(str::to_owned) }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(f, "{} ({environment})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A key that is made of names which have been checked.
pub(crate) fn key(text: String) -> Result<Key, FoundationError> {
    Key::new(text).map_err(FoundationError::Name)
}
