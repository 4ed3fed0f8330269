//! A service: code that answers requests behind the page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use terrace_net::Port;

use crate::{
    Capacity, ContainerSize, Egress, MachineType, ProjectPath, Runtime, SecretSource, SettingName, Variable,
};

/// One application service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its folder.
    pub root: ProjectPath,
    /// How it is built, if it has to be.
    pub build: Option<CommandLine>,
    /// What runs.
    pub runnable: Runnable,
    /// The port it listens on where it is deployed; it finds it in `PORT`.
    pub port: Port,
    /// Which requests reach it.
    pub paths: BTreeSet<PublicPath>,
    /// What says that it is well.
    pub health: HealthPath,
    /// How many run.
    pub capacity: Capacity,
    /// Requests in flight per replica before others wait.
    pub concurrency: Option<NonZeroU32>,
    /// Its plain settings.
    pub variables: BTreeMap<SettingName, Variable>,
    /// Its secret settings.
    pub secrets: BTreeMap<SettingName, SecretSource>,
    /// Whether it may reach the internet.
    pub egress: Egress,
    /// On which ports of the internet, if it may.
    pub egress_ports: BTreeSet<Port>,
    /// On which kind of machine, if that was chosen.
    pub machine: Option<MachineType>,
    /// How large its containers are.
    pub size: ContainerSize,
    /// What else is done to its machines' image.
    pub setup: Option<CommandLine>,
    /// What of `root` is shipped to its machines; empty if that was not said.
    pub files: Vec<ProjectPath>,
    /// What has to be on its machines, if that was said.
    pub runtime: Option<Runtime>,
    /// Whether people may open a shell beside it.
    pub exec: bool,
}

/// What a service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runnable {
    /// A command line, in the service's folder, as `sh -c` reads it.
    Command(CommandLine),
    /// A container built from a Dockerfile.
    Dockerfile {
        /// The Dockerfile, from the service's folder.
        file: ProjectPath,
        /// What runs in its place where there are no containers.
        without_container: Option<CommandLine>,
    },
}

/// A command line for a POSIX shell: one line or several, not blank, without NUL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandLine(String);

/// Why a text is no command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a command is not blank")]
pub struct CommandLineError;

impl CommandLine {
    /// The command line as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommandLine {
    type Err = CommandLineError;

    fn from_str(text: &str) -> Result<Self, CommandLineError> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.contains('\0') {
            Err(CommandLineError)
        } else {
            Ok(Self(trimmed.to_owned()))
        }
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A path whose requests reach a service: exact (`/health`) or everything below (`/api/*`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicPath(String);

/// Why a text is no public path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicPathError {
    /// It does not begin with a slash.
    #[error("a path begins with `/`")]
    NotAbsolute,
    /// A star in the middle.
    #[error("`*` stands only at the end, as in `/api/*`")]
    StarInside,
    /// Something no request path has.
    #[error("a path has letters, digits and `-._~/`, no `//` and no `.` or `..` segments")]
    Unclean,
}

impl PublicPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it takes everything, which would leave no page.
    pub fn is_everything(&self) -> bool {
        self.0 == "/*"
    }
}

fn clean(path: &str) -> bool {
    path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b))
        && !path.contains("//")
        && !path.split('/').any(|s| s == "." || s == "..")
}

impl FromStr for PublicPath {
    type Err = PublicPathError;

    fn from_str(text: &str) -> Result<Self, PublicPathError> {
        if !text.starts_with('/') {
            return Err(PublicPathError::NotAbsolute);
        }
        let stem = text.strip_suffix("/*").unwrap_or(text);
        if stem.contains('*') {
            return Err(PublicPathError::StarInside);
        }
        // `//*` has a clean stem and is none the less no path.
        if clean(stem) && !text.contains("//") {
            Ok(Self(text.to_owned()))
        } else {
            Err(PublicPathError::Unclean)
        }
    }
}

impl fmt::Display for PublicPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The path that a health check asks for, with its query if it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HealthPath(String);

/// Why a text is no health path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a health path begins with `/` and has no spaces, `*` or `#`")]
pub struct HealthPathError;

impl HealthPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HealthPath {
    type Err = HealthPathError;

    fn from_str(text: &str) -> Result<Self, HealthPathError> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic() && !b"*#\"<>\\".contains(&b));
        if text.starts_with('/') && printable && text.len() <= 1024 {
            Ok(Self(text.to_owned()))
        } else {
            Err(HealthPathError)
        }
    }
}

impl fmt::Display for HealthPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
