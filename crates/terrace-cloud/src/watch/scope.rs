//! Whose a tagged resource is.

use crate::deployed::Names;

/// The tag that names the system.
pub(crate) const SYSTEM: &str = "terrace:system";
/// The tag that names the environment; there is none where the manifest has none.
pub(crate) const ENVIRONMENT: &str = "terrace:environment";
/// What an environment is called that the manifest does not name.
const NAMELESS: &str = "default";

/// Whether something with these tags is of that system and environment.
pub(crate) fn is_of<'t>(names: &Names, tag: impl Fn(&str) -> Option<&'t str>) -> bool {
    tag(SYSTEM) == Some(names.system.as_str())
        && tag(ENVIRONMENT).unwrap_or(NAMELESS) == names.environment.as_str()
}
