//! A plan as people and programs read it, before anything runs. Secrets appear by name only.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use terrace_topology::{SecretSource, Shape};

use crate::{
    DatabasePart, Destination, EdgePlan, EdgeRole, Exposure, Handover, LISTEN, LocalPlan, Probe, Process,
    ProcessKind, Value,
};

/// What `terrace up --dry-run` prints: as text by [`fmt::Display`], as JSON by serde.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    system: String,
    shape: &'static str,
    builds: Vec<BuildLine>,
    processes: Vec<ProcessLine>,
}

#[derive(Clone, Debug, Serialize)]
struct BuildLine {
    party: String,
    folder: String,
    command: String,
}

#[derive(Clone, Debug, Serialize)]
struct ProcessLine {
    name: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    listens: Option<String>,
    after: Vec<String>,
    probe: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<RouteLine>,
    /// What each replica reads when it starts, by `terrace-boot`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reads: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    environment: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
struct RouteLine {
    path: String,
    to: String,
}

impl Description {
    /// Describes a plan.
    pub fn of(plan: &LocalPlan) -> Self {
        Self {
            system: plan.system.to_string(),
            shape: match plan.shape {
                Shape::Machines => "ec2",
                Shape::Containers => "fargate",
            },
            builds: plan
                .builds
                .iter()
                .map(|b| BuildLine {
                    party: b.party.to_string(),
                    folder: b.folder.to_string(),
                    command: b.command.to_string(),
                })
                .collect(),
            processes: plan.processes.iter().map(process_line).collect(),
        }
    }
}

fn process_line(process: &Process) -> ProcessLine {
    let mut line = ProcessLine {
        name: process.name.to_string(),
        what: process.title(),
        listens: Some("127.0.0.1, a free port".to_owned()),
        after: process.after.iter().map(ToString::to_string).collect(),
        probe: match &process.probe {
            Probe::Http { path, .. } => format!("GET {path} answers 200 to 399"),
            Probe::Query => "a query is answered".to_owned(),
            Probe::Control => "its control socket answers".to_owned(),
            Probe::Exit => "it has ended well".to_owned(),
        },
        command: None,
        routes: Vec::new(),
        reads: Vec::new(),
        environment: BTreeMap::new(),
    };
    match &process.kind {
        ProcessKind::Database(_) => {}
        ProcessKind::Migration(program) => {
            line.listens = None;
            line.command = Some(format!("in {}: {}", program.folder, program.run));
            line.reads = vec![format!("the settings of {}", process.party)];
        }
        ProcessKind::Service(service) => {
            line.listens = Some("127.0.0.1, a free port each".to_owned());
            let program = &service.program;
            line.command = Some(format!("in {}: {}", program.folder, program.run));
            if let Handover::Stores(stores) = &program.handover {
                line.reads = vec![format!("the parameters {}*", stores.parameters)];
                let secrets = stores.secrets.values().chain([&stores.database]);
                line.reads.extend(secrets.map(|secret| format!("the secret {secret}")));
            }
            line.environment = program.environment.iter().map(|(n, v)| (n.clone(), value_text(v))).collect();
        }
        ProcessKind::Edge(edge) => {
            line.listens = match edge.exposure {
                Exposure::Private => line.listens,
                Exposure::Http => Some("127.0.0.1, for your browser".to_owned()),
                Exposure::Https => Some("127.0.0.1, for your browser, HTTPS".to_owned()),
            };
            line.routes = route_lines(edge);
        }
    }
    line
}

impl Process {
    /// What it is, in a few words: `PostgreSQL 16`, `2 replicas`, `web tier`.
    pub fn title(&self) -> String {
        match &self.kind {
            ProcessKind::Database(database) => format!("{} {}", database.engine.title(), database.version),
            ProcessKind::Migration(_) => "migration".to_owned(),
            ProcessKind::Service(service) => {
                let (min, max) = (service.capacity.min(), service.capacity.max());
                match (max > min, service.capacity.cpu()) {
                    (true, Some(cpu)) => format!("{min} to {max} replicas, at {} % CPU", cpu.percent()),
                    (true, None) => format!("{min} to {max} replicas"),
                    (false, _) => format!("{min} replica{}", if min == 1 { "" } else { "s" }),
                }
            }
            ProcessKind::Edge(edge) => role_text(edge.role).to_owned(),
        }
    }
}

fn role_text(role: EdgeRole) -> &'static str {
    match role {
        EdgeRole::Cdn => "content delivery network",
        EdgeRole::PublicLoadBalancer => "public load balancer",
        EdgeRole::WebServer => "web tier",
        EdgeRole::Bucket => "bucket",
        EdgeRole::ServiceLoadBalancer => "internal load balancer",
    }
}

fn route_lines(edge: &EdgePlan) -> Vec<RouteLine> {
    edge.routes
        .iter()
        .map(|route| RouteLine {
            path: route.path.to_string(),
            to: match &route.to {
                Destination::Files { folder, single_page: true } => {
                    format!("files of {folder}, index.html for pages")
                }
                Destination::Files { folder, single_page: false } => format!("files of {folder}"),
                Destination::Edge(name) => name.to_string(),
                Destination::Service { name, concurrency: Some(n), .. } => {
                    format!("{name}, {n} at once each")
                }
                Destination::Service { name, .. } => name.to_string(),
            },
        })
        .collect()
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Port => "<the replica's port>".to_owned(),
        Value::Host => LISTEN.to_owned(),
        Value::Secret(_, SecretSource::Generated(length)) => {
            format!("<secret, {} random bytes>", length.bytes())
        }
        Value::Secret(_, SecretSource::Existing(name)) => format!("<secret {name}>"),
        Value::Database(part) => match part {
            DatabasePart::Url => "<the database's URL>",
            DatabasePart::Host => "<the database's host>",
            DatabasePart::Port => "<the database's port>",
            DatabasePart::Name => "<the database's name>",
            DatabasePart::User => "<the database's user>",
            DatabasePart::Password => "<the database's password>",
        }
        .to_owned(),
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, in shape {}, on this machine", self.system, self.shape)?;
        if !self.builds.is_empty() {
            writeln!(f, "\nbuilds, when sources changed")?;
            for build in &self.builds {
                writeln!(f, "  {:<14} in {}: {}", build.party, build.folder, build.command)?;
            }
        }
        writeln!(f, "\nstarts, in this order")?;
        for process in &self.processes {
            writeln!(f, "  {:<14} {}", process.name, process.what)?;
            if let Some(command) = &process.command {
                writeln!(f, "  {:<14}   runs      {command}", "")?;
            }
            if let Some(listens) = &process.listens {
                writeln!(f, "  {:<14}   listens   {listens}", "")?;
            }
            if !process.after.is_empty() {
                writeln!(f, "  {:<14}   after     {}", "", process.after.join(", "))?;
            }
            writeln!(f, "  {:<14}   healthy   when {}", "", process.probe)?;
            for (index, route) in process.routes.iter().enumerate() {
                let title = if index == 0 { "routes" } else { "" };
                writeln!(f, "  {:<14}   {title:<9} {:<14} to {}", "", route.path, route.to)?;
            }
            for (index, read) in process.reads.iter().enumerate() {
                let title = if index == 0 { "reads" } else { "" };
                writeln!(f, "  {:<14}   {title:<9} {read}", "")?;
            }
            for (index, (name, value)) in process.environment.iter().enumerate() {
                let title = if index == 0 { "finds" } else { "" };
                writeln!(f, "  {:<14}   {title:<9} {name}={value}", "")?;
            }
        }
        Ok(())
    }
}
