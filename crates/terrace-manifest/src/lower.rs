//! From what is written to what is meant: defaults filled in, one environment chosen.
//!
//! The defaults here and those in the keys' description are held together by a test.

use std::collections::{BTreeMap, BTreeSet};

use terrace_diag::{Diagnostic, Diagnostics, Severity, Span};
use terrace_net::Port;
use terrace_topology::{
    Architecture, Assets, BackupDays, Capacity, ContainerSize, CpuTarget, CpuUnits, Database, Egress, Engine,
    EngineVersion, Entrance, EnvironmentName, HealthPath, LogDays, Mebibytes, Network, PartyName,
    ProjectPath, PublicPath, Region, Runnable, SecretSource, Service, Shape, Topology, Web, WebServer, Zones,
};

use crate::decode::{Decoded, Origin};
use crate::manifest::{App, Count, Data, Page, Secret, Settings};
use crate::refuse::shown;
use crate::unknown::listed;
use crate::{Places, Written, checks, code, missing, suggest};

/// What one environment means.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) topology: Option<Topology>,
    pub(crate) places: Places,
}

/// Checks the file's settings and those of every environment, and returns the meaning of the chosen one.
pub(crate) fn choose(decoded: &Decoded, wanted: Option<&str>, diagnostics: &mut Diagnostics) -> Chosen {
    let base = &decoded.manifest.settings;
    let mut found = Diagnostics::new();
    let plain = lower(base, &decoded.base, None, decoded.end, &mut found);
    diagnostics.append(found.clone());

    let mut chosen =
        Chosen { topology: plain.filter(|_| wanted.is_none()), places: decoded.base.places.clone() };
    for (name, own) in &decoded.manifest.environments {
        let Some(origin) = decoded.environments.get(name) else { continue };
        let together = Origin {
            places: decoded.base.places.under(&origin.places),
            sound: decoded.base.sound && origin.sound,
        };
        let mut here = Diagnostics::new();
        let topology = lower(&own.over(base), &together, Some(name), decoded.end, &mut here);
        diagnostics.append(of_environment(name, &origin.places, &found, here));
        if wanted == Some(name.as_str()) {
            chosen = Chosen { topology, places: together.places };
        }
    }
    if let Some(wanted) = wanted
        && !decoded.named.iter().any(|name| name == wanted)
    {
        diagnostics.push(no_such_environment(wanted, decoded));
    }
    chosen
}

/// What is wrong in an environment and not already without it.
fn of_environment(
    name: &EnvironmentName,
    own: &Places,
    already: &Diagnostics,
    here: Diagnostics,
) -> Diagnostics {
    fn key(found: &Diagnostic) -> (Option<Span>, terrace_diag::Code, &str) {
        (found.primary().map(|label| label.span()), found.code(), found.message())
    }
    let already: BTreeSet<_> = already.iter().map(key).collect();
    let own: BTreeSet<Span> = own.spans().collect();
    let is_own = |d: &Diagnostic| d.primary().is_some_and(|label| own.contains(&label.span()));
    here.into_iter()
        .filter(|found| !already.contains(&key(found)))
        .filter(|found| found.severity() == Severity::Error || is_own(found))
        .map(|found| {
            if is_own(&found) { found } else { found.help(format!("this is so in the environment `{name}`")) }
        })
        .collect()
}

fn no_such_environment(wanted: &str, decoded: &Decoded) -> Diagnostic {
    let found = Diagnostic::error(code::UNKNOWN_ENVIRONMENT, format!("no environment `{}`", shown(wanted)));
    let names = || decoded.named.iter().map(String::as_str);
    if decoded.named.is_empty() {
        return found
            .help(format!("the manifest has none; `[environments.{}]` would begin one", shown(wanted)));
    }
    let found = match suggest::nearest(wanted, names()) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found,
    };
    let verb = if decoded.named.len() == 1 { "is" } else { "are" };
    found.help(format!("there {verb} {}", listed(names().map(|name| format!("`{}`", shown(name))))))
}

fn lower(
    settings: &Settings,
    origin: &Origin,
    environment: Option<&EnvironmentName>,
    end: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Topology> {
    missing::report(&origin.places, end, diagnostics);
    checks::report(settings, &origin.places, diagnostics);
    let right = origin.sound && !diagnostics.has_errors();
    if right { topology(settings, environment) } else { None }
}

/// The value written, or else the default.
fn or<T: Clone>(written: &Option<Written<T>>, default: impl FnOnce() -> Option<T>) -> Option<T> {
    written.as_ref().map(|w| w.value().clone()).or_else(default)
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn topology(settings: &Settings, environment: Option<&EnvironmentName>) -> Option<Topology> {
    let shape = *settings.shape.as_ref()?.value();
    let service = service(&settings.app, or(&settings.egress.app, || Some(Egress::None))?)?;
    Some(Topology {
        name: settings.name.as_ref()?.value().clone(),
        environment: environment.cloned(),
        production: environment.is_some_and(|name| ["prod", "production"].contains(&name.as_str())),
        shape,
        architecture: Architecture::X86_64,
        region: or(&settings.region, || parsed::<Region>("us-east-1"))?,
        zones: or(&settings.zones, || Some(Zones::Two))?,
        zone_letters: None,
        network: Network { block: parsed("10.0.0.0/16")?, subnets: BTreeMap::new() },
        entrance: or(&settings.edge, || Some(default_entrance(shape)))?,
        domain: settings.domain.as_ref().map(|domain| domain.value().clone()),
        hosted_zone: None,
        web: web(&settings.web)?,
        services: BTreeMap::from([(PartyName::app(), service)]),
        database: database(&settings.data, shape)?,
        alerts: None,
        budget: None,
        log_days: LogDays::new(30).ok()?,
    })
}

pub(crate) fn default_entrance(shape: Shape) -> Entrance {
    match shape {
        Shape::Machines => Entrance::LoadBalancer,
        Shape::Containers => Entrance::Cdn,
    }
}

/// Where the page's folder and its built files are, from the manifest.
pub(crate) fn web(page: &Page) -> Option<Web> {
    Some(Web {
        root: or(&page.root, || parsed("."))?,
        build: or(&page.build, || None),
        dist: or(&page.dist, || parsed("dist"))?,
        single_page: or(&page.spa, || Some(true))?,
        server: or(&page.server, || Some(WebServer::Terrace))?,
        machine: None,
        capacity: Capacity::new(2, 2, None).ok()?,
        setup: None,
        assets: Assets::Machines,
    })
}

pub(crate) fn app_root(app: &App) -> Option<ProjectPath> {
    or(&app.root, || parsed("."))
}

pub(crate) fn app_paths(app: &App) -> BTreeSet<PublicPath> {
    match &app.paths {
        Some(paths) => paths.value().iter().map(|path| path.value().clone()).collect(),
        None => parsed("/api/*").into_iter().collect(),
    }
}

fn service(app: &App, egress: Egress) -> Option<Service> {
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
        egress,
        egress_ports: BTreeSet::from([Port::HTTPS]),
        machine: None,
        size: ContainerSize::new(CpuUnits::new(256).ok()?, Mebibytes::new(512).ok()?).ok()?,
        setup: None,
        files: Vec::new(),
        runtime: None,
        exec: true,
    })
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

fn database(data: &Data, shape: Shape) -> Option<Database> {
    let engine = *data.engine.as_ref()?.value();
    Some(Database {
        engine,
        version: or(&data.version, || default_version(engine, shape))?,
        standby: or(&data.standby, || Some(true))?,
        class: None,
        storage: None,
        backup_days: BackupDays::new(7).ok()?,
        protected: false,
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

/// The place of a whole text's end, for what is missing from it.
pub(crate) fn at_end(end: usize) -> Span {
    Span::new(end, end)
}
