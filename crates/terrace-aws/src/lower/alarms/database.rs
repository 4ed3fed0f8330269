//! What a database runs out of: processors, storage, memory, connections.

use terrace_topology::Engine;

use super::topic::Topics;
use super::watch::{Made, Watch, dimensions};
use crate::catalog::database::DatabaseService;
use crate::lower::Draft;
use crate::lower::data::{Data, Server};
use crate::resource::{Comparison, MissingData, Statistic};

/// Five minutes, three in a row: a report or a backup may use what there is for a while.
const PERIODS: (u32, u32) = (300, 3);

/// Per cent of processors beyond which statements wait.
const BUSY: i64 = 80;

/// Per cent of the storage of RDS that is left. It grows by itself at a tenth: less means that it could not.
const STORAGE_LEFT: i64 = 5;

/// GiB left for sorting and temporary tables on a server of Aurora, whose data is elsewhere.
const LOCAL_STORAGE_LEFT: i64 = 2;

/// Per cent of memory that is left before a server begins to swap; MiB where the class says nothing.
const MEMORY_LEFT: i64 = 5;
const MEMORY_LEFT_UNKNOWN: i64 = 256;

/// Per cent of the connections that there can be.
const CONNECTIONS: i64 = 80;

const MEBI: i64 = 1024 * 1024;
const GIBI: i64 = 1024 * MEBI;

pub(super) fn lower(draft: &mut Draft<'_>, topics: &Topics, data: &Data) {
    for (letter, server) in &data.servers {
        let stem = if letter.is_empty() { "data".to_owned() } else { format!("data-{letter}") };
        for watch in watches(data, &stem, server) {
            watch.put(draft, &topics.main);
        }
    }
}

fn watches(data: &Data, stem: &str, server: &Server) -> Vec<Watch> {
    let choices = &data.choices;
    let watch = |what: &str, about: String, metric, comparison, threshold: i64| Watch {
        part: format!("{stem}-{what}"),
        about,
        namespace: "AWS/RDS",
        metric,
        dimensions: dimensions([("DBInstanceIdentifier", server.identifier())]),
        made: Made::Of(Statistic::Average),
        periods: PERIODS,
        comparison,
        threshold: threshold.saturating_mul(1_000),
        missing: MissingData::NotBreaching,
    };
    let mut busy = watch(
        "busy",
        format!("The database's processors are used to more than {BUSY} %, or it says nothing any more."),
        "CPUUtilization",
        Comparison::Above,
        BUSY,
    );
    busy.missing = MissingData::Breaching;
    let (storage, left) = match choices.service {
        DatabaseService::Rds => {
            ("FreeStorageSpace", i64::from(choices.storage.0) * GIBI * STORAGE_LEFT / 100)
        }
        DatabaseService::Aurora => ("FreeLocalStorage", LOCAL_STORAGE_LEFT * GIBI),
    };
    let memory =
        choices.memory.map_or(MEMORY_LEFT_UNKNOWN, |mebibytes| i64::from(mebibytes) * MEMORY_LEFT / 100);
    let mut all = vec![
        busy,
        watch(
            "storage",
            format!("The database has less than {} MiB of storage left.", left / MEBI),
            storage,
            Comparison::Below,
            left,
        ),
        watch(
            "memory",
            format!("The database has less than {memory} MiB of memory left."),
            "FreeableMemory",
            Comparison::Below,
            memory * MEBI,
        ),
    ];
    if let Some(most) = choices.memory.and_then(|memory| connections(choices.service, choices.engine, memory))
    {
        let many = most * CONNECTIONS / 100;
        all.push(watch(
            "connections",
            format!("The database has more than {many} connections, of about {most} that there can be."),
            "DatabaseConnections",
            Comparison::Above,
            many,
        ));
    }
    all
}

/// How many connections a server of so many MiB takes, by the default of `max_connections` ("Quotas and constraints
/// for Amazon RDS"; "Maximum connections to an Aurora MySQL DB instance"). The formulas go by the memory that is
/// left to the engine, taken to be three quarters.
fn connections(service: DatabaseService, engine: Engine, mebibytes: u32) -> Option<i64> {
    let bytes = i64::from(mebibytes) * MEBI * 3 / 4;
    Some(match (service, engine) {
        (_, Engine::Postgres) => (bytes / 9_531_392).min(5_000),
        (DatabaseService::Rds, Engine::Mysql) => bytes / 12_582_880,
        (DatabaseService::Aurora, Engine::Mysql) => {
            // GREATEST(log2(memory / 805306368) * 45, log2(memory / 8187281408) * 1000), as AWS tabulates it.
            let doublings = i64::from((mebibytes / 1024).checked_ilog2()?);
            if doublings >= 4 { (doublings - 3) * 1_000 } else { doublings * 45 }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of AWS's own tables, or less by what is left to the system.
    #[test]
    fn connections_are_those_of_the_manuals() {
        let aurora = |gib: u32| connections(DatabaseService::Aurora, Engine::Mysql, gib * 1024).unwrap();
        assert_eq!([4, 8, 16, 32, 64, 128].map(aurora), [90, 135, 1_000, 2_000, 3_000, 4_000]);
        let postgres = |gib: u32| connections(DatabaseService::Rds, Engine::Postgres, gib * 1024).unwrap();
        assert_eq!([1, 4, 16, 128].map(postgres), [84, 337, 1_351, 5_000]);
        assert_eq!(connections(DatabaseService::Rds, Engine::Mysql, 1024), Some(64));
        assert_eq!(connections(DatabaseService::Aurora, Engine::Mysql, 0), None);
    }
}
