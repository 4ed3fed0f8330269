//! Who is reached: from a manifest, through AWS or the rehearsal, to a target, a host, and a login.

use std::net::SocketAddr;
use std::time::Duration;

use terrace_account::Account;
use terrace_local::DatabasePlan;
use terrace_net::Endpoint;
use terrace_run::Rehearsal;
use terrace_run::control::RehearsalStatus;
use terrace_run::database;
use terrace_run::database::clients::{Login, Tls};
use terrace_run::state::Secret;
use terrace_topology::Engine;
use terrace_tunnel::endpoint::Faults;
use terrace_tunnel::way::{self, Place, Search, Sought, Way, WayError};

use super::door::{AccountFlags, Door};
use super::{rehearsal, sought};
use crate::commands::db::{self, Target};
use crate::design;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;
use crate::session;

/// How long the question may take who one is, where the answer is not needed.
const WHO: Duration = Duration::from_secs(5);

/// A system that can be reached, and by which names.
pub(crate) struct System {
    target: Target,
    door: Door,
    names: Rehearsal,
    name: String,
    local: bool,
}

/// A way that was found.
pub(crate) struct Reach {
    /// What is gone through, and where it leads.
    pub(crate) way: Way,
    /// Which it is, in a few words.
    pub(crate) title: String,
    /// User and password, if it leads to a database.
    pub(crate) login: Option<Credentials>,
}

/// Whether a password is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Password {
    /// It is: a client is started with it, or it is shown.
    Read,
    /// It stays where it is.
    Leave,
}

/// Who logs in to a database.
pub(crate) struct Credentials {
    pub(crate) engine: Engine,
    pub(crate) user: String,
    password: Option<Secret>,
    pub(crate) database: Option<String>,
    pub(crate) tls: Tls,
}

impl Credentials {
    /// For a client that dials `at` to reach `host`.
    pub(crate) fn at(self, at: SocketAddr, host: &str) -> Login {
        let Self { engine, user, password, database, tls } = self;
        // Where nobody asked for it, nobody uses it.
        let password = password.unwrap_or_else(|| Secret::new(String::new()));
        Login { engine, host: host.to_owned(), at, database, user, password, tls }
    }
}

impl System {
    /// The deployed one.
    pub(crate) fn aws(
        project: Project,
        environment: Option<&str>,
        flags: &AccountFlags,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let designed = design::without_warnings(&project, environment, printer)?;
        let names = rehearsal::of(&designed.topology, environment, Faults::default())
            .ok_or_else(|| Failure::input("this system has names that AWS would not take"))?;
        let door = Door::aws(&flags.aws, designed.topology.region.as_str());
        let target = db::target(project, environment, printer)?;
        let name = called(&target.system, environment);
        Ok(Self { target, door, names, name, local: false })
    }

    /// The one that runs here, reached as if it were deployed.
    pub(crate) async fn local(
        project: Project,
        environment: Option<&str>,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let running = running(&project).await?;
        if let Some(asked) = environment
            && running.environment.as_deref() != Some(asked)
        {
            let runs = running.environment.as_deref().map_or("none".to_owned(), |name| format!("`{name}`"));
            return Err(Failure::input(format!("what runs here is not the environment `{asked}`"))
                .cause(format!("its environment: {runs}"))
                .help(format!("`terrace stop`, then `terrace up --env {asked}`; or leave --env out")));
        }
        let environment = running.environment.as_deref();
        let topology = terrace_manifest::parse(&project.text, environment).topology;
        let names = topology.and_then(|topology| rehearsal::of(&topology, environment, Faults::default()));
        let names = names.ok_or_else(|| {
            Failure::input(format!("{} has changed since `terrace up`, and has errors now", project.shown))
                .help("`terrace check` says which")
        })?;
        let door = Door::Rehearsal { url: running.url.clone(), region: running.region.clone() };
        let target = db::target(project, environment, printer)?;
        let name = called(&target.system, environment);
        Ok(Self { target, door, names, name, local: true })
    }

    /// What is looked for.
    pub(crate) fn sought(&self, flags: &AccountFlags, to: Option<&Endpoint>) -> Sought {
        sought::of(&self.name, &self.names, flags.target.as_ref(), to, flags.reader)
    }

    /// The region that is asked.
    pub(crate) fn region(&self) -> String {
        match &self.door {
            Door::Aws(settings) => settings.region.clone().unwrap_or_default(),
            Door::Rehearsal { region, .. } => region.clone(),
        }
    }

    /// Where that is, and as whom one asks; none if nobody can be asked.
    pub(crate) async fn place(&self) -> Option<Place> {
        let (account, who) = tokio::time::timeout(WHO, self.door.enter()).await.ok()?.ok()?;
        Some(Place::of(&account, &who))
    }

    /// Looks for the ways to all of `to`; to the database, if there is none. Its password is read if it is wanted.
    pub(crate) async fn find(
        &self,
        flags: &AccountFlags,
        to: &[Endpoint],
        tls: &Tls,
        password: Password,
    ) -> Result<(Account, Vec<Reach>), Failure> {
        let (account, who) = self.door.enter().await?;
        let search = Search::new(&account, &who, &self.name);
        let place = if self.local {
            "rehearsed on this machine".to_owned()
        } else {
            place(&self.region(), &who.account)
        };
        let title = format!("{}, {place}", self.name);
        let targets: Vec<Option<&Endpoint>> =
            if to.is_empty() { vec![None] } else { to.iter().map(Some).collect() };
        let mut found = Vec::new();
        for to in targets {
            let way = search.find(&self.sought(flags, to)).await.map_err(|error| lost(&error))?;
            let login = match &way.database {
                None => None,
                Some(database) => Some(self.login(&search, database, tls, password).await?),
            };
            found.push(Reach { way, title: title.clone(), login });
        }
        Ok((account, found))
    }

    async fn login(
        &self,
        search: &Search<'_>,
        database: &way::Database,
        tls: &Tls,
        password: Password,
    ) -> Result<Credentials, Failure> {
        let engine = self.target.plan.engine;
        if self.local {
            let (user, password) = self.own(&self.target.plan)?;
            let password = Some(password);
            // The server on this machine has no certificate, whatever AWS's has.
            return Ok(Credentials {
                engine,
                user,
                password,
                database: database.name.clone(),
                tls: Tls::Off,
            });
        }
        let (user, tls) = (database.user.clone(), tls.clone());
        if password == Password::Leave {
            return Ok(Credentials { engine, user, password: None, database: database.name.clone(), tls });
        }
        let login = search.login(database).await.map_err(|error| lost(&error))?;
        let password = Some(Secret::new(login.password.to_string()));
        Ok(Credentials { engine, user: login.user, password, database: database.name.clone(), tls })
    }

    /// User and password of the database that runs here.
    fn own(&self, plan: &DatabasePlan) -> Result<(String, Secret), Failure> {
        let state = self.target.running()?;
        let access =
            database::access(plan, &self.target.process, &state).map_err(|error| Failure::of(&error))?;
        let access = access.ok_or_else(|| session::not_running(&self.target.project))?;
        Ok((access.user.to_string(), Secret::new(access.password)))
    }
}

/// The endpoint of the run of a project.
async fn running(project: &Project) -> Result<RehearsalStatus, Failure> {
    let client = terrace_run::Client::connect(&project.folder, &project.stem()).await;
    let client = client.map_err(|error| session::refused(project, &error))?;
    let status = client.status().await.map_err(|error| session::refused(project, &error))?;
    status.rehearsal.ok_or_else(|| {
        let failure = Failure::new(format!("{} runs, and the way into its database is not rehearsed", project.title()));
        if status.reached.is_none() {
            failure.help("it is still starting: wait until `terrace status` says that `data` is healthy")
        } else {
            failure.help("`terrace up` has said why when it started: a port that could not be had, for one; start it again")
        }
    })
}

fn called(system: &str, environment: Option<&str>) -> String {
    match environment {
        Some(environment) => format!("{system}-{environment}"),
        None => system.to_owned(),
    }
}

fn place(region: &str, account: &str) -> String {
    if account.is_empty() { format!("in {region}") } else { format!("in {region} of account {account}") }
}

/// Why there is no way, and what to do.
pub(crate) fn lost(error: &WayError) -> Failure {
    let failure = Failure::of(error);
    error.help().into_iter().fold(failure, Failure::help)
}
