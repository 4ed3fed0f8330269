//! A type per kind of resource, by concern, and the one list of them.
//!
//! Field names are the provider's argument names (hashicorp/aws 5.100, checked against its schema by a test of
//! `terrace-terraform`). A field that is missing here is one that Terrace leaves at AWS's default.

mod balancing;
mod cdn;
mod containers;
mod data;
mod identity;
mod images;
mod machines;
mod names;
mod network;
mod observability;
mod secrets;
mod storage;

pub use balancing::*;
pub use cdn::*;
pub use containers::*;
pub use data::*;
pub use identity::*;
pub use images::*;
pub use machines::*;
pub use names::*;
pub use network::*;
pub use observability::*;
pub use secrets::*;
pub use storage::*;

use crate::{Fields, Misfit, Mode, Record};

/// A kind of resource, as a type.
pub trait ResourceType: Fields + Clone {
    /// The kind.
    const KIND: Kind;
    /// The provider's name of it: `aws_subnet`.
    const TYPE_NAME: &'static str;
    /// Whether it is built, looked up or ephemeral.
    const MODE: Mode;

    /// The resource, if it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;
    /// As one of all.
    fn wrap(self) -> Resource;
}

macro_rules! kinds {
    ($($name:ident)*) => {
        /// Every kind of resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(
                #[doc = concat!("[`", stringify!($name), "`]")]
                $name,
            )*
        }

        /// A resource of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Resource {
            $(
                #[doc = concat!("[`", stringify!($name), "`]")]
                $name($name),
            )*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The provider's name: `aws_subnet`.
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$name => <$name as ResourceType>::TYPE_NAME,)* }
            }

            /// Whether it is built, looked up or ephemeral.
            pub const fn mode(self) -> Mode {
                match self { $(Self::$name => <$name as ResourceType>::MODE,)* }
            }

            /// The names of its fields.
            pub fn fields(self) -> &'static [&'static str] {
                match self { $(Self::$name => <$name as Fields>::names(),)* }
            }

            /// The kind of a mode and a provider's name, if it is one that is modelled.
            pub fn find(mode: Mode, type_name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.mode() == mode && kind.type_name() == type_name)
            }

            /// A resource of this kind, from its arguments.
            pub fn read(self, record: &Record) -> Result<Resource, Misfit> {
                match self { $(Self::$name => <$name as Fields>::read_fields(record).map(Resource::$name),)* }
            }
        }

        impl Resource {
            /// Of which kind.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name,)* }
            }

            /// Its arguments.
            pub fn fields(&self) -> Record {
                match self { $(Self::$name(resource) => resource.write_fields(),)* }
            }
        }

        $(
            impl From<$name> for Resource {
                fn from(resource: $name) -> Self {
                    Self::$name(resource)
                }
            }
        )*
    };
}

kinds! {
    // network
    Vpc Subnet RouteTable Route RouteTableAssociation InternetGateway NatGateway ElasticIp VpcEndpoint
    SecurityGroup IngressRule EgressRule DefaultSecurityGroup FlowLog ManagedPrefixList
    // balancing
    LoadBalancer Listener ListenerRule TargetGroup
    // identity
    Role RolePolicy RolePolicyAttachment InstanceProfile CallerIdentity
    // secrets
    KmsKey KmsAlias Secret SecretVersion ExistingSecret RandomPassword Parameter
    // data
    DatabaseSubnetGroup DatabaseParameterGroup ClusterParameterGroup DatabaseInstance DatabaseCluster ClusterInstance
    // names
    HostedZone DnsRecord Certificate CertificateValidation
    // cdn
    CdnDistribution OriginAccessControl VpcOrigin CloudFrontFunction ResponseHeadersPolicy LogDeliverySource
    LogDeliveryDestination LogDelivery
    // containers
    Repository RepositoryLifecycle EcsCluster TaskDefinition EcsService AppScalingTarget AppScalingPolicy
    // storage
    Bucket BucketPublicAccessBlock BucketOwnership BucketVersioning BucketEncryption BucketLifecycle BucketPolicy
    // machines
    LaunchTemplate AutoScalingGroup ScalingPolicy
    // images
    ImageComponent ImageRecipe BuildInfrastructure ImageDistribution MachineImage ImagePipeline FoundImage BucketObject
    // observability
    LogGroup Topic TopicPolicy TopicSubscription MetricAlarm EventRule EventTarget Budget
}
