//! `terrace db`: the project's database, here or on AWS: a client on it, a dump of it and back, its address, a fresh start.

mod dump;
mod reset;
mod restore;
mod side;

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use clap::Subcommand;
use dialoguer::Input;
use terrace_local::{DatabasePlan, ProcessKind, ProcessName};
use terrace_run::database::clients::{Errand, Program};
use terrace_run::database::{self, ShellError};
use terrace_run::state::{Holder, StateFolder};

use self::side::Side;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan;
use crate::printer::Printer;
use crate::project::{FileFlag, Project};
use crate::session;
use crate::signals::Signals;
use crate::style::{STRONG, paint};
use crate::tunnel::child::{self, Ended, Interrupt};
use crate::tunnel::program;

/// Use the project's database, here or on AWS
///
/// Without `--aws` it is the database of the running `terrace up`. With `--aws` it is the deployed one: a tunnel is opened
/// through Session Manager, lives as long as the client, and takes its password from Secrets Manager.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Open a database client (psql, mariadb)
    Shell {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        side: Side,
        /// Handed on to the client: `terrace db shell -- -c 'SELECT 1'`
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
    /// Write everything in the database into a file, as SQL
    ///
    /// The file appears when it is whole, readable by you only. Of PostgreSQL, a name that ends in `.dump` gets the
    /// compressed format of `pg_dump`. The dump can be restored under another user: owners and rights are left out.
    Dump {
        /// The file to write [default: standard output, if that is no terminal]
        #[arg(id = "dump", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        side: Side,
        /// Handed on to pg_dump or mariadb-dump: `terrace db dump items.sql -- --table=items`
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
    /// Read a dump back: what the database holds is overwritten
    ///
    /// PostgreSQL does all of it or, if anything fails, nothing. MySQL stops at the first error and keeps what was done.
    Restore {
        /// The dump
        #[arg(id = "dump", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        file: PathBuf,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        side: Side,
        /// Do not ask for the name first
        #[arg(short, long)]
        yes: bool,
        /// Handed on to psql, pg_restore or mariadb
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
    /// Print the running database's URL, password included, for other clients
    Url {
        #[command(flatten)]
        of: Of,
    },
    /// Throw all of the project's data on this machine away
    Reset {
        #[command(flatten)]
        of: Of,
        /// Do not ask for the system's name first
        #[arg(short, long)]
        yes: bool,
    },
}

/// Whose database.
#[derive(Debug, clap::Args)]
struct Of {
    #[command(flatten)]
    file: FileFlag,
    /// The database of this environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
}

/// A database of a project.
pub(crate) struct Target {
    pub(crate) project: Project,
    pub(crate) environment: Option<String>,
    pub(crate) system: String,
    pub(crate) process: ProcessName,
    pub(crate) plan: DatabasePlan,
}

impl Of {
    fn target(&self, printer: Printer) -> Result<Target, Failure> {
        target(self.file.find()?, self.env.as_deref(), printer)
    }
}

/// The database that a manifest describes.
pub(crate) fn target(
    project: Project,
    environment: Option<&str>,
    printer: Printer,
) -> Result<Target, Failure> {
    let planned = plan::of(&project, environment, false, printer)?;
    let system = planned.plan.system.to_string();
    let database = planned.plan.processes.into_iter().find_map(|process| match process.kind {
        ProcessKind::Database(plan) => Some((process.name, plan)),
        ProcessKind::Migration(_) | ProcessKind::Service(_) | ProcessKind::Edge(_) => None,
    });
    let (process, plan) = database.ok_or_else(|| Failure::input("this system has no database"))?;
    Ok(Target { project, environment: environment.map(str::to_owned), system, process, plan })
}

impl Target {
    /// The state of the project while it runs.
    pub(crate) fn running(&self) -> Result<StateFolder, Failure> {
        let state = StateFolder::existing(&self.project.folder, &self.project.stem());
        match state {
            Some(state) if Holder::of(&state).is_some() => Ok(state),
            _ => Err(session::not_running(&self.project)),
        }
    }
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    match args.action {
        Action::Shell { of, side, args } => {
            side.check()?;
            let target = of.target(printer)?;
            if side.is_here() { shell(&target, &args) } else { tunnelled(&target, &side, &args, printer) }
        }
        Action::Dump { file, force, of, side, args } => {
            side.check()?;
            let wish = dump::Wish { file, force, args };
            let target = of.target(printer)?;
            dump::check(&wish)?;
            on(async |signals| {
                let entered = side.enter(&target, signals, printer).await?;
                dump::run(&target, wish, entered, signals, printer).await
            })
        }
        Action::Restore { file, of, side, yes, args } => {
            side.check()?;
            let target = of.target(printer)?;
            let dump = restore::open(&file, target.plan.engine)?;
            if side.is_here() {
                target.running()?;
            }
            let (name, what) = side.name(&target);
            restore::agree(&dump, &name, &what, yes, printer)?;
            on(async |signals| {
                let entered = side.enter(&target, signals, printer).await?;
                restore::run(&target, dump, &args, entered, signals, printer).await
            })
        }
        Action::Url { of } => url(&of.target(printer)?, printer),
        Action::Reset { of, yes } => reset::run(&of.target(printer)?, yes, printer),
    }
}

/// Runs something that takes a while, with the signals in its hands.
fn on(what: impl AsyncFnOnce(&mut Signals) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        what(&mut signals).await
    });
    // What still waits in the background must not keep the terminal.
    runtime.shutdown_background();
    outcome
}

/// Turns into the client: its exit code is the command's.
fn shell(target: &Target, args: &[OsString]) -> Result<Exit, Failure> {
    let state = target.running()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let command = runtime.block_on(database::shell(&target.plan, &target.process, &state, args));
    drop(runtime);
    let mut command = command.map_err(|error| not_there(target, &error))?;
    let program = command.get_program().to_owned();
    let error = command.exec();
    Err(Failure::new(format!("{} could not be started", program.display())).because(&error))
}

/// What it means that a running database cannot be entered.
fn not_there(target: &Target, error: &ShellError) -> Failure {
    match error {
        ShellError::NotRunning => session::not_running(&target.project),
        other => Failure::of(other),
    }
}

/// Runs the client over a tunnel: its exit code is the command's.
fn tunnelled(target: &Target, side: &Side, args: &[OsString], printer: Printer) -> Result<Exit, Failure> {
    on(async |signals| {
        let mut entered = side.enter(target, signals, printer).await?;
        let outcome = async {
            let server = program::server(&entered.login).await?;
            let program = program::choose(Errand::Shell, target.plan.engine, &server).await?;
            let mut ready = entered.login.client(&program, None).map_err(|error| Failure::of(&error))?;
            ready.command.args(args);
            printer.say(format!("{} of {} with {}", server.title(), entered.title, program.title()));
            child::run(ready, Interrupt::Client, signals, entered.attend()).await
        }
        .await;
        entered.leave().await;
        match outcome? {
            Ended::Code(code) => Ok(Exit::of_client(code)),
            Ended::Interrupted => Err(Failure::Told(Exit::Interrupted)),
        }
    })
}

fn url(target: &Target, printer: Printer) -> Result<Exit, Failure> {
    let state = target.running()?;
    let access =
        database::access(&target.plan, &target.process, &state).map_err(|error| Failure::of(&error))?;
    let access = access.ok_or_else(|| session::not_running(&target.project))?;
    printer.data(access.url())?;
    Ok(Exit::Success)
}

/// What it means that a client did not do its errand. What it said stands on the terminal already.
fn ended_badly(program: &Program, ended: Ended) -> Failure {
    match ended {
        Ended::Code(code) => Failure::new(format!("{} ended with exit code {code}", program.title())),
        Ended::Interrupted => {
            Failure::new(format!("{} was ended before it was done", program.title())).exit(Exit::Interrupted)
        }
    }
}

/// Has a person type a name, so that nothing is overwritten by accident.
fn confirm(name: &str, does: &str, why: &str, printer: Printer) -> Result<(), Failure> {
    if !printer.can_ask() {
        return Err(Failure::input(format!("{why}, and nobody is there to confirm it"))
            .help("`--yes` says that it is meant"));
    }
    let typed: String = Input::new()
        .with_prompt(format!("Type {} to {does}", paint(STRONG, name)))
        .allow_empty(true)
        .interact_text()
        .map_err(|_| Failure::Told(Exit::Interrupted))?;
    if typed.trim() == name { Ok(()) } else { Err(Failure::new("that is not its name: nothing was changed")) }
}
