//! `terrace up`: the three tiers, for real, on this machine.

use std::path::PathBuf;

use terrace_local::Description;
use terrace_net::Port;
use terrace_run::{Executable, UpOptions};
use terrace_tunnel::endpoint::Faults;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan;
use crate::printer::{Printer, Talk};
use crate::project::Where;
use crate::run::{self, Shown};
use crate::tunnel::rehearsal;

/// Run the page, the API and the database on this machine
///
/// Builds what changed, starts everything in order and prints the page's address once all is healthy; the logs
/// follow. Ctrl-C takes everything down gently, a second one at once. Nothing is left running.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Run this environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Print what would run, and run nothing
    #[arg(long, conflicts_with_all = ["detach", "open"])]
    dry_run: bool,
    /// Return when everything is healthy, and leave it running
    #[arg(short, long)]
    detach: bool,
    /// Rebuild and replace what changes, without a failed request
    #[arg(short, long)]
    watch: bool,
    /// Serve HTTPS with a certificate made for localhost
    #[arg(long)]
    https: bool,
    /// The page's port [default: 8080, or 8443 with --https, if it is free]
    #[arg(short, long, value_name = "N")]
    port: Option<Port>,
    /// Fetch nothing: no database server that is not on this machine yet
    #[arg(long)]
    offline: bool,
    /// Where the database server's programs are [default: TERRACE_DB_BIN, or where packages put them]
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    db_bin: Option<PathBuf>,
    /// What goes wrong in rehearsed tunnels: close=30s, cut=10s, pause=2s, loss=2%, duplicate=1%, reorder=1%, delay=20ms,
    /// unready=3s, connect-error, target-not-connected, unpaced; several with commas
    #[arg(long, value_name = "LIST", default_value = "", hide_default_value = true)]
    tunnel_faults: Faults,
    /// Let rehearsed tunnels be as fast as they can, which those of AWS are not
    #[arg(long)]
    tunnel_unpaced: bool,
    /// Open the page in a browser once it is there
    #[arg(long)]
    open: bool,
    /// Do not show the logs
    #[arg(long)]
    no_logs: bool,
    /// Print the plan or the endpoints as JSON
    #[arg(long)]
    json: bool,
    /// Play the detached part
    #[arg(long, hide = true)]
    background: bool,
}

pub(crate) fn run(args: Args, mut printer: Printer) -> Result<Exit, Failure> {
    if args.background {
        printer = Printer::new(Talk::Quiet);
    }
    let project = args.place.find()?;
    let planned = plan::of(&project, args.env.as_deref(), args.https, printer)?;
    if args.dry_run {
        let description = Description::of(&planned.plan);
        if args.json {
            printer.json(&description)?;
        } else {
            printer.data(description)?;
        }
        return Ok(Exit::Success);
    }
    if !args.background {
        plan::ensure_ready(&project, &planned, printer)?;
    }
    let shown = Shown { json: args.json, open: args.open, logs: !args.no_logs && !args.json };
    let runtime = run::runtime()?;
    if args.detach && !args.background {
        return runtime.block_on(run::detach(shown, printer));
    }
    let mut faults = args.tunnel_faults;
    faults.unpaced |= args.tunnel_unpaced;
    let options = UpOptions {
        rehearsal: rehearsal::of(&planned.topology, args.env.as_deref(), faults),
        project: project.folder.clone(),
        stem: project.stem(),
        plan: planned.plan,
        port: args.port,
        watch: args.watch,
        offline: args.offline,
        database_binaries: args.db_bin.or_else(|| std::env::var_os("TERRACE_DB_BIN").map(PathBuf::from)),
        executable: Executable::current(),
    };
    let exit = if args.background {
        runtime.block_on(run::background(options))
    } else {
        runtime.block_on(run::foreground(options, shown, printer))
    };
    // What still waits in the background must not keep the terminal.
    runtime.shutdown_background();
    exit
}
