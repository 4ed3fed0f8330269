//! `terrace db reset`: all data of a project on this machine, thrown away.

use terrace_run::database;
use terrace_run::state::{LockError, StateFolder};

use super::{Target, confirm};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::style::{GOOD, QUIET, STRONG, paint};

pub(super) fn run(target: &Target, yes: bool, printer: Printer) -> Result<Exit, Failure> {
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
        confirm(system, "throw it away", "this throws data away", printer)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(database::reset(target.plan.engine, &state, &lock)).map_err(|error| failure(&error))?;
    printer.say(format!(
        "{} the data of {system} is gone; `terrace up` begins with an empty database",
        paint(GOOD, "✔")
    ));
    Ok(Exit::Success)
}
