//! The endpoint that rehearses the way into the database: open while the system runs, under the names that the system has on
//! AWS, leading to what runs here.
//!
//! GUARANTEE: it knows no replica that is not healthy and no endpoint that the system has not; a port that cannot be had is
//! told and stops nothing else.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use terrace_local::{DatabaseAccess, DatabasePlan, LocalPlan, ProcessKind, ProcessName};
use terrace_net::{Endpoint as Address, Host, Port};
use terrace_topology::Engine;
use terrace_tunnel::endpoint::{
    self, AccountId, Database, DatabaseService, Endpoint, Faults, Name, Options, Place, Region, Replica,
    Shape, System,
};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::control::{Phase, RehearsalStatus};
use crate::supervisor::Run;

/// What the system is called on AWS, and what is to go wrong.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Where it is said to be.
    pub region: Region,
    /// The environment, if it is one.
    pub environment: Option<String>,
    /// What the application runs on, with its names.
    pub shape: Shape,
    /// The database's identifier.
    pub identifier: Name,
    /// RDS or Aurora.
    pub service: DatabaseService,
    /// The engine in RDS's words: `postgres`, `aurora-mysql`.
    pub engine: String,
    /// What goes wrong in sessions.
    pub faults: Faults,
}

/// The endpoint while it is open.
#[derive(Debug)]
pub(crate) struct Open {
    close: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Open {
    /// Tells every session that it is over, and waits until they are.
    pub(crate) async fn close(self) {
        let _gone = self.close.send(());
        // A task that panicked has let go of its endpoint, which is what was wanted.
        let _panicked = self.task.await;
    }
}

/// What of a system does not change while it runs.
struct Still {
    run: Arc<Run>,
    order: Vec<ProcessName>,
    services: Vec<ProcessName>,
    edges: Vec<ProcessName>,
    shape: Shape,
    database: Database,
}

/// Opens the endpoint on the port of last time, or another. None if there is no port to be had; that is told.
pub(crate) async fn open(
    run: &Arc<Run>,
    plan: &LocalPlan,
    wish: &Rehearsal,
    database: (&DatabasePlan, &DatabaseAccess),
) -> Option<Open> {
    let of = |wanted: fn(&ProcessKind) -> bool| {
        plan.processes.iter().filter(|p| wanted(&p.kind)).map(|p| p.name.clone()).collect()
    };
    let still = Still {
        run: Arc::clone(run),
        order: plan.processes.iter().map(|process| process.name.clone()).collect(),
        services: of(|kind| matches!(kind, ProcessKind::Service(_))),
        edges: of(|kind| matches!(kind, ProcessKind::Edge(_))),
        shape: wish.shape.clone(),
        database: of_plan(wish, database)?,
    };
    let (tell, system) = watch::channel(still.system());
    let place = Place {
        region: wish.region.clone(),
        account: AccountId::rehearsal(),
        run: format!("{} {}", run.state.path().display(), wish.environment.as_deref().unwrap_or_default()),
    };
    let options = |port| Options {
        place: place.clone(),
        system: system.clone(),
        port,
        faults: wish.faults,
        // The same faults at the same places each time: what went wrong once can be looked at again.
        seed: 0,
    };
    let (remembered, name) = (run.state.ports(), ProcessName::new("rehearsal-endpoint").ok()?);
    let last = remembered.of(&name);
    let opened = match last {
        Some(port) => match endpoint::open(options(Some(port))).await {
            Ok(opened) => Ok(opened),
            Err(_) => endpoint::open(options(None)).await,
        },
        None => endpoint::open(options(None)).await,
    };
    let endpoint = match opened {
        Ok(endpoint) => endpoint,
        Err(error) => {
            run.hub.note(format!("the way in is not rehearsed: {error}"));
            return None;
        }
    };
    if let Ok(port) = Port::new(endpoint.address().port()) {
        // Only a convenience: a port that is not remembered is another one next time.
        let _forgotten = remembered.remember(&name, port);
    }
    let status = still.status(&endpoint, wish);
    run.set_rehearsal(Some(status));
    let (close, closed) = oneshot::channel();
    let task = tokio::spawn(attend(still, endpoint, wish.clone(), tell, closed));
    Some(Open { close, task })
}

fn of_plan(wish: &Rehearsal, (plan, access): (&DatabasePlan, &DatabaseAccess)) -> Option<Database> {
    Some(Database {
        identifier: wish.identifier.clone(),
        service: wish.service.clone(),
        engine: wish.engine.clone(),
        version: plan.version.to_string(),
        port: match plan.engine {
            Engine::Postgres => Port::POSTGRES,
            Engine::Mysql => Port::MYSQL,
        },
        user: access.user.to_string(),
        name: access.database.to_string(),
        address: access.endpoint.address()?,
    })
}

/// Keeps the endpoint's view of the system true until it is told to close.
async fn attend(
    still: Still,
    endpoint: Endpoint,
    wish: Rehearsal,
    tell: watch::Sender<System>,
    mut closed: oneshot::Receiver<()>,
) {
    let mut changes = still.run.board.changes();
    loop {
        changes.mark_unchanged();
        tell.send_replace(still.system());
        still.run.set_rehearsal(Some(still.status(&endpoint, &wish)));
        tokio::select! {
            // Sent, or dropped with the whole run.
            _told = &mut closed => break,
            changed = changes.changed() => if changed.is_err() { break },
        }
    }
    still.run.set_rehearsal(None);
    endpoint.close("the system is being stopped (`terrace up` ended)").await;
}

impl Still {
    /// The system now.
    fn system(&self) -> System {
        let statuses = self.run.board.statuses(&self.order);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let healthy = statuses.iter().filter(|status| {
            status.phase == Phase::Healthy && self.services.contains(&status.instance.process)
        });
        let replicas = healthy.map(|status| Replica {
            // Another process under the same name is another task.
            start: format!("{} {}", status.instance, status.pid.unwrap_or_default()),
            since: now.saturating_sub(status.millis / 1000),
        });
        let mut others = BTreeMap::new();
        let here = self.database.address;
        if let Ok(port) = Port::new(here.port()) {
            let names = ["localhost".parse().ok(), Some(Host::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)))];
            others.extend(names.into_iter().flatten().map(|host| (Address::new(host, port), here)));
        }
        for status in &statuses {
            let process = &status.instance.process;
            if !self.services.contains(process) && !self.edges.contains(process) {
                continue;
            }
            let address: Option<SocketAddr> = status.address.as_deref().and_then(|text| text.parse().ok());
            let Some(address) = address else { continue };
            let names = [status.instance.to_string(), process.to_string()];
            for host in names.iter().filter_map(|name| name.parse::<Host>().ok()) {
                if let Ok(port) = Port::new(address.port()) {
                    others.insert(Address::new(host, port), address);
                }
            }
        }
        System {
            shape: self.shape.clone(),
            replicas: replicas.collect(),
            database: Some(self.database.clone()),
            others,
        }
    }

    fn status(&self, endpoint: &Endpoint, wish: &Rehearsal) -> RehearsalStatus {
        let (host, port) = endpoint.database().unzip();
        RehearsalStatus {
            url: endpoint.url(),
            region: wish.region.to_string(),
            environment: wish.environment.clone(),
            targets: endpoint.targets(),
            host: host.unwrap_or_default(),
            port,
            faults: wish.faults.to_string(),
        }
    }
}
