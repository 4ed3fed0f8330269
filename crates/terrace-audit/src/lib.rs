//! Rules over a design as found and over what is proved of it, and the report.
//!
//! A rule is a value in a file of its own ([`rules`]): its words, its weight, and a function that looks at a [`Subject`].
//! A rule that finds nothing, having looked at something, is a property that holds.
//!
//! GUARANTEE: a finding is sure only if it holds whatever the unknown things turn out to be; else it names them.

mod audit;
mod blocked;
pub mod certificate;
mod explain;
mod finding;
mod passage;
mod paths;
mod reference;
pub mod report;
mod roles;
mod rule;
pub mod rules;
mod subject;
pub mod tiers;

use std::collections::BTreeSet;

pub use audit::{Settings, audit};
pub use certificate::certificate;
pub use explain::{Answer, Stranger, explain};
pub use finding::{Certainty, Cleared, Evidence, Finding, Findings, Hop};
pub use passage::Passage;
pub use reference::reference;
pub use rule::{Rule, RuleName, Severity};
pub use subject::{Links, Subject};
use terrace_aws::inventory::UnknownName;
use terrace_aws::{Reference, Target};

/// The names of what a value is made of: an unknown's own, or the attribute that is only known later.
pub(crate) fn named<'a>(references: impl IntoIterator<Item = &'a Reference>) -> Vec<UnknownName> {
    let name = |reference: &Reference| match reference.target() {
        Target::Unknown(name) => name.clone(),
        _ => UnknownName::new(reference.to_string()),
    };
    let names: BTreeSet<UnknownName> = references.into_iter().map(name).collect();
    names.into_iter().collect()
}
