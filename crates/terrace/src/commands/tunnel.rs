//! `terrace tunnel`: a port of this machine that leads into the private network.

mod foreground;

use std::num::NonZeroU8;
use std::path::PathBuf;

use terrace_net::{Endpoint, Port};
use terrace_run::database::clients::Tls;
use terrace_ssm::Limits;
use terrace_tunnel::way::{self, Place};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::tunnel::door::{AccountFlags, remote};
use crate::tunnel::reach::System;
use crate::tunnel::size::Size;
use crate::tunnel::{lines, link};

/// Open a port on this machine that leads to the private database
///
/// It finds a running task or instance, the database's address and its password, and opens a session of AWS Systems Manager
/// through it: nothing is opened in the network, nothing has to be installed. What to paste into a shell, a tool or a form is
/// printed; it stays until Ctrl-C, which ends the session on AWS's side too. Sessions that AWS closes each hour, and networks
/// that go and come, are resumed without losing a byte.
///
/// With `--local` the same goes through the endpoint that `terrace up` opens on this machine: a rehearsal, without an account.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment to reach into
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The port on this machine, this one or none; for several `--to` as often as those
    /// [default: the remote port, or the next free one]
    #[arg(short, long, value_name = "N")]
    port: Vec<Port>,
    /// Another private endpoint instead of the database; may be given often
    #[arg(long, value_name = "HOST:PORT", value_parser = remote)]
    to: Vec<Endpoint>,
    /// Reach into what `terrace up` runs here, as if it were on AWS
    #[arg(long, conflicts_with_all = ["region", "profile", "endpoint_url"])]
    local: bool,
    /// Start the database's client (psql, mariadb), and end with it
    #[arg(long, conflicts_with_all = ["json", "to", "show_password"])]
    open: bool,
    /// Print the password too
    #[arg(long)]
    show_password: bool,
    /// The authorities that the server's certificate must be of (PEM), for what is printed and started
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca: Option<PathBuf>,
    /// Spread connections over so many sessions, each of which carries about 0.7 MB/s from AWS [default: 1]
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true)]
    sessions: NonZeroU8,
    /// How much of a connection that nobody reads is kept before it is reset [default: 64MiB]
    #[arg(long, value_name = "SIZE", default_value = "64MiB", hide_default_value = true)]
    spool: Size,
    #[command(flatten)]
    account: AccountFlags,
    /// Be the AWS CLI's session-manager-plugin: make a link of that name in this folder
    #[arg(long, value_name = "DIR", exclusive = true, value_hint = clap::ValueHint::DirPath)]
    install_plugin: Option<PathBuf>,
    /// Print the least policy that a person needs for this tunnel, as JSON; your own account and name are in it if you have
    /// credentials
    #[arg(long, conflicts_with_all = ["local", "open", "json", "show_password"])]
    policy: bool,
    /// Print what was opened as JSON, once it is open
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    if let Some(folder) = &args.install_plugin {
        link::install(folder, printer)?;
        return Ok(Exit::Success);
    }
    let count = args.to.len().max(1);
    if !args.port.is_empty() && args.port.len() != count {
        return Err(Failure::input(format!("{} ports for {count} endpoints", args.port.len()))
            .help("give `--port` once for each `--to`, in the same order, or leave it out"));
    }
    let spool = args.spool.bytes();
    let limits = Limits::default().with_spool(spool).map_err(|error| Failure::input(error.to_string()))?;
    // All of a session's connections together get as much as four of them.
    let all = spool.saturating_mul(4).min(u32::MAX as usize);
    let limits = limits.with_spools(all).map_err(|error| Failure::input(error.to_string()))?;
    let tls: Tls = lines::authorities(args.ca.clone())?;
    let project = args.place.find()?;
    if args.policy {
        let system = System::aws(project, args.env.as_deref(), &args.account, printer)?;
        let sought = system.sought(&args.account, args.to.first());
        let place = crate::run::runtime()?.block_on(system.place());
        let place = place.unwrap_or_else(|| {
            printer.say("without credentials nobody knows who you are: sessions of a role are named after its session, which you would have to add to `OwnSessions`");
            Place::new(&system.region(), "")
        });
        printer.data(way::policy(&sought, &place))?;
        return Ok(Exit::Success);
    }
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(foreground::run(&args, project, limits, &tls, printer));
    // What still waits in the background must not keep the terminal.
    runtime.shutdown_background();
    outcome
}
