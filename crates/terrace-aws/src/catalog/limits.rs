//! How long names may be, characters, with the page of AWS that says so.
//!
//! Lowering checks what it composes against these; a name that does not fit is refused before AWS does.

/// Application Load Balancers: letters, digits and hyphens (Elastic Load Balancing API, `CreateLoadBalancer`).
pub const LOAD_BALANCER: usize = 32;
/// The first name of a certificate (ACM API, `RequestCertificate`, `DomainName`).
pub const CERTIFICATE_NAME: usize = 64;
/// Patterns of paths in the rules of load balancers (Elastic Load Balancing, "Condition types for listener rules").
pub const PATH_PATTERN: usize = 128;
/// Behaviours of a distribution, the default one not counted (CloudFront Developer Guide, "Quotas").
pub const CACHE_BEHAVIORS: usize = 75;
/// Target groups (Elastic Load Balancing API, `CreateTargetGroup`).
pub const TARGET_GROUP: usize = 32;
/// DB instances and clusters: begins with a letter, no `--`, no hyphen at the end (RDS API, `CreateDBInstance`).
pub const DATABASE_IDENTIFIER: usize = 63;
/// Parameter groups and subnet groups of databases (RDS API, `CreateDBParameterGroup`, `CreateDBSubnetGroup`).
pub const DATABASE_GROUP: usize = 255;
/// The name of a database within PostgreSQL on RDS (RDS API, `CreateDBInstance`, `DBName`).
pub const POSTGRES_DATABASE: usize = 63;
/// The name of a database within MySQL on RDS (RDS API, `CreateDBInstance`, `DBName`).
pub const MYSQL_DATABASE: usize = 64;
/// Roles (IAM User Guide, "IAM and AWS STS quotas").
pub const IAM_ROLE: usize = 64;
/// Policies and instance profiles (IAM User Guide, "IAM and AWS STS quotas").
pub const IAM_POLICY: usize = 128;
/// All inline policies of a role together, characters without white space (IAM, the same page).
pub const IAM_ROLE_INLINE_POLICIES: usize = 10_240;
/// Buckets: lower case, digits, dots and hyphens, at least 3 (S3 User Guide, "Bucket naming rules").
pub const BUCKET: usize = 63;
/// Log groups (CloudWatch Logs API, `CreateLogGroup`).
pub const LOG_GROUP: usize = 512;
/// Names of parameters, the path included (Systems Manager API, `PutParameter`).
pub const PARAMETER: usize = 1011;
/// Levels of a parameter's path (Systems Manager API, `PutParameter`).
pub const PARAMETER_LEVELS: usize = 15;
/// Values of standard parameters, bytes (Systems Manager, "Managing parameter tiers").
pub const STANDARD_PARAMETER_VALUE: usize = 4096;
/// A task definition, bytes of its JSON (Amazon ECS Developer Guide, "Amazon ECS service quotas").
pub const TASK_DEFINITION: usize = 64 * 1024;
/// Secrets (Secrets Manager API, `CreateSecret`).
pub const SECRET: usize = 512;
/// Aliases of keys, with `alias/` (KMS API, `CreateAlias`).
pub const KEY_ALIAS: usize = 256;
/// Repositories of images: at least 2 (ECR API, `CreateRepository`).
pub const REPOSITORY: usize = 256;
/// Functions of CloudFront (CloudFront API, `CreateFunction`).
pub const CLOUDFRONT_FUNCTION: usize = 64;
/// Origin access controls (CloudFront API, `OriginAccessControlConfig`).
pub const ORIGIN_ACCESS_CONTROL: usize = 64;
/// Response headers and cache policies (CloudFront API, `ResponseHeadersPolicyConfig`, `CachePolicyConfig`).
pub const CLOUDFRONT_POLICY: usize = 128;
/// Comments of distributions (CloudFront API, `DistributionConfig`).
pub const DISTRIBUTION_COMMENT: usize = 128;
/// Launch templates: at least 3 (EC2 API, `CreateLaunchTemplate`).
pub const LAUNCH_TEMPLATE: usize = 128;
/// Auto Scaling groups (Auto Scaling API, `CreateAutoScalingGroup`).
pub const AUTO_SCALING_GROUP: usize = 255;
/// Security groups (EC2 API, `CreateSecurityGroup`).
pub const SECURITY_GROUP: usize = 255;
/// Descriptions of security groups and of their rules (EC2 API, `CreateSecurityGroup`, `IpRange`).
pub const SECURITY_GROUP_DESCRIPTION: usize = 255;
/// User data, bytes before Base64 (EC2 User Guide, "Run commands when you launch an EC2 instance").
pub const USER_DATA: usize = 16_384;
/// Clusters, services and families of task definitions (ECS API, `CreateCluster`, `CreateService`,
/// `RegisterTaskDefinition`).
pub const ECS_NAME: usize = 255;
/// Alarms (CloudWatch API, `PutMetricAlarm`).
pub const ALARM: usize = 255;
/// Topics (SNS API, `CreateTopic`).
pub const TOPIC: usize = 256;
/// Keys of tags (Tag Editor User Guide, "Tag naming limits and requirements").
pub const TAG_KEY: usize = 128;
/// Values of tags (the same page).
pub const TAG_VALUE: usize = 256;
/// Rules to or from one security group, each direction for itself (Amazon VPC User Guide, "Amazon VPC quotas").
pub const RULES_PER_SECURITY_GROUP: usize = 60;
