//! RDS: the database's instance, or its cluster and the instances in it.
//!
//! [DescribeDBInstances](https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html),
//! [DescribeDBClusters](https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html)

use http::StatusCode;

use super::call::Input;
use super::refusal::{Form, Refusal};
use super::xml::Xml;
use super::{World, query, unknown};
use crate::endpoint::name::Name;
use crate::endpoint::system::{Database, DatabaseService, Place};

pub(super) const ANSWERED: &[&str] = &["rds:DescribeDBInstances", "rds:DescribeDBClusters"];
const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

pub(super) fn answer(world: World<'_>, name: &str, input: &Input, id: &str) -> Result<String, Refusal> {
    let all = All { database: world.system.database.as_ref(), place: world.place };
    match name {
        "DescribeDBInstances" => {
            let found = all.instances(input)?;
            Ok(query(name, NAMESPACE, id, |xml| {
                xml.within("DBInstances", |xml| found.iter().for_each(|one| all.instance(xml, one)));
            }))
        }
        "DescribeDBClusters" => {
            let found = all.clusters(input)?;
            Ok(query(name, NAMESPACE, id, |xml| {
                xml.within("DBClusters", |xml| {
                    if let Some(cluster) = found {
                        all.cluster(xml, cluster);
                    }
                });
            }))
        }
        _ => Err(unknown(Form::Query, &format!("rds:{name}"))),
    }
}

struct All<'a> {
    database: Option<&'a Database>,
    place: &'a Place,
}

/// An instance, and of what database.
struct Instance<'a> {
    name: &'a Name,
    database: &'a Database,
    in_cluster: bool,
}

fn filtered(input: &Input, known: &[&str]) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let filters = input.filters("Filters");
    match filters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => {
            let message = format!("Unrecognized filter name: {name}; here are {}", known.join(", "));
            Err(Refusal::new("InvalidParameterValue", message))
        }
        None => Ok(filters),
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl<'a> All<'a> {
    fn instances(&self, input: &Input) -> Result<Vec<Instance<'a>>, Refusal> {
        let filters = filtered(input, &["db-instance-id", "db-cluster-id", "engine"])?;
        let mut found: Vec<Instance<'a>> = match self.database {
            None => Vec::new(),
            Some(database) => match &database.service {
                DatabaseService::Rds => {
                    vec![Instance { name: &database.identifier, database, in_cluster: false }]
                }
                DatabaseService::Aurora { instances } => {
                    instances.iter().map(|name| Instance { name, database, in_cluster: true }).collect()
                }
            },
        };
        found.retain(|one| {
            filters.iter().all(|(name, values)| {
                values.iter().any(|value| match name.as_str() {
                    "db-instance-id" => same(value, one.name.as_str()),
                    "db-cluster-id" => one.in_cluster && same(value, one.database.identifier.as_str()),
                    _ => *value == one.database.engine,
                })
            })
        });
        if let Some(asked) = input.text("DBInstanceIdentifier") {
            found.retain(|one| same(asked, one.name.as_str()));
            if found.is_empty() {
                let refusal = Refusal::new("DBInstanceNotFound", format!("DBInstance {asked} not found."));
                return Err(refusal.status(StatusCode::NOT_FOUND));
            }
        }
        Ok(found)
    }

    fn clusters(&self, input: &Input) -> Result<Option<&'a Database>, Refusal> {
        let filters = filtered(input, &["db-cluster-id", "engine"])?;
        let found = self.database.filter(|database| {
            matches!(database.service, DatabaseService::Aurora { .. })
                && filters.iter().all(|(name, values)| {
                    values.iter().any(|value| match name.as_str() {
                        "db-cluster-id" => same(value, database.identifier.as_str()),
                        _ => *value == database.engine,
                    })
                })
        });
        match input.text("DBClusterIdentifier") {
            Some(asked) if !found.is_some_and(|database| same(asked, database.identifier.as_str())) => {
                let refusal = Refusal::new("DBClusterNotFoundFault", format!("DBCluster {asked} not found."));
                Err(refusal.status(StatusCode::NOT_FOUND))
            }
            _ => Ok(found),
        }
    }

    fn instance(&self, xml: &mut Xml, one: &Instance<'_>) {
        let database = one.database;
        xml.within("DBInstance", |xml| {
            xml.leaf("DBInstanceIdentifier", one.name.as_str())
                .leaf("DBInstanceArn", &self.place.arn("rds", &format!("db:{}", one.name)))
                .leaf("DBInstanceStatus", "available")
                .leaf("Engine", &database.engine)
                .leaf("EngineVersion", &database.version)
                .leaf("MasterUsername", &database.user)
                .leaf("DBName", &database.name)
                .within("Endpoint", |xml| {
                    xml.leaf("Address", &Database::instance_host(one.name, self.place))
                        .leaf("Port", &database.port.to_string());
                })
                .leaf("AvailabilityZone", &self.place.zone())
                .leaf("PubliclyAccessible", "false")
                .leaf("StorageEncrypted", "true")
                .leaf("MultiAZ", "false");
            if one.in_cluster {
                xml.leaf("DBClusterIdentifier", database.identifier.as_str());
            }
        });
    }

    fn cluster(&self, xml: &mut Xml, database: &Database) {
        xml.within("DBCluster", |xml| {
            xml.leaf("DBClusterIdentifier", database.identifier.as_str())
                .leaf("DBClusterArn", &self.place.arn("rds", &format!("cluster:{}", database.identifier)))
                .leaf("Status", "available")
                .leaf("Engine", &database.engine)
                .leaf("EngineVersion", &database.version)
                .leaf("MasterUsername", &database.user)
                .leaf("DatabaseName", &database.name)
                .leaf("Endpoint", &database.host(self.place))
                .leaf("Port", &database.port.to_string())
                .leaf("StorageEncrypted", "true");
            if let Some(reader) = database.reader_host(self.place) {
                xml.leaf("ReaderEndpoint", &reader);
            }
            if let DatabaseService::Aurora { instances } = &database.service {
                xml.leaf("MultiAZ", if instances.len() > 1 { "true" } else { "false" });
                xml.within("DBClusterMembers", |xml| {
                    for (at, instance) in instances.iter().enumerate() {
                        xml.within("DBClusterMember", |xml| {
                            xml.leaf("DBInstanceIdentifier", instance.as_str())
                                .leaf("IsClusterWriter", if at == 0 { "true" } else { "false" });
                        });
                    }
                });
            }
        });
    }
}
