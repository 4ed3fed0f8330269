//! The plan itself: processes, in the order they start.

use std::num::NonZeroU32;

use terrace_edge_config::{EdgeName, Millis, NameError};
use terrace_topology::{
    Capacity, CommandLine, DatabaseName, Engine, EngineVersion, HealthPath, PartyName, ProjectPath, Shape,
    SystemName,
};

use crate::{EdgePlan, Environment, Handover};

/// The name of a process as people see it in progress, logs and commands: `data`, `app`, `internal-lb`, `web`.
pub type ProcessName = EdgeName;

/// Everything that runs on this machine for one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPlan {
    /// Whose plan it is.
    pub system: SystemName,
    /// In which shape.
    pub shape: Shape,
    /// What has to be built before anything starts.
    pub builds: Vec<Build>,
    /// What runs, in the order it starts: nothing comes before what it waits for.
    pub processes: Vec<Process>,
}

impl LocalPlan {
    /// The process of that name.
    pub fn process(&self, name: &ProcessName) -> Option<&Process> {
        self.processes.iter().find(|p| &p.name == name)
    }

    /// The process that the user's browser talks to.
    pub fn entrance(&self) -> Option<(&Process, &EdgePlan)> {
        self.processes.iter().find_map(|p| match &p.kind {
            ProcessKind::Edge(edge) if edge.exposure != crate::Exposure::Private => Some((p, edge)),
            _ => None,
        })
    }
}

/// A build of one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Whose.
    pub party: PartyName,
    /// Where it runs.
    pub folder: ProjectPath,
    /// What runs, for a POSIX shell.
    pub command: CommandLine,
    /// What it must have made, if that is known.
    pub output: Option<ProjectPath>,
}

/// One process, or one replicated process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its name.
    pub name: ProcessName,
    /// Whose part it plays.
    pub party: PartyName,
    /// Who must be healthy before it starts.
    pub after: Vec<ProcessName>,
    /// How its health is asked.
    pub probe: Probe,
    /// What it is.
    pub kind: ProcessKind,
}

/// What a process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// A database server.
    Database(DatabasePlan),
    /// What brings the database's tables to what the code expects: runs to its end before the code starts.
    Migration(Program),
    /// The user's own code, one or more of it.
    Service(ServicePlan),
    /// Terrace's edge, as one of the parts between the public and the code.
    Edge(EdgePlan),
}

/// How health is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// `GET` this path; any status from 200 to 399 is well.
    Http {
        /// The path.
        path: HealthPath,
        /// How long one answer may take.
        timeout: Millis,
        /// How long a start may take in all.
        start_within: Millis,
    },
    /// The database answers a query.
    Query,
    /// The edge's control socket answers.
    Control,
    /// It has ended, and says that all went well.
    Exit,
}

/// The database server of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabasePlan {
    /// Which.
    pub engine: Engine,
    /// As asked for.
    pub version: EngineVersion,
    /// The name of the database.
    pub database: DatabaseName,
    /// Who may use it.
    pub user: DatabaseName,
}

/// The user's own code, as many of it as there should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePlan {
    /// What each of it is.
    pub program: Program,
    /// How many.
    pub capacity: Capacity,
    /// Requests in flight per replica.
    pub concurrency: Option<NonZeroU32>,
}

/// A command of the user's own, and what it runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it runs.
    pub folder: ProjectPath,
    /// What runs, for a POSIX shell.
    pub run: CommandLine,
    /// What it finds in its environment.
    pub environment: Environment,
    /// How that comes there.
    pub handover: Handover,
}

/// A process name from a text that is known to be one.
pub(crate) fn name(text: &str) -> Result<ProcessName, NameError> {
    ProcessName::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_never_has_a_name_that_servers_keep() {
        let cases = [
            ("items", "items"),
            ("my-shop", "my_shop"),
            ("postgres", "app_postgres"),
            ("root", "app_root"),
            ("pg-shop", "app_pg_shop"),
            ("performance-schema", "app_performance_schema"),
        ];
        for (system, name) in cases {
            assert_eq!(DatabaseName::of(&system.parse().unwrap()).as_str(), name);
        }
    }
}
