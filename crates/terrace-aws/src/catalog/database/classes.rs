//! Classes of database servers: which there are for which engine, and where.
//!
//! The table is `classes.txt`, whose head says its source and date.

use terrace_topology::{DatabaseClass, Engine, Region};

use super::DatabaseService;
use crate::catalog::machines::{self, Offered, rows};
use crate::catalog::nearest::nearest;

const TABLE: &str = include_str!("classes.txt");

/// What is known of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassFacts {
    /// Virtual processors and memory (MiB) of its server, where known.
    pub size: Option<(u16, u32)>,
    /// Whether its processors are only lent (`t` families), which a busy database notices.
    pub burstable: bool,
}

/// Why there is no such class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service} for {engine} has no such class", service = .service.title(), engine = .engine.title())]
pub struct ClassUnavailable {
    /// In which service.
    pub service: DatabaseService,
    /// For which engine.
    pub engine: Engine,
    /// The class that was probably meant.
    pub nearest: Option<String>,
    /// The smallest one there is.
    pub smallest: &'static str,
}

/// The smallest present class: where a database starts that nobody chose a class for.
pub const fn smallest_class(service: DatabaseService) -> &'static str {
    match service {
        DatabaseService::Rds => "db.t4g.micro",
        DatabaseService::Aurora => "db.t4g.medium",
    }
}

struct Family {
    name: &'static str,
    sizes: &'static str,
    offered: Offered<'static>,
}

/// The rows of a service, or of all.
fn families(of: Option<&'static str>) -> impl Iterator<Item = Family> {
    rows(TABLE).filter_map(move |row| {
        let (facts, offered) = Offered::split(row);
        let (service, facts) = facts.split_once(' ')?;
        let (name, sizes) = facts.split_once(' ')?;
        of.is_none_or(|asked| asked == service).then_some(Family { name, sizes, offered })
    })
}

const fn key(service: DatabaseService, engine: Engine) -> &'static str {
    match service {
        DatabaseService::Rds => "rds",
        DatabaseService::Aurora => service.engine_name(engine),
    }
}

fn find(service: DatabaseService, engine: Engine, class: &DatabaseClass) -> Option<Family> {
    let (name, size) = class.as_str().strip_prefix("db.")?.split_once('.')?;
    families(Some(key(service, engine)))
        .find(|family| family.name == name)
        .filter(|family| family.sizes.split_ascii_whitespace().any(|known| known == size))
}

/// What is known of a class of a service.
///
/// # Errors
///
/// [`ClassUnavailable`] if the service has none of that name for the engine.
pub fn class(
    service: DatabaseService,
    engine: Engine,
    class: &DatabaseClass,
) -> Result<ClassFacts, ClassUnavailable> {
    if let Some(family) = find(service, engine, class) {
        let machine = class.as_str().strip_prefix("db.").and_then(machines::by_name);
        let size = machine.map(|machine| (machine.vcpus, machine.memory));
        return Ok(ClassFacts { size, burstable: family.name.starts_with('t') });
    }
    let names: Vec<String> = families(Some(key(service, engine)))
        .flat_map(|family| {
            family.sizes.split_ascii_whitespace().map(move |size| format!("db.{}.{size}", family.name))
        })
        .collect();
    let nearest = nearest(class.as_str(), names.iter().map(String::as_str)).map(str::to_owned);
    Err(ClassUnavailable { service, engine, nearest, smallest: smallest_class(service) })
}

/// Whether a known class is offered in a region, by the data of [`crate::catalog::AS_OF`]. Unknown ones are not.
pub fn class_offered_in(
    service: DatabaseService,
    engine: Engine,
    class: &DatabaseClass,
    region: &Region,
) -> bool {
    find(service, engine, class).is_some_and(|family| family.offered.holds_in(region.as_str()))
}

/// Every row's problems: nothing for a sound table.
#[cfg(test)]
pub(crate) fn problems() -> Vec<String> {
    let mut found = Vec::new();
    if families(None).count() != rows(TABLE).count() {
        found.push("a row does not parse".to_owned());
    }
    for family in families(None) {
        if family.sizes.is_empty() || format!("db.{}.large", family.name).parse::<DatabaseClass>().is_err() {
            found.push(format!("{} has no sizes or no name", family.name));
        }
        for region in family.offered.named() {
            if !crate::catalog::regions().iter().any(|known| known.code == region) {
                found.push(format!("{}: no region {region}", family.name));
            }
        }
    }
    for key in ["rds", "aurora-mysql", "aurora-postgresql"] {
        let names: Vec<&str> = families(Some(key)).map(|family| family.name).collect();
        if names.is_empty() || !names.is_sorted_by(|a, b| a < b) {
            found.push(format!("{key}: families are missing, not sorted, or twice there"));
        }
    }
    found
}
