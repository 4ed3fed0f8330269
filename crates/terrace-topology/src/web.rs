//! The page's tier.

use std::fmt;
use std::str::FromStr;

use crate::{Capacity, CommandLine, MachineType};

/// The page: built once, then served as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Its folder.
    pub root: ProjectPath,
    /// How it is built, if it has to be.
    pub build: Option<CommandLine>,
    /// Where the built files lie, from `root`.
    pub dist: ProjectPath,
    /// Whether unknown paths serve `index.html`.
    pub single_page: bool,
    /// What serves it where it runs on machines.
    pub server: WebServer,
    /// On which kind of machine, if that was chosen.
    pub machine: Option<MachineType>,
    /// How many machines serve it.
    pub capacity: Capacity,
    /// What else is done to its machines' image.
    pub setup: Option<CommandLine>,
    /// What serves its hashed assets.
    pub assets: Assets,
}

/// What serves the assets whose names hold a hash of what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assets {
    /// The machines that serve the page.
    Machines,
    /// The content delivery network, out of an object store.
    Cdn,
}

/// What serves the page on machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebServer {
    /// Terrace's own edge.
    Terrace,
    /// nginx.
    Nginx,
}

/// A relative path with `/` between its parts, such as `frontend` or `../shared/page`; `.` is the folder itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectPath(String);

/// Why a text is no path of the project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectPathError {
    /// Nothing at all.
    #[error("a path is not empty; `.` is the project's folder")]
    Empty,
    /// It names a place on one machine.
    #[error("a path is relative, so that the project works wherever it lies")]
    Absolute,
    /// Something that is no path everywhere.
    #[error("a path has no backslash and no control characters")]
    Unclean,
}

impl ProjectPath {
    /// The path as text, normalised: no `.` parts, no doubled or trailing slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path, and then `other` from there.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(normalised(&format!("{}/{}", self.0, other.0)))
    }
}

fn normalised(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

impl FromStr for ProjectPath {
    type Err = ProjectPathError;

    fn from_str(text: &str) -> Result<Self, ProjectPathError> {
        if text.is_empty() {
            return Err(ProjectPathError::Empty);
        }
        if text.starts_with('/') || text.starts_with('~') || text.get(1..2) == Some(":") {
            return Err(ProjectPathError::Absolute);
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            return Err(ProjectPathError::Unclean);
        }
        Ok(Self(normalised(text)))
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_normal() {
        let path = |t: &str| t.parse::<ProjectPath>().map(|p| p.to_string());
        assert_eq!(path("./a//b/"), Ok("a/b".to_owned()));
        assert_eq!(path("a/../.."), Ok("..".to_owned()));
        assert_eq!(path("../x"), Ok("../x".to_owned()));
        assert_eq!(path("."), Ok(".".to_owned()));
        assert_eq!(path("/etc"), Err(ProjectPathError::Absolute));
        assert_eq!(path("C:/x"), Err(ProjectPathError::Absolute));
        assert_eq!(path("a\\b"), Err(ProjectPathError::Unclean));
        assert_eq!(path(""), Err(ProjectPathError::Empty));
    }
}
