//! What is lost with a resource, by its type: data, with where AWS or the provider says so.

/// What is kept of what is lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keeps {
    Nothing,
    /// A final snapshot, unless it is skipped; without a name the provider refuses.
    FinalSnapshot {
        skip: &'static str,
        name: &'static str,
    },
    /// A final snapshot, if it has a name.
    NamedSnapshot(&'static str),
    /// It can be brought back for some days; 0 of them mean at once.
    Window {
        days: &'static str,
        usual: i64,
    },
    /// AWS refuses while something is in it, unless that is forced.
    UnlessForced(&'static str),
    /// The thing itself, if this is true.
    If(&'static str),
    /// In any case, in these words.
    Always(&'static str),
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) types: &'static [&'static str],
    /// As the end of "loses …".
    pub(super) loses: &'static str,
    /// The argument, and its value, with which AWS refuses.
    pub(super) guard: Option<(&'static str, &'static str)>,
    pub(super) keeps: Keeps,
    pub(super) source: &'static str,
}

const fn row(
    types: &'static [&'static str],
    loses: &'static str,
    guard: Option<(&'static str, &'static str)>,
    keeps: Keeps,
    source: &'static str,
) -> Row {
    Row { types, loses, guard, keeps, source }
}

const SNAPSHOT: Keeps =
    Keeps::FinalSnapshot { skip: "skip_final_snapshot", name: "final_snapshot_identifier" };
const PROTECTED: Option<(&str, &str)> = Some(("deletion_protection", "true"));
const LISTED: Option<(&str, &str)> = Some(("enable_deletion_protection", "true"));

/// What is lost, by type.
pub(super) const TABLE: &[Row] = &[
    row(
        &["aws_db_instance"],
        "its data and its automated backups",
        PROTECTED,
        SNAPSHOT,
        "Amazon RDS User Guide, \"Deleting a DB instance\"",
    ),
    row(
        &["aws_rds_cluster"],
        "its data and its automated backups",
        PROTECTED,
        SNAPSHOT,
        "Amazon Aurora User Guide, \"Deleting Aurora DB clusters and DB instances\"",
    ),
    row(
        &["aws_rds_cluster_instance"],
        "its connections",
        None,
        Keeps::Always("the data stay in the cluster"),
        "Amazon Aurora User Guide, \"Deleting Aurora DB clusters and DB instances\"",
    ),
    row(
        &["aws_docdb_cluster"],
        "its data",
        PROTECTED,
        SNAPSHOT,
        "Amazon DocumentDB Developer Guide, \"Deleting an Amazon DocumentDB cluster\"",
    ),
    row(
        &["aws_neptune_cluster"],
        "its data",
        PROTECTED,
        SNAPSHOT,
        "Amazon Neptune User Guide, \"Deleting a Neptune DB cluster\"",
    ),
    row(
        &["aws_redshift_cluster"],
        "its data",
        None,
        SNAPSHOT,
        "Amazon Redshift Management Guide, \"Shutting down and deleting a cluster\"",
    ),
    row(
        &["aws_dynamodb_table"],
        "its items",
        Some(("deletion_protection_enabled", "true")),
        Keeps::Nothing,
        "Amazon DynamoDB Developer Guide, \"Using deletion protection\"",
    ),
    row(
        &["aws_elasticache_cluster", "aws_elasticache_replication_group"],
        "what is cached in it",
        None,
        Keeps::NamedSnapshot("final_snapshot_identifier"),
        "Amazon ElastiCache User Guide, \"Taking manual backups\"",
    ),
    row(
        &["aws_elasticsearch_domain", "aws_opensearch_domain"],
        "its indices",
        None,
        Keeps::Nothing,
        "Amazon OpenSearch Service Developer Guide, \"Deleting Amazon OpenSearch Service domains\"",
    ),
    row(
        &["aws_efs_file_system"],
        "its files",
        None,
        Keeps::Nothing,
        "Amazon EFS User Guide, \"Deleting Amazon EFS file systems\"",
    ),
    row(
        &["aws_ebs_volume"],
        "what is on it",
        None,
        Keeps::If("final_snapshot"),
        "Amazon EBS User Guide, \"Delete an Amazon EBS volume\"",
    ),
    row(
        &["aws_s3_bucket"],
        "its objects and its name, which anyone can take",
        None,
        Keeps::UnlessForced("force_destroy"),
        "Amazon S3 User Guide, \"Deleting a bucket\"",
    ),
    row(
        &["aws_ecr_repository"],
        "its images",
        None,
        Keeps::UnlessForced("force_delete"),
        "Amazon ECR User Guide, \"Deleting a private repository\"",
    ),
    row(
        &["aws_backup_vault"],
        "its recovery points",
        None,
        Keeps::UnlessForced("force_destroy"),
        "AWS Backup Developer Guide, \"Deleting a backup vault\"",
    ),
    row(
        &["aws_cloudwatch_log_group"],
        "its logs",
        None,
        Keeps::If("skip_destroy"),
        "Amazon CloudWatch Logs API Reference, \"DeleteLogGroup\"",
    ),
    row(
        &["aws_sqs_queue"],
        "its messages",
        None,
        Keeps::Nothing,
        "Amazon SQS API Reference, \"DeleteQueue\"",
    ),
    row(
        &["aws_kinesis_stream"],
        "its records",
        None,
        Keeps::Nothing,
        "Amazon Kinesis Data Streams API Reference, \"DeleteStream\"",
    ),
    row(
        &["aws_sns_topic"],
        "its subscriptions",
        None,
        Keeps::Nothing,
        "Amazon SNS API Reference, \"DeleteTopic\"",
    ),
    row(
        &["aws_kms_key"],
        "the key: what it encrypted cannot be read any more",
        None,
        Keeps::Window { days: "deletion_window_in_days", usual: 30 },
        "AWS KMS Developer Guide, \"Delete an AWS KMS key\"",
    ),
    row(
        &["aws_secretsmanager_secret"],
        "its value, in all versions",
        None,
        Keeps::Window { days: "recovery_window_in_days", usual: 30 },
        "AWS Secrets Manager User Guide, \"Delete an AWS Secrets Manager secret\"",
    ),
    row(
        &["aws_ssm_parameter"],
        "its value and its history",
        None,
        Keeps::Nothing,
        "AWS Systems Manager API Reference, \"DeleteParameter\"",
    ),
    row(
        &["random_password"],
        "the value: whoever has it needs the new one",
        None,
        Keeps::Nothing,
        "HashiCorp random provider, `random_password`",
    ),
    row(
        &["aws_cognito_user_pool"],
        "its users, whose passwords nobody can take along",
        Some(("deletion_protection", "ACTIVE")),
        Keeps::Nothing,
        "Amazon Cognito Developer Guide, \"User pool deletion protection\"",
    ),
    row(
        &["aws_iam_access_key"],
        "the key: whoever uses it needs the new one",
        None,
        Keeps::Nothing,
        "AWS IAM User Guide, \"Manage access keys for IAM users\"",
    ),
    row(
        &["aws_eip"],
        "its address: whoever allows it elsewhere has to be told the new one",
        None,
        Keeps::Nothing,
        "Amazon VPC User Guide, \"Elastic IP addresses\"",
    ),
    row(
        &["aws_nat_gateway"],
        "the connections that go out through it",
        None,
        Keeps::Nothing,
        "Amazon VPC User Guide, \"NAT gateways\"",
    ),
    row(
        &["aws_lb", "aws_alb"],
        "its name in DNS and the connections through it",
        LISTED,
        Keeps::Nothing,
        "Elastic Load Balancing User Guide, \"Delete an Application Load Balancer\"",
    ),
    row(
        &["aws_lb_target_group", "aws_alb_target_group"],
        "the connections to its targets, until they are healthy again",
        None,
        Keeps::Nothing,
        "Elastic Load Balancing User Guide, \"Target groups for your Application Load Balancers\"",
    ),
    row(
        &["aws_autoscaling_group"],
        "its machines and their connections",
        None,
        Keeps::Nothing,
        "Amazon EC2 Auto Scaling User Guide, \"Delete your Auto Scaling infrastructure\"",
    ),
    row(
        &["aws_instance"],
        "the machine, and volumes that end with it",
        Some(("disable_api_termination", "true")),
        Keeps::Nothing,
        "Amazon EC2 User Guide, \"Terminate Amazon EC2 instances\"",
    ),
    row(
        &["aws_ecs_service"],
        "its tasks and their connections",
        None,
        Keeps::Nothing,
        "Amazon ECS API Reference, \"DeleteService\"",
    ),
    row(
        &["aws_cloudfront_distribution"],
        "its name in DNS and what is cached",
        None,
        Keeps::If("retain_on_delete"),
        "Amazon CloudFront Developer Guide, \"Delete a distribution\"",
    ),
    row(
        &["aws_route53_zone"],
        "its name servers: the registrar has to be told the new ones",
        None,
        Keeps::UnlessForced("force_destroy"),
        "Amazon Route 53 Developer Guide, \"Deleting a public hosted zone\"",
    ),
    row(
        &["aws_api_gateway_rest_api", "aws_apigatewayv2_api"],
        "its URL",
        None,
        Keeps::Nothing,
        "Amazon API Gateway API Reference, \"DeleteApi\"",
    ),
];
