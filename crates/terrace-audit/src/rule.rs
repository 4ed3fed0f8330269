//! What a rule is: words for people, and one function.

use crate::{Findings, Subject};

/// The name of a rule: part of the public contract, in reports, in SARIF and in what accepts a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(&'static str);

impl RuleName {
    /// By convention `kebab-case`, two to four words that say what is wrong: `data-way-out`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for RuleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// How much what a rule finds weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Untidy: nothing is at risk by it alone.
    Low,
    /// A safeguard is missing.
    Medium,
    /// One mistake or one weakness elsewhere away from harm.
    High,
    /// Open as it stands.
    Critical,
}

impl Severity {
    /// As it is printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A rule: what it is called, what people are told of it, and how it looks. One file each.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name.
    pub name: RuleName,
    /// The property that holds where it finds nothing, as a sentence without a full stop: "only the edge is reachable from the internet".
    pub property: &'static str,
    /// How much it weighs; a finding may weigh less.
    pub severity: Severity,
    /// What it looks at and when it finds something, in a few sentences.
    pub what: &'static str,
    /// Why that matters: what can happen.
    pub why: &'static str,
    /// A short example in Terraform that it finds something in.
    pub example: &'static str,
    /// How it is mended: the example mended, or what to do.
    pub fix: &'static str,
    /// Where AWS or a standard says so: titles or addresses of pages.
    pub sources: &'static [&'static str],
    /// Looks.
    pub check: fn(&Subject<'_>, &mut Findings),
}
