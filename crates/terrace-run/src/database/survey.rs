//! What a run would find, for who only wants to know: nothing is fetched or made.

use std::path::PathBuf;

use terrace_topology::{Engine, EngineVersion};

use super::binaries::{in_folders, usual_folders};
use super::fetch::Cache;
use super::identity;

/// The server that a run would take from this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is: `PostgreSQL 15.18`.
    pub title: String,
    /// Whether it is what was asked for, and does not only stand in.
    pub is_asked_for: bool,
    /// Its program.
    pub program: PathBuf,
}

/// Looks in that folder, or, without one, where servers usually are and among those that were fetched before.
pub async fn survey(engine: Engine, asked: &EngineVersion, folder: Option<PathBuf>) -> Option<Found> {
    let mut found = match folder {
        Some(folder) => in_folders(engine, [folder]).await,
        None => {
            let mut found = in_folders(engine, usual_folders(engine)).await;
            let cache = identity::choose(engine).ok().and_then(Cache::place);
            if let (Engine::Postgres, Some(cache)) = (engine, cache) {
                found.extend(cache.servers().await);
            }
            found
        }
    };
    found.sort_by_key(|binaries| binaries.rank(asked));
    let best = found.pop()?;
    Some(Found { title: best.title(), is_asked_for: best.is(asked), program: best.server })
}
