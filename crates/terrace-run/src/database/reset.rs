//! Throwing the data away, and saying beforehand what that would be.

use std::path::PathBuf;

use terrace_topology::Engine;

use super::home::Homes;
use super::version::Maker;
use super::{DatabaseError, identity, server, settle};
use crate::state::{Lock, StateError, StateFolder};

/// The data folders of an engine, of whatever version, that a project has: what [`reset`] throws away.
pub fn data_folders(engine: Engine, state: &StateFolder) -> Result<Vec<PathBuf>, DatabaseError> {
    let homes = Homes::place(state, identity::choose(engine)?);
    Ok(own(engine, &homes)?.into_iter().map(|(_, path)| path).collect())
}

/// Throws away all data that a project has in an engine; the folders that are gone. The lock shows that nothing runs.
/// Interrupted, it leaves nothing that looks like data: what is left goes with the next start.
pub async fn reset(engine: Engine, state: &StateFolder, _lock: &Lock) -> Result<Vec<PathBuf>, DatabaseError> {
    let homes = Homes::place(state, identity::choose(engine)?);
    homes.open().await?;
    let mut gone = Vec::new();
    for (maker, path) in own(engine, &homes)? {
        settle::vacant(&path.join("server"), server::pid_file(maker)).await?;
        let aside = homes.folder().join(format!(".new-gone-{}", gone.len()));
        std::fs::rename(&path, &aside).map_err(StateError::of("move away", &path))?;
        std::fs::remove_dir_all(&aside).map_err(StateError::of("throw away", &aside))?;
        gone.push(path);
    }
    Ok(gone)
}

fn own(engine: Engine, homes: &Homes) -> Result<Vec<(Maker, PathBuf)>, StateError> {
    let makers: &[Maker] = match engine {
        Engine::Postgres => &[Maker::Postgresql],
        Engine::Mysql => &[Maker::Mariadb, Maker::Mysql],
    };
    let maker_of = |name: &str| {
        makers
            .iter()
            .copied()
            .find(|maker| name.strip_prefix(maker.word()).is_some_and(|rest| rest.starts_with('-')))
    };
    Ok(homes.names()?.iter().filter_map(|name| Some((maker_of(name)?, homes.folder().join(name)))).collect())
}
