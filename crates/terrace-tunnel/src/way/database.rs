//! Where a database listens, and where its password is kept.
//!
//! Amazon RDS API Reference: DescribeDBInstances, DescribeDBClusters.

use terrace_account::{Call, Xml, service};
use terrace_net::{Endpoint, Host, Port};

use super::{DatabaseSought, Named, Place, Search, WayError};
use crate::permission::Statement;

const API: &str = "2014-10-31";
const TURN: (&str, &str) = ("Marker", "Marker");

/// A database that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its identifier.
    pub id: String,
    /// What speaks there.
    pub engine: Engine,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The user that the secret is of.
    pub user: String,
    /// The database in it, if it was made with one.
    pub name: Option<String>,
    /// Where RDS keeps the password, if it does.
    pub secret: Option<KeptSecret>,
}

/// A secret that RDS keeps in Secrets Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its ARN.
    pub arn: String,
    /// The key that it is encrypted with, if it is told.
    pub key: Option<String>,
}

/// What a database speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// Something else, in RDS's words.
    Other(String),
}

impl Engine {
    fn of(word: &str) -> Self {
        match word {
            _ if word.contains("postgres") => Self::Postgres,
            _ if word.contains("mysql") || word.contains("mariadb") || word == "aurora" => Self::Mysql,
            _ => Self::Other(word.to_owned()),
        }
    }
}

/// What finding a database needs.
pub(super) fn may_describe(place: &Place, named: &Named) -> Statement {
    let (instances, clusters) = ("rds:DescribeDBInstances", "rds:DescribeDBClusters");
    match named {
        Named::Instance(id) => {
            Statement::allow("FindDatabase", &[instances], [place.arn("rds", &format!("db:{id}"))])
        }
        Named::Cluster(id) => {
            Statement::allow("FindDatabase", &[clusters], [place.arn("rds", &format!("cluster:{id}"))])
        }
        Named::Only => Statement::anywhere("FindDatabase", &[clusters, instances]),
    }
}

/// The database, if it can be connected to.
pub(super) async fn find(search: &Search<'_>, sought: &DatabaseSought) -> Result<Database, WayError> {
    match &sought.named {
        Named::Instance(id) => {
            let found = instances(search, Some(id), &sought.named).await?;
            let one = found.first().ok_or_else(|| search.absent(format!("database `{id}`")))?;
            instance(one, sought.reader)
        }
        Named::Cluster(id) => {
            let found = clusters(search, Some(id), &sought.named).await?;
            let one = found.first().ok_or_else(|| search.absent(format!("database cluster `{id}`")))?;
            cluster(one, sought.reader)
        }
        Named::Only => only(search, sought).await,
    }
}

async fn only(search: &Search<'_>, sought: &DatabaseSought) -> Result<Database, WayError> {
    let clusters = clusters(search, None, &sought.named).await?;
    let instances = instances(search, None, &sought.named).await?;
    // The servers of a cluster are instances as well.
    let alone: Vec<&Xml> = instances.iter().filter(|one| one.word("DBClusterIdentifier").is_none()).collect();
    match (clusters.as_slice(), alone.as_slice()) {
        ([], []) => Err(WayError::NoDatabase(search.place.to_string())),
        ([one], []) => cluster(one, sought.reader),
        ([], [one]) => instance(one, sought.reader),
        (clusters, alone) => {
            let of_clusters = clusters.iter().filter_map(|one| one.word("DBClusterIdentifier"));
            let of_instances = alone.iter().filter_map(|one| one.word("DBInstanceIdentifier"));
            let names = of_clusters.chain(of_instances).map(str::to_owned).collect();
            Err(WayError::SeveralDatabases { place: search.place.to_string(), names })
        }
    }
}

async fn instances(search: &Search<'_>, id: Option<&String>, named: &Named) -> Result<Vec<Xml>, WayError> {
    let call = Call::query(service::RDS, API, "DescribeDBInstances");
    listed(search, named, call, ("DBInstanceIdentifier", id), "DBInstances").await
}

async fn clusters(search: &Search<'_>, id: Option<&String>, named: &Named) -> Result<Vec<Xml>, WayError> {
    let call = Call::query(service::RDS, API, "DescribeDBClusters");
    listed(search, named, call, ("DBClusterIdentifier", id), "DBClusters").await
}

/// What is listed; nothing if there is none of that name.
async fn listed(
    search: &Search<'_>,
    named: &Named,
    call: Call<'_>,
    (field, id): (&str, Option<&String>),
    items: &str,
) -> Result<Vec<Xml>, WayError> {
    let call = id.into_iter().fold(call, |call, id| call.with(field, id));
    let pages = match search.account().pages(&call, TURN).await.whole() {
        Ok(pages) => pages,
        Err(refusal) if refusal.is_absent() => Vec::new(),
        Err(refusal) => return Err(search.refused(&call, &refusal, || may_describe(&search.place, named))),
    };
    let lists = pages.iter().filter_map(|page| page.find(items));
    Ok(lists.flat_map(|list| list.children().iter().cloned()).collect())
}

fn instance(one: &Xml, reader: bool) -> Result<Database, WayError> {
    let id = one.word("DBInstanceIdentifier").unwrap_or_default();
    if reader {
        return Err(WayError::NoReader(id.to_owned()));
    }
    let at = |name: &str| one.at(&["Endpoint", name]).map(|found| found.own().to_owned());
    let listens = (at("Address"), at("Port"));
    found(one, (id, false), one.word("DBInstanceStatus"), listens, one.word("DBName"))
}

fn cluster(one: &Xml, reader: bool) -> Result<Database, WayError> {
    let id = one.word("DBClusterIdentifier").unwrap_or_default();
    let readers =
        one.list("DBClusterMembers").filter(|member| member.word("IsClusterWriter") == Some("false"));
    // Without a reader this name leads to the writer.
    if reader && readers.count() == 0 {
        return Err(WayError::NoReader(id.to_owned()));
    }
    let host = one.word(if reader { "ReaderEndpoint" } else { "Endpoint" }).map(str::to_owned);
    let port = one.word("Port").map(str::to_owned);
    found(one, (id, true), one.word("Status"), (host, port), one.word("DatabaseName"))
}

fn found(
    one: &Xml,
    (id, cluster): (&str, bool),
    status: Option<&str>,
    (host, port): (Option<String>, Option<String>),
    name: Option<&str>,
) -> Result<Database, WayError> {
    let status = status.unwrap_or("unknown");
    let not_ready = || WayError::NotReady { database: id.to_owned(), cluster, status: status.to_owned() };
    if !takes_connections(status) {
        return Err(not_ready());
    }
    let (Some(host), Some(port)) = (host, port) else { return Err(not_ready()) };
    let action = if cluster { "rds:DescribeDBClusters" } else { "rds:DescribeDBInstances" };
    let odd = |what: String| WayError::Odd { action: action.to_owned(), what };
    let host: Host = host.parse().map_err(|error| odd(format!("{error}")))?;
    let port: Port = port.parse().map_err(|error| odd(format!("{error}")))?;
    let secret = one.get("MasterUserSecret").and_then(|kept| {
        Some(KeptSecret {
            arn: kept.word("SecretArn")?.to_owned(),
            key: kept.word("KmsKeyId").map(str::to_owned),
        })
    });
    Ok(Database {
        id: id.to_owned(),
        engine: Engine::of(one.word("Engine").unwrap_or_default()),
        endpoint: Endpoint::new(host, port),
        user: one.word("MasterUsername").unwrap_or_default().to_owned(),
        name: name.map(str::to_owned),
        secret,
    })
}

/// Whether a database of this status can be connected to ("Viewing Amazon RDS DB instance status"): those that say that
/// something is being changed beside it can.
fn takes_connections(status: &str) -> bool {
    let not =
        ["creating", "deleting", "failed", "stopped", "stopping", "starting", "restore-error", "unknown"];
    let parts = ["incompatible-", "inaccessible-", "insufficient-", "delete-"];
    !not.contains(&status) && !parts.iter().any(|part| status.starts_with(part))
}
