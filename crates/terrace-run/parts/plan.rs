//! The plan that the tests run: a page, an application with a balancer, PostgreSQL, wired as shape `ec2` is.

#![expect(clippy::unwrap_used, reason = "a plan for tests, of names that are known to be good")]

use std::collections::BTreeMap;

use terrace_edge_config::{Millis, PathPattern};
use terrace_local::{
    Build, DatabasePart, DatabasePlan, Destination, EdgePlan, EdgeRole, Exposure, Handover, LocalPlan, Probe,
    Process, ProcessKind, ProcessName, Program, RoutePlan, ServicePlan, Stores, Value,
};
use terrace_topology::{
    Capacity, CpuTarget, DatabaseName, Engine, GeneratedLength, PartyName, SecretSource, Shape,
};

/// What differs from test to test.
pub(crate) struct Trial {
    /// How the application behaves: see `app.rs`.
    pub(crate) mood: &'static str,
    pub(crate) replicas: (u16, u16),
    pub(crate) start_within: Millis,
    pub(crate) app_build: Option<&'static str>,
    pub(crate) web_build: Option<&'static str>,
    pub(crate) migrate: Option<&'static str>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            mood: "well",
            replicas: (2, 2),
            start_within: Millis::seconds(60),
            app_build: None,
            web_build: None,
            migrate: None,
        }
    }
}

fn name(text: &str) -> ProcessName {
    ProcessName::new(text).unwrap()
}

impl Trial {
    /// The program that plays the application is `./parts` in the project's folder `app`.
    pub(crate) fn plan(&self) -> LocalPlan {
        let system = "trial".parse().unwrap();
        let user = DatabaseName::of(&system);
        let build = |party: PartyName, folder: &str, command: &str| Build {
            party,
            folder: folder.parse().unwrap(),
            command: command.parse().unwrap(),
            output: None,
        };
        let builds = self.app_build.iter().map(|command| build(PartyName::app(), "app", command));
        let builds =
            builds.chain(self.web_build.iter().map(|command| build(PartyName::web(), "web", command)));
        let database = Process {
            name: name("data"),
            party: PartyName::database(),
            after: Vec::new(),
            probe: Probe::Query,
            kind: ProcessKind::Database(DatabasePlan {
                engine: Engine::Postgres,
                version: "16".parse().unwrap(),
                database: user.clone(),
                user,
            }),
        };
        let mut app = self.app();
        let migration = self.migration(&app);
        app.after.extend(migration.iter().map(|process| process.name.clone()));
        let services = [database].into_iter().chain(migration).chain([app]);
        LocalPlan {
            system,
            shape: Shape::Machines,
            builds: builds.collect(),
            processes: services
                .chain([
                    edge(
                        "internal-lb",
                        PartyName::app(),
                        EdgeRole::ServiceLoadBalancer,
                        Exposure::Private,
                        vec![(
                            "/api/*",
                            Destination::Service {
                                name: name("app"),
                                health: "/health".parse().unwrap(),
                                concurrency: None,
                            },
                        )],
                    ),
                    edge(
                        "web",
                        PartyName::web(),
                        EdgeRole::WebServer,
                        Exposure::Private,
                        vec![
                            ("/api/*", Destination::Edge(name("internal-lb"))),
                            (
                                "/*",
                                Destination::Files { folder: "web/dist".parse().unwrap(), single_page: true },
                            ),
                        ],
                    ),
                    edge(
                        "public-lb",
                        PartyName::entrance(),
                        EdgeRole::PublicLoadBalancer,
                        Exposure::Http,
                        vec![("/*", Destination::Edge(name("web")))],
                    ),
                ])
                .collect(),
        }
    }

    fn migration(&self, app: &Process) -> Option<Process> {
        let (Some(command), ProcessKind::Service(service)) = (self.migrate, &app.kind) else { return None };
        let program = Program { run: command.parse().unwrap(), ..service.program.clone() };
        Some(Process {
            name: name("migrate"),
            party: app.party.clone(),
            after: app.after.clone(),
            probe: Probe::Exit,
            kind: ProcessKind::Migration(program),
        })
    }

    fn app(&self) -> Process {
        let environment = BTreeMap::from([
            ("PORT".to_owned(), Value::Port),
            ("HOST".to_owned(), Value::Host),
            ("LEVEL".to_owned(), Value::Text("a \"b\" $c é".to_owned())),
            (
                "SESSION_KEY".to_owned(),
                Value::Secret(
                    "SESSION_KEY".parse().unwrap(),
                    SecretSource::Generated(GeneratedLength::new(16).unwrap()),
                ),
            ),
            ("DATABASE_URL".to_owned(), Value::Database(DatabasePart::Url)),
        ]);
        let (min, max) = self.replicas;
        let cpu = (max > min).then(|| CpuTarget::new(10).unwrap());
        Process {
            name: name("app"),
            party: PartyName::app(),
            after: vec![name("data")],
            probe: Probe::Http {
                path: "/health".parse().unwrap(),
                timeout: Millis::seconds(5),
                start_within: self.start_within,
            },
            kind: ProcessKind::Service(ServicePlan {
                program: Program {
                    folder: "app".parse().unwrap(),
                    run: format!("./parts app {}", self.mood).parse().unwrap(),
                    environment,
                    handover: Handover::Stores(Stores {
                        parameters: "/trial/local/app/".to_owned(),
                        secrets: BTreeMap::from([(
                            "SESSION_KEY".parse().unwrap(),
                            "trial/local/app/SESSION_KEY".parse().unwrap(),
                        )]),
                        database: "trial/local/data".parse().unwrap(),
                    }),
                },
                capacity: Capacity::new(min, max, cpu).unwrap(),
                concurrency: None,
            }),
        }
    }
}

fn edge(
    own: &str,
    party: PartyName,
    role: EdgeRole,
    exposure: Exposure,
    routes: Vec<(&str, Destination)>,
) -> Process {
    let after = routes.iter().filter_map(|(_, to)| match to {
        Destination::Files { .. } => None,
        Destination::Edge(to) | Destination::Service { name: to, .. } => Some(to.clone()),
    });
    Process {
        name: name(own),
        party,
        after: after.collect(),
        probe: Probe::Control,
        kind: ProcessKind::Edge(EdgePlan {
            role,
            exposure,
            routes: routes
                .into_iter()
                .map(|(path, to)| RoutePlan { path: PathPattern::new(path).unwrap(), to })
                .collect(),
        }),
    }
}
