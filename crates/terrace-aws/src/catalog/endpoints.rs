//! Services of AWS that a network without a way out reaches through endpoints of its own.
//!
//! Names by "AWS services that integrate with AWS PrivateLink" (AWS PrivateLink Guide). In the regions of China some
//! services bear `cn.com.amazonaws` instead; those names are not known here.

use terrace_topology::Region;

/// A service that is reached through an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointService {
    /// Metrics and alarms of CloudWatch.
    CloudWatch,
    /// The API of the image registry.
    EcrApi,
    /// The image registry's layers, as Docker pulls them; needs [`Self::S3`] and [`Self::EcrApi`].
    EcrDocker,
    /// The messages of the older Systems Manager agents.
    Ec2Messages,
    /// The pipeline that bakes images.
    ImageBuilder,
    /// Keys.
    Kms,
    /// Logs of CloudWatch.
    Logs,
    /// Objects, through a gateway that costs nothing.
    S3,
    /// Secrets.
    SecretsManager,
    /// Systems Manager: parameters, and the agent's calls.
    Ssm,
    /// Sessions of people through Systems Manager.
    SsmMessages,
}

/// How an endpoint is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointKind {
    /// An entry of the route tables; free.
    Gateway,
    /// A network interface in each zone; paid by the hour and the byte.
    Interface,
}

impl EndpointService {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::CloudWatch,
        Self::EcrApi,
        Self::EcrDocker,
        Self::Ec2Messages,
        Self::ImageBuilder,
        Self::Kms,
        Self::Logs,
        Self::S3,
        Self::SecretsManager,
        Self::Ssm,
        Self::SsmMessages,
    ];

    /// The last part of its name: `ssm`, `ecr.api`.
    pub const fn short(self) -> &'static str {
        match self {
            Self::CloudWatch => "monitoring",
            Self::EcrApi => "ecr.api",
            Self::EcrDocker => "ecr.dkr",
            Self::Ec2Messages => "ec2messages",
            Self::ImageBuilder => "imagebuilder",
            Self::Kms => "kms",
            Self::Logs => "logs",
            Self::S3 => "s3",
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
            Self::SsmMessages => "ssmmessages",
        }
    }

    /// Its name in a region: `com.amazonaws.eu-west-1.ssm`.
    pub fn name(self, region: &Region) -> String {
        format!("com.amazonaws.{region}.{}", self.short())
    }

    /// How it is reached. S3 has interfaces too, which cost and which nothing here needs.
    pub const fn kind(self) -> EndpointKind {
        match self {
            Self::S3 => EndpointKind::Gateway,
            _ => EndpointKind::Interface,
        }
    }
}
