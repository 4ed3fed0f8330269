//! One edge of the plan, kept alive: its listening sockets are Terrace's, so a successor takes them over with every
//! connection that waits in them, and knows the targets of the moment.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use terrace_edge::control::{Client, ControlError};
use terrace_edge_config::PoolName;
use terrace_local::{Backoff, Destination, EdgePlan, LocalhostTls, Process, ProcessName, Site};
use terrace_net::Endpoint;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::error::Elapsed;

use crate::control::Phase;
use crate::leash::{Inherited, Launch, Leashed, StopSignal};
use crate::logs::Said;
use crate::supervisor::{Run, UpError, told};
use crate::{EventKind, Executable, Instance, Stop};

/// How long an edge may take to serve once it is told what.
const START: Duration = Duration::from_secs(20);
/// Between two questions after its health, and how long an answer may take.
const ASK_EVERY: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(3);
/// How long a drain may take before the leash is told to stop it (the edge's own limit is 10 s).
const DRAIN: Duration = Duration::from_secs(12);
/// How often a draining target is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// Failed starts before the first good one that end the run.
const PATIENCE: u32 = 3;

/// What an edge is told while it runs.
#[derive(Debug)]
pub(crate) enum EdgeCommand {
    /// The replicas of a service are these.
    Targets(ProcessName, BTreeSet<SocketAddr>),
    /// Answer when nothing is in flight to a replica that is no target any more.
    Drained(ProcessName, SocketAddr, oneshot::Sender<()>),
    /// The page was rebuilt.
    ReloadFiles,
    /// Let a successor take over.
    Restart(oneshot::Sender<Result<(), String>>),
}

/// The way to an edge.
#[derive(Clone, Debug)]
pub(crate) struct EdgeHandle {
    pub(crate) process: ProcessName,
    commands: mpsc::UnboundedSender<EdgeCommand>,
    services: BTreeSet<ProcessName>,
    serves_files: bool,
}

impl EdgeHandle {
    /// Tells it something; an edge that is being replaced hears it when its successor is there.
    pub(crate) fn tell(&self, command: EdgeCommand) {
        let _stopped = self.commands.send(command);
    }

    /// Whether it passes requests on to that service.
    pub(crate) fn targets(&self, service: &ProcessName) -> bool {
        self.services.contains(service)
    }

    /// Whether it serves the page.
    pub(crate) fn serves_files(&self) -> bool {
        self.serves_files
    }
}

/// Where an edge listens.
#[derive(Debug)]
pub(crate) struct Sockets {
    /// One for HTTP, and a second for HTTPS if it has that.
    pub(crate) listeners: Vec<TcpListener>,
    /// What HTTPS needs.
    pub(crate) tls: Option<LocalhostTls>,
}

/// The supervisor of one edge.
pub(crate) struct EdgeProcess {
    run: Arc<Run>,
    process: Process,
    instance: Instance,
    plan: EdgePlan,
    sockets: Sockets,
    commands: mpsc::UnboundedReceiver<EdgeCommand>,
    stop: watch::Receiver<Stop>,
}

/// An edge that runs and has not been told what to serve.
struct Born {
    leashed: Leashed,
    said: Said,
    control: UnixStream,
}

/// An edge that serves.
struct Serving {
    leashed: Leashed,
    said: Said,
    client: Client,
}

/// Why an edge is no longer there, or never was.
enum Gone {
    /// It was told to.
    Stopped,
    /// It ended by itself, or never came to serve.
    Crashed(String),
}

impl EdgeProcess {
    /// A supervisor, and the way to it.
    pub(crate) fn new(
        run: Arc<Run>,
        process: &Process,
        plan: &EdgePlan,
        sockets: Sockets,
        stop: watch::Receiver<Stop>,
    ) -> (Self, EdgeHandle) {
        let (sender, commands) = mpsc::unbounded_channel();
        let services = plan.routes.iter().filter_map(|route| match &route.to {
            Destination::Service { name, .. } => Some(name.clone()),
            Destination::Files { .. } | Destination::Edge(_) => None,
        });
        let handle = EdgeHandle {
            process: process.name.clone(),
            commands: sender,
            services: services.collect(),
            serves_files: plan.routes.iter().any(|r| matches!(r.to, Destination::Files { .. })),
        };
        let instance = Instance { process: process.name.clone(), replica: None };
        (
            Self { run, process: process.clone(), instance, plan: plan.clone(), sockets, commands, stop },
            handle,
        )
    }

    /// Keeps the edge alive until it is told to stop.
    pub(crate) async fn supervise(mut self) -> Result<(), UpError> {
        let mut backoff = Backoff::new();
        let mut served = false;
        loop {
            let begun = Instant::now();
            let crash = match self.once(&mut served).await {
                Gone::Stopped => return Ok(()),
                Gone::Crashed(reason) => reason,
            };
            self.run.board.set_healthy(&self.process.name, false);
            let wait = backoff.after_crash(begun.elapsed());
            let last_lines = self.run.journal.last(&self.instance);
            if !served && backoff.crashes() >= PATIENCE {
                return Err(UpError::CrashedAtStart {
                    instance: self.instance.clone(),
                    reason: crash,
                    last_lines,
                });
            }
            self.run.crashed(&self.instance, &crash, last_lines, wait);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = told(&mut self.stop, Stop::Drain) => return Ok(()),
            }
        }
    }

    /// One life of the edge.
    async fn once(&mut self, served: &mut bool) -> Gone {
        // Started before it is needed, so that it is there when it is.
        let born = match self.bear().await {
            Ok(born) => born,
            Err(reason) => return Gone::Crashed(reason),
        };
        if !*served {
            let ready = async {
                self.run.board.built(&self.process.party).await;
                self.run.board.healthy(&self.process.after).await;
            };
            tokio::select! {
                () = ready => {}
                () = told(&mut self.stop, Stop::Drain) => {
                    born.leashed.kill();
                    born.leashed.ended().await;
                    return Gone::Stopped;
                }
            }
        }
        let mut serving = match self.serve(born).await {
            Ok(serving) => serving,
            Err(reason) => return Gone::Crashed(reason),
        };
        *served = true;
        self.attend(&mut serving).await
    }

    async fn bear(&self) -> Result<Born, String> {
        let (control, theirs) = UnixStream::pair().map_err(|error| error.to_string())?;
        let launch = Launch {
            program: self.run.executable.as_ref().to_owned(),
            args: vec![Executable::EDGE.into()],
            environment: Vec::new(),
            inherited: Inherited::Basics,
            folder: self.run.project.clone(),
            identity: None,
            stop_signal: StopSignal::Terminate,
            stop_within: DRAIN,
        };
        let started = self.run.start(&self.instance, &launch, Some(OwnedFd::from(theirs))).await;
        let (leashed, said) = started.map_err(|error| error.to_string())?;
        Ok(Born { leashed, said, control })
    }

    async fn serve(&self, born: Born) -> Result<Serving, String> {
        let Born { leashed, said, control } = born;
        let since = Instant::now();
        self.run.hub.tell(EventKind::Starting { instance: self.instance.clone() });
        self.run.board.enter(&self.instance, Phase::Starting, |entry| entry.pid = leashed.pid());
        let begun = tokio::select! {
            begun = tokio::time::timeout(START, self.begin(control)) => begun,
            exit = leashed.exited() => {
                said.all().await;
                return Err(exit.to_string());
            }
        };
        let client = match begun {
            Ok(Ok(client)) => client,
            Ok(Err(reason)) => {
                leashed.kill();
                said.all().await;
                return Err(reason);
            }
            Err(_late) => {
                leashed.kill();
                return Err(format!("it did not serve within {} s", START.as_secs()));
            }
        };
        let address = self.addresses().last().map(ToString::to_string);
        self.run.board.enter(&self.instance, Phase::Healthy, |entry| {
            entry.pid = leashed.pid();
            entry.address = address;
        });
        self.run.hub.tell(EventKind::Healthy {
            instance: self.instance.clone(),
            millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        self.run.board.set_healthy(&self.process.name, true);
        Ok(Serving { leashed, said, client })
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    async fn begin(&self, control: UnixStream) -> Result<Client, String> {
        let listeners = self.addresses();
        let addresses = self.run.addresses();
        let site = Site {
            project: &self.run.project,
            addresses: &addresses,
            listeners: &listeners,
            tls: self.sockets.tls.clone(),
        };
        let config = self.plan.config(&self.process.name, &site).map_err(|error| error.to_string())?;
        let sockets: Result<Vec<TcpListener>, _> =
            self.sockets.listeners.iter().map(TcpListener::try_clone).collect();
        let sockets =
            sockets.map_err(|error| format!("its listening sockets cannot be passed on: {error}"))?;
        let client = Client::start(control, config, sockets).await.map_err(|error| error.to_string())?;
        client.status().await.map_err(|error| error.to_string())?;
        Ok(client)
    }

    /// Does what it is told until the edge is gone.
    async fn attend(&mut self, serving: &mut Serving) -> Gone {
        let mut clock = tokio::time::interval(ASK_EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut silent = 0_u32;
        loop {
            tokio::select! {
                exit = serving.leashed.exited() => {
                    self.run.board.set_healthy(&self.process.name, false);
                    return Gone::Crashed(exit.to_string());
                }
                () = told(&mut self.stop, Stop::Drain) => {
                    self.end(serving).await;
                    return Gone::Stopped;
                }
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(serving, command).await,
                    None => tokio::time::sleep(ASK_EVERY).await,
                },
                _tick = clock.tick() => {
                    let answer = tokio::time::timeout(ANSWER, serving.client.status()).await;
                    silent = if matches!(answer, Ok(Ok(_))) { 0 } else { silent + 1 };
                    if silent >= 3 {
                        self.run.journal.remark(&self.instance, "its control socket does not answer: it is ended");
                        serving.leashed.kill();
                        silent = 0;
                    }
                }
            }
        }
    }

    async fn obey(&mut self, serving: &mut Serving, command: EdgeCommand) {
        match command {
            EdgeCommand::Targets(service, addresses) => {
                let targets = addresses.iter().filter_map(|a| Endpoint::try_from(*a).ok()).collect();
                let told = serving.client.set_targets(PoolName::from(service), targets);
                self.told(serving, "take its targets", tokio::time::timeout(ANSWER, told).await);
            }
            EdgeCommand::Drained(service, address, done) => {
                let client = serving.client.clone();
                tokio::spawn(async move {
                    drained(&client, &PoolName::from(service), address).await;
                    let _nobody = done.send(());
                });
            }
            EdgeCommand::ReloadFiles => {
                let told = serving.client.reload_files();
                self.told(serving, "read its files again", tokio::time::timeout(ANSWER, told).await);
            }
            EdgeCommand::Restart(done) => {
                let _nobody = done.send(self.succeed(serving).await);
            }
        }
    }

    /// An edge that does not do what it is told is ended: its successor begins with what is true then.
    fn told(&self, serving: &Serving, what: &str, outcome: Result<Result<(), ControlError>, Elapsed>) {
        let reason = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        self.run.journal.remark(&self.instance, format!("it did not {what} ({reason}): it is ended"));
        serving.leashed.kill();
    }

    /// Lets a successor take over the sockets before the one that serves drains.
    async fn succeed(&mut self, serving: &mut Serving) -> Result<(), String> {
        let born = self.bear().await?;
        let next = self.serve(born).await?;
        let old = std::mem::replace(serving, next);
        self.run.board.enter(&self.instance, Phase::Healthy, |entry| entry.restarts += 1);
        tokio::spawn(async move {
            let _gone = tokio::time::timeout(ANSWER, old.client.drain()).await;
            if tokio::time::timeout(DRAIN, old.leashed.ended()).await.is_err() {
                old.leashed.kill();
            }
            old.said.all().await;
        });
        Ok(())
    }

    /// Drains and ends it; at once when that is what the run is told.
    async fn end(&mut self, serving: &mut Serving) {
        self.run.board.enter(&self.instance, Phase::Draining, |_| {});
        // From here on who connects is refused, and does not wait for an edge that never comes.
        self.sockets.listeners.clear();
        let gently = async {
            if !matches!(tokio::time::timeout(ANSWER, serving.client.drain()).await, Ok(Ok(()))) {
                serving.leashed.stop();
            }
            if tokio::time::timeout(DRAIN, serving.leashed.ended()).await.is_err() {
                serving.leashed.kill();
            }
        };
        tokio::select! {
            () = gently => {}
            () = told(&mut self.stop, Stop::Now) => serving.leashed.kill(),
        }
        serving.leashed.ended().await;
        self.run.board.set_healthy(&self.process.name, false);
        self.run.board.remove(&self.instance);
        self.run.hub.tell(EventKind::Stopped { instance: self.instance.clone() });
    }
}

/// Waits until the edge has forgotten a target, or is itself gone.
async fn drained(client: &Client, pool: &PoolName, address: SocketAddr) {
    while let Ok(status) = client.status().await {
        let held = status
            .pools
            .get(pool)
            .is_some_and(|pool| pool.targets.iter().any(|target| target.target.address() == Some(address)));
        if !held {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}
