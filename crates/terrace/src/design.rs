//! From a manifest to the resources that AWS would be asked for; what AWS would refuse is shown at once.

use terrace_aws::{Design, Refusal};
use terrace_diag::{Diagnostic, Diagnostics};
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
            Ok(design) => designed = Some(Designed { topology, design }),
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
    refusals.iter().map(|refusal| placed(refusal, places)).collect()
}

fn placed(refusal: &Refusal, places: &Places) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(refusal.code(), refusal.message()).at(places.point_at(refusal.setting()), "");
    refusal.helps().iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help))
}
