//! The report: what was looked at, what holds, what does not, and what is not known.
//!
//! A value; [`text()`] makes it readable, [`json()`] and [`sarif()`] give it to programs.

mod json;
mod properties;
mod sarif;
mod text;

use std::collections::BTreeMap;

use terrace_aws::inventory::Unread;

use crate::{Certainty, Cleared, Finding, Findings, Rule, RuleName};

pub(crate) use json::hop;
pub use json::json;
pub use sarif::sarif;
pub use text::{Paint, Plain, Role, text};

/// What came of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// There is nothing in the design that it is about.
    Nothing,
    /// Its property holds.
    Proved,
    /// Somebody accepted that it does not hold.
    Accepted,
    /// Whether it holds is not told.
    Depends,
    /// It does not hold.
    Violated,
}

impl Outcome {
    /// As it is printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "not applicable",
            Self::Proved => "proved",
            Self::Accepted => "accepted",
            Self::Depends => "depends",
            Self::Violated => "violated",
        }
    }
}

/// A rule and what came of it.
#[derive(Clone, Debug)]
pub struct Property {
    /// The rule.
    pub rule: &'static Rule,
    /// What came of it, accepted findings left out.
    pub outcome: Outcome,
    /// How many things were looked at.
    pub examined: usize,
}

/// A finding and its rule.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule.
    pub rule: &'static Rule,
    /// The finding.
    pub finding: Finding,
}

/// A tier and who belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierLine {
    /// `edge`, `web`, `app`, `data`, …
    pub tier: String,
    /// Who, as a person names it.
    pub site: String,
    /// Why it was taken for that.
    pub why: String,
}

/// One hop of a path that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// On which protocols and ports: `tcp 443`; empty for where it begins.
    pub on: String,
    /// To whom, as a person names it.
    pub to: String,
}

/// What a CloudFormation template is called in [`Source::kind`].
pub const TEMPLATE: &str = "a CloudFormation template";

/// What was audited, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// What was given: a path, `the account 123456789012`.
    pub name: String,
    /// What it is: `a folder of Terraform`.
    pub kind: String,
    /// How many resources were read.
    pub resources: usize,
}

/// The whole report.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was audited.
    pub source: Source,
    /// Who is what.
    pub tiers: Vec<TierLine>,
    /// The paths that are meant, from the internet on.
    pub paths: Vec<Vec<Leg>>,
    /// Every rule and what came of it.
    pub properties: Vec<Property>,
    /// What is wrong or may be, the worst first.
    pub found: Vec<Found>,
    /// What somebody accepted, with the reason.
    pub accepted: Vec<(Found, String)>,
    /// What looks wrong and is not.
    pub cleared: Vec<Cleared>,
    /// What was not read.
    pub unread: Vec<Unread>,
    /// What of it is not modelled and may lead somebody to somebody.
    pub openers: Vec<Unread>,
    /// What was taken for granted.
    pub assumed: Vec<String>,
    /// Corrections that name nothing in the design.
    pub strangers: Vec<String>,
}

/// Who accepts which rule's findings, and why. The resource may be left out: then all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted(BTreeMap<(String, Option<String>), String>);

impl Accepted {
    /// Accepts a rule's findings about one resource, or all.
    pub fn add(&mut self, rule: impl Into<String>, resource: Option<String>, reason: impl Into<String>) {
        self.0.insert((rule.into(), resource), reason.into());
    }

    /// Rules that are accepted and that there are not, with the nearest in mind for the reader.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|(rule, _)| rule.as_str()).filter(|name| crate::rules::find(name).is_none())
    }

    fn reason(&self, rule: RuleName, finding: &Finding) -> Option<&String> {
        let name = rule.as_str().to_owned();
        let one = (name.clone(), Some(finding.item.name().to_owned()));
        self.0.get(&one).or_else(|| self.0.get(&(name, None)))
    }
}

impl Report {
    /// An empty one, to which what rules say is added.
    pub fn of(source: Source) -> Self {
        Self {
            source,
            tiers: Vec::new(),
            paths: Vec::new(),
            properties: Vec::new(),
            found: Vec::new(),
            accepted: Vec::new(),
            cleared: Vec::new(),
            unread: Vec::new(),
            openers: Vec::new(),
            assumed: Vec::new(),
            strangers: Vec::new(),
        }
    }

    /// Adds what a rule says.
    pub fn add(&mut self, rule: &'static Rule, said: Findings, accepted: &Accepted) {
        let mut outcome = if said.examined == 0 { Outcome::Nothing } else { Outcome::Proved };
        for mut finding in said.found {
            if self.source.kind == TEMPLATE {
                finding.fix = properties::fix(&finding.fix);
            }
            let found = Found { rule, finding };
            if let Some(reason) = accepted.reason(rule.name, &found.finding) {
                self.accepted.push((found, reason.clone()));
                outcome = outcome.max(Outcome::Accepted);
                continue;
            }
            outcome = outcome.max(match found.finding.certainty {
                Certainty::Sure => Outcome::Violated,
                Certainty::Depends(_) => Outcome::Depends,
            });
            self.found.push(found);
        }
        self.properties.push(Property { rule, outcome, examined: said.examined });
        self.cleared.extend(said.cleared);
    }

    /// Puts the worst first; what is sure before what depends.
    pub fn sort(&mut self) {
        self.found.sort_by(|one, two| {
            let key = |found: &Found| {
                let sure = found.finding.certainty == Certainty::Sure;
                (std::cmp::Reverse(sure), std::cmp::Reverse(found.finding.severity))
            };
            (key(one), one.rule.name, &one.finding.item, &one.finding.path).cmp(&(
                key(two),
                two.rule.name,
                &two.finding.item,
                &two.finding.path,
            ))
        });
        self.found.dedup_by(|later, earlier| {
            later.rule.name == earlier.rule.name && later.finding == earlier.finding
        });
        self.cleared.sort_by(|one, two| {
            (&one.what.item, &one.what.path, &one.reason).cmp(&(&two.what.item, &two.what.path, &two.reason))
        });
        self.cleared.dedup();
        self.unread.sort();
        self.unread.dedup();
    }

    /// What came of everything. Where a part of the design is not here, nothing is proved of the whole.
    pub fn outcome(&self) -> Outcome {
        let all = self.properties.iter().map(|property| property.outcome).max().unwrap_or(Outcome::Nothing);
        if self.missing().next().is_some() { all.max(Outcome::Depends) } else { all }
    }

    /// Parts of the design that are not here or not modelled, and may lead somebody to somebody: modules, nested stacks,
    /// resources with interfaces of their own.
    pub fn missing(&self) -> impl Iterator<Item = &Unread> {
        self.unread.iter().filter(|unread| unread.is_part() || self.openers.contains(unread))
    }
}
