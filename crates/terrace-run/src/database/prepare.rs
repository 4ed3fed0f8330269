//! From what the plan asks for to a server that can be started.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use terrace_local::{DatabaseAccess, DatabasePlan, ProcessName};
use terrace_net::{Endpoint, Host, Port};
use terrace_topology::{Engine, EngineVersion};
use tokio::time::{Instant, sleep};

use super::binaries::{self, Binaries};
use super::fetch::Cache;
use super::home::{Home, Homes, Made};
use super::server::{self, Passwords};
use super::tool::Hands;
use super::version::Maker;
use super::{DatabaseError, ProbeError, client, identity, settle};
use crate::Executable;
use crate::leash::Launch;
use crate::ports;
use crate::state::StateFolder;

/// What the user said about where servers come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// Where the server's programs are; nowhere else is looked.
    pub binaries: Option<PathBuf>,
    /// Fetch nothing.
    pub offline: bool,
    /// Where fetched servers are kept, if not in the user's cache folder.
    pub cache: Option<PathBuf>,
}

/// A server that is ready to be started: its data folder is there, nobody uses it.
#[derive(Clone)]
pub struct Prepared {
    /// How to start it.
    pub launch: Launch,
    /// How it is reached once it runs.
    pub access: DatabaseAccess,
    /// What it is: `PostgreSQL 15.18`.
    pub title: String,
    /// Where its data lie.
    pub folder: PathBuf,
    pid_file: &'static str,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("title", &self.title).field("access", &self.access).finish()
    }
}

/// Finds or fetches the server that was asked for, or the closest there is, and makes its data folder if there is
/// none. The caller holds the state folder's lock. What is worth knowing is told to `note` as it happens, a line each.
pub async fn prepare(
    plan: &DatabasePlan,
    process: &ProcessName,
    state: &StateFolder,
    options: &DatabaseOptions,
    executable: &Executable,
    note: &(dyn Fn(String) + Send + Sync),
) -> Result<Prepared, DatabaseError> {
    let identity = identity::choose(plan.engine)?;
    let hands = Hands { executable, identity };
    let binaries = choose(plan, options, hands, note).await?;
    let homes = Homes::place(state, identity);
    homes.open().await?;
    if homes.folder() != state.data() {
        let (inside, place) = (state.data(), homes.folder().to_owned());
        note(format!(
            "the database's user cannot reach `{}`; its data lie in `{}`",
            inside.display(),
            place.display()
        ));
    }
    let home = homes.of(&binaries);
    let passwords = Passwords::of(&state.secrets())?;
    furnish(plan, &passwords, &binaries, &homes, &home, hands, note).await?;
    let port = port(process, state)?;
    Ok(Prepared {
        launch: server::launch(&binaries, &home, port, identity),
        access: DatabaseAccess {
            engine: plan.engine,
            endpoint: Endpoint::new(Host::Address(std::net::Ipv4Addr::LOCALHOST.into()), port),
            database: plan.database.clone(),
            user: plan.user.clone(),
            password: passwords.application.reveal().to_owned(),
        },
        title: binaries.title(),
        folder: home.server(),
        pid_file: server::pid_file(binaries.maker),
    })
}

impl Prepared {
    /// Waits until nothing of an earlier start is left in the data folder. To be called before every start.
    pub async fn before_start(&self) -> Result<(), DatabaseError> {
        settle::vacant(&self.folder, self.pid_file).await
    }

    /// Asks it a real question, with the application's own login.
    pub async fn probe(&self) -> Result<(), ProbeError> {
        client::ask(&self.access).await
    }

    /// Asks until it answers. Race this against the process's end: a server that is gone never answers.
    pub async fn ready(&self, within: Duration) -> Result<(), DatabaseError> {
        let deadline = Instant::now() + within;
        // Often at first: most servers are there in a moment. Then less so, since each question is in their log.
        let mut pause = Duration::from_millis(15);
        loop {
            pause = pause.mul_f32(1.2).min(Duration::from_millis(250));
            match self.probe().await {
                Ok(()) => return Ok(()),
                Err(last) if Instant::now() >= deadline => {
                    return Err(DatabaseError::NotReady { within, last });
                }
                Err(_) => sleep(pause).await,
            }
        }
    }
}

/// The server to use: the one that was asked for, from this machine, else fetched; else the closest there is.
async fn choose(
    plan: &DatabasePlan,
    options: &DatabaseOptions,
    hands: Hands<'_>,
    note: &(dyn Fn(String) + Send + Sync),
) -> Result<Binaries, DatabaseError> {
    let (engine, asked) = (plan.engine, &plan.version);
    let best = |found: Vec<Binaries>| found.into_iter().max_by_key(|b| b.rank(asked));
    if let Some(folder) = &options.binaries {
        let found = best(binaries::in_folders(engine, [folder.clone()]).await);
        let chosen = found.ok_or_else(|| DatabaseError::NotThere { engine, folder: folder.clone() })?;
        if !chosen.is(asked) {
            note(stand_in(plan, &chosen, None));
        }
        return Ok(chosen);
    }
    let mut found = binaries::in_folders(engine, binaries::usual_folders(engine)).await;
    let mut why = None;
    if engine == Engine::Postgres && !found.iter().any(|b| b.is(asked)) {
        match fetched(asked, options, hands, note).await {
            Ok(binaries) => return Ok(binaries),
            Err((others, reason)) => {
                found.extend(others);
                why = Some(reason);
            }
        }
    }
    let Some(chosen) = best(found) else {
        return Err(DatabaseError::Missing { engine, asked: asked.clone(), why });
    };
    if !chosen.is(asked) {
        note(stand_in(plan, &chosen, why.as_deref()));
    }
    Ok(chosen)
}

/// The server that was asked for, from the cache or into it; else what else is in the cache, and why it was not
/// fetched.
async fn fetched(
    asked: &EngineVersion,
    options: &DatabaseOptions,
    hands: Hands<'_>,
    note: &(dyn Fn(String) + Send + Sync),
) -> Result<Binaries, (Vec<Binaries>, String)> {
    let Some(cache) = options.cache.clone().map(Cache::at).or_else(|| Cache::place(hands.identity)) else {
        return Err((Vec::new(), "there is no home folder to keep it in".to_owned()));
    };
    if let Some(found) = cache.best(asked).await {
        return Ok(found);
    }
    let why = if options.offline {
        "nothing is fetched with --offline".to_owned()
    } else {
        match cache.fetch(asked, hands.executable, note).await {
            Ok(found) => return Ok(found),
            Err(error) => error.to_string(),
        }
    };
    Err((cache.servers().await, why))
}

fn stand_in(plan: &DatabasePlan, chosen: &Binaries, why: Option<&str>) -> String {
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("asked for {} {}, found {}: it stands in{why}", plan.engine.title(), plan.version, chosen.title())
}

/// Makes the home if there is none; makes it fit if the names or the passwords have changed.
async fn furnish(
    plan: &DatabasePlan,
    passwords: &Passwords,
    binaries: &Binaries,
    homes: &Homes,
    home: &Home,
    hands: Hands<'_>,
    note: &(dyn Fn(String) + Send + Sync),
) -> Result<(), DatabaseError> {
    let wanted = Made::by(binaries, plan);
    let Some(made) = home.made()? else {
        for other in homes.names()?.iter().filter(|name| name.starts_with(word(plan.engine, binaries))) {
            let other = homes.folder().join(other);
            note(format!(
                "a new, empty database is made for {}; the data in `{}` stay there",
                binaries.title(),
                other.display()
            ));
        }
        return server::make(binaries, home, plan, passwords, hands).await;
    };
    same_series(binaries, home)?;
    home.mend()?;
    let renamed = (&made.database, &made.user) != (&wanted.database, &wanted.user);
    if renamed || passwords.new {
        settle::vacant(&home.server(), server::pid_file(binaries.maker)).await?;
        server::grant(binaries, &home.server(), plan, passwords, hands).await?;
        home.note(&wanted)?;
    }
    Ok(())
}

/// Whether the folder's own mark agrees with its name.
fn same_series(binaries: &Binaries, home: &Home) -> Result<(), DatabaseError> {
    if binaries.maker != Maker::Postgresql {
        return Ok(());
    }
    let found = std::fs::read_to_string(home.server().join("PG_VERSION")).unwrap_or_default();
    let found = found.trim();
    if found.is_empty() {
        return Err(DatabaseError::StrangeFolder { folder: home.path().to_owned() });
    }
    if found == binaries.maker.series(&binaries.version) {
        return Ok(());
    }
    let (folder, found) = (home.path().to_owned(), found.to_owned());
    Err(DatabaseError::OtherVersion { folder, found, server: binaries.title() })
}

fn word(engine: Engine, binaries: &Binaries) -> &'static str {
    match engine {
        Engine::Postgres => "postgres-",
        Engine::Mysql if binaries.maker == Maker::Mysql => "mysql-",
        Engine::Mysql => "mariadb-",
    }
}

/// The port of last time if it is free; never one that a server of the machine's own would want.
fn port(process: &ProcessName, state: &StateFolder) -> Result<Port, DatabaseError> {
    let remembered = state.ports();
    let port =
        ports::free(remembered.of(process), &[Port::POSTGRES, Port::MYSQL]).map_err(DatabaseError::Port)?;
    // Only a convenience: a port that is not remembered is another one next time.
    let _ = remembered.remember(process, port);
    Ok(port)
}
