//! `terrace destroy`: takes a deployed system away, and tells what is kept.

mod course;
mod view;

use dialoguer::Input;
use serde_json::json;
use terrace_aws::Resource;
use terrace_cloud::deployed::{Cluster, Database, DatabaseKind};
use terrace_cloud::destroy::{self, Ground, Inventory, Leftover, Thing};
use terrace_topology::Shape;

use self::course::Course;
use crate::aws::{Session, told};
use crate::deploy::{DESTROYED, Turn, in_steps};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::style::{GOOD, QUIET, STRONG, WARNING, paint};
use crate::watch::side::There;

/// Take the deployed system away: everything that costs money goes, and what is kept is listed
///
/// Shows what there is and has its name typed. Then a migration that a killed run has left is ended; a last snapshot of the
/// database is made, which outlives the system's own key; buckets are emptied; Terraform removes what it made; images,
/// artifacts and releases go. Broken off, the same command goes on. What the manifest or AWS protects is not touched.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Do not have the name typed: it stands here (`items`, `items-prod`)
    #[arg(long, value_name = "NAME")]
    yes_destroy: Option<String>,
    /// Make no last snapshot: the data is gone
    #[arg(long)]
    no_snapshot: bool,
    /// Keep images, artifacts and the records of releases
    #[arg(long)]
    keep_releases: bool,
    /// Print what is left and what is kept as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    there: There,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let session = args.there.open(project, printer).await?;
        go(&session, &args, printer).await
    });
    runtime.shutdown_background();
    outcome
}

async fn go(session: &Session, args: &Args, printer: Printer) -> Result<Exit, Failure> {
    protected_here(session)?;
    let name = name(session);
    if let Some(typed) = args.yes_destroy.as_ref().filter(|typed| **typed != name) {
        return Err(Failure::input(format!("the manifest's system is `{name}`, not `{typed}`"))
            .help("`--env` says which environment is meant; nothing was touched"));
    }
    let inventory = destroy::inventory(&session.account, &session.system).await;
    let inventory = inventory.map_err(|error| told::watch(&error))?;
    let Some(foundation) = session.foundation().await? else { return nothing(session, &inventory, printer) };
    let is_known =
        course::has_state(session, &foundation).await? || course::has_records(session, &foundation).await?;
    if !is_known {
        return nothing(session, &inventory, printer);
    }
    let database = database(session);
    let protected = destroy::protected(&session.account, database.as_ref(), &inventory).await;
    protected_there(session, &protected.map_err(|error| told::watch(&error))?)?;
    let cluster = cluster(session);
    let ground = match session.designed.topology.shape {
        Shape::Containers => cluster.as_ref().map(Ground::Tasks),
        Shape::Machines => Some(Ground::Machines),
    };
    let running = running(session, ground).await?;
    printer.say(view::before(session, &inventory, (args.no_snapshot, args.keep_releases), database.as_ref()));
    view::running(&running).into_iter().for_each(|line| printer.say(line));
    if args.yes_destroy.is_none() {
        consent(&name, printer)?;
    }
    let title = paint(STRONG, format!("destroying {name}"));
    let went = in_steps(printer, &title, &course::STEPS, async |asked, steps| {
        let course = Course {
            session,
            foundation: &foundation,
            inventory: &inventory,
            ground,
            database: database.as_ref().filter(|_| !args.no_snapshot),
            keeps_releases: args.keep_releases,
            asked,
            steps,
        };
        Turn::during(session, &foundation, steps, DESTROYED, async |turn| {
            course.go(turn).await.map_err(|failure| failure.help("the same command goes on from here"))
        })
        .await
    });
    let went = went.await?;
    let left: Vec<&Thing> = went.inventory.left().collect();
    let kept: Vec<&Thing> = went.inventory.kept().collect();
    if args.json {
        printer.json(&json!({
            "system": session.system.name(), "environment": session.system.environment(),
            "snapshot": went.snapshot, "left": left, "kept": kept,
        }))?;
    } else {
        printer.say(view::after(session, &left, &kept, went.snapshot.as_deref()));
    }
    Ok(if left.is_empty() { Exit::Success } else { Exit::Failed })
}

/// What is typed so that nothing goes by accident.
fn name(session: &Session) -> String {
    match &session.environment {
        Some(environment) => format!("{}-{environment}", session.system.name()),
        None => session.system.name().to_owned(),
    }
}

/// Nothing is known to be there that Terrace made.
fn nothing(session: &Session, inventory: &Inventory, printer: Printer) -> Result<Exit, Failure> {
    let left: Vec<&Thing> = inventory.left().collect();
    if left.is_empty() {
        printer.say(format!("{} nothing of {} is deployed here", paint(GOOD, "✔"), session.system));
        let kept: Vec<&Thing> = inventory.kept().collect();
        if !kept.is_empty() {
            printer.say(view::kept(&kept, None));
        }
        return Ok(Exit::Success);
    }
    let failure =
        Failure::new(format!("{} has no state here, and its tags stand on what is there", session.system));
    let failure = left.iter().fold(failure, |failure, one| failure.cause(one.arn.clone()));
    Err(failure
        .help("its state may be in another bucket: `terrace export`ed systems are destroyed by `terraform destroy`")
        .help("otherwise remove these by hand"))
}

/// The database by its design, whether it was ever made or not.
fn database(session: &Session) -> Option<Database> {
    session.designed.design.graph.nodes().find_map(|(_, node)| {
        let (kind, id) = match &node.resource {
            Resource::DatabaseInstance(one) => (DatabaseKind::Instance, &one.identifier),
            Resource::DatabaseCluster(one) => (DatabaseKind::Cluster, &one.cluster_identifier),
            _ => return None,
        };
        Some(Database { kind, id: id.literal()?.parse().ok()?, secret: None })
    })
}

/// The cluster by its design, where a system runs as tasks.
fn cluster(session: &Session) -> Option<Cluster> {
    session.designed.design.graph.nodes().find_map(|(_, node)| match &node.resource {
        Resource::EcsCluster(one) => one.name.literal()?.parse().ok(),
        _ => None,
    })
}

/// The migrations that still run.
async fn running(session: &Session, ground: Option<Ground<'_>>) -> Result<Vec<Leftover>, Failure> {
    let Some(ground) = ground else { return Ok(Vec::new()) };
    let found = destroy::leftovers(&session.account, &session.system, ground).await;
    found.map_err(|error| told::watch(&error))
}

/// Refuses what the manifest protects.
fn protected_here(session: &Session) -> Result<(), Failure> {
    let topology = &session.designed.topology;
    let mut settings = Vec::new();
    if topology.production {
        settings.push("`production = false`");
    }
    if topology.database.protected {
        settings.push("`[data] protect = false`");
    }
    if settings.is_empty() {
        return Ok(());
    }
    let what = if topology.production { "is production" } else { "has a protected database" };
    let (env, at) = (session.env_flag(), place(session));
    Err(Failure::input(format!("{} {what}: it is not destroyed as it is", session.system))
        .cause("nothing was touched")
        .help(format!("write {} {at}, `terrace deploy{env}`, then this again", settings.join(" and "))))
}

/// Refuses what AWS itself would not let go of, before anything else goes.
fn protected_there(session: &Session, protected: &[String]) -> Result<(), Failure> {
    if protected.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(format!("{} is still protected on AWS", session.system));
    let failure = protected
        .iter()
        .fold(failure, |failure, what| failure.cause(format!("{what} is kept from being deleted")));
    let env = session.env_flag();
    Err(failure.cause("nothing was touched").help(format!(
        "the manifest protects it no longer, and AWS does not know yet: `terrace deploy{env}`, then this again"
    )))
}

fn place(session: &Session) -> String {
    match &session.environment {
        Some(environment) => format!("for the environment `{environment}` in {}", session.project.shown),
        None => format!("in {}", session.project.shown),
    }
}

/// Has a person type its name.
fn consent(name: &str, printer: Printer) -> Result<(), Failure> {
    if !printer.can_ask() {
        return Err(Failure::input("this takes a system away, and nobody is there to type its name")
            .help(format!("`--yes-destroy {name}` says that it is meant")));
    }
    let typed: String = Input::new()
        .with_prompt(format!("Type {} to destroy it", paint(STRONG, name)))
        .allow_empty(true)
        .interact_text()
        .map_err(|_| Failure::Told(Exit::Interrupted))?;
    if typed.trim() == name { Ok(()) } else { Err(Failure::new("that is not its name: nothing was touched")) }
}

/// A mark and a quiet word, as lists have them.
fn marked(good: bool, text: &str, aside: &str) -> String {
    let (style, mark) = if good { (GOOD, "✔") } else { (WARNING, "!") };
    format!("{} {text} {}", paint(style, mark), paint(QUIET, aside))
}
