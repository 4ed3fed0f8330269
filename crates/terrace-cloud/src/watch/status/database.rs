//! How the database fares.
//!
//! Amazon RDS API Reference, version 2014-10-31: DescribeDBInstances, DescribeDBClusters.

use terrace_account::{Call, Xml, service};

use super::Database;
use super::asking::Asking;
use crate::deployed::{self, DatabaseKind};

const VERSION: &str = "2014-10-31";

pub(super) async fn look(asking: &Asking<'_>, names: &deployed::Database) -> Option<Database> {
    let id = names.id.as_str();
    let (action, field, list, state) = match names.kind {
        DatabaseKind::Instance => {
            ("DescribeDBInstances", "DBInstanceIdentifier", "DBInstances", "DBInstanceStatus")
        }
        DatabaseKind::Cluster => ("DescribeDBClusters", "DBClusterIdentifier", "DBClusters", "Status"),
    };
    let answer = asking.account.xml(&Call::query(service::RDS, VERSION, action).with(field, id)).await;
    if answer.as_ref().is_err_and(|refusal| refusal.is_absent()) {
        return Some(Database {
            id: id.to_owned(),
            state: "gone".to_owned(),
            engine: None,
            zones: Vec::new(),
        });
    }
    let answer = asking.told(&format!("looking at the database {id}"), answer)?;
    let found = answer.find(list).and_then(|all| all.children().first())?;
    let engine = found.word("Engine").map(|engine| {
        let version = found.word("EngineVersion").unwrap_or_default();
        format!("{engine} {version}").trim_end().to_owned()
    });
    let own = found.word("AvailabilityZone").into_iter().chain(found.word("SecondaryAvailabilityZone"));
    let mut zones: Vec<String> = own.map(str::to_owned).collect();
    zones.extend(
        found
            .get("AvailabilityZones")
            .map(Xml::children)
            .unwrap_or_default()
            .iter()
            .map(|zone| zone.own().to_owned()),
    );
    zones.sort();
    zones.dedup();
    Some(Database {
        id: id.to_owned(),
        state: found.word(state).unwrap_or("unknown").to_owned(),
        engine,
        zones,
    })
}
