//! `terrace logs`: what the parties said, here or on AWS.

mod deployed;
mod here;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use regex::Regex;
use terrace_cloud::watch::RequestId;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::find;
use crate::watch::side::Side;

/// So many lines are shown if nothing else was asked for.
const SOME: usize = 100;

/// Show what the parties said: now or in the last run, or with --aws what is deployed
///
/// Without a party: all but the requests that edges log; `terrace logs web` or `--verbose` shows those too. On AWS the log
/// groups of all tiers are one stream in the order of time.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A process as `terrace status` names it (`app`), or one replica of it (`app-2`); on AWS a tier, or one task or instance
    /// (`app/3f2a`)
    #[arg(value_name = "PARTY")]
    party: Option<String>,
    /// Go on with what is said from now on
    #[arg(short, long)]
    follow: bool,
    /// Only from so long ago (5m, 2h 30m), or since a time (2026-11-21T10:00:00Z)
    /// [default on AWS: 15m, or 1day with --request]
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<u64>,
    /// Only the last N lines, or all [default: 100, or all with --since, --grep or --request]
    #[arg(long, value_name = "N", value_parser = tail)]
    tail: Option<Tail>,
    /// Only lines that match a regular expression
    #[arg(long, value_name = "RE")]
    grep: Option<Regex>,
    /// Only lines about one request, through all tiers: what a log calls `request_id`, or one of the headers X-Request-Id,
    /// traceparent and X-Amzn-Trace-Id
    #[arg(long, value_name = "ID", requires = "aws", conflicts_with = "follow", help_heading = "On AWS")]
    request: Option<RequestId>,
    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,
    /// Print each line as a JSON object
    #[arg(long)]
    json: bool,
    /// The manifest, where it is not terrace.toml, or the project's folder
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    file: Option<std::path::PathBuf>,
    #[command(flatten)]
    side: Side,
}

/// What is asked for, wherever it is.
struct Wish {
    party: Option<String>,
    follow: bool,
    /// Milliseconds since 1970.
    since: Option<u64>,
    /// As many, the last ones; none for all.
    tail: Option<usize>,
    grep: Option<Regex>,
    request: Option<RequestId>,
    timestamps: bool,
    json: bool,
}

#[derive(Clone, Copy, Debug)]
enum Tail {
    All,
    Last(usize),
}

fn tail(text: &str) -> Result<Tail, String> {
    match text {
        "all" => Ok(Tail::All),
        number => number.parse().map(Tail::Last).map_err(|_| "a number, or `all`".to_owned()),
    }
}

fn since(text: &str) -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ago = humantime::parse_duration(text).ok().map(|ago| now.saturating_sub(ago));
    let then = || humantime::parse_rfc3339_weak(text).ok()?.duration_since(UNIX_EPOCH).ok();
    let time: Duration =
        ago.or_else(then).ok_or("a time reads like `5m`, `2h 30m` or `2026-11-21T10:00:00Z`")?;
    Ok(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let here = args.side.is_here()?;
    let project = find(None, args.file.as_deref())?;
    let Args { party, follow, since, grep, request, timestamps, json, .. } = args;
    let chosen = since.is_some() || grep.is_some() || request.is_some();
    let tail = match (args.tail, chosen) {
        (Some(Tail::Last(lines)), _) => Some(lines),
        (None, false) => Some(SOME),
        (Some(Tail::All), _) | (None, true) => None,
    };
    let wish = Wish { party, follow, since, tail, grep, request, timestamps, json };
    if here {
        return here::run(&project, wish, printer);
    }
    let runtime = crate::run::runtime()?;
    let outcome = runtime.block_on(async {
        let session = args.side.open(project, printer).await?;
        deployed::run(&session, wish, printer).await
    });
    // A call that still waits for its answer must not keep the terminal.
    runtime.shutdown_background();
    outcome
}
