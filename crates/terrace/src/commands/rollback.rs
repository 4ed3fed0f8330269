//! `terrace rollback`: back to a former release.

use terrace_cloud::release::record::Number;

use crate::aws::{AwsFlags, Session};
use crate::deploy::{self, Back};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;

/// Go back to a former release, without a build
///
/// Code, page and plain settings are those of then; the infrastructure, and the secrets that it holds, stay as they are. It becomes
/// a release with a number of its own.
/// Where a migration stands between, going back is refused with the reason: the older code may not know the newer tables.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The release's number; `terrace releases` lists them [default: the one before]
    #[arg(value_name = "N", value_parser = number)]
    to: Option<Number>,
    #[command(flatten)]
    file: FileFlag,
    /// The environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Past migrations too
    #[arg(long)]
    anyway: bool,
    /// What is said about it, in the book of releases
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Do not look from outside, as a visitor, when it is done
    #[arg(long)]
    no_visit: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    aws: AwsFlags,
}

fn number(text: &str) -> Result<Number, String> {
    text.parse().map_err(|error: terrace_cloud::release::record::ValueError| error.to_string())
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.file.find()?;
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let session = Session::open(project, args.env.as_deref(), &args.aws, printer).await?;
        let Args { to, anyway, message, no_visit, json, .. } = args;
        let wanted = Back { to, anyway, message, unseen: no_visit, json };
        deploy::back(&session, &wanted, printer).await
    });
    runtime.shutdown_background();
    outcome
}
