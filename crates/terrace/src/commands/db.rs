//! `terrace db`: the project's own database: a client on it, its address, a fresh start.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;

use clap::Subcommand;
use dialoguer::Input;
use terrace_local::{DatabasePlan, ProcessKind, ProcessName};
use terrace_run::database::{self, ShellError};
use terrace_run::state::{Holder, LockError, StateFolder};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan;
use crate::printer::Printer;
use crate::project::{FileFlag, Project};
use crate::session;
use crate::style::{GOOD, QUIET, STRONG, paint};

/// Use the project's database, or begin with an empty one
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Open a database client (psql, mariadb) on the running database
    Shell {
        #[command(flatten)]
        of: Of,
        /// Handed on to the client: `terrace db shell -- -c 'SELECT 1'`
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
struct Target {
    project: Project,
    system: String,
    process: ProcessName,
    plan: DatabasePlan,
}

impl Of {
    fn target(&self, printer: Printer) -> Result<Target, Failure> {
        let project = self.file.find()?;
        let planned = plan::of(&project, self.env.as_deref(), false, printer)?;
        let system = planned.plan.system.to_string();
        let database = planned.plan.processes.into_iter().find_map(|process| match process.kind {
            ProcessKind::Database(plan) => Some((process.name, plan)),
            ProcessKind::Service(_) | ProcessKind::Edge(_) => None,
        });
        let (process, plan) = database.ok_or_else(|| Failure::input("this system has no database"))?;
        Ok(Target { project, system, process, plan })
    }
}

impl Target {
    /// The state of the project while it runs.
    fn running(&self) -> Result<StateFolder, Failure> {
        let state = StateFolder::existing(&self.project.folder, &self.project.stem());
        match state {
            Some(state) if Holder::of(&state).is_some() => Ok(state),
            _ => Err(session::not_running(&self.project)),
        }
    }
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    match args.action {
        Action::Shell { of, args } => shell(&of.target(printer)?, &args),
        Action::Url { of } => url(&of.target(printer)?, printer),
        Action::Reset { of, yes } => reset(&of.target(printer)?, yes, printer),
    }
}

/// Turns into the client: its exit code is the command's.
fn shell(target: &Target, args: &[OsString]) -> Result<Exit, Failure> {
    let state = target.running()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let command = runtime.block_on(database::shell(&target.plan, &target.process, &state, args));
    drop(runtime);
    let mut command = command.map_err(|error| match error {
        ShellError::NotRunning => session::not_running(&target.project),
        other => Failure::of(&other),
    })?;
    let program = command.get_program().to_owned();
    let error = command.exec();
    Err(Failure::new(format!("{} could not be started", program.display())).because(&error))
}

fn url(target: &Target, printer: Printer) -> Result<Exit, Failure> {
    let state = target.running()?;
    let access =
        database::access(&target.plan, &target.process, &state).map_err(|error| Failure::of(&error))?;
    let access = access.ok_or_else(|| session::not_running(&target.project))?;
    printer.data(access.url())?;
    Ok(Exit::Success)
}

fn reset(target: &Target, yes: bool, printer: Printer) -> Result<Exit, Failure> {
    let failure = |error: &(dyn std::error::Error + 'static)| Failure::of(error);
    let system = &target.system;
    let Some(state) = StateFolder::existing(&target.project.folder, &target.project.stem()) else {
        printer.say(format!("{system} has no data on this machine"));
        return Ok(Exit::Success);
    };
    let lock = state.lock().map_err(|error| match error {
        LockError::Held { .. } => Failure::new(format!("{system} runs")).help("`terrace stop` ends it"),
        LockError::Io(error) => failure(&error),
    })?;
    let folders = database::data_folders(target.plan.engine, &state).map_err(|error| failure(&error))?;
    if folders.is_empty() {
        printer.say(format!("{system} has no data on this machine"));
        return Ok(Exit::Success);
    }
    for folder in &folders {
        printer.say(format!(
            "all data in {} {}",
            paint(STRONG, folder.display()),
            paint(QUIET, "will be gone")
        ));
    }
    if !yes {
        confirm(system, printer)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(database::reset(target.plan.engine, &state, &lock)).map_err(|error| failure(&error))?;
    printer.say(format!(
        "{} the data of {system} is gone; `terrace up` begins with an empty database",
        paint(GOOD, "✔")
    ));
    Ok(Exit::Success)
}

fn confirm(system: &str, printer: Printer) -> Result<(), Failure> {
    if !printer.can_ask() {
        return Err(Failure::input("this throws data away, and nobody is there to confirm it")
            .help("`--yes` says that it is meant"));
    }
    let typed: String = Input::new()
        .with_prompt(format!("Type {} to throw it away", paint(STRONG, system)))
        .allow_empty(true)
        .interact_text()
        .map_err(|_| Failure::Told(Exit::Interrupted))?;
    if typed.trim() == system {
        Ok(())
    } else {
        Err(Failure::new("that is not its name: nothing was changed"))
    }
}
