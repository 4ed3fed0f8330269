//! RDS instances, clusters and subnet groups. Amazon RDS API Reference, 2014-10-31.

use super::Items;
use super::fields::{Fields, tags};
use crate::wire::endpoint::RDS;
use crate::wire::{Account, Xml};

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
    let mut items: Items = instances.iter().map(instance).collect();
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
    match one.word("DBClusterIdentifier") {
        Some(cluster) => fields
            .named("cluster_identifier", "aws_rds_cluster", Some(cluster), "cluster_identifier")
            .item("aws_rds_cluster_instance", name),
        None => fields.item("aws_db_instance", name),
    }
}

fn cluster(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    common(one)
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
