//! RDS instances, clusters, subnet groups, and what parameter groups set. Amazon RDS API Reference, 2014-10-31.

use std::collections::BTreeSet;

use super::Items;
use super::fields::{Fields, tags};
use crate::asking::Account;
use terrace_account::Xml;
use terrace_account::service::RDS;

const VERSION: &str = "2014-10-31";
const TOKEN: (&str, &str) = ("Marker", "Marker");

async fn all(account: &Account, action: &str, list: &str) -> Vec<Xml> {
    let pages = account.pages(RDS, VERSION, action, &[], TOKEN).await;
    pages.iter().filter_map(|page| page.find(list)).flat_map(|list| list.children().to_vec()).collect()
}

pub(super) async fn read(account: &Account) -> Items {
    let (instances, clusters, groups) = tokio::join!(
        all(account, "DescribeDBInstances", "DBInstances"),
        all(account, "DescribeDBClusters", "DBClusters"),
        all(account, "DescribeDBSubnetGroups", "DBSubnetGroups"),
    );
    let mut items = parameters(account, INSTANCE_GROUPS, instances.iter().filter_map(of_instance)).await;
    items.extend(parameters(account, CLUSTER_GROUPS, clusters.iter().filter_map(of_cluster)).await);
    items.extend(instances.iter().map(instance));
    items.extend(clusters.iter().map(cluster));
    items.extend(groups.iter().map(|one| {
        let subnets = one.list("Subnets").filter_map(|subnet| subnet.word("SubnetIdentifier"));
        Fields::new()
            .words(one, &[("arn", "DBSubnetGroupArn"), ("name", "DBSubnetGroupName"), ("vpc_id", "VpcId")])
            .texts("subnet_ids", subnets.map(str::to_owned).collect())
            .item("aws_db_subnet_group", one.word("DBSubnetGroupName").unwrap_or_default())
    }));
    items
}

/// A kind of parameter group: its type, the call that lists what one sets, and by which field that one is named.
type Kind = (&'static str, &'static str, &'static str);

const INSTANCE_GROUPS: Kind = ("aws_db_parameter_group", "DescribeDBParameters", "DBParameterGroupName");
const CLUSTER_GROUPS: Kind =
    ("aws_rds_cluster_parameter_group", "DescribeDBClusterParameters", "DBClusterParameterGroupName");

fn of_instance(one: &Xml) -> Option<&str> {
    one.list("DBParameterGroups").find_map(|group| group.word("DBParameterGroupName"))
}

fn of_cluster(one: &Xml) -> Option<&str> {
    one.word("DBClusterParameterGroup")
}

/// Whether it is AWS's own, in which nobody sets anything.
fn is_default(group: &str) -> bool {
    group.starts_with("default.")
}

/// What people set in the groups that are in use. A group that nobody tells of is left out.
async fn parameters<'a>(account: &Account, kind: Kind, used: impl Iterator<Item = &'a str>) -> Items {
    let (type_name, action, field) = kind;
    let mut items = Items::new();
    for group in used.filter(|group| !is_default(group)).collect::<BTreeSet<&str>>() {
        let asked = [(field, group), ("Source", "user")];
        let pages = account.pages(RDS, VERSION, action, &asked, TOKEN).await;
        if pages.is_empty() {
            continue;
        }
        let set = pages.iter().filter_map(|page| page.find("Parameters")).flat_map(|list| list.children());
        let set = set
            .filter(|one| one.word("ParameterValue").is_some())
            .map(|one| Fields::new().words(one, &[("name", "ParameterName"), ("value", "ParameterValue")]));
        let fields = Fields::new().text("name", Some(group)).blocks("parameter", set.collect());
        items.push(fields.item(type_name, group));
    }
    items
}

/// A group by its name; AWS's own is known by nothing else.
fn grouped(fields: Fields, name: &str, type_name: &str, group: Option<&str>) -> Fields {
    match group {
        Some(group) if is_default(group) => fields.text(name, Some(group)),
        group => fields.named(name, type_name, group, "name"),
    }
}

fn groups(one: &Xml) -> Vec<String> {
    one.list("VpcSecurityGroups")
        .filter_map(|group| group.word("VpcSecurityGroupId"))
        .map(str::to_owned)
        .collect()
}

fn secret(one: &Xml) -> Vec<Fields> {
    let secret = one.get("MasterUserSecret").filter(|secret| secret.word("SecretArn").is_some());
    let fields = |secret: &Xml| {
        Fields::new().words(
            secret,
            &[("secret_arn", "SecretArn"), ("kms_key_id", "KmsKeyId"), ("secret_status", "SecretStatus")],
        )
    };
    secret.map(fields).into_iter().collect()
}

const TEXTS: &[(&str, &str)] = &[
    ("engine", "Engine"),
    ("engine_version", "EngineVersion"),
    ("kms_key_id", "KmsKeyId"),
    ("ca_cert_identifier", "CACertificateIdentifier"),
    ("availability_zone", "AvailabilityZone"),
];
const TRUTHS: &[(&str, &str)] = &[
    ("storage_encrypted", "StorageEncrypted"),
    ("publicly_accessible", "PubliclyAccessible"),
    ("multi_az", "MultiAZ"),
    ("deletion_protection", "DeletionProtection"),
    ("iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"),
    ("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    ("performance_insights_enabled", "PerformanceInsightsEnabled"),
];

fn common(one: &Xml) -> Fields {
    let secret = secret(one);
    Fields::new()
        .words(one, TEXTS)
        .truths(one, TRUTHS)
        .numbers(one, &[("backup_retention_period", "BackupRetentionPeriod")])
        .texts("vpc_security_group_ids", groups(one))
        .texts("enabled_cloudwatch_logs_exports", one.words("EnabledCloudwatchLogsExports"))
        .truth("manage_master_user_password", (!secret.is_empty()).then_some(true))
        .blocks("master_user_secret", secret)
        .tags(tags(one, "TagList"))
}

fn instance(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let name = one.word("DBInstanceIdentifier").unwrap_or_default();
    let endpoint = one.get("Endpoint");
    let port = endpoint
        .and_then(|end| end.word("Port"))
        .or_else(|| one.word("DbInstancePort").filter(|port| *port != "0"));
    let group = one.get("DBSubnetGroup").and_then(|group| group.word("DBSubnetGroupName"));
    let fields = common(one)
        .words(
            one,
            &[
                ("arn", "DBInstanceArn"),
                ("identifier", "DBInstanceIdentifier"),
                ("instance_class", "DBInstanceClass"),
                ("resource_id", "DbiResourceId"),
            ],
        )
        .text("address", endpoint.and_then(|end| end.word("Address")))
        .number("port", port.and_then(|port| port.parse().ok()))
        .named("db_subnet_group_name", "aws_db_subnet_group", group, "name");
    let fields = grouped(fields, "parameter_group_name", INSTANCE_GROUPS.0, of_instance(one));
    match one.word("DBClusterIdentifier") {
        Some(cluster) => fields
            .named("cluster_identifier", "aws_rds_cluster", Some(cluster), "cluster_identifier")
            .item("aws_rds_cluster_instance", name),
        None => fields.item("aws_db_instance", name),
    }
}

fn cluster(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    grouped(common(one), "db_cluster_parameter_group_name", CLUSTER_GROUPS.0, of_cluster(one))
        .words(
            one,
            &[
                ("arn", "DBClusterArn"),
                ("cluster_identifier", "DBClusterIdentifier"),
                ("endpoint", "Endpoint"),
                ("reader_endpoint", "ReaderEndpoint"),
                ("cluster_resource_id", "DbClusterResourceId"),
            ],
        )
        .numbers(one, &[("port", "Port")])
        .named("db_subnet_group_name", "aws_db_subnet_group", one.word("DBSubnetGroup"), "name")
        .item("aws_rds_cluster", one.word("DBClusterIdentifier").unwrap_or_default())
}
