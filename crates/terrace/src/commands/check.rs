//! `terrace check`: all that is wrong, at once, with its place and how to mend it.

use serde::Serialize;
use terrace_aws::Foundation;
use terrace_diag::{Diagnostics, Severity};
use terrace_manifest::Parsed;
use terrace_run::state::{Holder, StateFolder};

use crate::design;
use crate::diagnostics::{self, Finding, Source};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::machine::{self, Depth, Site, Tools};
use crate::printer::Printer;
use crate::project::{Project, Where};
use crate::style::{GOOD, STRONG, paint};

/// Say all that is wrong with a manifest, and how to mend it
///
/// Looks at every environment, at what AWS would refuse, and at what only this machine can tell: missing folders, tools, scripts and lock
/// files, a page that is not there, no database server, a taken port. Nothing is built, started or changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Look at this environment only
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    manifest: String,
    ok: bool,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
    notes: Vec<String>,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let base = terrace_manifest::parse(&project.text, args.env.as_deref());
    let written = base.diagnostics.has_errors();
    let all = everything(&project, &base, args.env.is_some());
    let source = Source { name: &project.shown, text: &project.text };
    let exit = match (written, all.has_errors()) {
        (true, _) => Exit::BadInput,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Success,
    };
    let notes: Vec<String> = machine::port_note().filter(|_| !runs(&project)).into_iter().collect();
    if args.json {
        printer.json(&Report {
            manifest: project.shown.clone(),
            ok: !all.has_errors(),
            errors: all.count(Severity::Error),
            warnings: all.count(Severity::Warning),
            findings: diagnostics::findings(source, &all),
            notes,
        })?;
        return Ok(exit);
    }
    if !all.is_empty() {
        printer.tell(diagnostics::render(source, &all));
    }
    for note in notes {
        printer.say(format!("{}: {note}", paint(STRONG, "note")));
    }
    if exit == Exit::Success {
        printer.say(praise(&project, &base));
    }
    Ok(exit)
}

/// What the manifest's text says and what the machine says, each finding once.
fn everything(project: &Project, base: &Parsed, one_environment: bool) -> Diagnostics {
    let tools = Tools::of_environment();
    let mut all: Vec<_> = base.diagnostics.iter().cloned().collect();
    let mut add = |found: Diagnostics| {
        for finding in found {
            if !all.contains(&finding) {
                all.push(finding);
            }
        }
    };
    let mut look = |parsed: &Parsed| {
        let Some(topology) = &parsed.topology else { return };
        let site = Site {
            folder: &project.folder,
            text: &project.text,
            topology,
            places: &parsed.places,
            tools: &tools,
        };
        add(machine::inspect(&site, Depth::Everything));
        let deployed = terrace_aws::lower_on(topology, Foundation::Apart);
        match (terrace_aws::lower(topology), deployed) {
            (Err(refusals), Ok(_)) => add(design::not_exported(&refusals, &parsed.places)),
            (Err(refusals), Err(_)) => add(design::refused(&refusals, &parsed.places)),
            (Ok(design), deployed) => {
                add(design::warned(&design, &parsed.places));
                add(design::refused(&deployed.err().unwrap_or_default(), &parsed.places));
            }
        }
    };
    look(base);
    if !one_environment {
        for environment in base.environments() {
            look(&terrace_manifest::parse(&project.text, Some(environment.as_str())));
        }
    }
    all.into_iter().collect::<Diagnostics>().sorted()
}

/// Whether this very project runs: then the port is its own.
fn runs(project: &Project) -> bool {
    StateFolder::existing(&project.folder, &project.stem()).as_ref().and_then(Holder::of).is_some()
}

fn praise(project: &Project, parsed: &Parsed) -> String {
    let what = parsed.topology.as_ref().map_or_else(String::new, |topology| {
        let database = &topology.database;
        format!(": {}, {} {}", topology.name, database.engine.title(), database.version)
    });
    let environments: Vec<&str> = parsed.environments().map(|name| name.as_str()).collect();
    let environments = match environments.as_slice() {
        [] => String::new(),
        names => format!(", environments {}", names.join(" and ")),
    };
    format!("{} {} is right{what}{environments}", paint(GOOD, "✔"), project.shown)
}
