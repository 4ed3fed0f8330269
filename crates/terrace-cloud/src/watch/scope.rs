//! Whose a tagged resource is.

use crate::deployed::Names;
use crate::foundation::System;

/// The tag that names the system.
pub(crate) const SYSTEM: &str = "terrace:system";
/// The tag that names the environment; there is none where the manifest has none.
pub(crate) const ENVIRONMENT: &str = "terrace:environment";
/// What an environment is called that the manifest does not name.
const NAMELESS: &str = "default";

/// A system in an environment, as the tags of all that it has name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The system.
    pub system: &'a str,
    /// Its environment; `default` where the manifest has none.
    pub environment: &'a str,
}

impl<'a> From<&'a Names> for Owner<'a> {
    fn from(names: &'a Names) -> Self {
        Self { system: names.system.as_str(), environment: names.environment.as_str() }
    }
}

impl<'a> From<&'a System> for Owner<'a> {
    fn from(system: &'a System) -> Self {
        Self { system: system.name(), environment: system.environment() }
    }
}

/// Whether something with these tags is of that system and environment.
pub(crate) fn is_of<'t>(owner: Owner<'_>, tag: impl Fn(&str) -> Option<&'t str>) -> bool {
    tag(SYSTEM) == Some(owner.system) && tag(ENVIRONMENT).unwrap_or(NAMELESS) == owner.environment
}
