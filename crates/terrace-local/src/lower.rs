//! The one lowering from intent to processes on this machine. Every route comes from a flow.

use std::collections::BTreeMap;

use terrace_edge_config::{Millis, NameError, PathPattern, PathPatternError};
use terrace_topology::{
    Carries, CommandLine, DatabaseName, Entrance, Flow, PartyName, Role, Runnable, Service, Shape, Topology,
};

use crate::plan::name;
use crate::{
    Build, DatabasePlan, Destination, EdgePlan, EdgeRole, Exposure, Handover, LocalPlan, Probe, Process,
    ProcessKind, ProcessName, Program, RoutePlan, ServicePlan, environment,
};

/// Why a system cannot run on this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// A service has only a Dockerfile.
    #[error(
        "`{0}` has an `image` and no `run`: `terrace up` starts it without a container and needs the command"
    )]
    NoCommand(PartyName),
    /// A name that cannot be a process's.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A secret that Terrace would make has no possible name.
    #[error("a secret cannot be named `{0}`")]
    Secret(String),
    /// A path that the edge cannot route.
    #[error(transparent)]
    Path(#[from] PathPatternError),
}

/// The plan of a system on this machine. `https` serves the public over HTTPS with a certificate for localhost.
pub fn lower(topology: &Topology, https: bool) -> Result<LocalPlan, LowerError> {
    let fronts = Fronts::of(topology)?;
    let flows = topology.flows();
    let database = fronts.of_party(&PartyName::database())?;
    let mut builds = Vec::new();
    let mut processes = vec![database_process(topology, &database)];

    for (party, service) in &topology.services {
        let own = name(party.as_str())?;
        builds.extend(service.build.iter().map(|command| Build {
            party: party.clone(),
            folder: service.root.clone(),
            command: command.clone(),
            output: None,
        }));
        let mut service = service_process(topology, party, service, own, &database)?;
        if *party == PartyName::app()
            && let Some(migration) = migration_process(topology, &service)?
        {
            service.after.push(migration.name.clone());
            processes.push(migration);
        }
        processes.push(service);
    }
    builds.extend(topology.web.build.iter().map(|command| Build {
        party: PartyName::web(),
        folder: topology.web.root.clone(),
        command: command.clone(),
        output: Some(topology.web.root.join(&topology.web.dist)),
    }));

    processes.push(service_balancer(topology, &fronts)?);
    let exposure = if https { Exposure::Https } else { Exposure::Http };
    let mut edges = Edges { topology, flows: &flows, fronts: &fronts, processes: &mut processes };
    match topology.shape {
        Shape::Machines => {
            edges.push("web", PartyName::web(), EdgeRole::WebServer, Exposure::Private)?;
            if topology.entrance == Entrance::Cdn {
                edges.push(
                    "public-lb",
                    PartyName::entrance(),
                    EdgeRole::PublicLoadBalancer,
                    Exposure::Private,
                )?;
                edges.push_before("cdn", EdgeRole::Cdn, exposure, "public-lb")?;
            } else {
                edges.push("public-lb", PartyName::entrance(), EdgeRole::PublicLoadBalancer, exposure)?;
            }
        }
        Shape::Containers => {
            edges.push("bucket", PartyName::web(), EdgeRole::Bucket, Exposure::Private)?;
            edges.push("cdn", PartyName::entrance(), EdgeRole::Cdn, exposure)?;
        }
    }
    Ok(LocalPlan { system: topology.name.clone(), shape: topology.shape, builds, processes })
}

/// The process through which each party is reached.
struct Fronts(BTreeMap<PartyName, ProcessName>);

impl Fronts {
    fn of(topology: &Topology) -> Result<Self, NameError> {
        let (web, balancer) = match topology.shape {
            Shape::Machines => ("web", "internal-lb"),
            Shape::Containers => ("bucket", "load-balancer"),
        };
        topology
            .parties()
            .iter()
            .filter_map(|party| {
                let front = match party.role() {
                    Role::Internet | Role::Entrance | Role::Platform => return None,
                    Role::Web => web,
                    Role::Service => balancer,
                    Role::Database => "data",
                };
                Some(name(front).map(|front| (party.name().clone(), front)))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn of_party(&self, party: &PartyName) -> Result<ProcessName, NameError> {
        self.0.get(party).cloned().map_or_else(|| name(party.as_str()), Ok)
    }
}

/// Collects the edge processes from the inside out.
struct Edges<'a> {
    topology: &'a Topology,
    flows: &'a [Flow],
    fronts: &'a Fronts,
    processes: &'a mut Vec<Process>,
}

impl Edges<'_> {
    /// An edge that plays `party`'s part: its routes are the flows that begin there, and the page if it keeps it.
    fn push(
        &mut self,
        own: &str,
        party: PartyName,
        role: EdgeRole,
        exposure: Exposure,
    ) -> Result<(), LowerError> {
        let mut routes = Vec::new();
        if party == PartyName::web() {
            let web = &self.topology.web;
            routes.push(RoutePlan {
                path: PathPattern::everything(),
                to: Destination::Files { folder: web.root.join(&web.dist), single_page: web.single_page },
            });
        }
        for flow in self.flows.iter().filter(|flow| *flow.from() == party) {
            let front = self.fronts.of_party(flow.to())?;
            for path in patterns(flow)? {
                routes.push(RoutePlan { path, to: Destination::Edge(front.clone()) });
            }
        }
        self.add(own, party, EdgePlan { role, exposure, routes })
    }

    /// An edge that passes everything on to the one behind it.
    fn push_before(
        &mut self,
        own: &str,
        role: EdgeRole,
        exposure: Exposure,
        behind: &str,
    ) -> Result<(), LowerError> {
        let to = Destination::Edge(name(behind)?);
        let routes = vec![RoutePlan { path: PathPattern::everything(), to }];
        self.add(own, PartyName::entrance(), EdgePlan { role, exposure, routes })
    }

    fn add(&mut self, own: &str, party: PartyName, edge: EdgePlan) -> Result<(), LowerError> {
        self.processes.push(edge_process(name(own)?, party, edge));
        Ok(())
    }
}

fn edge_process(name: ProcessName, party: PartyName, mut edge: EdgePlan) -> Process {
    edge.routes.sort_by(|a, b| a.path.cmp(&b.path));
    let mut after: Vec<ProcessName> = Vec::new();
    for route in &edge.routes {
        let to = match &route.to {
            Destination::Files { .. } => continue,
            Destination::Edge(to) | Destination::Service { name: to, .. } => to,
        };
        if !after.contains(to) {
            after.push(to.clone());
        }
    }
    Process { name, party, after, probe: Probe::Control, kind: ProcessKind::Edge(edge) }
}

fn patterns(flow: &Flow) -> Result<Vec<PathPattern>, PathPatternError> {
    match flow.carries() {
        Carries::Sql(_) | Carries::Platform | Carries::Outward => Ok(Vec::new()),
        Carries::Http(paths) if paths.is_empty() => Ok(vec![PathPattern::everything()]),
        Carries::Http(paths) => paths.iter().map(|path| PathPattern::new(path.as_str())).collect(),
    }
}

/// The balancer before the services: as in the cloud it takes each service's paths and no others.
fn service_balancer(topology: &Topology, fronts: &Fronts) -> Result<Process, LowerError> {
    let mut routes = Vec::new();
    let mut own = None;
    for flow in topology.flows() {
        let Some(service) = topology.services.get(flow.to()) else { continue };
        own = Some(fronts.of_party(flow.to())?);
        for path in patterns(&flow)? {
            routes.push(RoutePlan {
                path,
                to: Destination::Service {
                    name: name(flow.to().as_str())?,
                    health: service.health.clone(),
                    concurrency: service.concurrency,
                },
            });
        }
    }
    let own = own.map_or_else(|| name("internal-lb"), Ok)?;
    let edge = EdgePlan { role: EdgeRole::ServiceLoadBalancer, exposure: Exposure::Private, routes };
    Ok(edge_process(own, PartyName::app(), edge))
}

fn database_process(topology: &Topology, own: &ProcessName) -> Process {
    let user = DatabaseName::of(&topology.name);
    Process {
        name: own.clone(),
        party: PartyName::database(),
        after: Vec::new(),
        probe: Probe::Query,
        kind: ProcessKind::Database(DatabasePlan {
            engine: topology.database.engine,
            version: topology.database.version.clone(),
            database: user.clone(),
            user,
        }),
    }
}

fn service_process(
    topology: &Topology,
    party: &PartyName,
    service: &Service,
    own: ProcessName,
    database: &ProcessName,
) -> Result<Process, LowerError> {
    let run: &CommandLine = match &service.runnable {
        Runnable::Command(run) | Runnable::Dockerfile { without_container: Some(run), .. } => run,
        Runnable::Dockerfile { without_container: None, .. } => {
            return Err(LowerError::NoCommand(party.clone()));
        }
    };
    Ok(Process {
        name: own,
        party: party.clone(),
        after: vec![database.clone()],
        probe: Probe::Http {
            path: service.health.clone(),
            timeout: Millis::seconds(5),
            start_within: Millis::seconds(60),
        },
        kind: ProcessKind::Service(ServicePlan {
            program: Program {
                folder: service.root.clone(),
                run: run.clone(),
                environment: environment::of(service),
                handover: Handover::of(topology, party, service)?,
            },
            capacity: service.capacity,
            concurrency: service.concurrency,
        }),
    })
}

/// The migration, which has all that the service has that it belongs to.
fn migration_process(topology: &Topology, service: &Process) -> Result<Option<Process>, LowerError> {
    let (Some(command), ProcessKind::Service(plan)) = (&topology.database.migrate, &service.kind) else {
        return Ok(None);
    };
    Ok(Some(Process {
        name: name("migrate")?,
        party: service.party.clone(),
        after: service.after.clone(),
        probe: Probe::Exit,
        kind: ProcessKind::Migration(Program { run: command.clone(), ..plan.program.clone() }),
    }))
}
