//! The manifest as written: every value already of its own type, nothing filled in.
//!
//! `None` always means "not written here". The same record holds the whole file's settings and those of one
//! environment, since an environment may override any of them.

use std::collections::BTreeMap;

use terrace_net::{Ipv4Block, Port};
use terrace_topology::{
    AccountId, Architecture, Assets, BackupDays, CommandLine, CpuTarget, CpuUnits, DatabaseClass, DomainName,
    Egress, EmailAddress, Engine, EngineVersion, Entrance, EnvironmentName, GeneratedLength, Gibibytes,
    HealthPath, KeptReleases, LogDays, MachineType, Mebibytes, MonthlyBudget, ProjectPath, PublicPath,
    Region, Runtime, SecretName, SettingName, Shape, SystemName, Tier, Variable, WebServer, ZoneLetters,
    Zones,
};

use crate::Written;

/// A whole manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// What holds unless an environment says otherwise.
    pub settings: Settings,
    /// What each environment says otherwise.
    pub environments: BTreeMap<EnvironmentName, Settings>,
}

/// Settings of a system, as many as are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `name`
    pub name: Option<Written<SystemName>>,
    /// `shape`
    pub shape: Option<Written<Shape>>,
    /// `region`
    pub region: Option<Written<Region>>,
    /// `account`
    pub account: Option<Written<AccountId>>,
    /// `zones`
    pub zones: Option<Written<ZoneChoice>>,
    /// `production`
    pub production: Option<Written<bool>>,
    /// `architecture`
    pub architecture: Option<Written<Architecture>>,
    /// `edge`
    pub edge: Option<Written<Entrance>>,
    /// `domain`
    pub domain: Option<Written<DomainName>>,
    /// `zone`
    pub zone: Option<Written<DomainName>>,
    /// `[web]`
    pub web: Page,
    /// `[app]`
    pub app: App,
    /// `[data]`
    pub data: Data,
    /// `[egress]`
    pub egress: Exits,
    /// `[network]`
    pub network: Addresses,
    /// `alerts.email`
    pub alerts: Option<Written<EmailAddress>>,
    /// `budget.monthly`
    pub budget: Option<Written<MonthlyBudget>>,
    /// `logs.days`
    pub log_days: Option<Written<LogDays>>,
    /// `releases.keep`
    pub kept_releases: Option<Written<KeptReleases>>,
}

/// `zones`: how many, or which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneChoice {
    /// `2`
    Count(Zones),
    /// `["a", "b"]`
    Letters(ZoneLetters),
}

impl ZoneChoice {
    /// How many.
    pub fn zones(&self) -> Zones {
        match self {
            Self::Count(zones) => *zones,
            Self::Letters(letters) => letters.zones(),
        }
    }
}

/// `[web]`: the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `root`
    pub root: Option<Written<ProjectPath>>,
    /// `build`
    pub build: Option<Written<CommandLine>>,
    /// `dist`
    pub dist: Option<Written<ProjectPath>>,
    /// `spa`
    pub spa: Option<Written<bool>>,
    /// `server`
    pub server: Option<Written<WebServer>>,
    /// `machine`
    pub machine: Option<Written<MachineType>>,
    /// `count`
    pub count: Count,
    /// `setup`
    pub setup: Option<Written<CommandLine>>,
    /// `assets`
    pub assets: Option<Written<Assets>>,
}

/// `[app]`: the service behind the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// `root`
    pub root: Option<Written<ProjectPath>>,
    /// `build`
    pub build: Option<Written<CommandLine>>,
    /// `run`
    pub run: Option<Written<CommandLine>>,
    /// `image`
    pub image: Option<Written<ProjectPath>>,
    /// `port`
    pub port: Option<Written<Port>>,
    /// `paths`
    pub paths: Option<Written<Vec<Written<PublicPath>>>>,
    /// `health`
    pub health: Option<Written<HealthPath>>,
    /// `count`
    pub count: Count,
    /// `concurrency`
    pub concurrency: Option<Written<std::num::NonZeroU32>>,
    /// `machine`
    pub machine: Option<Written<MachineType>>,
    /// `cpu`
    pub cpu: Option<Written<CpuUnits>>,
    /// `memory`
    pub memory: Option<Written<Mebibytes>>,
    /// `setup`
    pub setup: Option<Written<CommandLine>>,
    /// `files`
    pub files: Option<Written<Vec<Written<ProjectPath>>>>,
    /// `runtime`
    pub runtime: Option<Written<Runtime>>,
    /// `exec`
    pub exec: Option<Written<bool>>,
    /// `[app.variables]`
    pub variables: BTreeMap<SettingName, Written<Variable>>,
    /// `[app.secrets]`
    pub secrets: BTreeMap<SettingName, Secret>,
}

/// `count`: a number stands for both bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// `min`
    pub min: Option<Written<u16>>,
    /// `max`
    pub max: Option<Written<u16>>,
    /// `cpu`
    pub cpu: Option<Written<CpuTarget>>,
}

/// One of `[app.secrets]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// `{ generate = 32 }`
    Generate(Written<GeneratedLength>),
    /// `{ secret = "items/mail" }`
    Existing(Written<SecretName>),
}

impl Secret {
    /// Where it is written.
    pub fn span(&self) -> terrace_diag::Span {
        match self {
            Self::Generate(length) => length.span(),
            Self::Existing(name) => name.span(),
        }
    }
}

/// `[data]`: the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// `engine`
    pub engine: Option<Written<Engine>>,
    /// `version`
    pub version: Option<Written<EngineVersion>>,
    /// `standby`
    pub standby: Option<Written<bool>>,
    /// `class`
    pub class: Option<Written<DatabaseClass>>,
    /// `storage`
    pub storage: Option<Written<Gibibytes>>,
    /// `backups`
    pub backups: Option<Written<BackupDays>>,
    /// `protect`
    pub protect: Option<Written<bool>>,
    /// `migrate`
    pub migrate: Option<Written<CommandLine>>,
}

/// `[egress]`: ways out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exits {
    /// `app`
    pub app: Option<Written<Egress>>,
    /// `ports`
    pub ports: Option<Written<Vec<Written<Port>>>>,
}

/// `[network]`: blocks of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// `cidr`
    pub cidr: Option<Written<Ipv4Block>>,
    /// `[network.subnets]`
    pub subnets: BTreeMap<Tier, Written<Vec<Written<Ipv4Block>>>>,
}
