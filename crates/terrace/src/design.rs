//! From a manifest to the resources that AWS would be asked for; what AWS would refuse is shown at once.

use terrace_aws::{Design, Refusal, Warning};
use terrace_diag::{Code, Diagnostic, Diagnostics};
use terrace_manifest::Places;
use terrace_topology::Topology;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::show;
use crate::printer::Printer;
use crate::project::Project;

/// What is built on AWS, and what it was meant by.
#[derive(Debug)]
pub(crate) struct Designed {
    /// What is meant.
    pub(crate) topology: Topology,
    /// What is built.
    pub(crate) design: Design,
}

/// The design of a manifest.
pub(crate) fn of(
    project: &Project,
    environment: Option<&str>,
    printer: Printer,
) -> Result<Designed, Failure> {
    let parsed = terrace_manifest::parse(&project.text, environment);
    let mut all = parsed.diagnostics;
    let mut designed = None;
    if let Some(topology) = parsed.topology.filter(|_| !all.has_errors()) {
        match terrace_aws::lower(&topology) {
            Ok(design) => {
                all.append(warned(&design, &parsed.places));
                designed = Some(Designed { topology, design });
            }
            Err(refusals) => all.append(refused(&refusals, &parsed.places)),
        }
    }
    show(project, all.clone().sorted(), printer);
    match designed {
        Some(designed) if !all.has_errors() => Ok(designed),
        _ => Err(Failure::Told(Exit::BadInput)),
    }
}

/// Why AWS would not have a system, with the places in the manifest.
pub(crate) fn refused(refusals: &[Refusal], places: &Places) -> Diagnostics {
    let placed = |refusal| placed(Diagnostic::error, refusal, places);
    refusals.iter().map(placed).collect()
}

/// What AWS would have, and whoever asks for it should know.
pub(crate) fn warned(design: &Design, places: &Places) -> Diagnostics {
    let placed = |warning: &Warning| placed(Diagnostic::warning, &warning.0, places);
    design.notes.warnings().iter().map(placed).collect()
}

fn placed(said: fn(Code, String) -> Diagnostic, refusal: &Refusal, places: &Places) -> Diagnostic {
    let diagnostic = said(refusal.code(), refusal.message().to_owned());
    // What is missing from the top of the file has no place: the file's last line would be beside the point.
    let diagnostic = match places.nearest(refusal.setting()) {
        Some(span) => diagnostic.at(span, ""),
        None => diagnostic,
    };
    refusal.helps().iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help))
}
