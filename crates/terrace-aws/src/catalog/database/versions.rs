//! Versions of engines: which can be made, what to call them, how long they are supported.
//!
//! Sources: versions that AWS lists and does not call deprecated, as kept in cfn-lint 1.58.0 (`engine_version.json`,
//! `engine_version_deprecated.json`), of 2026-10-20; ends of standard support by the release calendars of AWS, as
//! kept in endoflife-date/endoflife.date (`products/amazon-*.md`), of 2026-08-22. Aurora MySQL has no dates there,
//! so it has none here.

use std::fmt;

use terrace_topology::{Engine, EngineVersion};

use super::DatabaseService;

/// A day, `YYYY-MM-DD`; later days are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoDate(&'static str);

impl IsoDate {
    /// As text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for IsoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A version that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseVersion {
    /// What Terraform is given as `engine_version`: the major version where AWS chooses the minor one (RDS), a
    /// whole version otherwise.
    pub engine_version: String,
    /// The parameter group's family, such as `postgres16`.
    pub family: String,
    /// The last day of standard support; from the next one AWS charges for extended support. Unknown for some.
    pub supported_until: Option<IsoDate>,
}

/// Why a version cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service} for {engine} offers {}", .offered.join(", "), service = .service.title(), engine = .engine.title())]
pub struct Unavailable {
    /// By which service.
    pub service: DatabaseService,
    /// Of which engine.
    pub engine: Engine,
    /// What can be asked for instead: the minor versions if the major one exists, else the major ones; newest first.
    pub offered: Vec<&'static str>,
}

/// A major version: two numbers for MySQL, one for PostgreSQL.
struct Major {
    name: &'static str,
    until: Option<IsoDate>,
    /// Minor versions as AWS writes them, oldest first.
    minors: &'static [&'static str],
}

const fn major(name: &'static str, until: &'static str, minors: &'static [&'static str]) -> Major {
    Major { name, until: Some(IsoDate(until)), minors }
}

const RDS_POSTGRES: &[Major] = &[
    major("13", "2026-02-28", &["13.23"]),
    major("14", "2027-02-28", &["14.18", "14.19", "14.20", "14.21", "14.22", "14.23", "14.24"]),
    major("15", "2028-02-29", &["15.13", "15.14", "15.15", "15.16", "15.17", "15.18", "15.19"]),
    major("16", "2029-02-28", &["16.9", "16.10", "16.11", "16.12", "16.13", "16.14", "16.15"]),
    major("17", "2030-02-28", &["17.5", "17.6", "17.7", "17.8", "17.9", "17.10", "17.11"]),
    major("18", "2031-02-28", &["18.1", "18.2", "18.3", "18.4", "18.6"]),
];

const RDS_MYSQL: &[Major] = &[
    major("8.0", "2026-07-31", &["8.0.42", "8.0.43", "8.0.44", "8.0.45", "8.0.46"]),
    major("8.4", "2029-07-31", &["8.4.5", "8.4.6", "8.4.7", "8.4.8", "8.4.9", "8.4.10", "8.4.11"]),
];

const AURORA_POSTGRES: &[Major] = &[
    major("13", "2026-02-28", &["13.9", "13.23"]),
    major("14", "2027-02-28", &["14.6", "14.17", "14.18", "14.19", "14.20", "14.22", "14.23", "14.24"]),
    major("15", "2028-02-29", &["15.10", "15.12", "15.13", "15.14", "15.15", "15.17", "15.18", "15.19"]),
    major("16", "2029-02-28", &["16.8", "16.9", "16.10", "16.11", "16.13", "16.14", "16.15"]),
    major("17", "2030-02-28", &["17.4", "17.5", "17.6", "17.7", "17.9", "17.10", "17.11"]),
    major("18", "2031-02-28", &["18.3", "18.4", "18.6"]),
];

/// Of Aurora MySQL 8.0 the line with long-term support, whose patches bring no features; of 8.4 what there is. Its
/// own minor numbers are no versions of MySQL, so that only the major one can be asked for.
const AURORA_MYSQL: &[Major] = &[
    Major { name: "8.0", until: None, minors: &["8.0.mysql_aurora.3.10.6"] },
    Major { name: "8.4", until: None, minors: &["8.4.mysql_aurora.8.4.8"] },
];

const fn table(service: DatabaseService, engine: Engine) -> &'static [Major] {
    match (service, engine) {
        (DatabaseService::Rds, Engine::Postgres) => RDS_POSTGRES,
        (DatabaseService::Rds, Engine::Mysql) => RDS_MYSQL,
        (DatabaseService::Aurora, Engine::Postgres) => AURORA_POSTGRES,
        (DatabaseService::Aurora, Engine::Mysql) => AURORA_MYSQL,
    }
}

fn is_met_by(asked: &EngineVersion, found: &str) -> bool {
    found.parse::<EngineVersion>().is_ok_and(|found| asked.is_met_by(&found))
}

/// The version that AWS is asked for.
///
/// `16` is PostgreSQL's newest minor version on Aurora and AWS's own choice on RDS; `16.14` is that one; `8` is the
/// newest major version of MySQL that begins so.
///
/// # Errors
///
/// [`Unavailable`] with what there is, if AWS makes no database of that version any more, or not yet.
pub fn resolve(
    service: DatabaseService,
    engine: Engine,
    asked: &EngineVersion,
) -> Result<DatabaseVersion, Unavailable> {
    let majors = table(service, engine);
    let of = |major: &Major, engine_version: &str| DatabaseVersion {
        engine_version: engine_version.to_owned(),
        family: format!("{}{}", service.engine_name(engine), major.name),
        supported_until: major.until,
    };
    if let Some(major) = majors.iter().rev().find(|major| is_met_by(asked, major.name)) {
        let chosen = match service {
            DatabaseService::Rds => major.name,
            DatabaseService::Aurora => major.minors.last().copied().unwrap_or(major.name),
        };
        return Ok(of(major, chosen));
    }
    for major in majors {
        if let Some(minor) = major.minors.iter().find(|minor| is_met_by(asked, minor)) {
            return Ok(of(major, minor));
        }
    }
    let same_major = majors.iter().find(|major| {
        major.name.parse::<EngineVersion>().is_ok_and(|name| asked.numbers().starts_with(name.numbers()))
    });
    let mut offered: Vec<&'static str> = match same_major {
        Some(major) if !(service == DatabaseService::Aurora && engine == Engine::Mysql) => {
            std::iter::once(major.name).chain(major.minors.iter().copied()).collect()
        }
        _ => majors.iter().map(|major| major.name).collect(),
    };
    offered.reverse();
    Err(Unavailable { service, engine, offered })
}

/// Every table's problems: nothing for sound ones.
#[cfg(test)]
pub(crate) fn problems() -> Vec<String> {
    let mut found = Vec::new();
    for (service, engine) in [
        (DatabaseService::Rds, Engine::Postgres),
        (DatabaseService::Rds, Engine::Mysql),
        (DatabaseService::Aurora, Engine::Postgres),
        (DatabaseService::Aurora, Engine::Mysql),
    ] {
        let version = |text: &str| text.parse::<EngineVersion>().ok();
        let majors = table(service, engine);
        if !majors.is_sorted_by(|a, b| version(a.name) < version(b.name)) {
            found.push(format!("{service:?} {engine:?}: majors are not sorted"));
        }
        for major in majors {
            let plain = major.minors.iter().all(|minor| version(minor).is_some());
            if major.minors.is_empty() || plain && !major.minors.is_sorted_by(|a, b| version(a) < version(b))
            {
                found.push(format!("{service:?} {engine:?} {}: minors are not sorted", major.name));
            }
            if !major.minors.iter().all(|minor| minor.starts_with(&format!("{}.", major.name))) {
                found.push(format!("{service:?} {engine:?} {}: a minor of another major", major.name));
            }
            let is_day = |day: &str| day.len() == 10 && day.bytes().filter(|b| *b == b'-').count() == 2;
            if major.until.is_some_and(|until| !is_day(until.as_str())) {
                found.push(format!("{service:?} {engine:?} {}: no day", major.name));
            }
        }
    }
    found
}
