//! From a manifest to the resources that AWS would be asked for; what AWS would refuse is shown at once.

use terrace_aws::{Design, Foundation, Refusal, Warning};
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
    let (designed, all) = read(&project.text, environment);
    show(project, all.clone().sorted(), printer);
    sound(designed, &all)
}

/// The same, for a command that is not about how sound the system is: nothing is said unless it has no design.
pub(crate) fn without_warnings(
    project: &Project,
    environment: Option<&str>,
    printer: Printer,
) -> Result<Designed, Failure> {
    let (designed, all) = read(&project.text, environment);
    if all.has_errors() {
        // What only an export would not hold is no matter here.
        let (deployed, refused) = read_on(&project.text, environment, Foundation::Apart);
        if !refused.has_errors() {
            return sound(deployed, &refused);
        }
        show(project, all.clone().sorted(), printer);
    }
    sound(designed, &all)
}

/// The design of what is deployed, whose images and releases lie in a foundation that is apart.
pub(crate) fn deployed(
    project: &Project,
    environment: Option<&str>,
    printer: Printer,
) -> Result<Designed, Failure> {
    let (designed, all) = read_on(&project.text, environment, Foundation::Apart);
    if all.has_errors() {
        show(project, all.clone().sorted(), printer);
    }
    sound(designed, &all)
}

/// The design of a text, and all that is wrong or doubtful.
pub(crate) fn read(text: &str, environment: Option<&str>) -> (Option<Designed>, Diagnostics) {
    read_on(text, environment, Foundation::Within)
}

fn read_on(text: &str, environment: Option<&str>, foundation: Foundation) -> (Option<Designed>, Diagnostics) {
    let parsed = terrace_manifest::parse(text, environment);
    let mut all = parsed.diagnostics;
    let mut designed = None;
    if let Some(topology) = parsed.topology.filter(|_| !all.has_errors()) {
        match terrace_aws::lower_on(&topology, foundation) {
            Ok(design) => {
                all.append(warned(&design, &parsed.places));
                designed = Some(Designed { topology, design });
            }
            Err(refusals) => all.append(refused(&refusals, &parsed.places)),
        }
    }
    (designed, all)
}

/// The design of what was meant otherwise, or why AWS would not have it.
pub(crate) fn again(topology: Topology) -> Result<Designed, Vec<Refusal>> {
    let design = terrace_aws::lower(&topology)?;
    Ok(Designed { topology, design })
}

fn sound(designed: Option<Designed>, all: &Diagnostics) -> Result<Designed, Failure> {
    designed.filter(|_| !all.has_errors()).ok_or(Failure::Told(Exit::BadInput))
}

/// Why AWS would not have a system, with the places in the manifest.
pub(crate) fn refused(refusals: &[Refusal], places: &Places) -> Diagnostics {
    let placed = |refusal| placed(Diagnostic::error, refusal, places);
    refusals.iter().map(placed).collect()
}

/// Why an export would not hold what can be deployed, as warnings.
pub(crate) fn not_exported(refusals: &[Refusal], places: &Places) -> Diagnostics {
    let help = "`terrace deploy` brings it with a release; only `terrace export` cannot hold it";
    refusals.iter().map(|refusal| placed(Diagnostic::warning, refusal, places).help(help)).collect()
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
