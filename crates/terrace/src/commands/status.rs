//! `terrace status`: what runs, here or on AWS.

mod deployed;
mod drift;
mod here;
mod view;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::{Project, Where};
use crate::watch::side::Side;

/// Show what runs: state, addresses, uptime; with --aws what is deployed
///
/// On AWS: what runs in which zone, of which release, how its load balancers find it, which alarms go off, and what happened
/// last. What one may not ask is told as well. The exit code is 1 if something is not well, or has drifted.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Have Terraform compare as well whether somebody changed what was applied, which takes a minute
    #[arg(long, requires = "aws", help_heading = "On AWS")]
    drift: bool,
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
        return here::run(&project, args.json, printer).map_err(|failure| match failure.code() {
            Exit::NotRunning => deployed_ones(&project).into_iter().fold(failure, Failure::help),
            _ => failure,
        });
    }
    crate::run::runtime()?.block_on(async {
        let session = args.side.open(project, printer).await?;
        deployed::run(&session, (args.drift, args.json), printer).await
    })
}

/// What tells of those that were deployed from this machine. Nobody is asked.
fn deployed_ones(project: &Project) -> Vec<String> {
    let Some(topology) = terrace_manifest::parse(&project.text, None).topology else { return Vec::new() };
    let known = crate::deploy::known(topology.region.as_str(), topology.name.as_str());
    let flag = |name: &String| if name == "default" { String::new() } else { format!(" --env {name}") };
    known
        .iter()
        .map(|name| format!("`terrace status --aws{}` tells of the deployed one", flag(name)))
        .collect()
}
