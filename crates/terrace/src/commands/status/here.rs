//! What runs on this machine.

use std::collections::BTreeMap;

use serde::Serialize;
use terrace_net::Port;
use terrace_run::control::{InstanceStatus, Phase, RehearsalStatus, RunStatus};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::machine::usage::{self, Usage};
use crate::printer::Printer;
use crate::project::Project;
use crate::session;
use crate::style::{BUSY, GOOD, LINK, QUIET, STRONG, WARNING, paint};
use crate::table::Table;
use crate::watch::words::span;

#[derive(Serialize)]
struct Line<'a> {
    name: String,
    process: &'a str,
    state: &'static str,
    pid: Option<u32>,
    address: Option<&'a str>,
    uptime_seconds: u64,
    restarts: u32,
    cpu_percent: Option<u64>,
    memory_bytes: Option<u64>,
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
    tunnel: Option<Tunnel<'a>>,
}

/// The endpoint that rehearses the way into the database.
#[derive(Serialize)]
struct Tunnel<'a> {
    url: &'a str,
    region: &'a str,
    environment: Option<&'a str>,
    targets: &'a [String],
    host: &'a str,
    port: Option<u16>,
    faults: &'a str,
}

/// What each process uses, by its number.
type Usages = BTreeMap<u32, Usage>;

pub(super) fn run(project: &Project, json: bool, printer: Printer) -> Result<Exit, Failure> {
    let (status, usages) = session::with(project, async |client| {
        let status = client.status().await.map_err(|error| session::refused(project, &error))?;
        let pids: Vec<u32> = status.instances.iter().filter_map(|status| status.pid).collect();
        let usages = usage::of(&pids).await;
        Ok((status, usages))
    })?;
    if json {
        printer.json(&value(&status, &usages))?;
    } else {
        printer.data(render(&status, &usages))?;
    }
    Ok(Exit::Success)
}

fn value<'a>(status: &'a RunStatus, usages: &Usages) -> Status<'a> {
    Status {
        system: &status.system,
        shape: &status.shape,
        healthy: status.is_healthy(),
        url: status.reached.as_ref().map(|reached| reached.url.as_str()),
        pid: status.pid,
        uptime_seconds: session::now().saturating_sub(status.since),
        processes: status.instances.iter().map(|status| line(status, usages)).collect(),
        tunnel: status.rehearsal.as_ref().map(|rehearsal| Tunnel {
            url: &rehearsal.url,
            region: &rehearsal.region,
            environment: rehearsal.environment.as_deref(),
            targets: &rehearsal.targets,
            host: &rehearsal.host,
            port: rehearsal.port.map(Port::get),
            faults: &rehearsal.faults,
        }),
    }
}

fn line<'a>(status: &'a InstanceStatus, usages: &Usages) -> Line<'a> {
    let usage = status.pid.and_then(|pid| usages.get(&pid));
    Line {
        name: status.instance.to_string(),
        process: status.instance.process.as_str(),
        state: word(status.phase),
        pid: status.pid,
        address: status.address.as_deref(),
        uptime_seconds: status.millis / 1000,
        restarts: status.restarts,
        cpu_percent: usage.map(|usage| usage.cpu_percent),
        memory_bytes: usage.map(|usage| usage.memory_bytes),
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
        Phase::Done => "done",
    }
}

fn render(status: &RunStatus, usages: &Usages) -> String {
    let since = session::now().saturating_sub(status.since);
    let mut text = format!(
        "{} {}",
        paint(STRONG, &status.system),
        paint(QUIET, format!("({}), process {}, up {}", status.shape, status.pid, span(since)))
    );
    if let Some(reached) = &status.reached {
        text.push_str(&format!("\n{}", paint(LINK, &reached.url)));
    }
    text.push_str("\n\n");
    let mut table = Table::new(["NAME", "STATE", "FOR", "ADDRESS", "PID", "CPU", "MEMORY", "RESTARTS"]);
    for status in &status.instances {
        let style = match status.phase {
            Phase::Healthy | Phase::Done => GOOD,
            Phase::Unhealthy | Phase::Backoff => WARNING,
            Phase::Waiting | Phase::Starting | Phase::Draining => BUSY,
        };
        let usage = status.pid.and_then(|pid| usages.get(&pid));
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        table.row([
            status.instance.to_string(),
            paint(style, word(status.phase)),
            span(status.millis / 1000),
            or_dash(status.address.clone()),
            or_dash(status.pid.map(|pid| pid.to_string())),
            or_dash(usage.map(|usage| format!("{} %", usage.cpu_percent))),
            or_dash(usage.map(|usage| usage::mebibytes(usage.memory_bytes))),
            status.restarts.to_string(),
        ]);
    }
    text.push_str(&table.render());
    if let Some(rehearsal) = &status.rehearsal {
        text.push_str(&way_in(rehearsal));
    }
    for status in &status.instances {
        if let Some(reason) = &status.reason {
            text.push_str(&format!("\n{}: {reason}", paint(WARNING, &status.instance)));
        }
    }
    text
}

/// Where the way into the database is rehearsed: what is given to the AWS CLI.
fn way_in(rehearsal: &RehearsalStatus) -> String {
    let RehearsalStatus { url, region, targets, host, port, faults, .. } = rehearsal;
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let mut text =
        format!("\nthe way in, as on AWS ({}, or the AWS CLI):\n", paint(STRONG, "terrace tunnel --local"));
    let mut line = |name: &str, value: &str| {
        text.push_str(&format!("  {}  {value}\n", paint(QUIET, format!("{name:<8}"))));
    };
    line("endpoint", &format!("{} {}", paint(LINK, url), paint(QUIET, format!("in {region}"))));
    for target in targets {
        line("target", target);
    }
    line("host", &format!("{host}{port}"));
    if !faults.is_empty() {
        line("faults", faults);
    }
    text
}
