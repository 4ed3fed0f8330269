//! The order of a run: sockets, edges, builds and the database side by side, then what needs them; and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terrace_local::{LocalPlan, Probe, Process, ProcessKind, ProcessName};
use terrace_topology::PartyName;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::builds::{self, Built, Changes};
use super::database::Database;
use super::migration::{Migration, Wish};
use super::sweep::{Manner, sweep};
use super::{Run, Stop, UpError, UpOptions, sockets, told};
use crate::control::{Asked, Fate, Phase};
use crate::database::{self, DatabaseError, DatabaseOptions, Prepared};
use crate::edge_process::{EdgeCommand, EdgeHandle, EdgeProcess};
use crate::probe::HttpProbe;
use crate::replicas::{ReplicaSet, ServiceCommand, ServiceHandle, Surroundings};
use crate::state::Lock;
use crate::store::Store;
use crate::{EventKind, Instance, Part, Reached, rehearsal};

type Restarted = oneshot::Sender<Result<(), String>>;

/// Runs the plan to its end.
pub(super) async fn supervise(
    run: &Arc<Run>,
    options: UpOptions,
    lock: Lock,
    fate: &watch::Sender<Fate>,
    asked: mpsc::UnboundedReceiver<Asked>,
    stop: watch::Receiver<Stop>,
) -> Result<(), UpError> {
    run.hub.tell(began(&options.plan));
    if sweep(&run.mark, Manner::Gentle).await {
        run.hub.note("an earlier run was killed: what it had left is gone now");
    }
    let mut supervision = Supervision {
        run: Arc::clone(run),
        lock,
        url: String::new(),
        actors: BTreeMap::new(),
        tasks: JoinSet::new(),
        edges: Vec::new(),
        services: Vec::new(),
        database: None,
        migrations: Vec::new(),
        migrating: JoinSet::new(),
        builds: JoinSet::new(),
        changes: None,
        store: None,
        rehearsal: None,
        asked,
        stop,
        options,
    };
    let outcome = match supervision.begin() {
        Ok(preparing) => supervision.attend(preparing, fate).await,
        Err(error) => Err(error),
    };
    fate.send_modify(|fate| {
        fate.stopping = true;
        fate.failed = outcome.as_ref().err().map(ToString::to_string);
    });
    supervision.end().await;
    // Should a leash have been killed, what it held may have been left.
    sweep(&run.mark, Manner::Harsh).await;
    outcome
}

fn began(plan: &LocalPlan) -> EventKind {
    let about = crate::control::About::of(plan);
    let parts = plan.processes.iter().map(|process| Part {
        process: process.name.clone(),
        what: process.title(),
        after: process.after.clone(),
        replicas: match &process.kind {
            ProcessKind::Service(service) => service.capacity.min(),
            ProcessKind::Database(_) | ProcessKind::Migration(_) | ProcessKind::Edge(_) => 1,
        },
        built: plan.builds.iter().any(|build| build.party == process.party),
    });
    EventKind::Began {
        system: about.system,
        shape: about.shape,
        pid: std::process::id(),
        parts: parts.collect(),
    }
}

struct Supervision {
    run: Arc<Run>,
    options: UpOptions,
    lock: Lock,
    url: String,
    /// The word to each supervised process that it shall stop.
    actors: BTreeMap<ProcessName, watch::Sender<Stop>>,
    tasks: JoinSet<(ProcessName, Result<(), UpError>)>,
    edges: Vec<EdgeHandle>,
    services: Vec<ServiceHandle>,
    database: Option<(ProcessName, mpsc::UnboundedSender<Restarted>)>,
    /// The way to each migration: whose it is, and its process's name.
    migrations: Vec<(PartyName, ProcessName, mpsc::UnboundedSender<Wish>)>,
    /// Parties with something new, which takes its place once the database is migrated for it.
    migrating: JoinSet<Option<PartyName>>,
    builds: JoinSet<Result<Built, UpError>>,
    changes: Option<Changes>,
    /// What replicas read their settings from, where they do that themselves.
    store: Option<Store>,
    /// The way in, rehearsed.
    rehearsal: Option<rehearsal::Open>,
    asked: mpsc::UnboundedReceiver<Asked>,
    stop: watch::Receiver<Stop>,
}

/// A database that is being prepared.
type Preparing = JoinSet<Result<(Process, Prepared), DatabaseError>>;

impl Supervision {
    /// Starts what needs nothing: edges, builds, and the preparation of the database.
    fn begin(&mut self) -> Result<Preparing, UpError> {
        let plan = self.options.plan.clone();
        let mut sockets = sockets::bind(&self.run, &plan, self.options.port)?;
        if let Some((entrance, _)) = plan.entrance()
            && let Some(of_entrance) = sockets.get(&entrance.name)
            && let Some(last) = of_entrance.listeners.last()
        {
            let scheme = if of_entrance.tls.is_some() { "https" } else { "http" };
            self.url = format!("{scheme}://localhost:{}/", sockets::port_of(last)?);
            self.lock.announce(self.url.clone()).map_err(UpError::io("cannot write the lock file"))?;
        }
        for process in &plan.processes {
            let instance = Instance { process: process.name.clone(), replica: None };
            let ProcessKind::Edge(edge) = &process.kind else { continue };
            let Some(sockets) = sockets.remove(&process.name) else { continue };
            self.run.board.enter(&instance, Phase::Waiting, |_| {});
            let (tell, stop) = watch::channel(Stop::No);
            let (edge, handle) = EdgeProcess::new(Arc::clone(&self.run), process, edge, sockets, stop);
            self.edges.push(handle);
            let name = process.name.clone();
            self.actors.insert(name.clone(), tell);
            self.tasks.spawn(async move { (name, edge.supervise().await) });
        }
        let built: BTreeSet<&PartyName> = plan.builds.iter().map(|build| &build.party).collect();
        for process in plan.processes.iter().filter(|process| !built.contains(&process.party)) {
            self.run.board.set_built(&process.party);
        }
        if self.options.watch {
            // Before the builds look at the sources: no change falls in between.
            self.changes = Changes::watch(&self.run, &plan);
        }
        for build in &plan.builds {
            builds::begin(&self.run, &plan, build, &mut self.builds);
        }
        let mut preparing = JoinSet::new();
        for process in &plan.processes {
            let ProcessKind::Database(database) = &process.kind else { continue };
            let instance = Instance { process: process.name.clone(), replica: None };
            self.run.board.enter(&instance, Phase::Waiting, |_| {});
            let (run, database, process) = (Arc::clone(&self.run), database.clone(), process.clone());
            let options = DatabaseOptions {
                binaries: self.options.database_binaries.clone(),
                offline: self.options.offline,
                cache: None,
            };
            preparing.spawn(async move {
                let (hub, name) = (run.hub.clone(), process.name.clone());
                let note = move |text: String| {
                    hub.tell(EventKind::Note { process: Some(name.clone()), text });
                };
                let prepared =
                    database::prepare(&database, &process.name, &run.state, &options, &run.executable, &note)
                        .await?;
                Ok((process, prepared))
            });
        }
        Ok(preparing)
    }

    /// Does what comes up until it is told to stop, or something fails.
    async fn attend(&mut self, mut preparing: Preparing, fate: &watch::Sender<Fate>) -> Result<(), UpError> {
        let all: Vec<ProcessName> = self.options.plan.processes.iter().map(|p| p.name.clone()).collect();
        let run = Arc::clone(&self.run);
        let mut changes = self.changes.take();
        let mut ready = false;
        loop {
            tokio::select! {
                () = told(&mut self.stop, Stop::Drain) => return Ok(()),
                Some(asked) = self.asked.recv() => match asked {
                    Asked::Restart { target, done } => self.restart(&target, done),
                    Asked::Stop { now } => {
                        if now {
                            self.tell_all_now();
                        }
                        return Ok(());
                    }
                },
                Some(prepared) = preparing.join_next() => {
                    let (process, prepared) =
                        prepared.map_err(|error| UpError::Lost(error.to_string()))??;
                    self.start_database(process, prepared).await?;
                }
                Some(built) = self.builds.join_next() => {
                    let built = built.map_err(|error| UpError::Lost(error.to_string()))??;
                    self.follow(built);
                }
                Some(migrated) = self.migrating.join_next() => {
                    if let Ok(Some(party)) = migrated {
                        self.renew(&party);
                    }
                }
                Some(ended) = self.tasks.join_next() => {
                    let (name, outcome) = ended.map_err(|error| UpError::Lost(error.to_string()))?;
                    self.actors.remove(&name);
                    outcome?;
                    return Err(UpError::Lost(name.to_string()));
                }
                () = run.board.healthy(&all), if !ready => {
                    ready = true;
                    let reached = self.reached(&all);
                    self.run.hub.tell(EventKind::Ready(reached.clone()));
                    fate.send_modify(|fate| fate.reached = Some(reached));
                }
                changed = next(&mut changes), if ready => match changed {
                    Some(change) => self.changed(&change),
                    None => changes = None,
                },
            }
        }
    }

    fn reached(&self, order: &[ProcessName]) -> Reached {
        let statuses = self.run.board.statuses(order);
        let endpoints = statuses.into_iter().filter_map(|s| Some((s.instance.to_string(), s.address?)));
        let rehearsal = self.run.rehearsal().map(|rehearsal| rehearsal.url);
        Reached { url: self.url.clone(), endpoints: endpoints.collect(), rehearsal }
    }

    async fn start_database(&mut self, process: Process, prepared: Prepared) -> Result<(), UpError> {
        let access = prepared.access.clone();
        if let (Some(wish), ProcessKind::Database(plan)) = (&self.options.rehearsal, &process.kind) {
            self.rehearsal = rehearsal::open(&self.run, &self.options.plan, wish, (plan, &access)).await;
        }
        let (restart, restarts) = mpsc::unbounded_channel();
        self.database = Some((process.name.clone(), restart));
        let (tell, stop) = watch::channel(Stop::No);
        let name = process.name.clone();
        self.actors.insert(name.clone(), tell);
        let database = Database { run: Arc::clone(&self.run), process, prepared, restarts, stop };
        self.tasks.spawn(async move { (name, database.supervise().await) });

        let plan = self.options.plan.clone();
        for process in &plan.processes {
            let (ProcessKind::Service(service), Probe::Http { path, timeout, start_within }) =
                (&process.kind, &process.probe)
            else {
                continue;
            };
            let ambient = |name: &terrace_topology::SettingName| std::env::var(name.as_str()).ok();
            let program = &service.program;
            let secrets =
                self.run.state.secrets().of_service(&process.party, &program.environment, ambient)?;
            let surroundings = Arc::new(Surroundings::of(program, access.clone(), secrets, &mut self.store)?);
            self.start_migrations(&plan, &process.party, &surroundings);
            let probe = HttpProbe {
                path: path.clone(),
                timeout: timeout.duration(),
                start_within: start_within.duration(),
            };
            let (tell, stop) = watch::channel(Stop::No);
            let run = Arc::clone(&self.run);
            let (set, handle) =
                ReplicaSet::new(run, process, service, probe, surroundings, &self.edges, stop);
            self.services.push(handle);
            let name = process.name.clone();
            self.actors.insert(name.clone(), tell);
            self.tasks.spawn(async move { (name, set.supervise().await) });
        }
        Ok(())
    }

    /// Starts what migrates for a party: it waits by itself for what it needs.
    fn start_migrations(&mut self, plan: &LocalPlan, party: &PartyName, surroundings: &Arc<Surroundings>) {
        for process in plan.processes.iter().filter(|process| process.party == *party) {
            let ProcessKind::Migration(program) = &process.kind else { continue };
            let (wish, wishes) = mpsc::unbounded_channel();
            let name = process.name.clone();
            self.migrations.push((party.clone(), name.clone(), wish));
            let (tell, stop) = watch::channel(Stop::No);
            self.actors.insert(name.clone(), tell);
            let migration = Migration {
                run: Arc::clone(&self.run),
                process: process.clone(),
                program: program.clone(),
                surroundings: Arc::clone(surroundings),
                wishes,
                stop,
            };
            self.tasks.spawn(async move { (name, migration.supervise().await) });
        }
    }

    /// A rebuilt party's processes get what was built.
    fn follow(&mut self, built: Built) {
        match built {
            Built::First(party) => self.run.board.set_built(&party),
            Built::Again(party) => self.migrate_and_renew(&party),
            Built::Nothing => {}
        }
    }

    /// What is new of a party takes its place, after the migration if it has one. Should that fail, which it tells
    /// itself, all stays as it is.
    fn migrate_and_renew(&mut self, party: &PartyName) {
        let Some((_, _, wishes)) = self.migrations.iter().find(|(of, _, _)| of == party) else {
            return self.renew(party);
        };
        let (done, outcome) = oneshot::channel();
        let _stopped = wishes.send(done);
        let party = party.clone();
        self.migrating.spawn(async move { matches!(outcome.await, Ok(Ok(()))).then_some(party) });
    }

    fn renew(&self, party: &PartyName) {
        let of_party: BTreeSet<&ProcessName> = self
            .options
            .plan
            .processes
            .iter()
            .filter(|process| process.party == *party)
            .map(|process| &process.name)
            .collect();
        for edge in self.edges.iter().filter(|edge| edge.serves_files() && of_party.contains(&edge.process)) {
            edge.tell(EdgeCommand::ReloadFiles);
        }
        for service in self.services.iter().filter(|service| service.process.party == *party) {
            // What comes of it is told as events.
            let (done, _outcome) = oneshot::channel();
            let _stopped = service.commands.send(ServiceCommand::Restart(None, done));
        }
    }

    fn changed(&mut self, change: &builds::Change) {
        self.run.hub.tell(EventKind::Changed {
            party: change.party.to_string(),
            path: change.path.display().to_string(),
        });
        let plan = self.options.plan.clone();
        match plan.builds.iter().find(|build| build.party == change.party) {
            Some(build) => builds::again(&self.run, &plan, build, &mut self.builds),
            None => self.migrate_and_renew(&change.party),
        }
    }

    fn restart(&self, target: &str, done: Restarted) {
        if let Some((_, restart)) = self.database.as_ref().filter(|(name, _)| name.as_str() == target) {
            let _stopped = restart.send(done);
            return;
        }
        if let Some((_, _, wishes)) = self.migrations.iter().find(|(_, name, _)| name.as_str() == target) {
            let _stopped = wishes.send(done);
            return;
        }
        if let Some(edge) = self.edges.iter().find(|edge| edge.process.as_str() == target) {
            return edge.tell(EdgeCommand::Restart(done));
        }
        for service in &self.services {
            let Some(rest) = target.strip_prefix(service.process.name.as_str()) else { continue };
            let which = match rest.strip_prefix('-').map(str::parse) {
                None if rest.is_empty() => None,
                Some(Ok(number)) => Some(number),
                _ => continue,
            };
            let _stopped = service.commands.send(ServiceCommand::Restart(which, done));
            return;
        }
        let names: Vec<&str> = self.options.plan.processes.iter().map(|p| p.name.as_str()).collect();
        let _nobody = done.send(Err(format!("there is no `{target}`; there are {}", names.join(", "))));
    }

    fn tell_all_now(&self) {
        for actor in self.actors.values() {
            let _ended = actor.send(Stop::Now);
        }
    }

    /// Takes everything down, from the outside in.
    async fn end(&mut self) {
        self.run.hub.tell(EventKind::Stopping);
        self.builds.shutdown().await;
        // Its clients are told before what they speak to goes.
        if let Some(rehearsal) = self.rehearsal.take() {
            tokio::select! {
                () = rehearsal.close() => {}
                () = told(&mut self.stop, Stop::Now) => {}
            }
        }
        let order: Vec<ProcessName> =
            self.options.plan.processes.iter().rev().map(|process| process.name.clone()).collect();
        let mut at_once = false;
        for name in order {
            let Some(actor) = self.actors.get(&name) else { continue };
            if *actor.borrow() < Stop::Drain {
                let _ended = actor.send(Stop::Drain);
            }
            while self.actors.contains_key(&name) {
                tokio::select! {
                    ended = self.tasks.join_next() => match ended {
                        Some(Ok((ended, _))) => drop(self.actors.remove(&ended)),
                        // Whoever panicked let go of its leash.
                        Some(Err(_)) => {}
                        None => self.actors.clear(),
                    },
                    () = told(&mut self.stop, Stop::Now), if !at_once => {
                        at_once = true;
                        self.tell_all_now();
                    }
                    Some(Asked::Stop { now: true }) = self.asked.recv() => {
                        self.tell_all_now();
                    }
                }
            }
        }
    }
}

async fn next(changes: &mut Option<Changes>) -> Option<builds::Change> {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}
