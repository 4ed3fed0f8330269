//! The names of a deployed system, as plain values.
//!
//! Whoever knows the manifest and what Terraform put out fills them; everything in this crate that touches a system is told
//! by them alone.
//!
//! GUARANTEE: they are written and read as JSON without loss, and the same names are the same bytes.

mod name;

use serde::{Deserialize, Serialize};
use terrace_account::objects::BucketName;

pub use name::{
    AccountId, Cluster, Container, DatabaseId, Distribution, Environment, Family, Group, LaunchTemplate,
    LogGroup, NameError, Party, Region, Repository, SecretId, Service, System, Url,
};

/// A deployed system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Its name.
    pub system: System,
    /// Which of its environments this is.
    pub environment: Environment,
    /// Whether it serves those for whom it is made: more patience with failing tasks, none with what deletes.
    pub production: bool,
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// What it runs on.
    pub shape: Shape,
    /// Its database, if it has one.
    pub database: Option<Database>,
    /// Where it is reached; none until it has been made.
    pub url: Option<Url>,
}

/// What a system runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Tasks of ECS behind a distribution.
    Containers(Box<Containers>),
    /// Instances in Auto Scaling groups.
    Machines(Box<Machines>),
}

/// Tasks of ECS behind a distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containers {
    /// Where the tasks run.
    pub cluster: Cluster,
    /// What keeps them running.
    pub service: Service,
    /// The application's container in each task.
    pub container: Container,
    /// As many run at least: what a service that runs none is told with a release.
    pub least: u32,
    /// What their definitions are versions of.
    pub family: Family,
    /// Where the images are.
    pub repository: Repository,
    /// Where the tasks log.
    pub log_group: LogGroup,
    /// Where the page is.
    pub page: Origin,
}

/// A bucket, and the distribution through which alone it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Where the files are.
    #[serde(with = "bucket")]
    pub bucket: BucketName,
    /// What hands them out.
    pub distribution: Distribution,
}

/// Instances in Auto Scaling groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machines {
    /// Each tier's, in the order in which they are released.
    pub parties: Vec<MachineParty>,
    /// Where the archives are that machines fetch when they start.
    #[serde(with = "bucket")]
    pub artifacts_bucket: BucketName,
    /// Where the files of the page are that machines do not serve: [`ASSETS`](crate::release::page::ASSETS).
    pub assets: Option<Origin>,
}

/// One tier's instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineParty {
    /// The tier.
    pub party: Party,
    /// What keeps them running.
    pub group: Group,
    /// What they are made from.
    pub launch_template: LaunchTemplate,
    /// Where they log.
    pub log_group: LogGroup,
}

/// A system's database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// What it is in RDS.
    pub kind: DatabaseKind,
    /// Its identifier.
    pub id: DatabaseId,
    /// Where its password is, if there is one.
    pub secret: Option<SecretId>,
}

/// What a database is in RDS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseKind {
    /// An instance.
    Instance,
    /// A cluster of Aurora.
    Cluster,
}

mod bucket {
    //! A bucket's name as text.

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use terrace_account::objects::BucketName;

    pub(super) fn serialize<S: Serializer>(name: &BucketName, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BucketName, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
