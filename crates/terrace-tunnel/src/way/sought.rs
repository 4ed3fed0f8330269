//! What is sought, in plain names of the deployed system.

use terrace_net::Endpoint;

use crate::client::Target;

/// A way that is sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The system as people call it: `items-prod`.
    pub system: String,
    /// What sessions go through.
    pub through: Through,
    /// Where they lead.
    pub to: To,
}

/// What sessions go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// A container of a service of ECS.
    Tasks {
        /// The cluster's name.
        cluster: String,
        /// The services that may be gone through, the most suitable first.
        services: Vec<TaskService>,
    },
    /// A machine of an Auto Scaling group.
    Machines {
        /// The groups' names.
        groups: Vec<String>,
    },
    /// Something that is known already.
    Target(Target),
}

/// A service of ECS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskService {
    /// Its name.
    pub service: String,
    /// The container of its tasks whose agent is asked for first.
    pub container: String,
    /// What of the manifest enables ExecuteCommand for it: `[app] exec = true`.
    pub setting: String,
}

/// Where sessions lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// The system's database.
    Database(DatabaseSought),
    /// A host that the target resolves.
    Endpoint(Endpoint),
}

/// A database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSought {
    /// Which.
    pub named: Named,
    /// Aurora's readers, not the writer.
    pub reader: bool,
}

/// How a database is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// An instance of RDS, by its identifier.
    Instance(String),
    /// A cluster of Aurora, by its identifier.
    Cluster(String),
    /// The only one that there is in the region.
    Only,
}
