//! `terrace deploy`: the system on AWS, and each release of it.

use terrace_cloud::terraform::LockId;

use crate::aws::{AwsFlags, Session};
use crate::deploy::gate::GateFlags;
use crate::deploy::{self, Emitted, Infrastructure, Wanted, in_steps, infrastructure};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::product::BuildFlags;
use crate::project::Where;

/// Deploy to AWS: build, prove, raise what is missing, release
///
/// The audit is a gate: what it proves wrong is not deployed. Terraform runs only if what is to be built has changed since it ran
/// last; what it would change is shown, and asked about. Then the release goes out: code, page and configuration under one
/// number. Cut off at any point, the same command goes on from there. The first Ctrl-C stops at the next safe point.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment to deploy
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Change AWS without asking
    #[arg(short, long)]
    yes: bool,
    /// With --yes: what the plan says is lost is meant to be
    #[arg(long, requires = "yes")]
    accept_loss: bool,
    /// What is said about the release, in the book of releases
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Let Terraform look, whether what is to be built has changed or not
    #[arg(long)]
    infrastructure: bool,
    /// End the lock of a Terraform that is gone, and do nothing else
    #[arg(long, value_name = "ID", value_parser = lock, conflicts_with_all = ["yes", "message", "infrastructure"])]
    unlock: Option<LockId>,
    /// Do not look from outside, as a visitor, when it is done
    #[arg(long)]
    no_visit: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    build: BuildFlags,
    #[command(flatten)]
    aws: AwsFlags,
}

fn lock(text: &str) -> Result<LockId, String> {
    text.parse().map_err(|error: terrace_cloud::terraform::LockIdError| error.to_string())
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let session = Session::open(project, args.env.as_deref(), &args.aws, printer).await?;
        if let Some(lock) = &args.unlock {
            return unlock(&session, lock, printer).await;
        }
        let Args { yes, accept_loss, infrastructure, message, gate, build, no_visit, json, .. } = args;
        let unseen = no_visit;
        let wanted = Wanted { yes, accept_loss, infrastructure, message, gate, build, unseen, json };
        deploy::deploy(&session, &wanted, printer).await
    });
    // What still waits in the background must not keep the terminal.
    runtime.shutdown_background();
    outcome
}

async fn unlock(session: &Session, lock: &LockId, printer: Printer) -> Result<Exit, Failure> {
    let emitted = Emitted::of(&session.designed)?;
    let ended = in_steps(printer, "ending a lock", &[infrastructure::STEP], async |asked, steps| {
        let Some(foundation) = session.foundation().await? else {
            return Err(Failure::new("nothing was deployed here, so there is no lock")
                .help("if it is elsewhere: AWS_PROFILE, --profile and --region say where one looks"));
        };
        let terraform = Infrastructure::open(session, Some(&foundation), asked.stop(), steps).await?;
        terraform.unlock(&emitted, lock).await
    });
    ended.await?;
    printer.say(format!("the lock is ended; `terrace deploy{}` goes on", session.env_flag()));
    Ok(Exit::Success)
}
