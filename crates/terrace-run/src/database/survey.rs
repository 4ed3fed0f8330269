//! What servers this machine has, without making or fetching anything: for those who only want to know.

use std::path::PathBuf;

use terrace_topology::{Engine, EngineVersion};

use super::binaries;

/// The server that a run would use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is: `PostgreSQL 15.18`.
    pub title: String,
    /// Whether it is what was asked for; if not, it stands in.
    pub is_asked_for: bool,
}

/// The best server that is on this machine, or in `folder` if one is named.
pub async fn survey(engine: Engine, asked: &EngineVersion, folder: Option<PathBuf>) -> Option<Found> {
    let folders = folder.map_or_else(|| binaries::usual_folders(engine), |folder| vec![folder]);
    let found = binaries::in_folders(engine, folders).await;
    let best = found.into_iter().max_by_key(|binaries| binaries.rank(asked))?;
    Some(Found { title: best.title(), is_asked_for: best.is(asked) })
}
