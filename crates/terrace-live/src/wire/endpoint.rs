//! Where each service is.
//!
//! "Service endpoints and quotas", AWS General Reference.

/// A service by the name that its signatures have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Service {
    /// In a signature: `ec2`.
    pub(crate) name: &'static str,
    /// In the host name.
    host: &'static str,
    /// One for all regions.
    global: bool,
}

const fn regional(name: &'static str) -> Service {
    Service { name, host: name, global: false }
}

pub(crate) const EC2: Service = regional("ec2");
pub(crate) const ELB: Service = regional("elasticloadbalancing");
pub(crate) const AUTOSCALING: Service = regional("autoscaling");
pub(crate) const ECS: Service = regional("ecs");
pub(crate) const RDS: Service = regional("rds");
pub(crate) const IAM: Service = Service { global: true, ..regional("iam") };
pub(crate) const S3: Service = regional("s3");
pub(crate) const SECRETS: Service = regional("secretsmanager");
pub(crate) const SSM: Service = regional("ssm");
pub(crate) const KMS: Service = regional("kms");
pub(crate) const CLOUDFRONT: Service = Service { global: true, ..regional("cloudfront") };
pub(crate) const LAMBDA: Service = regional("lambda");
pub(crate) const ELASTICACHE: Service = regional("elasticache");
pub(crate) const SNS: Service = regional("sns");
pub(crate) const SQS: Service = regional("sqs");
pub(crate) const STS: Service = regional("sts");

impl Service {
    /// The region that a signature for it names.
    pub(crate) fn signed_for<'a>(&self, region: &'a str) -> &'a str {
        match region {
            _ if !self.global => region,
            _ if region.starts_with("cn-") => "cn-north-1",
            _ if region.starts_with("us-gov-") => "us-gov-west-1",
            _ => "us-east-1",
        }
    }

    /// Its address in a region.
    pub(crate) fn address(&self, region: &str) -> String {
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
pub(crate) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
