//! What rules say: findings with their evidence, what was cleared, and how much was looked at.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Item, ItemId, Place, Presence, UnknownName};

use crate::Severity;

/// Whether it is so, or may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is so, whatever the unknown things turn out to be.
    Sure,
    /// It depends on these.
    Depends(BTreeSet<UnknownName>),
}

/// Something that a finding rests on, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The resource.
    pub item: ItemId,
    /// Which argument, if one: `ingress[0].cidr_blocks`.
    pub path: String,
    /// What it says there: "lets tcp 5432 in from 0.0.0.0/0".
    pub says: String,
    /// Where that stands.
    pub place: Option<Place>,
}

/// One hop of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// From whom, as a person names it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// With which packet: `tcp 203.0.113.9:49152 -> 10.0.1.4:5432`; empty for a step that is no packet.
    pub packet: String,
    /// By which rules, routes and gateways, or by which statements.
    pub by: Vec<Evidence>,
}

/// Something that is wrong, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The resource that it is about: where the fix belongs, as far as one can say.
    pub item: ItemId,
    /// Which argument.
    pub path: String,
    /// Where that stands.
    pub place: Option<Place>,
    /// How much it weighs.
    pub severity: Severity,
    /// Whether it is so.
    pub certainty: Certainty,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// The path of the witness, hop by hop; empty where there is none.
    pub hops: Vec<Hop>,
    /// What else it rests on.
    pub because: Vec<Evidence>,
    /// The smallest fix, as an order: "remove `0.0.0.0/0` from `aws_security_group.db` `ingress[0]`".
    pub fix: String,
}

/// Something that looks wrong and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// What looks wrong.
    pub what: Evidence,
    /// Why it is not.
    pub reason: String,
}

/// What a rule says.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is wrong.
    pub found: Vec<Finding>,
    /// What is not, though it looks so.
    pub cleared: Vec<Cleared>,
    /// How many things were looked at: with none, the rule says nothing of the design.
    pub examined: usize,
}

impl Evidence {
    /// What an argument of an item says.
    pub fn of(item: &Item, path: &str, says: impl Into<String>) -> Self {
        Self {
            item: item.id().clone(),
            path: path.to_owned(),
            says: says.into(),
            place: item.place(path).cloned(),
        }
    }
}

impl Certainty {
    /// Depending on these; on none: sure.
    fn of(on: BTreeSet<UnknownName>) -> Self {
        if on.is_empty() { Self::Sure } else { Self::Depends(on) }
    }
}

impl Finding {
    /// About an argument of an item (an empty path: the item as a whole); as sure as the item is there, of medium
    /// weight, without a path.
    pub fn about(item: &Item, path: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            item: item.id().clone(),
            path: path.to_owned(),
            place: item.place(path).cloned(),
            severity: Severity::Medium,
            certainty: match &item.presence {
                Presence::Sure => Certainty::Sure,
                Presence::Depends(on) => Certainty::of(on.clone()),
            },
            message: message.into(),
            hops: Vec::new(),
            because: Vec::new(),
            fix: fix.into(),
        }
    }

    /// Weighing this.
    #[must_use]
    pub const fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Depending on these, too.
    #[must_use]
    pub fn depending(mut self, on: impl IntoIterator<Item = UnknownName>) -> Self {
        let mut on: BTreeSet<_> = on.into_iter().collect();
        if let Certainty::Depends(before) = self.certainty {
            on.extend(before);
        }
        self.certainty = Certainty::of(on);
        self
    }

    /// Resting on this, too.
    #[must_use]
    pub fn because(mut self, evidence: Evidence) -> Self {
        self.because.push(evidence);
        self
    }

    /// By this path.
    #[must_use]
    pub fn by_way_of(mut self, hops: Vec<Hop>) -> Self {
        self.hops = hops;
        self
    }
}

impl Findings {
    /// Something was looked at.
    pub const fn examine(&mut self) {
        self.examined += 1;
    }

    /// Something is wrong. Weighs what the finding says; rules give their own weight by [`Finding::weighing`].
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Something is not wrong, though it looks so.
    pub fn clear(&mut self, what: Evidence, reason: impl Into<String>) {
        self.cleared.push(Cleared { what, reason: reason.into() });
    }
}
