//! `terrace status`: what runs, here or on AWS.

mod deployed;
mod here;
mod view;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::watch::side::Side;

/// Show what runs: state, addresses, uptime; with --aws what is deployed
///
/// On AWS: what runs in which zone, of which release, how its load balancers find it, which alarms go off, and what happened
/// last. What one may not ask is told as well. The exit code is 1 if something is not well.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    side: Side,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let here = args.side.is_here()?;
    let project = args.place.find()?;
    if here {
        return here::run(&project, args.json, printer);
    }
    crate::run::runtime()?.block_on(async {
        let session = args.side.open(project, printer).await?;
        deployed::run(&session, args.json, printer).await
    })
}
