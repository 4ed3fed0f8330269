//! `terrace plan`: what a deployment would change, in words that a person can weigh.

use serde_json::json;
use terrace_audit::report::Outcome as Audited;
use terrace_change::{Change, Outcome, report};

use crate::aws::{AwsFlags, Deployed, Session};
use crate::deploy::gate::{self, GateFlags};
use crate::deploy::{self, Asked, Emitted, Infrastructure, in_steps, infrastructure, variables};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::product::BuildFlags;
use crate::progress::{End, Steps};
use crate::project::Where;

/// Show what `terrace deploy` would change: resources, exposure, permissions, money, the release
///
/// Nothing on AWS is changed. Terraform compares with what is there; what would be lost, who could newly reach what, which
/// permission grows, and what it costs a month more or less is told in words.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing would change, 1 an error or a plan that would fail, 2 something would change."
)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Say nothing of the release, for which the project would have to be built
    #[arg(long)]
    no_build: bool,
    /// Show every line, not only their number
    #[arg(long)]
    all: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    build: BuildFlags,
    #[command(flatten)]
    aws: AwsFlags,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let session = Session::open(project, args.env.as_deref(), &args.aws, printer).await?;
        plan(&session, &args, printer).await
    });
    runtime.shutdown_background();
    outcome.map_err(|failure| match failure.code() {
        // 2 says that something would change.
        Exit::BadInput => failure.exit(Exit::Failed),
        _ => failure,
    })
}

async fn plan(session: &Session, args: &Args, printer: Printer) -> Result<Exit, Failure> {
    let (_, audited) = gate::audit(&session.project, &session.designed, &args.gate)?;
    let emitted = Emitted::of(&session.designed)?;
    let title =
        format!("{} in {} of account {}", session.system, session.place.region, session.place.account);
    let drawn = in_steps(printer, &title, &["build", infrastructure::STEP], async |asked, steps| {
        draw(session, args, &emitted, asked, steps).await
    });
    let (change, release) = drawn.await?;
    let violated = audited.outcome() == Audited::Violated;
    if args.json {
        let mut all = report::json(&change);
        if let Some(fields) = all.as_object_mut() {
            fields.insert("release".to_owned(), release.json());
            fields.insert("audit".to_owned(), json!({ "violated": violated }));
        }
        printer.json(&all)?;
    } else {
        printer.data(deploy::show(&change, args.all))?;
        printer.data(release.text())?;
        if violated {
            printer.tell(terrace_audit::report::text(&audited, &crate::audit::paint::Colours, false));
            printer.tell("the audit would stop this deployment");
        }
    }
    Ok(match &change.outcome {
        Outcome::Refused(_) => Exit::Failed,
        _ if violated => Exit::Failed,
        Outcome::Nothing if !release.is_new() => Exit::Success,
        Outcome::Nothing | Outcome::Changes => Exit::Changes,
    })
}

async fn draw(
    session: &Session,
    args: &Args,
    emitted: &Emitted,
    asked: &Asked,
    steps: &Steps,
) -> Result<(Change, deploy::Ahead), Failure> {
    let found: Option<Deployed> = asked.or(session.found()).await?;
    let before = match &found {
        Some(found) => asked.or(deploy::in_force(&found.book)).await?,
        None => None,
    };
    let release = if args.no_build {
        steps.end("build", End::Nothing, "left out, and with it what the release changes");
        deploy::Ahead::Unknown
    } else {
        let product = deploy::build(session, &args.build, asked, steps).await?;
        deploy::ahead_of(session, &product, emitted, before.as_ref()).await?
    };
    steps.begin(infrastructure::STEP, "preparing Terraform");
    let foundation = match &found {
        Some(found) => Some(found.foundation.clone()),
        None => asked.or(session.foundation()).await?,
    };
    let terraform = Infrastructure::open(session, foundation.as_ref(), asked.stop(), steps).await?;
    let before = before.as_ref().map(|record| &record.contents);
    let stands = deploy::standing(session, found.as_ref(), before).await;
    let values = variables(&session.designed, stands.as_ref());
    let (_, change) = terraform.plan(emitted, &values, false, steps).await?;
    steps.end(infrastructure::STEP, End::Done, "compared");
    Ok((change, release))
}
