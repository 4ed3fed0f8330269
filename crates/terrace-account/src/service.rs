//! Which services there are, and where each of them is.
//!
//! "Service endpoints and quotas", AWS General Reference.

/// A service by the name that its signatures have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    name: &'static str,
    /// In the host name.
    host: &'static str,
    /// One for all regions.
    global: bool,
}

const fn regional(name: &'static str) -> Service {
    Service { name, host: name, global: false }
}

/// Machines and networks.
pub const EC2: Service = regional("ec2");
/// Load balancers.
pub const ELB: Service = regional("elasticloadbalancing");
/// Groups of machines.
pub const AUTOSCALING: Service = regional("autoscaling");
/// Containers.
pub const ECS: Service = regional("ecs");
/// Databases.
pub const RDS: Service = regional("rds");
/// Who may do what.
pub const IAM: Service = Service { global: true, ..regional("iam") };
/// Buckets.
pub const S3: Service = regional("s3");
/// Secrets Manager.
pub const SECRETS: Service = regional("secretsmanager");
/// Systems Manager: parameters and sessions.
pub const SSM: Service = regional("ssm");
/// Keys.
pub const KMS: Service = regional("kms");
/// CloudFront.
pub const CLOUDFRONT: Service = Service { global: true, ..regional("cloudfront") };
/// Functions.
pub const LAMBDA: Service = regional("lambda");
/// Caches.
pub const ELASTICACHE: Service = regional("elasticache");
/// Topics.
pub const SNS: Service = regional("sns");
/// Queues.
pub const SQS: Service = regional("sqs");
/// The data channels of sessions.
pub const SSMMESSAGES: Service = regional("ssmmessages");
/// Repositories of images.
pub const ECR: Service = Service { host: "api.ecr", ..regional("ecr") };
/// What an account may have at most.
pub const QUOTAS: Service = regional("servicequotas");
/// Logs.
pub const LOGS: Service = regional("logs");
/// Metrics and alarms.
pub const CLOUDWATCH: Service = Service { host: "monitoring", ..regional("monitoring") };
/// Images of machines, built.
pub const IMAGEBUILDER: Service = regional("imagebuilder");
/// What has which tags.
pub const TAGGING: Service = regional("tagging");
/// Who asks.
pub const STS: Service = regional("sts");

impl Service {
    /// In a signature and in IAM: `ec2`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The region that a signature for it names.
    pub fn signed_for<'a>(&self, region: &'a str) -> &'a str {
        match region {
            _ if !self.global => region,
            _ if region.starts_with("cn-") => "cn-north-1",
            _ if region.starts_with("us-gov-") => "us-gov-west-1",
            _ => "us-east-1",
        }
    }

    /// Its address in a region.
    pub fn address(&self, region: &str) -> String {
        let host = self.host;
        if region.starts_with("cn-") {
            let region = self.signed_for(region);
            return format!("https://{host}.{region}.amazonaws.com.cn");
        }
        match (self.global, region.starts_with("us-gov-")) {
            (true, true) => format!("https://{host}.us-gov.amazonaws.com"),
            (true, false) => format!("https://{host}.amazonaws.com"),
            (false, _) => format!("https://{host}.{region}.amazonaws.com"),
        }
    }
}

/// The partition of a region, as ARNs name it.
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
