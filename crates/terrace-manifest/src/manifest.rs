//! The manifest as written: every value already of its own type, nothing filled in.
//!
//! `None` always means "not written here". The same record holds the whole file's settings and those of one
//! environment, since an environment may override any of them.

use std::collections::BTreeMap;

use terrace_net::Port;
use terrace_topology::{
    CommandLine, CpuTarget, DomainName, Egress, Engine, EngineVersion, Entrance, EnvironmentName,
    GeneratedLength, HealthPath, ProjectPath, PublicPath, Region, SecretName, SettingName, Shape, SystemName,
    Variable, WebServer, Zones,
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
    /// `zones`
    pub zones: Option<Written<Zones>>,
    /// `edge`
    pub edge: Option<Written<Entrance>>,
    /// `domain`
    pub domain: Option<Written<DomainName>>,
    /// `[web]`
    pub web: Page,
    /// `[app]`
    pub app: App,
    /// `[data]`
    pub data: Data,
    /// `[egress]`
    pub egress: Exits,
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
}

/// `[egress]`: ways out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exits {
    /// `app`
    pub app: Option<Written<Egress>>,
}
