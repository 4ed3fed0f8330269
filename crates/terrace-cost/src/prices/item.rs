//! What AWS charges for, as far as we build it, and the measures it counts in.

use std::fmt;

use terrace_aws::catalog::database::DatabaseService;
use terrace_topology::{Architecture, DatabaseClass, Engine, MachineType};

/// Something that is charged for. The documentation of each names the [`Unit`] its price is per.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// A machine on demand, with Linux; an hour.
    Machine(MachineType),
    /// A gigabyte of a machine's disk (gp3, without extra speed); a month.
    VolumeStorage,
    /// A server of databases; an hour.
    Database {
        /// By which service.
        service: DatabaseService,
        /// Of which engine.
        engine: Engine,
        /// How large.
        class: DatabaseClass,
        /// Whether a standby is included (RDS Multi-AZ). Aurora's readers are servers of their own.
        standby: bool,
    },
    /// A gigabyte of a database on RDS (gp3); a month.
    DatabaseStorage {
        /// Whether the standby's copy is included.
        standby: bool,
    },
    /// A gigabyte of backups, past what the service keeps without charge; a month.
    DatabaseBackup(DatabaseService),
    /// A gigabyte of a database on Aurora, however many servers; a month.
    AuroraStorage,
    /// Reads and writes of Aurora's storage; a million.
    AuroraRequests,
    /// A NAT gateway; an hour.
    Nat,
    /// What passes a NAT gateway; a gigabyte.
    NatData,
    /// An interface endpoint in one zone; an hour.
    InterfaceEndpoint,
    /// What passes an interface endpoint; a gigabyte.
    InterfaceEndpointData,
    /// A gateway endpoint; an hour.
    GatewayEndpoint,
    /// A public IPv4 address; an hour.
    PublicAddress,
    /// An application load balancer; an hour.
    LoadBalancer,
    /// A capacity unit of an application load balancer; an hour.
    LoadBalancerCapacity,
    /// A processor of containers (Fargate); an hour.
    ContainerCpu(Architecture),
    /// A gigabyte of memory of containers (Fargate); an hour.
    ContainerMemory(Architecture),
    /// A gigabyte of objects (S3 Standard); a month.
    ObjectStorage,
    /// Writing and listing objects; a million.
    ObjectWrites,
    /// Reading objects; a million.
    ObjectReads,
    /// What CloudFront sends to people near the region; a gigabyte.
    CdnData,
    /// Requests over HTTPS that CloudFront takes from people near the region; a million.
    CdnRequests,
    /// A secret; a month.
    Secret,
    /// Reading secrets; a million.
    SecretCalls,
    /// A standard parameter of Systems Manager; a month.
    Parameter,
    /// A key of one's own; a month.
    Key,
    /// Uses of a key; a million.
    KeyCalls,
    /// Logs taken in; a gigabyte.
    LogIngestion,
    /// A gigabyte of logs kept; a month.
    LogStorage,
    /// An alarm on one metric; a month.
    Alarm,
    /// A metric of one's own; a month.
    Metric,
    /// A gigabyte of container images; a month.
    ImageStorage,
    /// Making an image of a machine, besides the machine it is made on; an hour.
    ImageBuild,
    /// A zone of names; a month.
    Zone,
    /// Questions about names, other than those for aliases; a million.
    DnsQueries,
    /// What leaves for the internet other than by CloudFront; a gigabyte.
    DataOut,
    /// What passes from one zone to another, counted once where it leaves and once where it arrives; a gigabyte.
    CrossZoneData,
}

/// The word of the price list.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = |standby: bool| if standby { "standby" } else { "single" };
        let word = match self {
            Self::Machine(kind) => return write!(f, "machine {kind}"),
            Self::Database { service, engine, class, standby } => {
                let engine = match engine {
                    Engine::Postgres => "postgres",
                    Engine::Mysql => "mysql",
                };
                return write!(f, "database {} {engine} {class} {}", word(*service), servers(*standby));
            }
            Self::DatabaseStorage { standby } => return write!(f, "database-storage {}", servers(*standby)),
            Self::DatabaseBackup(service) => return write!(f, "database-backup {}", word(*service)),
            Self::ContainerCpu(architecture) => {
                return write!(f, "container-cpu {}", built_for(*architecture));
            }
            Self::ContainerMemory(architecture) => {
                return write!(f, "container-memory {}", built_for(*architecture));
            }
            Self::VolumeStorage => "volume-storage",
            Self::AuroraStorage => "aurora-storage",
            Self::AuroraRequests => "aurora-requests",
            Self::Nat => "nat",
            Self::NatData => "nat-data",
            Self::InterfaceEndpoint => "interface-endpoint",
            Self::InterfaceEndpointData => "interface-endpoint-data",
            Self::GatewayEndpoint => "gateway-endpoint",
            Self::PublicAddress => "public-address",
            Self::LoadBalancer => "load-balancer",
            Self::LoadBalancerCapacity => "load-balancer-capacity",
            Self::ObjectStorage => "object-storage",
            Self::ObjectWrites => "object-writes",
            Self::ObjectReads => "object-reads",
            Self::CdnData => "cdn-data",
            Self::CdnRequests => "cdn-requests",
            Self::Secret => "secret",
            Self::SecretCalls => "secret-calls",
            Self::Parameter => "parameter",
            Self::Key => "key",
            Self::KeyCalls => "key-calls",
            Self::LogIngestion => "log-ingestion",
            Self::LogStorage => "log-storage",
            Self::Alarm => "alarm",
            Self::Metric => "metric",
            Self::ImageStorage => "image-storage",
            Self::ImageBuild => "image-build",
            Self::Zone => "zone",
            Self::DnsQueries => "dns-queries",
            Self::DataOut => "data-out",
            Self::CrossZoneData => "cross-zone-data",
        };
        f.write_str(word)
    }
}

const fn word(service: DatabaseService) -> &'static str {
    match service {
        DatabaseService::Rds => "rds",
        DatabaseService::Aurora => "aurora",
    }
}

const fn built_for(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

/// What a price is per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// One, running for an hour.
    Hour,
    /// One, for a month.
    Month,
    /// A gigabyte that passes.
    Gigabyte,
    /// A gigabyte kept for a month.
    GigabyteMonth,
    /// A gigabyte of memory for an hour.
    GigabyteHour,
    /// A processor for an hour.
    ProcessorHour,
    /// A capacity unit of a load balancer for an hour.
    CapacityHour,
    /// A million requests.
    Million,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 8] = [
        Self::Hour,
        Self::Month,
        Self::Gigabyte,
        Self::GigabyteMonth,
        Self::GigabyteHour,
        Self::ProcessorHour,
        Self::CapacityHour,
        Self::Million,
    ];

    /// The word of the price list.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Month => "month",
            Self::Gigabyte => "gb",
            Self::GigabyteMonth => "gb-month",
            Self::GigabyteHour => "gb-hour",
            Self::ProcessorHour => "vcpu-hour",
            Self::CapacityHour => "lcu-hour",
            Self::Million => "million",
        }
    }
}

/// As after a price: "per GB".
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "per hour",
            Self::Month => "per month",
            Self::Gigabyte => "per GB",
            Self::GigabyteMonth => "per GB and month",
            Self::GigabyteHour => "per GB and hour",
            Self::ProcessorHour => "per processor and hour",
            Self::CapacityHour => "per capacity unit and hour",
            Self::Million => "per million",
        })
    }
}
