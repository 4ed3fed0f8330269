//! RDS, Aurora, ElastiCache.

use terrace_aws::Value;

use crate::build::{Build, left_to_aws};
use crate::datum::{Content, Datum};
use crate::model::{Field, How, Model, TAGS, model};

const INSTANCE: &[Field] = &[
    TAGS,
    Field("DBInstanceIdentifier", "identifier", How::Same),
    Field("DBClusterIdentifier", "cluster_identifier", How::Same),
    Field("DBInstanceClass", "instance_class", How::Same),
    Field("MasterUsername", "username", How::Same),
    Field("MasterUserPassword", "password", How::Same),
    Field("VPCSecurityGroups", "vpc_security_group_ids", How::List),
    Field("DBSecurityGroups", "security_group_names", How::List),
    Field("DBParameterGroupName", "parameter_group_name", How::Same),
    Field("EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled", How::Same),
    Field("EnableCloudwatchLogsExports", "enabled_cloudwatch_logs_exports", How::List),
    Field("PreferredBackupWindow", "backup_window", How::Same),
    Field("PreferredMaintenanceWindow", "maintenance_window", How::Same),
    Field("CACertificateIdentifier", "ca_cert_identifier", How::Same),
    Field("EnablePerformanceInsights", "performance_insights_enabled", How::Same),
    Field(
        "MasterUserSecret",
        "",
        How::Lift(&[Field("KmsKeyId", "master_user_secret_kms_key_id", How::Same)]),
    ),
    Field("SourceDBInstanceIdentifier", "replicate_source_db", How::Same),
];

const DB_ATTRIBUTES: &[(&str, &str)] = &[
    ("Endpoint.Address", "address"),
    ("Endpoint.Port", "port"),
    ("Endpoint.HostedZoneId", "hosted_zone_id"),
    ("DBInstanceArn", "arn"),
    ("DbiResourceId", "resource_id"),
    ("MasterUserSecret.SecretArn", "master_user_secret[0].secret_arn"),
];

pub(super) const MODELS: &[Model] = &[
    model("AWS::RDS::DBInstance", "aws_db_instance", "identifier", INSTANCE)
        .attributes(DB_ATTRIBUTES)
        .instead(&["DBClusterIdentifier"], "AWS::RDS::DBInstance (of a cluster)")
        .shape(instance),
    model("AWS::RDS::DBInstance (of a cluster)", "aws_rds_cluster_instance", "identifier", INSTANCE)
        .attributes(&[
            ("Endpoint.Address", "endpoint"),
            ("Endpoint.Port", "port"),
            ("DBInstanceArn", "arn"),
            ("DbiResourceId", "dbi_resource_id"),
        ])
        .shape(member),
    model(
        "AWS::RDS::DBCluster",
        "aws_rds_cluster",
        "cluster_identifier",
        &[
            TAGS,
            Field("DBClusterIdentifier", "cluster_identifier", How::Same),
            Field(
                "MasterUserSecret",
                "",
                How::Lift(&[Field("KmsKeyId", "master_user_secret_kms_key_id", How::Same)]),
            ),
            Field("MasterUsername", "master_username", How::Same),
            Field("MasterUserPassword", "master_password", How::Same),
            Field("VpcSecurityGroupIds", "vpc_security_group_ids", How::List),
            Field("DBClusterParameterGroupName", "db_cluster_parameter_group_name", How::Same),
            Field("EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled", How::Same),
            Field("EnableCloudwatchLogsExports", "enabled_cloudwatch_logs_exports", How::List),
            Field("ServerlessV2ScalingConfiguration", "serverlessv2_scaling_configuration", How::Blocks(&[])),
        ],
    )
    .attributes(&[
        ("Endpoint.Address", "endpoint"),
        ("Endpoint.Port", "port"),
        ("ReadEndpoint.Address", "reader_endpoint"),
        ("DBClusterArn", "arn"),
        ("DBClusterResourceId", "cluster_resource_id"),
        ("MasterUserSecret.SecretArn", "master_user_secret[0].secret_arn"),
    ])
    .shape(cluster),
    model(
        "AWS::RDS::DBSubnetGroup",
        "aws_db_subnet_group",
        "name",
        &[
            TAGS,
            Field("DBSubnetGroupName", "name", How::Same),
            Field("DBSubnetGroupDescription", "description", How::Same),
            Field("SubnetIds", "subnet_ids", How::List),
        ],
    ),
    model("AWS::RDS::DBParameterGroup", "aws_db_parameter_group", "name", &[TAGS]).shape(parameter_group),
    model("AWS::RDS::DBClusterParameterGroup", "aws_rds_cluster_parameter_group", "name", &[TAGS])
        .shape(parameter_group),
    model("AWS::RDS::OptionGroup", "aws_db_option_group", "name", &[TAGS]),
    model(
        "AWS::RDS::DBProxy",
        "aws_db_proxy",
        "name",
        &[
            TAGS,
            Field("DBProxyName", "name", How::Same),
            Field("RequireTLS", "require_tls", How::Same),
            Field("VpcSecurityGroupIds", "vpc_security_group_ids", How::List),
            Field("VpcSubnetIds", "vpc_subnet_ids", How::List),
        ],
    )
    .attributes(&[("DBProxyArn", "arn")]),
    model("AWS::RDS::DBProxyTargetGroup", "aws_db_proxy_default_target_group", "arn", &[]),
    model(
        "AWS::ElastiCache::ReplicationGroup",
        "aws_elasticache_replication_group",
        "id",
        &[
            TAGS,
            Field("ReplicationGroupDescription", "description", How::Same),
            Field("CacheNodeType", "node_type", How::Same),
            Field("CacheSubnetGroupName", "subnet_group_name", How::Same),
            Field("CacheParameterGroupName", "parameter_group_name", How::Same),
            Field("SecurityGroupIds", "security_group_ids", How::List),
            Field("NumCacheClusters", "num_cache_clusters", How::Same),
        ],
    )
    .attributes(&[
        ("PrimaryEndPoint.Address", "primary_endpoint_address"),
        ("PrimaryEndPoint.Port", "port"),
        ("ReaderEndPoint.Address", "reader_endpoint_address"),
        ("ConfigurationEndPoint.Address", "configuration_endpoint_address"),
        ("ConfigurationEndPoint.Port", "port"),
    ]),
    model(
        "AWS::ElastiCache::CacheCluster",
        "aws_elasticache_cluster",
        "cluster_id",
        &[
            TAGS,
            Field("ClusterName", "cluster_id", How::Same),
            Field("CacheNodeType", "node_type", How::Same),
            Field("CacheSubnetGroupName", "subnet_group_name", How::Same),
            Field("CacheParameterGroupName", "parameter_group_name", How::Same),
            Field("VpcSecurityGroupIds", "security_group_ids", How::List),
        ],
    )
    .attributes(&[
        ("RedisEndpoint.Address", "cache_nodes[0].address"),
        ("RedisEndpoint.Port", "cache_nodes[0].port"),
        ("ConfigurationEndpoint.Address", "configuration_endpoint"),
    ]),
    model(
        "AWS::ElastiCache::SubnetGroup",
        "aws_elasticache_subnet_group",
        "name",
        &[
            TAGS,
            Field("CacheSubnetGroupName", "name", How::Same),
            Field("SubnetIds", "subnet_ids", How::List),
        ],
    ),
    model("AWS::ElastiCache::ParameterGroup", "aws_elasticache_parameter_group", "name", &[TAGS]),
];

/// Where the template says nothing, AWS keeps backups for one day, and decides by the network whether the database is
/// public; Terraform's provider says zero days and not public.
fn instance(build: &mut Build<'_, '_>) {
    kept(build);
    build.tell();
    if build.record.get("backup_retention_period").is_none()
        && build.record.get("replicate_source_db").is_none()
    {
        build.set("backup_retention_period", Value::Int(1));
    }
    public(build);
    build.add();
}

fn member(build: &mut Build<'_, '_>) {
    build.tell();
    public(build);
    build.add();
}

fn cluster(build: &mut Build<'_, '_>) {
    kept(build);
    build.finish();
}

fn public(build: &mut Build<'_, '_>) {
    if build.record.get("publicly_accessible").is_none() {
        let left = left_to_aws(&format!("PubliclyAccessible of {}", build.name));
        build.set("publicly_accessible", left);
    }
}

/// A database that is deleted leaves a last snapshot unless the policy says otherwise.
fn kept(build: &mut Build<'_, '_>) {
    let policy = match build.record.get("deletion_policy") {
        Some(Value::Text(text)) => text.literal().map(str::to_owned),
        _ => None,
    };
    if policy.as_deref() == Some("Delete") {
        build.set("skip_final_snapshot", Value::Bool(true));
    }
}

/// `Parameters: {name: value}` are blocks in Terraform.
fn parameter_group(build: &mut Build<'_, '_>) {
    if let Some(Datum { line, content: Content::Map(entries) }) = build.take("Parameters") {
        let blocks = entries.into_iter().map(|(name, value)| {
            let entries =
                vec![("name".to_owned(), Datum::text(value.line, name)), ("value".to_owned(), value)];
            Datum::new(line, Content::Map(entries))
        });
        let list = Datum::new(line, Content::List(blocks.collect()));
        build.argument("parameter", list, How::Blocks(&[]));
    }
    build.finish();
}
