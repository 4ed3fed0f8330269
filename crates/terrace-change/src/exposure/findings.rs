//! Findings of the audit that appear and disappear.

use std::collections::BTreeSet;

use terrace_audit::report::Source;
use terrace_audit::{Certainty, Settings, Severity, audit};
use terrace_aws::inventory::Inventory;

/// A finding, in a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingLine {
    /// How much it weighs.
    pub severity: Severity,
    /// The rule's name.
    pub rule: String,
    /// The resource that it is about.
    pub resource: String,
    /// What is wrong.
    pub message: String,
    /// Whether it is so for sure.
    pub is_sure: bool,
}

/// Those of the second design alone, and those of the first alone; the worst first.
pub(super) fn between(before: &Inventory, after: &Inventory) -> (Vec<FindingLine>, Vec<FindingLine>) {
    let (was, is) = (lines(before), lines(after));
    let only = |some: &BTreeSet<FindingLine>, other: &BTreeSet<FindingLine>| {
        let mut all: Vec<FindingLine> = some.difference(other).cloned().collect();
        all.sort_by(|one, two| (two.severity, one).cmp(&(one.severity, two)));
        all
    };
    (only(&is, &was), only(&was, &is))
}

fn lines(inventory: &Inventory) -> BTreeSet<FindingLine> {
    let report = audit(inventory, &Settings::default(), Source::default());
    let line = |found: &terrace_audit::report::Found| FindingLine {
        severity: found.finding.severity,
        rule: found.rule.name.to_string(),
        resource: found.finding.item.name().to_owned(),
        message: found.finding.message.clone(),
        is_sure: found.finding.certainty == Certainty::Sure,
    };
    report.found.iter().map(line).collect()
}
