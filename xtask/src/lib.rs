//! What must hold in this repository, as functions that return what does not: the arrows between the crates, the
//! tidiness of their rooms, and that generated files are what they would be generated to.

pub mod arrows;
pub mod generated;
pub mod tidy;

use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}
