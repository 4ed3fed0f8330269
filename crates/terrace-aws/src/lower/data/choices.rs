//! What is chosen for the database, and what AWS would refuse of it.

use terrace_topology::{Database, DatabaseClass, DatabaseName, Engine, Region};

use crate::catalog::database::{self, DatabaseService, DatabaseVersion};
use crate::catalog::limits;
use crate::lower::{Draft, Refusal, codes};

/// GiB of a database whose room was not chosen: the least that RDS gives.
const STORAGE: u32 = 20;

/// How far the storage of RDS grows by itself: so many times as much as at first, but to something useful at
/// least. A limit there has to be, so that a runaway import does not fill terabytes.
const GROWTH: u32 = 5;
const GROWTH_LEAST: u32 = 100;

/// The most that RDS has, GiB.
const STORAGE_MOST: u32 = 65_536;

/// Everything that was chosen.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) service: DatabaseService,
    pub(crate) engine: Engine,
    pub(crate) version: DatabaseVersion,
    /// Whether one minor version was asked for and no other will do.
    pub(crate) pinned: bool,
    pub(crate) class: String,
    /// MiB of a server's memory, where known.
    pub(crate) memory: Option<u32>,
    /// Whether Performance Insights can be had.
    pub(crate) insights: bool,
    /// GiB at first, and to which it may grow; of RDS alone.
    pub(crate) storage: (u32, Option<u32>),
    pub(crate) identifier: String,
    pub(crate) name: String,
    pub(crate) user: String,
}

pub(super) fn choose(draft: &mut Draft<'_>, service: DatabaseService) -> Choices {
    let topology = draft.topology;
    let asked = &topology.database;
    let version = version(draft, service, asked);
    let class = class(draft, service, asked);
    backups(draft, service, asked);
    if service == DatabaseService::Aurora && asked.storage.is_some() {
        draft.warn(
            Refusal::new(codes::NO_EFFECT, "data.storage", "Aurora's storage grows by itself, and shrinks")
                .help("`storage` is for shape `ec2`: take it out"),
        );
    }
    let memory = class
        .parse::<DatabaseClass>()
        .ok()
        .and_then(|class| database::class(service, asked.engine, &class).ok())
        .and_then(|facts| facts.size)
        .map(|(_, memory)| memory);
    let numbers = asked.version.numbers().len();
    let whole = match asked.engine {
        Engine::Postgres => 2,
        Engine::Mysql => 3,
    };
    Choices {
        service,
        engine: asked.engine,
        pinned: service == DatabaseService::Aurora || numbers >= whole,
        version,
        insights: insights(service, asked.engine, &class),
        memory,
        class,
        storage: storage(asked),
        identifier: draft.naming.of("data", limits::DATABASE_IDENTIFIER),
        name: DatabaseName::of(&topology.name).to_string(),
        user: DatabaseName::short_user(&topology.name),
    }
}

fn version(draft: &mut Draft<'_>, service: DatabaseService, asked: &Database) -> DatabaseVersion {
    match database::resolve(service, asked.engine, &asked.version) {
        Ok(version) => version,
        Err(unavailable) => {
            let (title, engine) = (service.title(), asked.engine.title());
            let message = format!("{title} has no {engine} {}", asked.version);
            let offered: Vec<String> = unavailable.offered.iter().map(|one| format!("`{one}`")).collect();
            draft.refuse(
                Refusal::new(codes::DATABASE_VERSION, "data.version", message)
                    .help(format!("it has {}", offered.join(", "))),
            );
            DatabaseVersion {
                engine_version: asked.version.to_string(),
                family: service.engine_name(asked.engine).to_owned(),
                supported_until: None,
            }
        }
    }
}

/// Classes that are taken if none was chosen, the first that the region has.
const fn usual(service: DatabaseService, production: bool) -> &'static [&'static str] {
    match (service, production) {
        (DatabaseService::Rds, false) => &["db.t4g.micro", "db.t3.micro"],
        (DatabaseService::Rds, true) => &["db.t4g.medium", "db.t3.medium"],
        (DatabaseService::Aurora, false) => &["db.t4g.medium", "db.t3.medium"],
        (DatabaseService::Aurora, true) => &["db.r7g.large", "db.r6g.large", "db.r7i.large", "db.r6i.large"],
    }
}

fn class(draft: &mut Draft<'_>, service: DatabaseService, asked: &Database) -> String {
    let topology = draft.topology;
    let (engine, region) = (asked.engine, &topology.region);
    let Some(class) = &asked.class else {
        let all = usual(service, topology.production);
        let offered = all.iter().find(|name| offered(service, engine, name, region));
        return offered.or_else(|| all.first()).copied().unwrap_or_default().to_owned();
    };
    match database::class(service, engine, class) {
        Err(unavailable) => {
            let message = format!("{} for {} has no class `{class}`", service.title(), engine.title());
            let help = match unavailable.nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the smallest is `{}`", unavailable.smallest),
            };
            draft.refuse(Refusal::new(codes::DATABASE_CLASS, "data.class", message).help(help));
        }
        Ok(_) if !database::class_offered_in(service, engine, class, region) => {
            let message =
                format!("{} for {} has no class `{class}` in {region}", service.title(), engine.title());
            let near = alike(class).find(|name| offered(service, engine, name, region));
            let near = near.or_else(|| {
                let mut all = usual(service, true).iter().map(|name| (*name).to_owned());
                all.find(|name| offered(service, engine, name, region))
            });
            let refusal = Refusal::new(codes::DATABASE_CLASS, "data.class", message);
            draft.refuse(match near {
                Some(near) => refusal.help(format!("`{near}` is there")),
                None => refusal,
            });
        }
        Ok(_) => {}
    }
    class.as_str().to_owned()
}

/// Classes of the same kind and size of other generations: `db.m6g.large` for `db.m7g.large`.
fn alike(class: &DatabaseClass) -> impl Iterator<Item = String> {
    let (family, size) = class.as_str().trim_start_matches("db.").split_once('.').unwrap_or_default();
    let kind: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    let size = size.to_owned();
    ["7g", "6g", "8g", "7i", "6i", "5", "4g", "3"]
        .into_iter()
        .map(move |made| format!("db.{kind}{made}.{size}"))
}

fn offered(service: DatabaseService, engine: Engine, name: &str, region: &Region) -> bool {
    name.parse().is_ok_and(|class| database::class_offered_in(service, engine, &class, region))
}

/// Aurora keeps backups for a day at least (RDS API, `CreateDBCluster`).
fn backups(draft: &mut Draft<'_>, service: DatabaseService, asked: &Database) {
    if service == DatabaseService::Aurora && asked.backup_days.get() == 0 {
        draft.refuse(
            Refusal::new(codes::DATABASE_BACKUPS, "data.backups", "Aurora keeps backups for a day at least")
                .help("write `backups = 1` or more"),
        );
    }
}

/// GiB at first, and at most.
fn storage(asked: &Database) -> (u32, Option<u32>) {
    let first = asked.storage.map_or(STORAGE, terrace_topology::Gibibytes::get);
    let most = first.saturating_mul(GROWTH).clamp(GROWTH_LEAST, STORAGE_MOST);
    // RDS wants a tenth more at least, and warns below a quarter.
    (first, (most >= first.saturating_mul(5) / 4).then_some(most))
}

/// "Amazon RDS DB engine, Region, and instance class support for Performance Insights", and Aurora's page of it.
fn insights(service: DatabaseService, engine: Engine, class: &str) -> bool {
    let small = ["micro", "small"].iter().any(|size| class.ends_with(size));
    match (service, engine) {
        (_, Engine::Postgres) => true,
        (DatabaseService::Rds, Engine::Mysql) => !small,
        (DatabaseService::Aurora, Engine::Mysql) => !class.starts_with("db.t3."),
    }
}

/// What is written to the log: slow statements, and who waits for a lock. Never every statement, and of the slow
/// ones PostgreSQL leaves out what was put into them.
pub(super) const fn logged(engine: Engine) -> &'static [(&'static str, &'static str)] {
    match engine {
        Engine::Postgres => &[
            ("log_lock_waits", "1"),
            ("log_min_duration_statement", "1000"),
            ("log_parameter_max_length", "0"),
        ],
        Engine::Mysql => &[("log_output", "FILE"), ("long_query_time", "1"), ("slow_query_log", "1")],
    }
}
