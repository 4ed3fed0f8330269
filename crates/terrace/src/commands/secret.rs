//! `terrace secret`: values that only the system reads.

pub(crate) mod known;
mod list;
mod restart;
mod rotate;
mod set;
mod typed;

use std::ffi::OsString;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;
use crate::signals::Signals;
use crate::watch::side::There;

/// List, set and replace the secrets of the deployed system; no value is ever shown
///
/// They are those of `[app.secrets]` and the database's password, and are kept in AWS Secrets Manager. On this machine
/// `terrace up` makes its own, and takes those that exist elsewhere from its environment or `.terrace/secrets.toml`.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the secrets: who reads each, and when it changed
    List {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Give a secret a value, typed at a hidden prompt or read from standard input
    ///
    /// What reads it starts again, one after the other. One that exists nowhere yet is made, so that the first `terrace
    /// deploy` finds it.
    Set {
        /// The setting (`MAIL_KEY`), or the secret's own name (`items/mail`)
        #[arg(value_name = "NAME")]
        name: String,
        /// Let what reads it run on with the value from before
        #[arg(long)]
        no_restart: bool,
        /// Print what was done as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: Of,
        /// Nobody's: where people put a value that must not stand there
        #[arg(value_name = "VALUE", hide = true)]
        rest: Vec<OsString>,
        /// The same
        #[arg(long, value_name = "VALUE", hide = true)]
        value: Option<OsString>,
    },
    /// Replace values by new ones that AWS makes up: one, or all that are the system's own
    ///
    /// What reads them starts again. `data` is the database's password, which RDS replaces by itself.
    Rotate {
        /// The setting (`SESSION_KEY`), or `data`; all that can be replaced without it
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// Let what reads them run on with the values from before
        #[arg(long)]
        no_restart: bool,
        /// Do not ask first
        #[arg(short, long)]
        yes: bool,
        /// Print what was done as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: Of,
    },
}

/// Whose secrets.
#[derive(Debug, clap::Args)]
struct Of {
    #[command(flatten)]
    file: FileFlag,
    #[command(flatten)]
    there: There,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    match args.action {
        Action::List { json, of } => crate::run::runtime()?.block_on(async {
            let session = of.there.open(of.file.find()?, printer).await?;
            list::run(&session, json, printer).await
        }),
        Action::Set { rest, value, .. } if !rest.is_empty() || value.is_some() => Err(typed::argument()),
        Action::Set { name, no_restart, json, of, .. } => on(async |signals| {
            let session = of.there.open(of.file.find()?, printer).await?;
            set::run(&session, &name, (!no_restart, json), signals, printer).await
        }),
        Action::Rotate { name, no_restart, yes, json, of } => on(async |signals| {
            let session = of.there.open(of.file.find()?, printer).await?;
            rotate::run(&session, name.as_deref(), yes, (!no_restart, json), signals, printer).await
        }),
    }
}

/// With the signals in its hands, and nothing in the background that keeps the terminal.
fn on(what: impl AsyncFnOnce(&mut Signals) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        what(&mut signals).await
    });
    runtime.shutdown_background();
    outcome
}
