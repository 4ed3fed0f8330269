//! Where this user's files lie: Terrace's folders, after the XDG Base Directory Specification.

use std::path::PathBuf;

use crate::failure::Failure;

/// What a later run goes on with.
pub(crate) fn state() -> Result<PathBuf, Failure> {
    own("XDG_STATE_HOME", ".local/state")
}

/// What can be had again.
pub(crate) fn cache() -> Result<PathBuf, Failure> {
    own("XDG_CACHE_HOME", ".cache")
}

fn own(variable: &str, below_home: &str) -> Result<PathBuf, Failure> {
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(std::env::home_dir().filter(|home| home.is_absolute())?.join(below_home));
    let base = set.or_else(home).ok_or_else(|| {
        Failure::new("nobody says where this user's files lie")
            .help(format!("set HOME, or {variable}, to a folder that is yours"))
    })?;
    Ok(base.join("terrace"))
}
