//! `terrace status`: what runs.

use std::time::Duration;

use serde::Serialize;
use terrace_run::control::{InstanceStatus, Phase, RunStatus};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::session;
use crate::style::{BUSY, GOOD, LINK, QUIET, STRONG, WARNING, paint};
use crate::table::Table;

/// Show what runs: state, addresses, uptime, CPU and memory
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    name: String,
    process: &'a str,
    state: &'static str,
    pid: Option<u32>,
    address: Option<&'a str>,
    uptime_seconds: u64,
    restarts: u32,
    cpu_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Status<'a> {
    system: &'a str,
    shape: &'a str,
    healthy: bool,
    url: Option<&'a str>,
    pid: u32,
    uptime_seconds: u64,
    processes: Vec<Line<'a>>,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let status = session::with(&project, async |client| {
        client.status().await.map_err(|error| session::refused(&project, &error))
    })?;
    if args.json {
        printer.json(&value(&status))?;
    } else {
        printer.data(render(&status))?;
    }
    Ok(Exit::Success)
}

fn value(status: &RunStatus) -> Status<'_> {
    Status {
        system: &status.system,
        shape: &status.shape,
        healthy: status.is_healthy(),
        url: status.reached.as_ref().map(|reached| reached.url.as_str()),
        pid: status.pid,
        uptime_seconds: session::now().saturating_sub(status.since),
        processes: status.instances.iter().map(line).collect(),
    }
}

fn line(status: &InstanceStatus) -> Line<'_> {
    Line {
        name: status.instance.to_string(),
        process: status.instance.process.as_str(),
        state: word(status.phase),
        pid: status.pid,
        address: status.address.as_deref(),
        uptime_seconds: status.millis / 1000,
        restarts: status.restarts,
        cpu_percent: status.cpu_percent,
        reason: status.reason.as_deref(),
    }
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waiting",
        Phase::Starting => "starting",
        Phase::Healthy => "healthy",
        Phase::Unhealthy => "unhealthy",
        Phase::Backoff => "crashed",
        Phase::Draining => "draining",
    }
}

fn render(status: &RunStatus) -> String {
    let since = session::now().saturating_sub(status.since);
    let mut text = format!(
        "{} {}",
        paint(STRONG, &status.system),
        paint(QUIET, format!("({}), process {}, up {}", status.shape, status.pid, uptime(since)))
    );
    if let Some(reached) = &status.reached {
        text.push_str(&format!("\n{}", paint(LINK, &reached.url)));
    }
    text.push_str("\n\n");
    let mut table = Table::new(["NAME", "STATE", "FOR", "ADDRESS", "PID", "CPU", "RESTARTS"]);
    for status in &status.instances {
        let style = match status.phase {
            Phase::Healthy => GOOD,
            Phase::Unhealthy | Phase::Backoff => WARNING,
            Phase::Waiting | Phase::Starting | Phase::Draining => BUSY,
        };
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        table.row([
            status.instance.to_string(),
            paint(style, word(status.phase)),
            uptime(status.millis / 1000),
            or_dash(status.address.clone()),
            or_dash(status.pid.map(|pid| pid.to_string())),
            or_dash(status.cpu_percent.map(|percent| format!("{percent} %"))),
            status.restarts.to_string(),
        ]);
    }
    text.push_str(&table.render());
    for status in &status.instances {
        if let Some(reason) = &status.reason {
            text.push_str(&format!("\n{}: {reason}", paint(WARNING, &status.instance)));
        }
    }
    text
}

/// A time in its two largest units: `2h 5m`.
fn uptime(seconds: u64) -> String {
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
