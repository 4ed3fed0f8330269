//! The command line of Terrace: what was typed becomes settings, settings become a call, its outcome is rendered.
//!
//! This is the only crate that knows clap and the terminal. It decides nothing about systems: reading a manifest,
//! planning and running are other crates' work.
//!
//! Guarantees: data goes to standard output and everything else to standard error; every way to end is one of the
//! documented exit codes; a reader that leaves (`terrace logs | head`) is no failure; no secret is printed but by
//! the one command that is asked for it (`terrace db url`).

mod args;
mod audit;
mod aws;
mod ci;
mod commands;
mod deploy;
mod design;
mod diagnostics;
mod exec;
mod exit;
mod export_readme;
mod failure;
mod logview;
mod machine;
mod parts;
mod plan;
mod printer;
mod product;
mod progress;
mod project;
mod reference;
mod run;
mod session;
mod signals;
mod style;
mod table;
mod tunnel;
mod watch;
mod write;
mod xdg;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::commands::{
    audit as audit_command, check, completions, cost, db, deploy as deploy_command,
    destroy as destroy_command, exec as exec_command, export, graph, init, logs, open, plan as plan_command,
    releases, restart, rollback, schema, secret, status, stop, tunnel as tunnel_command, up,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

pub use reference::reference;

/// The whole program.
pub fn main() -> ExitCode {
    if let Some(exit) = parts::play() {
        return exit;
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version come this way too. A reader that left is no failure.
            let _ = error.print();
            let exit = match error.use_stderr() {
                true if asks_for_audit() => Exit::BadInput.of_audit(),
                true => Exit::BadInput,
                false => Exit::Success,
            };
            return exit.into();
        }
    };
    args.common.color().write_global();
    let printer = Printer::new(args.common.talk());
    let outcome = run(args.command, printer);
    let exit = match &outcome {
        Ok(exit) => *exit,
        Err(failure) => {
            printer.tell(failure.render());
            failure.code()
        }
    };
    exit.into()
}

/// Whether a command line that could not be read was one of `audit`, whose answers are in its exit code.
fn asks_for_audit() -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    words.next().is_some_and(|word| word == "audit")
}

fn run(command: Command, printer: Printer) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => init::run(args, printer),
        Command::Check(args) => check::run(args, printer),
        Command::Up(args) => up::run(args, printer),
        Command::Audit(args) => audit_command::run(args, printer),
        Command::Cost(args) => cost::run(args, printer),
        Command::Export(args) => export::run(args, printer),
        Command::Graph(args) => graph::run(args, printer),
        Command::Policy(args) => commands::policy::run(args, printer),
        Command::Plan(args) => plan_command::run(args, printer),
        Command::Deploy(args) => deploy_command::run(args, printer),
        Command::Rollback(args) => rollback::run(args, printer),
        Command::Status(args) => status::run(args, printer),
        Command::Logs(args) => logs::run(args, printer),
        Command::Open(args) => open::run(args, printer),
        Command::Releases(args) => releases::run(args, printer),
        Command::Restart(args) => restart::run(args, printer),
        Command::Stop(args) => stop::run(args, printer),
        Command::Exec(args) => exec_command::run(args, printer),
        Command::Db(args) => db::run(args, printer),
        Command::Tunnel(args) => tunnel_command::run(args, printer),
        Command::Secret(args) => secret::run(args, printer),
        Command::Destroy(args) => destroy_command::run(args, printer),
        Command::Schema(args) => schema::run(args, printer),
        Command::Completions(args) => completions::run(args, printer),
    }
}
