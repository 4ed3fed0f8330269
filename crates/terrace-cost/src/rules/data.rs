//! Databases: servers, storage, backups, and what watches them.

use terrace_aws::catalog::database::DatabaseService;
use terrace_aws::resource::{ClusterInstance, DatabaseCluster, DatabaseInstance, DatabaseStorage};
use terrace_aws::{Address, Concern, Text};
use terrace_topology::{DatabaseClass, Engine};

use super::{keep, parsed};
use crate::ledger::{Entry, HOURS, Ledger};
use crate::prices::Item;
use crate::{Assumption, Quantity};

const HERE: Concern = Concern::Data;

/// Days for which Performance Insights remembers without a price ("Pricing and data retention for Performance
/// Insights").
const FREE_INSIGHTS: u32 = 7;

/// What Enhanced Monitoring writes at each look, in kilobytes.
const LOOK: Quantity = Quantity::whole(3);

pub(super) fn instance(ledger: &mut Ledger<'_>, address: &Address, instance: &DatabaseInstance) {
    let standby = instance.multi_az;
    let servers = if standby { ", with a standby" } else { "" };
    let what = format!("Database server {}{servers}", instance.instance_class);
    let engine = engine(instance.engine.literal());
    hours(ledger, address, what, (DatabaseService::Rds, engine), (&instance.instance_class, standby));
    let size = Quantity::whole(instance.allocated_storage.into());
    let what = format!("Database storage{servers}");
    if instance.storage_type == DatabaseStorage::Gp3 {
        let most = instance.max_allocated_storage.unwrap_or(instance.allocated_storage);
        let entry = Entry::new(address, HERE, what, Item::DatabaseStorage { standby }, size);
        ledger.charge(entry.growing_to(Quantity::whole(most.into())));
    } else {
        ledger.cannot(address, what, "only gp3 is priced");
    }
    backups(ledger, address, DatabaseService::Rds, instance.backup_retention_period, size);
    let insights = instance.performance_insights_retention_period;
    watched(ledger, address, instance.monitoring_interval, insights, if standby { 2 } else { 1 });
    if instance.manage_master_user_password {
        keep::secret(ledger, address, "Secret of the database");
    }
}

pub(super) fn cluster(ledger: &mut Ledger<'_>, address: &Address, cluster: &DatabaseCluster) {
    let size = ledger.assume(Assumption::Data);
    ledger.charge(Entry::new(address, HERE, "Database storage", Item::AuroraStorage, size));
    let requests = ledger.assume(Assumption::Requests);
    let each = ledger.assume(Assumption::DatabaseIo);
    let million = Quantity::whole(1_000_000).get();
    let io = ledger.of_api(requests).share(each.get(), million);
    let what = "Reads and writes of storage";
    ledger.charge(Entry::new(address, HERE, what, Item::AuroraRequests, io));
    backups(ledger, address, DatabaseService::Aurora, cluster.backup_retention_period, size);
    if cluster.manage_master_user_password {
        keep::secret(ledger, address, "Secret of the database");
    }
}

pub(super) fn server(ledger: &mut Ledger<'_>, address: &Address, instance: &ClusterInstance) {
    let cluster = ledger.graph.get(&instance.cluster_identifier);
    // A plan tells the engine itself, and not of which cluster it is.
    let told = cluster.and_then(|cluster| cluster.engine.literal()).or_else(|| instance.engine.outside());
    let engine = engine(told);
    let what = format!("Database servers, {}", instance.instance_class);
    hours(ledger, address, what, (DatabaseService::Aurora, engine), (&instance.instance_class, false));
    let insights = instance.performance_insights_retention_period;
    watched(ledger, address, instance.monitoring_interval, insights, 1);
}

fn hours(
    ledger: &mut Ledger<'_>,
    address: &Address,
    what: String,
    (service, engine): (DatabaseService, Option<Engine>),
    (class, standby): (&Text, bool),
) {
    match (engine, parsed::<DatabaseClass>(class)) {
        (Some(engine), Some(class)) => {
            if class.as_str().starts_with("db.t") {
                let what = "Processors of the database beyond their share";
                ledger.cannot(address, what, "only when they are busy for hours; no price was found");
            }
            let item = Item::Database { service, engine, class, standby };
            ledger.charge(Entry::all_month(address, HERE, what, item, 1));
        }
        _ => ledger.cannot(address, what, "its engine or size is not known"),
    }
}

fn engine(name: Option<&str>) -> Option<Engine> {
    match name? {
        "postgres" | "aurora-postgresql" => Some(Engine::Postgres),
        "mysql" | "aurora-mysql" => Some(Engine::Mysql),
        _ => None,
    }
}

/// A copy of the data and each day's changes; as much as the database's storage costs nothing ("Backup storage" of
/// the pricing pages of RDS and Aurora).
fn backups(
    ledger: &mut Ledger<'_>,
    address: &Address,
    service: DatabaseService,
    days: u32,
    storage: Quantity,
) {
    let (data, change) = (ledger.assume(Assumption::Data), ledger.assume(Assumption::DataChange));
    let changed = data.share(change.get(), Quantity::whole(100).get()).times(days.into());
    let kept = if days == 0 { Quantity::ZERO } else { data + changed };
    let what = "Backups beyond what is free";
    ledger.charge(Entry::new(address, HERE, what, Item::DatabaseBackup(service), kept.less(storage)));
}

/// Enhanced Monitoring writes into a log, and Performance Insights remembers a week for nothing.
fn watched(ledger: &mut Ledger<'_>, address: &Address, interval: u32, insights: Option<u32>, servers: u64) {
    let looks = (HOURS * 3600).checked_div(interval.into()).unwrap_or_default();
    let written = LOOK.times(looks).share(servers, 1_000_000);
    let what = "Enhanced Monitoring, written to its log";
    ledger.charge(Entry::new(address, Concern::Observability, what, Item::LogIngestion, written));
    if insights.is_some_and(|days| days > FREE_INSIGHTS) {
        let reason = format!("{FREE_INSIGHTS} days cost nothing; no price of more was found");
        ledger.cannot(address, "Performance Insights", reason);
    }
}
