//! The intent: which tiers there are, who may talk to whom, with which secrets and how much capacity.
//!
//! A [`Topology`] knows no provider's words. It is what the manifest means; what is built from it is decided
//! by the crates that lower it (`terrace-local`, `terrace-aws`).
//!
//! INVARIANT: [`Topology::flows`] is the only source of connectivity. Rules, proxies, diagrams and what the
//! audit expects are derived from that list.

mod account;
mod capacity;
mod data;
mod database_name;
mod flow;
mod machine;
mod names;
mod network;
mod party;
mod service;
mod settings;
mod upkeep;
mod web;

pub use account::{AccountId, AccountIdError};
pub use capacity::{Capacity, CapacityError, CpuTarget, CpuTargetError};
pub use data::{Database, Engine, EngineVersion, EngineVersionError};
pub use database_name::DatabaseName;
pub use flow::{Carries, Flow};
pub use machine::{
    Architecture, ContainerSize, ContainerSizeError, CpuUnits, CpuUnitsError, DatabaseClass,
    DatabaseClassError, MachineType, MachineTypeError, Mebibytes, MebibytesError, Runtime, RuntimeError,
};
pub use names::{
    DomainName, DomainNameError, EnvironmentName, NameError, PartyName, Region, RegionError, SystemName,
};
pub use network::{Network, Tier, ZoneLetters, ZoneLettersError};
pub use party::{Party, Role};
pub use service::{
    CommandLine, CommandLineError, HealthPath, HealthPathError, PublicPath, PublicPathError, Runnable,
    Service,
};
pub use settings::{
    GeneratedLength, GeneratedLengthError, SecretName, SecretNameError, SecretSource, SettingName,
    SettingNameError, Variable, VariableError,
};
pub use upkeep::{
    BackupDays, BackupDaysError, EmailAddress, EmailAddressError, Gibibytes, GibibytesError, KeptReleases,
    KeptReleasesError, LogDays, LogDaysError, MonthlyBudget, MonthlyBudgetError,
};
pub use web::{Assets, ProjectPath, ProjectPathError, Web, WebServer};

use std::collections::BTreeMap;

/// How the tiers are realised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Virtual machines behind load balancers; the manifest calls it `ec2`.
    Machines,
    /// Containers, the page in an object store behind a content delivery network; the manifest's `fargate`.
    Containers,
}

/// What the public meets first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entrance {
    /// A load balancer.
    LoadBalancer,
    /// A content delivery network.
    Cdn,
}

/// Over how many zones each tier is spread: two or three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zones {
    /// Two.
    Two,
    /// Three.
    Three,
}

impl Zones {
    /// The number.
    pub const fn count(self) -> u8 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

/// Whether a tier may open connections to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Egress {
    /// No.
    None,
    /// Yes, outward only, through address translation.
    Translated,
}

/// A three-tier system as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Its name.
    pub name: SystemName,
    /// Which environment of it, if one was chosen.
    pub environment: Option<EnvironmentName>,
    /// Whether it serves real users: what is lost or out of reach then is not made again.
    pub production: bool,
    /// How it is realised.
    pub shape: Shape,
    /// What its machines and containers are built for.
    pub architecture: Architecture,
    /// Where.
    pub region: Region,
    /// In which account, if that was said: then nothing is done in another.
    pub account: Option<AccountId>,
    /// Over how many zones.
    pub zones: Zones,
    /// Over which zones, if they were chosen: as many as `zones` says.
    pub zone_letters: Option<ZoneLetters>,
    /// Its addresses.
    pub network: Network,
    /// What the public meets first.
    pub entrance: Entrance,
    /// Its own name in the DNS.
    pub domain: Option<DomainName>,
    /// The zone of the DNS that `domain` is in and that records can be made in: `domain` itself or above it.
    pub hosted_zone: Option<DomainName>,
    /// The page.
    pub web: Web,
    /// The services behind it, by name; one today.
    pub services: BTreeMap<PartyName, Service>,
    /// The database.
    pub database: Database,
    /// Who is told when something is wrong.
    pub alerts: Option<EmailAddress>,
    /// What it may cost before somebody is told.
    pub budget: Option<MonthlyBudget>,
    /// For how long its logs are kept.
    pub log_days: LogDays,
    /// To how many releases one can go back.
    pub kept_releases: KeptReleases,
}

impl Topology {
    /// Everyone who takes part, from the outside in.
    pub fn parties(&self) -> Vec<Party> {
        let mut all = vec![
            Party::new(PartyName::internet(), Role::Internet),
            Party::new(PartyName::entrance(), Role::Entrance),
            Party::new(PartyName::web(), Role::Web),
        ];
        all.extend(self.services.keys().map(|name| Party::new(name.clone(), Role::Service)));
        all.push(Party::new(PartyName::database(), Role::Database));
        all.push(Party::new(PartyName::platform(), Role::Platform));
        all
    }

    /// Who may talk to whom, from the outside in; nothing else may.
    pub fn flows(&self) -> Vec<Flow> {
        flow::of(self)
    }
}
