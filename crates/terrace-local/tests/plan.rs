//! The plan of a small system in each shape, and the laws that every plan keeps.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own fixture is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_edge_config::Peer;
use terrace_local::{
    Addresses, Description, Destination, LocalPlan, LocalhostTls, LowerError, ProcessKind, ProcessName, Site,
    lower,
};
use terrace_topology::{
    Architecture, Assets, BackupDays, Capacity, ContainerSize, CpuTarget, CpuUnits, Database, Egress, Engine,
    Entrance, KeptReleases, LogDays, Mebibytes, Network, PartyName, Runnable, SecretSource, Service, Shape,
    Topology, Web, WebServer, Zones,
};

fn system(shape: Shape, entrance: Entrance) -> Topology {
    let app = Service {
        root: "backend".parse().unwrap(),
        build: Some("cargo build --release".parse().unwrap()),
        runnable: Runnable::Command("target/release/items-api".parse().unwrap()),
        port: 8000.try_into().unwrap(),
        paths: ["/api/*", "/hooks/mail"].iter().map(|p| p.parse().unwrap()).collect(),
        health: "/health".parse().unwrap(),
        capacity: Capacity::new(2, 6, CpuTarget::new(60).ok()).unwrap(),
        concurrency: None,
        variables: BTreeMap::from([("LOG_LEVEL".parse().unwrap(), "info".parse().unwrap())]),
        secrets: BTreeMap::from([(
            "MAIL_KEY".parse().unwrap(),
            SecretSource::Existing("items/mail".parse().unwrap()),
        )]),
        egress: Egress::None,
        egress_ports: BTreeSet::from([terrace_net::Port::HTTPS]),
        machine: None,
        size: ContainerSize::new(CpuUnits::new(256).unwrap(), Mebibytes::new(512).unwrap()).unwrap(),
        setup: None,
        files: Vec::new(),
        runtime: None,
        exec: true,
    };
    Topology {
        name: "my-items".parse().unwrap(),
        environment: None,
        production: false,
        shape,
        architecture: Architecture::X86_64,
        region: "us-east-1".parse().unwrap(),
        account: None,
        zones: Zones::Two,
        zone_letters: None,
        network: Network { block: "10.0.0.0/16".parse().unwrap(), subnets: BTreeMap::new() },
        entrance,
        domain: None,
        hosted_zone: None,
        web: Web {
            root: "frontend".parse().unwrap(),
            build: Some("npm ci && npm run build".parse().unwrap()),
            dist: "dist".parse().unwrap(),
            single_page: true,
            server: WebServer::Terrace,
            machine: None,
            capacity: Capacity::new(2, 2, None).unwrap(),
            setup: None,
            assets: Assets::Machines,
        },
        services: BTreeMap::from([(PartyName::app(), app)]),
        database: Database {
            engine: Engine::Postgres,
            version: "16".parse().unwrap(),
            standby: true,
            class: None,
            storage: None,
            backup_days: BackupDays::new(7).unwrap(),
            protected: false,
            migrate: None,
        },
        alerts: None,
        budget: None,
        log_days: LogDays::new(30).unwrap(),
        kept_releases: KeptReleases::new(10).unwrap(),
    }
}

fn plan(shape: Shape, entrance: Entrance) -> LocalPlan {
    lower(&system(shape, entrance), false).unwrap()
}

#[test]
fn machines_put_two_balancers_and_a_web_tier_before_the_service() {
    assert_snapshot!(Description::of(&plan(Shape::Machines, Entrance::LoadBalancer)), @"
    my-items, in shape ec2, on this machine

    builds, when sources changed
      app            in backend: cargo build --release
      web            in frontend: npm ci && npm run build

    starts, in this order
      data           PostgreSQL 16
                       listens   127.0.0.1, a free port
                       healthy   when a query is answered
      app            2 to 6 replicas, at 60 % CPU
                       runs      in backend: target/release/items-api
                       listens   127.0.0.1, a free port each
                       after     data
                       healthy   when GET /health answers 200 to 399
                       reads     the parameters /my-items/local/app/*
                                 the secret items/mail
                                 the secret my-items/local/data
                       finds     DATABASE_URL=<the database's URL>
                                 DB_HOST=<the database's host>
                                 DB_NAME=<the database's name>
                                 DB_PASSWORD=<the database's password>
                                 DB_PORT=<the database's port>
                                 DB_USER=<the database's user>
                                 HOST=127.0.0.1
                                 LOG_LEVEL=info
                                 MAIL_KEY=<secret items/mail>
                                 PORT=<the replica's port>
      internal-lb    internal load balancer
                       listens   127.0.0.1, a free port
                       after     app
                       healthy   when its control socket answers
                       routes    /hooks/mail    to app
                                 /api/*         to app
      web            web tier
                       listens   127.0.0.1, a free port
                       after     internal-lb
                       healthy   when its control socket answers
                       routes    /hooks/mail    to internal-lb
                                 /api/*         to internal-lb
                                 /*             to files of frontend/dist, index.html for pages
      public-lb      public load balancer
                       listens   127.0.0.1, for your browser
                       after     web
                       healthy   when its control socket answers
                       routes    /*             to web
    ");
}

#[test]
fn a_migration_runs_before_the_service_with_all_that_it_has() {
    let mut topology = system(Shape::Machines, Entrance::LoadBalancer);
    topology.database.migrate = Some("./migrate up".parse().unwrap());
    let plan = lower(&topology, false).unwrap();
    let names: Vec<&str> = plan.processes.iter().map(|process| process.name.as_str()).collect();
    assert_eq!(names, ["data", "migrate", "app", "internal-lb", "web", "public-lb"]);
    let text = Description::of(&plan).to_string();
    let migration: Vec<&str> = text.lines().skip_while(|line| !line.contains("migrate ")).take(5).collect();
    assert_snapshot!(migration.join("\n"), @"
    migrate        migration
                     runs      in backend: ./migrate up
                     after     data
                     healthy   when it has ended well
                     reads     the settings of app
    ");
    let service = plan.process(&ProcessName::new("app").unwrap()).unwrap();
    assert_eq!(service.after.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["data", "migrate"]);
    let (ProcessKind::Service(service), ProcessKind::Migration(migration)) =
        (&service.kind, &plan.process(&ProcessName::new("migrate").unwrap()).unwrap().kind)
    else {
        panic!("a service and its migration");
    };
    assert_eq!(
        (&service.program.folder, &service.program.environment, &service.program.handover),
        (&migration.folder, &migration.environment, &migration.handover)
    );
}

#[test]
fn containers_put_a_network_and_a_bucket_before_it() {
    assert_snapshot!(Description::of(&plan(Shape::Containers, Entrance::Cdn)), @"
    my-items, in shape fargate, on this machine

    builds, when sources changed
      app            in backend: cargo build --release
      web            in frontend: npm ci && npm run build

    starts, in this order
      data           PostgreSQL 16
                       listens   127.0.0.1, a free port
                       healthy   when a query is answered
      app            2 to 6 replicas, at 60 % CPU
                       runs      in backend: target/release/items-api
                       listens   127.0.0.1, a free port each
                       after     data
                       healthy   when GET /health answers 200 to 399
                       finds     DATABASE_URL=<the database's URL>
                                 DB_HOST=<the database's host>
                                 DB_NAME=<the database's name>
                                 DB_PASSWORD=<the database's password>
                                 DB_PORT=<the database's port>
                                 DB_USER=<the database's user>
                                 HOST=127.0.0.1
                                 LOG_LEVEL=info
                                 MAIL_KEY=<secret items/mail>
                                 PORT=<the replica's port>
      load-balancer  internal load balancer
                       listens   127.0.0.1, a free port
                       after     app
                       healthy   when its control socket answers
                       routes    /hooks/mail    to app
                                 /api/*         to app
      bucket         bucket
                       listens   127.0.0.1, a free port
                       healthy   when its control socket answers
                       routes    /*             to files of frontend/dist, index.html for pages
      cdn            content delivery network
                       listens   127.0.0.1, for your browser
                       after     load-balancer, bucket
                       healthy   when its control socket answers
                       routes    /hooks/mail    to load-balancer
                                 /api/*         to load-balancer
                                 /*             to bucket
    ");
}

#[test]
fn a_network_may_stand_before_machines() {
    let plan = plan(Shape::Machines, Entrance::Cdn);
    let names: Vec<_> = plan.processes.iter().map(|p| p.name.to_string()).collect();
    assert_eq!(names, ["data", "app", "internal-lb", "web", "public-lb", "cdn"]);
    assert_eq!(plan.entrance().unwrap().0.name.as_str(), "cdn");
}

#[test]
fn a_service_that_is_only_an_image_cannot_run_here() {
    let mut system = system(Shape::Containers, Entrance::Cdn);
    let file = "Dockerfile".parse().unwrap();
    system.services.get_mut(&PartyName::app()).unwrap().runnable =
        Runnable::Dockerfile { file, without_container: None };
    assert_eq!(lower(&system, false), Err(LowerError::NoCommand(PartyName::app())));
}

#[test]
fn only_the_entrance_meets_the_public_and_only_it_speaks_https() {
    let plan = lower(&system(Shape::Machines, Entrance::LoadBalancer), true).unwrap();
    let addresses = addresses(&plan);
    let listeners: Vec<SocketAddr> =
        vec!["127.0.0.1:8080".parse().unwrap(), "127.0.0.1:8443".parse().unwrap()];
    for process in &plan.processes {
        let ProcessKind::Edge(edge) = &process.kind else { continue };
        let entrance = plan.entrance().unwrap().0 == process;
        let tls = entrance.then(|| LocalhostTls { folder: "tls".into(), port: 8443.try_into().unwrap() });
        let listeners = if entrance { &listeners[..] } else { &listeners[..1] };
        let site = Site { project: Path::new("/project"), addresses: &addresses, listeners, tls };
        let config = edge.config(&process.name, &site).unwrap();
        assert_eq!(config.peer == Peer::Public, entrance, "{}", process.name);
        assert_eq!(config.listeners.iter().any(|l| l.tls.is_some()), entrance, "{}", process.name);
        assert_eq!(config.listeners[0].redirect_to_https.is_some(), entrance, "{}", process.name);
    }
}

#[test]
fn an_edge_that_points_at_nothing_is_refused() {
    let plan = plan(Shape::Machines, Entrance::LoadBalancer);
    let (process, edge) = plan.entrance().unwrap();
    let nothing = Addresses::new();
    let site = Site { project: Path::new("/project"), addresses: &nothing, listeners: &[], tls: None };
    let error = edge.config(&process.name, &site).unwrap_err();
    assert_eq!(error.to_string(), "`web` has no address yet");
}

fn addresses(plan: &LocalPlan) -> Addresses {
    let ports = 20_000_u16..;
    plan.processes
        .iter()
        .zip(ports)
        .map(|(p, n)| (p.name.clone(), BTreeSet::from([([127, 0, 0, 1], n).into()])))
        .collect()
}

proptest! {
    /// Whatever the shape: nothing starts before what it waits for, every process that is pointed at exists and has
    /// started, and each flow between two parties is served by a path of routes from the entrance.
    #[test]
    fn plans_are_ordered_and_every_flow_is_routed(machines in any::<bool>(), cdn in any::<bool>(), https in any::<bool>()) {
        let shape = if machines { Shape::Machines } else { Shape::Containers };
        let entrance = if cdn || !machines { Entrance::Cdn } else { Entrance::LoadBalancer };
        let system = system(shape, entrance);
        let plan = lower(&system, https).unwrap();
        let mut started = BTreeSet::new();
        let mut reached_paths = BTreeSet::new();
        for process in &plan.processes {
            for name in &process.after {
                prop_assert!(started.contains(name), "{} waits for {name}, which starts later", process.name);
            }
            if let ProcessKind::Edge(edge) = &process.kind {
                for route in &edge.routes {
                    match &route.to {
                        Destination::Files { .. } => {}
                        Destination::Edge(to) => prop_assert!(started.contains(to)),
                        Destination::Service { name, .. } => {
                            prop_assert!(started.contains(name));
                            reached_paths.insert(route.path.to_string());
                        }
                    }
                }
            }
            started.insert(process.name.clone());
        }
        let meant: BTreeSet<_> = system.services.values().flat_map(|s| &s.paths).map(ToString::to_string).collect();
        prop_assert_eq!(reached_paths, meant);
    }
}
