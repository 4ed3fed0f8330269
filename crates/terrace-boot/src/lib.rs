//! Starts an application with its parameters and secrets in its environment, as on an instance so in a container, on
//! a developer's machine and in tests.
//!
//! It reads the parameters below one path of Parameter Store and some secrets of Secrets Manager, makes of them the
//! variables that the application expects (`DATABASE_URL` among them, with the database verified), and becomes the
//! application: nothing stays in between, unless `--watch` is wanted, for secrets that change while it runs.
//!
//! Guarantees: no secret is written to a file, an argument or a log; its own memory cannot be read by others of its
//! user and makes no core dump; where something is missing the application is not started, and one line says what,
//! with an exit code for each kind of reason ([`Exit`]).

mod arguments;
mod aws;
mod config;
mod database;
mod environment;
mod failure;
mod name;
mod secret;
mod shell;
mod start;
mod template;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use crate::arguments::{Arguments, Start, USAGE};
use crate::start::Starter;

pub use aws::sign;
pub use config::{
    Config, Database, Engine, GivenCredentials, ParameterPath, ParameterPathError, SecretPlace,
};
pub use failure::{Exit, Failure};
pub use name::{VariableName, VariableNameError};
pub use secret::Secret;
pub use shell::replacing;

/// The whole program; `args` without its own name. Does not come back when all goes well, unless it watches.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let outcome = Arguments::parse(args).and_then(|arguments| match arguments {
        Arguments::Help => Ok(print(USAGE)),
        Arguments::Version => Ok(print(concat!("terrace-boot ", env!("CARGO_PKG_VERSION")))),
        Arguments::Start(start) => run(start),
    });
    outcome.unwrap_or_else(|failure| {
        say(&failure.to_string());
        failure.exit().into()
    })
}

fn run(start: Start) -> Result<ExitCode, Failure> {
    nix::sys::prctl::set_dumpable(false)
        .map_err(|error| Failure::system("memory cannot be kept to itself", error))?;
    let starter = Starter::new(start)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::system("the runtime cannot be made", error))?;
    let quiet = starter.start.quiet;
    let tell = |line: &str| {
        if !quiet {
            say(line);
        }
    };
    if starter.start.watch {
        return runtime.block_on(watch::watch(&starter, &tell)).map(ExitCode::from);
    }
    let read = runtime.block_on(starter.read())?;
    runtime.shutdown_background();
    let environment = starter.prepare(read)?;
    tell(&format!("starts `{}` with {}", starter.start.program.display(), environment.summary()));
    Err(starter.exec(&environment))
}

/// One line on standard error; if nobody reads it, there is nobody to tell.
fn say(line: &str) {
    let _nobody = writeln!(std::io::stderr(), "terrace-boot: {line}");
}

fn print(text: &str) -> ExitCode {
    let _nobody = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}
