//! From a manifest to the plan of a run; what is wrong on the way is shown at once.

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_local::{LocalPlan, LowerError, lower};
use terrace_manifest::Places;
use terrace_topology::Topology;

use crate::diagnostics::{self, Source};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::machine::{self, Depth, Site, Tools};
use crate::printer::Printer;
use crate::project::Project;

/// What runs, and what it was meant by.
#[derive(Debug)]
pub(crate) struct Planned {
    /// What is meant.
    pub(crate) topology: Topology,
    /// Where that is written.
    pub(crate) places: Places,
    /// What runs.
    pub(crate) plan: LocalPlan,
}

/// The plan of a manifest.
pub(crate) fn of(
    project: &Project,
    environment: Option<&str>,
    https: bool,
    printer: Printer,
) -> Result<Planned, Failure> {
    let parsed = terrace_manifest::parse(&project.text, environment);
    let mut all = parsed.diagnostics;
    let planned = parsed.topology.and_then(|topology| match lower(&topology, https) {
        Ok(plan) => Some(Planned { topology, places: parsed.places.clone(), plan }),
        Err(error) => {
            all.push(unplanned(&error, &parsed.places));
            None
        }
    });
    show(project, all.clone().sorted(), printer);
    match planned {
        Some(planned) if !all.has_errors() => Ok(planned),
        _ => Err(Failure::Told(Exit::BadInput)),
    }
}

/// Makes sure that the machine has what the run needs before anything is begun.
pub(crate) fn ensure_ready(project: &Project, planned: &Planned, printer: Printer) -> Result<(), Failure> {
    let site = Site {
        folder: &project.folder,
        text: &project.text,
        topology: &planned.topology,
        places: &planned.places,
        tools: &Tools::of_environment(),
    };
    let found = machine::inspect(&site, Depth::BeforeRun).sorted();
    let stop = found.has_errors();
    show(project, found, printer);
    if stop { Err(Failure::Told(Exit::Failed)) } else { Ok(()) }
}

/// Shows findings: errors always, warnings where talk is wanted.
pub(crate) fn show(project: &Project, found: Diagnostics, printer: Printer) {
    let source = Source { name: &project.shown, text: &project.text };
    let rendered = diagnostics::render(source, &found);
    if found.has_errors() {
        printer.tell(rendered);
    } else if !found.is_empty() {
        printer.say(rendered);
    }
}

/// A plan that cannot be had, as a finding with a place.
pub(crate) fn unplanned(error: &LowerError, places: &Places) -> Diagnostic {
    let diagnostic = Diagnostic::error(machine::code::NO_COMMAND, error.to_string());
    let LowerError::NoCommand(party) = error else { return diagnostic };
    let diagnostic = match places.nearest(&format!("{party}.image")) {
        Some(span) => diagnostic.at(span, "runs only in a container"),
        None => diagnostic,
    };
    diagnostic.help(format!("add `run` with the command of its Dockerfile to `[{party}]`"))
}
