//! The audit as a gate: what it proves wrong is not deployed, unless somebody says why it may be.

use terrace_audit::Settings;
use terrace_audit::report::{self, Outcome, Report, Source};
use terrace_aws::inventory::Inventory;
use terrace_cloud::release::record::Allowed;

use crate::audit::paint::Colours;
use crate::audit::{declared, settings};
use crate::design::Designed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;

/// What may be typed about it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct GateFlags {
    /// Deploy although this rule of the audit is violated; may be given often, each with --because
    #[arg(long, value_name = "RULE", requires = "because", help_heading = "The audit")]
    allow: Vec<String>,
    /// Why that is allowed: it is recorded in the release
    #[arg(long, value_name = "TEXT", requires = "allow", help_heading = "The audit")]
    because: Vec<String>,
}

impl GateFlags {
    fn allowed(&self) -> Result<Vec<Allowed>, Failure> {
        if self.allow.len() != self.because.len() {
            let (rules, reasons) = (self.allow.len(), self.because.len());
            return Err(Failure::input(format!("{rules} rules are allowed, and {reasons} reasons given"))
                .help("--allow RULE --because TEXT, in turn"));
        }
        let pairs = self.allow.iter().zip(&self.because);
        pairs
            .map(|(rule, because)| {
                if because.trim().is_empty() {
                    return Err(Failure::input(format!("`{rule}` is allowed without a reason"))
                        .help("say why with --because: it is recorded in the release"));
                }
                Ok(Allowed { rule: rule.clone(), because: because.trim().to_owned() })
            })
            .collect()
    }
}

/// Audits a design, and stops what is violated. What is allowed is given back, to be recorded.
pub(crate) fn pass(
    project: &Project,
    designed: &Designed,
    flags: &GateFlags,
    printer: Printer,
) -> Result<Vec<Allowed>, Failure> {
    let (allowed, report) = audit(project, designed, flags)?;
    if report.outcome() == Outcome::Violated {
        printer.tell(report::text(&report, &Colours, false));
        return Err(Failure::new("the audit stops this deployment: nothing was begun")
            .help("correct what it names; `terrace audit` tells more")
            .help("if it is meant: --allow RULE --because TEXT, which is recorded in the release")
            .exit(Exit::Failed));
    }
    Ok(allowed)
}

/// Audits a design.
pub(crate) fn audit(
    project: &Project,
    designed: &Designed,
    flags: &GateFlags,
) -> Result<(Vec<Allowed>, Report), Failure> {
    let allowed = flags.allowed()?;
    let file = settings::read(None, &project.folder)?;
    let inventory = Inventory::of(&designed.design.graph).with_settings(&designed.topology);
    let typed = allowed.iter().map(|one| (one.rule.as_str(), one.because.as_str()));
    let accepted = file.accepted(declared::accepted(&designed.topology, &project.shown), typed)?;
    let source = Source {
        name: project.shown.clone(),
        kind: "the manifest's design on AWS".to_owned(),
        resources: inventory.len(),
    };
    let settings = Settings { accepted, ..Settings::default() };
    let report = terrace_audit::audit(&inventory, &settings, source);
    Ok((allowed, report))
}
