//! Which kinds of resources cost something.
//!
//! The match is over every kind: a new one does not compile until it is decided what it costs.

use terrace_aws::Kind;

/// Whether and how a kind costs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// For being there.
    Priced,
    /// For being used only, so that its price rests on assumptions.
    ByUse,
    /// Nothing; and why, or with what its price is paid.
    Free(&'static str),
}

/// Whether and how a kind costs something.
pub const fn charge(kind: Kind) -> Charge {
    use Charge::{ByUse, Free, Priced};
    match kind {
        Kind::NatGateway
        | Kind::ElasticIp
        | Kind::VpcEndpoint
        | Kind::LoadBalancer
        | Kind::AutoScalingGroup
        | Kind::EcsService
        | Kind::EcsCluster
        | Kind::DatabaseInstance
        | Kind::DatabaseCluster
        | Kind::ClusterInstance
        | Kind::KmsKey
        | Kind::Secret
        | Kind::MetricAlarm => Priced,
        Kind::CdnDistribution
        | Kind::CloudFrontFunction
        | Kind::Bucket
        | Kind::Repository
        | Kind::LogGroup
        | Kind::MachineImage
        | Kind::Vpc => ByUse,
        Kind::Subnet
        | Kind::RouteTable
        | Kind::Route
        | Kind::RouteTableAssociation
        | Kind::InternetGateway
        | Kind::SecurityGroup
        | Kind::IngressRule
        | Kind::EgressRule
        | Kind::DefaultSecurityGroup
        | Kind::ManagedPrefixList => Free("a network costs what passes through it"),
        Kind::FlowLog => Free("paid with the log it writes"),
        Kind::Listener | Kind::ListenerRule | Kind::TargetGroup => Free("paid with the load balancer"),
        Kind::Role
        | Kind::RolePolicy
        | Kind::RolePolicyAttachment
        | Kind::InstanceProfile
        | Kind::CallerIdentity => Free("identities cost nothing"),
        Kind::KmsAlias => Free("paid with the key"),
        Kind::SecretVersion | Kind::RandomPassword => Free("paid with the secret"),
        Kind::ExistingSecret => Free("there already, and paid"),
        Kind::Parameter => Free("standard parameters cost nothing"),
        Kind::DatabaseSubnetGroup | Kind::DatabaseParameterGroup | Kind::ClusterParameterGroup => {
            Free("paid with the database")
        }
        Kind::HostedZone => Free("there already, and paid"),
        Kind::DnsRecord => Free("questions for aliases of AWS's own names cost nothing"),
        Kind::Certificate | Kind::CertificateValidation => {
            Free("certificates for AWS's own services cost nothing")
        }
        Kind::OriginAccessControl | Kind::VpcOrigin | Kind::ResponseHeadersPolicy => {
            Free("paid with the distribution")
        }
        Kind::LogDeliverySource | Kind::LogDeliveryDestination | Kind::LogDelivery => {
            Free("paid with the bucket they are delivered to")
        }
        Kind::RepositoryLifecycle => Free("paid with the repository"),
        Kind::TaskDefinition | Kind::AppScalingTarget | Kind::AppScalingPolicy => {
            Free("paid with the service")
        }
        Kind::BucketPublicAccessBlock
        | Kind::BucketOwnership
        | Kind::BucketVersioning
        | Kind::BucketEncryption
        | Kind::BucketLifecycle
        | Kind::BucketPolicy
        | Kind::BucketObject => Free("paid with the bucket"),
        Kind::LaunchTemplate | Kind::ScalingPolicy => Free("paid with the group"),
        Kind::ImageComponent
        | Kind::ImageRecipe
        | Kind::BuildInfrastructure
        | Kind::ImageDistribution
        | Kind::ImagePipeline
        | Kind::FoundImage => Free("Image Builder costs the machines it starts"),
        Kind::Topic | Kind::TopicPolicy | Kind::TopicSubscription => {
            Free("a thousand e-mails a month cost nothing")
        }
        Kind::EventRule | Kind::EventTarget => Free("events of AWS's own cost nothing"),
        Kind::Budget => Free("budgets that only tell cost nothing"),
    }
}
