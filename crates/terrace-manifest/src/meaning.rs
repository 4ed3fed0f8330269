//! What settings mean: defaults filled in.
//!
//! The defaults here and those in the keys' description are held together by a test.

use std::collections::{BTreeMap, BTreeSet};

use terrace_net::{Ipv4Block, Port};
use terrace_topology::{
    Architecture, Assets, BackupDays, Capacity, ContainerSize, ContainerSizeError, CpuTarget, CpuUnits,
    Database, Egress, Engine, EngineVersion, Entrance, EnvironmentName, HealthPath, KeptReleases, LogDays,
    Mebibytes, Network, PartyName, ProjectPath, PublicPath, Region, Runnable, SecretSource, Service, Shape,
    Topology, Web, WebServer, Zones,
};

use crate::Written;
use crate::manifest::{Addresses, App, Count, Data, Exits, Page, Secret, Settings, ZoneChoice};

/// The value written, or else the default.
fn or<T: Clone>(written: &Option<Written<T>>, default: impl FnOnce() -> Option<T>) -> Option<T> {
    written.as_ref().map(|w| w.value().clone()).or_else(default)
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The topology of settings that were checked.
pub(crate) fn topology(settings: &Settings, environment: Option<&EnvironmentName>) -> Option<Topology> {
    let shape = *settings.shape.as_ref()?.value();
    let production = production(settings, environment);
    let zones = settings.zones.as_ref().map(Written::value);
    Some(Topology {
        name: settings.name.as_ref()?.value().clone(),
        environment: environment.cloned(),
        production,
        shape,
        architecture: or(&settings.architecture, || Some(Architecture::X86_64))?,
        region: or(&settings.region, || parsed::<Region>("us-east-1"))?,
        account: or(&settings.account, || None),
        zones: zones.map_or(Zones::Two, ZoneChoice::zones),
        zone_letters: match zones {
            Some(ZoneChoice::Letters(letters)) => Some(letters.clone()),
            _ => None,
        },
        network: network(&settings.network)?,
        entrance: entrance(settings)?,
        domain: or(&settings.domain, || None),
        hosted_zone: or(&settings.zone, || None),
        web: web(&settings.web, shape)?,
        services: BTreeMap::from([(PartyName::app(), service(&settings.app, &settings.egress)?)]),
        database: database(&settings.data, shape, production)?,
        alerts: or(&settings.alerts, || None),
        budget: or(&settings.budget, || None),
        log_days: or(&settings.log_days, || LogDays::new(30).ok())?,
        kept_releases: or(&settings.kept_releases, || KeptReleases::new(10).ok())?,
    })
}

/// Whether real users depend on it: as written, or else as the environment's name says.
fn production(settings: &Settings, environment: Option<&EnvironmentName>) -> bool {
    let by_name = || environment.is_some_and(|name| ["prod", "production"].contains(&name.as_str()));
    settings.production.as_ref().map_or_else(by_name, |written| *written.value())
}

/// The network, with the tiers' blocks that are written.
pub(crate) fn network(addresses: &Addresses) -> Option<Network> {
    let plain =
        |blocks: &Written<Vec<Written<Ipv4Block>>>| blocks.value().iter().map(|b| *b.value()).collect();
    Some(Network {
        block: or(&addresses.cidr, || parsed("10.0.0.0/16"))?,
        subnets: addresses.subnets.iter().map(|(tier, blocks)| (*tier, plain(blocks))).collect(),
    })
}

/// What the public meets first, if the shape is known.
pub(crate) fn entrance(settings: &Settings) -> Option<Entrance> {
    or(&settings.edge, || settings.shape.as_ref().map(|shape| default_entrance(*shape.value())))
}

/// What the public meets first in a shape, if nothing else is written.
pub(crate) fn default_entrance(shape: Shape) -> Entrance {
    match shape {
        Shape::Machines => Entrance::LoadBalancer,
        Shape::Containers => Entrance::Cdn,
    }
}

/// Where the page's folder is, and where its built files are from there.
pub(crate) fn page_folders(page: &Page) -> Option<(ProjectPath, ProjectPath)> {
    Some((or(&page.root, || parsed("."))?, or(&page.dist, || parsed("dist"))?))
}

fn web(page: &Page, shape: Shape) -> Option<Web> {
    let (root, dist) = page_folders(page)?;
    Some(Web {
        root,
        build: or(&page.build, || None),
        dist,
        single_page: or(&page.spa, || Some(true))?,
        server: or(&page.server, || Some(WebServer::Terrace))?,
        machine: or(&page.machine, || None),
        capacity: capacity(&page.count)?,
        setup: or(&page.setup, || None),
        // Without machines all files come out of the bucket, and there is nothing to choose.
        assets: match shape {
            Shape::Machines => or(&page.assets, || Some(Assets::Machines))?,
            Shape::Containers => Assets::Machines,
        },
    })
}

/// The app's folder, from the manifest.
pub(crate) fn app_root(app: &App) -> Option<ProjectPath> {
    or(&app.root, || parsed("."))
}

/// Which requests reach the app.
pub(crate) fn app_paths(app: &App) -> BTreeSet<PublicPath> {
    match &app.paths {
        Some(paths) => paths.value().iter().map(|path| path.value().clone()).collect(),
        None => parsed("/api/*").into_iter().collect(),
    }
}

fn service(app: &App, exits: &Exits) -> Option<Service> {
    let runnable = match (&app.run, &app.image) {
        (run, Some(image)) => Runnable::Dockerfile {
            file: image.value().clone(),
            without_container: run.as_ref().map(|run| run.value().clone()),
        },
        (Some(run), None) => Runnable::Command(run.value().clone()),
        (None, None) => return None,
    };
    let secret = |secret: &Secret| match secret {
        Secret::Generate(length) => SecretSource::Generated(*length.value()),
        Secret::Existing(name) => SecretSource::Existing(name.value().clone()),
    };
    Some(Service {
        root: app_root(app)?,
        build: or(&app.build, || None),
        runnable,
        port: or(&app.port, || Port::new(8000).ok())?,
        paths: app_paths(app),
        health: or(&app.health, || parsed::<HealthPath>("/health"))?,
        capacity: capacity(&app.count)?,
        concurrency: or(&app.concurrency, || None),
        variables: app.variables.iter().map(|(k, v)| (k.clone(), v.value().clone())).collect(),
        secrets: app.secrets.iter().map(|(k, v)| (k.clone(), secret(v))).collect(),
        egress: or(&exits.app, || Some(Egress::None))?,
        egress_ports: match &exits.ports {
            Some(ports) => ports.value().iter().map(|port| *port.value()).collect(),
            None => BTreeSet::from([Port::HTTPS]),
        },
        machine: or(&app.machine, || None),
        size: size(app)?.1.ok()?,
        setup: or(&app.setup, || None),
        files: app.files.iter().flat_map(|f| f.value()).map(|path| path.value().clone()).collect(),
        runtime: or(&app.runtime, || None),
        exec: or(&app.exec, || Some(true))?,
    })
}

/// The size of a container, if its parts go together, and its memory.
pub(crate) fn size(app: &App) -> Option<(Mebibytes, Result<ContainerSize, ContainerSizeError>)> {
    let cpu = or(&app.cpu, || CpuUnits::new(256).ok())?;
    let memory = or(&app.memory, || Some(cpu.least_memory()))?;
    Some((memory, ContainerSize::new(cpu, memory)))
}

/// The bounds that are meant: two replicas unless one bound says otherwise.
pub(crate) fn bounds(count: &Count) -> (u16, u16) {
    let min = count.min.as_ref().map(|w| *w.value());
    let max = count.max.as_ref().map(|w| *w.value());
    let min = min.unwrap_or_else(|| max.unwrap_or(2).min(2));
    (min, max.unwrap_or(min))
}

fn capacity(count: &Count) -> Option<Capacity> {
    let (min, max) = bounds(count);
    let cpu = if max > min { or(&count.cpu, || CpuTarget::new(60).ok()) } else { None };
    Capacity::new(min, max, cpu).ok()
}

fn database(data: &Data, shape: Shape, production: bool) -> Option<Database> {
    let engine = *data.engine.as_ref()?.value();
    Some(Database {
        engine,
        version: or(&data.version, || default_version(engine, shape))?,
        standby: or(&data.standby, || Some(true))?,
        class: or(&data.class, || None),
        storage: or(&data.storage, || None),
        backup_days: or(&data.backups, || BackupDays::new(if production { 14 } else { 7 }).ok())?,
        protected: or(&data.protect, || Some(production))?,
        migrate: or(&data.migrate, || None),
    })
}

/// A version that AWS offers for long: RDS has MySQL 8.4, Aurora MySQL 3 is a MySQL 8.0.
pub(crate) fn default_version(engine: Engine, shape: Shape) -> Option<EngineVersion> {
    parsed(match (engine, shape) {
        (Engine::Postgres, _) => "16",
        (Engine::Mysql, Shape::Machines) => "8.4",
        (Engine::Mysql, Shape::Containers) => "8.0",
    })
}
